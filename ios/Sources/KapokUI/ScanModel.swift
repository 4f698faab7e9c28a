import Kapok
import Observation

/// 扫一扫: frames go from the camera's queue straight to the library; this model only shows what they led to.
@MainActor
@Observable
public final class ScanModel {
    public enum Phase: Equatable, Sendable { case looking, connecting }

    public struct State: Equatable, Sendable {
        public var phase = Phase.looking
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    /// For the camera's queue.
    @ObservationIgnored public private(set) lazy var scanner = FrameScanner(signing: signing) { [weak self] result in
        Task { @MainActor in self?.show(result) }
    }
    @ObservationIgnored private let signing: Signing

    public init(_ app: KapokApp) {
        signing = app.signing
    }

    private func show(_ result: Result<Void, KapokFailure>) {
        switch result {
        case .success: state = State(phase: .connecting)
        case .failure(let failure): state = State(notice: Notice(failure))
        }
    }
}

/// Looks at frames on whatever queue they come.
public final class FrameScanner: Sendable {
    private let signing: Signing
    private let found: @Sendable (Result<Void, KapokFailure>) -> Void

    init(signing: Signing, found: @escaping @Sendable (Result<Void, KapokFailure>) -> Void) {
        self.signing = signing
        self.found = found
    }

    /// Looks at one frame, in place. Blocks for the decoding. True once a code has opened a session: stop the camera then.
    public func look(at frame: Frame) -> Bool {
        do {
            guard case .connecting = try signing.scan(frame) else { return false }
            found(.success(()))
            return true
        } catch {
            found(.failure(error))
            return false
        }
    }
}
