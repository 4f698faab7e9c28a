import Kapok
import Observation

/// 吊销码: the PIN, then the code that is to be written down.
@MainActor
@Observable
public final class RevocationCodeModel {
    public enum Phase: Equatable, Sendable {
        case askingPin
        case shown(String)
    }

    public private(set) var phase = Phase.askingPin
    @ObservationIgnored public private(set) lazy var pin = PinEntryModel { [weak self] pad async throws(KapokFailure) in
        try await self?.make(pad)
    }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    private func make(_ pad: PinPad) async throws(KapokFailure) {
        phase = .shown(try await app.vault.revocationCode(pad))
    }
}

/// A phone as it is listed.
public struct PhoneRow: Equatable, Sendable {
    public let phone: PhoneView

    /// 本机 or another one.
    public var title: L10n { phone.thisPhone ? .phoneThis : .phoneOther }
    /// Until when its owner may object.
    public var objection: Words? { phone.objectionUntil.map { Words(.phoneObjection, minuteOfDay($0)) } }
    /// 挂失 is for another phone, once.
    public var canReport: Bool { !phone.thisPhone && phone.state != .revoked }
}

/// 我的手机, and 挂失 of another one of them.
@MainActor
@Observable
public final class PhonesModel {
    public enum Phase: Equatable, Sendable { case loading, listed, failed }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var phones: [PhoneView] = []
        public var notice: Notice?
        /// Only a login by face within the last minutes says that it is the owner: 退出登录, and log in again.
        public var faceNeeded = false
        public var rows: [PhoneRow] { phones.map(PhoneRow.init) }
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    public func load() async {
        do {
            state = State(phase: .listed, phones: try await app.vault.phones())
        } catch {
            state = State(phase: .failed, notice: Notice(error))
        }
    }

    /// 挂失.
    public func report(_ device: DeviceId) async {
        do {
            try await app.vault.reportLoss(device)
            await load()
            state.notice = Notice(Words(.lossReported))
        } catch {
            state.notice = Notice(error)
            state.faceNeeded = ["HANDOFF_EXPIRED", "NOT_ALLOWED"].contains(error.code)
        }
    }

    /// 退出登录.
    public func logout() async {
        do { try await app.login.logout() } catch { state.notice = Notice(error) }
    }
}

/// 吊销码挂失: nobody needs to be logged in.
@MainActor
@Observable
public final class LossModel {
    public enum Phase: Equatable, Sendable {
        case typing, working
        /// Until then the owner may object on the phone, seconds since 1970.
        case reported(until: UInt64)
    }

    public private(set) var phase = Phase.typing
    public private(set) var notice: Notice?
    public var owner = Identity()
    public var code = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    public func report() async {
        let typed = TypedIdentity(name: owner.name, document: owner.document, number: owner.number)
        (phase, notice) = (.working, nil)
        do {
            phase = .reported(until: try await app.vault.reportLoss(of: typed, code: code).objectionUntil)
        } catch {
            (phase, notice) = (.typing, Notice(error))
        }
    }
}

/// 停止重置: the code of a short message ends a reset that the owner did not ask for.
@MainActor
@Observable
public final class StopResetModel {
    public enum Phase: Equatable, Sendable { case typing, working, stopped }

    public private(set) var phase = Phase.typing
    public private(set) var notice: Notice?
    public var code = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    public func stop() async {
        (phase, notice) = (.working, nil)
        do {
            try await app.vault.stopReset(code)
            phase = .stopped
        } catch {
            (phase, notice) = (.typing, Notice(error))
        }
    }
}
