import Kapok
import Observation

/// 协议与隐私: nothing is sent before its text is agreed to.
@MainActor
@Observable
public final class PrivacyModel {
    public enum Phase: Equatable, Sendable { case reading, working, agreed }

    public struct State: Equatable, Sendable {
        public var phase: Phase
        public var text: String
        public var version: String
        public var notice: Notice?
    }

    public private(set) var state: State
    public var phase: Phase { state.phase }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
        state = Self.state(of: app.privacy)
    }

    /// 同意.
    public func agree() async {
        let version = state.version
        await change { () async throws(KapokFailure) in
            try await self.app.agreePrivacy(version)
        }
    }

    /// 撤回隐私政策同意: nothing is sent any more.
    public func withdraw() async {
        await change { () async throws(KapokFailure) in
            try await self.app.withdrawPrivacy()
        }
    }

    private func change(_ act: () async throws(KapokFailure) -> Void) async {
        let before = state.phase
        state.phase = .working
        do {
            try await act()
            state = Self.state(of: app.privacy)
        } catch {
            state.phase = before
            state.notice = Notice(error)
        }
    }

    private static func state(of notice: PrivacyNotice) -> State {
        State(phase: notice.agreed ? .agreed : .reading, text: notice.text, version: notice.version)
    }
}
