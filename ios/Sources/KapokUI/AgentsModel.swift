import Kapok
import Observation

/// 经办人管理, 添加经办人, 分享到微信.
@MainActor
@Observable
public final class AgentsModel {
    public enum Phase: Equatable, Sendable { case loading, empty, listed, failed }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var agents: [AgentView] = []
        public var invites: [InviteView] = []
        /// The invite whose link is being shared.
        public var sharing: InviteId?
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    /// What is typed on 添加经办人.
    public var draft = AgentsModel.emptyDraft
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    public static let emptyDraft = NewInvite(
        name: "", document: .residentId, number: "", phone: "", validDays: 365, scope: ["matters"])
    /// What the form offers; the platform decides.
    public static let validDays: [UInt32] = [30, 365, 1_095]
    public static let scopes = ["matters", "certificates", "seals"]

    /// Shows agents and invites of the current enterprise.
    public func load() async {
        do {
            let list = try await app.agents.list()
            state.agents = list.agents
            state.invites = list.invites
            state.phase = list.agents.isEmpty && list.invites.isEmpty ? .empty : .listed
        } catch {
            state.phase = .failed
            state.notice = Notice(error)
        }
    }

    /// 生成邀请, with what is typed; then 分享到微信.
    public func invite() async {
        let draft = draft
        await change { () async throws(KapokFailure) in
            let invite = try await self.app.agents.invite(draft)
            self.draft = Self.emptyDraft
            self.state.sharing = invite.inviteId
            try await self.app.agents.share(invite.inviteId)
        }
    }

    /// 分享到微信 once more.
    public func share(_ inviteId: InviteId) async {
        await change { () async throws(KapokFailure) in
            self.state.sharing = inviteId
            try await self.app.agents.share(inviteId)
        }
    }

    /// The share has left the app, or was given up: then the invite stays a draft.
    public func shared(_ left: Bool) async {
        guard let invite = state.sharing else { return }
        state.sharing = nil
        guard left else { return }
        await change { () async throws(KapokFailure) in try await self.app.agents.sent(invite) }
    }

    /// 撤回.
    public func revokeInvite(_ inviteId: InviteId) async {
        await change { () async throws(KapokFailure) in try await self.app.agents.revokeInvite(inviteId) }
    }

    /// 注销授权.
    public func revokeGrant(_ grantId: GrantId) async {
        await change { () async throws(KapokFailure) in try await self.app.agents.revokeGrant(grantId) }
    }

    private func change(_ act: () async throws(KapokFailure) -> Void) async {
        do {
            try await act()
            state.notice = nil
            await load()
        } catch {
            state.notice = Notice(error)
        }
    }
}
