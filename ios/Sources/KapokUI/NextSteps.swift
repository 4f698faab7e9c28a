import Kapok

extension NextStep {
    /// What the person can do now; nothing where the code's own text says it.
    public var words: Words? {
        switch self {
        case .fixInput, .retry: nil
        case .agreePrivacy: Words(.nextAgreePrivacy)
        case .logIn: Words(.nextLogIn)
        case .selectEnterprise: Words(.nextSelectEnterprise)
        case .askAuthentication: Words(.nextAskAuthentication)
        case .setPin: Words(.nextSetPin)
        case .faceCheck: Words(.nextFaceCheck)
        case .scanAgain: Words(.nextScanAgain)
        case .askAdmin: Words(.nextAskAdmin)
        case .goOnline: Words(.nextGoOnline)
        case .update: Words(.nextUpdate)
        case .askService: Words(.nextAskService)
        }
    }

    /// The screen where the person does it; nothing if it is done elsewhere, or where the person is already.
    public var screen: Screen? {
        switch self {
        case .agreePrivacy: .privacy
        case .logIn: .login
        case .selectEnterprise, .askAuthentication: .enterprises
        case .setPin: .pinSet
        case .scanAgain: .scan
        case .fixInput, .retry, .faceCheck, .askAdmin, .goOnline, .update, .askService: nil
        }
    }
}

/// What stands under a notice.
public enum WayOn: Equatable, Sendable {
    case nothing
    case said(Words)
    case leads(Words, Screen)
}

extension Notice {
    /// What the person can do now, and the screen that it leads to.
    public var wayOn: WayOn {
        if forgotten { return .leads(Words(.pinReset), .pinReset) }
        guard let nextStep, let words = nextStep.words else { return .nothing }
        return nextStep.screen.map { .leads(words, $0) } ?? .said(words)
    }
}
