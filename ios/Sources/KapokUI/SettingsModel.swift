import Kapok
import Observation

/// 功能设置: the PIN's state, the privacy agreement, 退出登录.
@MainActor
@Observable
public final class SettingsModel {
    public enum Phase: Equatable, Sendable {
        case loading
        case shown(PinState)
        case failed
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Shows where the PIN is.
    public func load() async {
        do {
            state = State(phase: .shown(try await app.vault.pinState()))
        } catch {
            state = State(phase: .failed, notice: Notice(error))
        }
    }

    /// 解除挂失 of this phone, by its PIN.
    public func objection() -> PinEntryModel {
        PinEntryModel { [app] pad async throws(KapokFailure) in try await app.vault.objectToLoss(pad) }
    }

    /// 退出登录. Certificates stay sealed on the phone.
    public func logout() async {
        do { try await app.login.logout() } catch { state.notice = Notice(error) }
    }
}
