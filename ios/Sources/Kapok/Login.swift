import KapokCore

/// 登录: by a face check in the WeChat mini program, or by account and password.
public struct Login: Sendable {
    let core: KapokCore.Login

    /// Who is logged in. Offline.
    public var account: AccountView? { core.account() }

    /// 人脸识别登录. `declared` is identity typed before leaving; without it the mini program asks. An open face check is cancelled.
    /// Gives what to show meanwhile, and a request to open the mini program. A person who is logged in may do so again (`FACE_AGAIN`);
    /// the platform takes the same face only. Ends in `STATE_WRONG` while an enterprise account is logged in, `INPUT_INVALID` at `declared.…`, `FACE_UNSUPPORTED`, or the platform's code.
    public func startFace(_ declared: TypedIdentity? = nil) async throws(KapokFailure) -> HandoffView {
        try await calling { try await core.startFace(declared: declared) }
    }

    /// The open face check, or nothing. Offline.
    public func view() async throws(KapokFailure) -> HandoffView? {
        try await calling { try await core.view() }
    }

    /// Opens the mini program once more, after WeChat failed to open. Ends in `STATE_WRONG` if no face check is open.
    public func openAgain() async throws(KapokFailure) {
        try await calling { try await core.openAgain() }
    }

    /// The app was opened by a link. Gives the outcome, or nothing if the link is no return link or belongs to no open face check. After
    /// `OFFLINE` the same call, or ``resume()``, tries again.
    public func returned(_ link: String) async throws(KapokFailure) -> LoginOutcome? {
        try await calling { try await core.returned(link: link) }
    }

    /// The person typed the six digits of the success page. Ends in `INPUT_INVALID` at `code`, `HANDOFF_PROOF` (try again), `STATE_WRONG`
    /// if no face check is open, or the platform's code.
    public func typeCode(_ code: String) async throws(KapokFailure) -> LoginOutcome {
        try await calling { try await core.typeCode(code: code) }
    }

    /// Waits until the open face check has passed, failed or expired; also after the app was ended meanwhile. Cancelling the task ends
    /// the waiting with `USER_CANCELLED` and leaves the face check open. Ends in the reason why the face check is over, or `OFFLINE`.
    public func resume() async throws(KapokFailure) -> LoginResumed {
        try await waiting { try await core.resume(cancel: $0) }
    }

    /// The person gives the open face check up, here and at the platform. Ends in `STATE_WRONG` if none is open.
    public func cancel() async throws(KapokFailure) {
        try await calling { try await core.cancel() }
    }

    /// 账号密码登录 of an enterprise account. Ends in `LOGIN_REFUSED`, `RATE_LIMITED`, `INPUT_INVALID` at `login` or `password`, or
    /// `STATE_WRONG` while somebody is logged in.
    public func password(_ login: String, _ password: String) async throws(KapokFailure) -> AccountView {
        try await calling { try await core.password(login: login, password: password) }
    }

    /// 退出登录. Certificates stay sealed on the phone; another account sees nothing of them.
    public func logout() async throws(KapokFailure) {
        try await calling { try await core.logout() }
    }
}
