import KapokCore

/// What every call ends in that does not end well. Holds no personal data and no secret; the app owns the words for ``code``.
public struct KapokFailure: Error, Equatable, Sendable {
    /// Stable, such as `PIN_WRONG`; docs/errors.md lists all.
    public let code: String
    /// What the person can do now.
    public let nextStep: NextStep
    /// The input that is not valid, by its name in the call.
    public let field: String?
    /// Why, one lower-case word such as `check_digit`.
    public let reason: String?
    /// Tries left before the next wait or block.
    public let triesLeft: UInt32?
    /// Seconds until the same act is possible again.
    public let waitSeconds: UInt32?

    /// A failure of the library, with all its fields; of anything else only that it is none of ours.
    init(_ error: any Error) {
        switch error {
        case let failure as KapokFailure: self = failure
        case KapokCore.KapokError.Failed(let code, let nextStep, let field, let reason, let triesLeft, let waitSeconds):
            self.init(
                code: code, nextStep: nextStep, field: field, reason: reason, triesLeft: triesLeft,
                waitSeconds: waitSeconds)
        default: self.init(code: "INTERNAL", nextStep: .retry, reason: "ffi")
        }
    }

    /// A failure with these fields, for previews and tests.
    public init(
        code: String, nextStep: NextStep, field: String? = nil, reason: String? = nil, triesLeft: UInt32? = nil,
        waitSeconds: UInt32? = nil
    ) {
        self.code = code
        self.nextStep = nextStep
        self.field = field
        self.reason = reason
        self.triesLeft = triesLeft
        self.waitSeconds = waitSeconds
    }

    /// The call was ended by cancelling its task.
    public var isCancellation: Bool { code == "USER_CANCELLED" }
}
