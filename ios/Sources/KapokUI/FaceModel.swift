import Kapok
import Observation

/// A face check in the mini program: away, and back by its link or by the six digits of its success page.
@MainActor
@Observable
public final class FaceModel {
    public enum Phase: Equatable, Sendable {
        /// No face check is open.
        case none
        case starting
        /// In the mini program, which shows the same two digits.
        case away
        /// The face check has passed: the six digits are asked for.
        case codeAsked
        case finishing
        case over(LoginOutcome)
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.none
        /// Two digits.
        public var matchCode = ""
        /// Seconds until it expires, when it was asked for.
        public var expiresIn = 0
        public var notice: Notice?
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    /// A face check waits for its end.
    public var isOpen: Bool {
        switch state.phase {
        case .away, .codeAsked: true
        case .none, .starting, .finishing, .over: false
        }
    }
    /// The six digits as they are typed.
    public var code = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Opens a face check by a call of the library that opens one.
    public func begin(_ open: () async throws(KapokFailure) -> HandoffView) async {
        state = State(phase: .starting)
        do {
            show(try await open())
        } catch {
            state = State(notice: Notice(error))
        }
    }

    /// Shows the face check that was open when the app was ended.
    public func restore() async {
        guard let view = try? await app.login.view() else { return }
        show(view)
    }

    /// The app is in the foreground again without a link: waits until the face check is over. Ends when its task is cancelled.
    public func foreground() async {
        do {
            switch try await app.login.resume() {
            case .nothing: break
            case .codeNeeded: state.phase = .codeAsked
            case .finished(let outcome): state.phase = .over(outcome)
            }
        } catch {
            guard !error.isCancellation else { return }
            await fail(error)
        }
    }

    /// The app was opened by a link. False if the link belongs to no open face check.
    @discardableResult
    public func returned(_ link: String) async -> Bool {
        let before = state.phase
        state.phase = .finishing
        do {
            guard let outcome = try await app.login.returned(link) else {
                state.phase = before
                state.notice = Notice(Words(.linkUnknown))
                return false
            }
            state = State(phase: .over(outcome))
            return true
        } catch {
            await fail(error)
            return true
        }
    }

    /// The person typed the six digits.
    public func submitCode() async {
        let typed = code
        code = ""
        state.phase = .finishing
        do {
            state = State(phase: .over(try await app.login.typeCode(typed)))
        } catch {
            await fail(error)
        }
    }

    /// Opens the mini program once more.
    public func openAgain() async {
        do { try await app.login.openAgain() } catch { state.notice = Notice(error) }
    }

    /// The person gives the face check up.
    public func cancel() async {
        do {
            try await app.login.cancel()
            state = State()
        } catch {
            await fail(error)
        }
    }

    /// Nothing of an earlier face check is shown any more.
    func reset() {
        code = ""
        state = State()
    }

    /// The face check may be open still: the library says.
    private func fail(_ failure: KapokFailure) async {
        state = State()
        if let view = try? await app.login.view() { show(view) }
        state.notice = Notice(failure)
    }

    /// A face check that is open.
    func show(_ view: HandoffView) {
        state = State(
            phase: view.codeAsked ? .codeAsked : .away, matchCode: view.matchCode, expiresIn: Int(view.expiresIn))
    }
}
