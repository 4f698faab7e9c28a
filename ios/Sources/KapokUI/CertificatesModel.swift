import Kapok
import Observation

/// 数字证书.
@MainActor
@Observable
public final class CertificatesModel {
    public enum Phase: Equatable, Sendable { case loading, empty, listed, failed }

    public struct State: Equatable, Sendable {
        public var phase = Phase.loading
        public var certificates: [CertificateView] = []
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Shows what may be installed and what is.
    public func load() async {
        do {
            let list = try await app.certificates.list()
            state = State(phase: list.isEmpty ? .empty : .listed, certificates: list)
        } catch {
            state.phase = .failed
            state.notice = Notice(error)
        }
    }

    /// 证书详情 of one of them.
    public func detail(_ certificate: CertificateView) -> CertificateModel {
        CertificateModel(app, certificate)
    }
}

/// 证书详情, and 安装证书 behind the PIN.
@MainActor
@Observable
public final class CertificateModel {
    public enum Phase: Equatable, Sendable {
        case shown
        /// A PIN is to be set first: 去设置.
        case pinMissing
        case askingPin
        case installed
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.shown
        public var certificate: CertificateView
        public var notice: Notice?
    }

    public private(set) var state: State
    public var phase: Phase { state.phase }
    /// 输入PIN码以授权安装证书.
    @ObservationIgnored public private(set) lazy var pin = PinEntryModel { [weak self] pad async throws(KapokFailure) in
        try await self?.install(pad)
    }
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp, _ certificate: CertificateView) {
        self.app = app
        state = State(certificate: certificate)
    }

    /// 安装证书.
    public func beginInstall() async {
        do {
            switch try await app.vault.pinState() {
            case .unset: state.phase = .pinMissing
            case .setting, .set, .blocked, .resetting, .revoked, .lost: state.phase = .askingPin
            }
            state.notice = nil
        } catch {
            state.notice = Notice(error)
        }
    }

    private func install(_ pad: PinPad) async throws(KapokFailure) {
        let wanted = state.certificate
        let installed = try await app.certificates.install(wanted.enterpriseId, wanted.kind, pin: pad)
        state = State(phase: .installed, certificate: installed, notice: Notice(Words(.installed)))
    }
}
