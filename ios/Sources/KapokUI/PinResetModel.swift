import Kapok
import Observation

/// 人脸识别重置PIN码: the new PIN twice, the face check, and the end; also from the middle, after the app was ended.
@MainActor
@Observable
public final class PinResetModel {
    public enum Phase: Equatable, Sendable {
        /// The new PIN is typed, before the face check.
        case typing
        /// In the mini program, or back from it.
        case face
        case finishing
        /// The face check has passed. What was typed before it is gone with the app: the new PIN is typed again.
        case typingAgain
        /// The new PIN opens; certificates and seals are what they were.
        case done
        /// It goes on with the new PIN typed again, or with another face check.
        case stopped
    }

    public struct State: Equatable, Sendable {
        fileprivate var step = Phase.typing
        public var notice: Notice?
    }

    public private(set) var state = State()
    /// The new PIN, before the face check.
    public private(set) var before: PinSetModel
    /// The new PIN, after it.
    public private(set) var after: PinSetModel
    public let face: FaceModel
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
        let face = FaceModel(app)
        self.face = face
        before = Self.before(app, face)
        after = Self.after(app)
    }

    public var phase: Phase {
        switch (state.step, face.phase) {
        case (.typing, .starting), (.typing, .away), (.typing, .codeAsked), (.typing, .finishing): .face
        case (.typing, .over(.verified)): .finishing
        case (.typingAgain, _): after.phase == .done ? .done : .typingAgain
        case (let step, _): step
        }
    }

    /// Shows where a reset is that was under way when the app was ended: in its face check, or after it.
    public func restore() async {
        guard phase == .typing, before.phase == .first, before.state.dots == 0 else { return }
        if let view = try? await app.login.view(), view.purpose == .pinReset {
            face.show(view)
        } else if case .resetting = try? await app.vault.pinState() {
            again()
        }
    }

    /// The face check is over: what was typed before it is set. Nothing happens at any other time.
    public func finish() async {
        guard state.step == .typing, case .over(.verified) = face.phase else { return }
        state = State(step: .finishing)
        do {
            try await app.vault.finishReset()
            state = State(step: .done)
        } catch {
            state =
                error.code == "PIN_REQUIRED" ? State(step: .typingAgain) : State(step: .stopped, notice: Notice(error))
        }
    }

    /// The new PIN is typed again, and the reset goes on.
    public func again() {
        after = Self.after(app)
        state = State(step: .typingAgain)
    }

    /// Another face check, for a new PIN.
    public func anew() {
        face.reset()
        before = Self.before(app, face)
        state = State()
    }

    private static func before(_ app: KapokApp, _ face: FaceModel) -> PinSetModel {
        PinSetModel(app, asksOld: false) { _, first, second async throws(KapokFailure) in
            face.show(try await app.vault.startReset(first, repeat: second))
        }
    }

    private static func after(_ app: KapokApp) -> PinSetModel {
        PinSetModel(app, asksOld: false) { _, first, second async throws(KapokFailure) in
            try await app.vault.finishReset(with: first, repeat: second)
        }
    }
}
