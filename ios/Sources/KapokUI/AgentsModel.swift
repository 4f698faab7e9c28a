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
    public var draft = InviteDraft()
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// What the form offers; the platform decides.
    public static let validDays: [UInt32] = [30, 365, 1_095]
    public static let scopes = ["matters", "certificates", "seals"]

    /// What the inviter is to know of an invite.
    public func warnings(_ invite: InviteView) -> [Words] {
        invite.mismatch ? [Words(.inviteMismatch)] : []
    }

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
        let new = draft.invite
        await change { () async throws(KapokFailure) in
            let invite = try await self.app.agents.invite(new)
            self.draft = InviteDraft()
            self.state.sharing = invite.inviteId
            try await self.app.agents.share(invite.inviteId)
        }
    }

    /// 分享给法定代表人认证: an agent asks for the current enterprise. Whoever asks may not be allowed to see the list.
    public func askAuthentication() async {
        do {
            let invite = try await app.agents.askAuthentication()
            state.sharing = invite.inviteId
            try await app.agents.share(invite.inviteId)
            state.notice = nil
        } catch {
            state.notice = Notice(error)
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
        do { try await app.agents.sent(invite) } catch { state.notice = Notice(error) }
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

/// What is typed on 添加经办人, field by field: the library's record does not change.
public struct InviteDraft: Equatable, Sendable {
    public var name = ""
    public var document = DocumentKind.residentId
    public var number = ""
    public var phone = ""
    public var validDays: UInt32 = 365
    public var scope = ["matters"]

    public init() {}

    /// Whether a word is in the scope.
    public subscript(scope word: String) -> Bool {
        get { scope.contains(word) }
        set {
            scope.removeAll { $0 == word }
            if newValue { scope.append(word) }
        }
    }

    var invite: NewInvite {
        NewInvite(
            name: name, document: document, number: number, phone: phone, validDays: validDays, scope: scope)
    }
}
