import Kapok
import Observation

/// 登录: by face, by face with the identity typed first, or by account and password.
@MainActor
@Observable
public final class LoginModel {
    public enum Phase: Equatable, Sendable {
        case choosing, working, face
        case loggedIn(AccountView)
    }

    public struct State: Equatable, Sendable {
        /// Whether a password is being checked.
        public var working = false
        public var account: AccountView?
        public var notice: Notice?
    }

    public private(set) var state = State()
    public let face: FaceModel
    /// Identity typed before the face check.
    public var identity = Identity()
    public var loginName = ""
    public var password = ""
    @ObservationIgnored private let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
        face = FaceModel(app)
    }

    public var phase: Phase {
        if let account = state.account { return .loggedIn(account) }
        switch face.phase {
        case .over(.loggedIn(let account)): return .loggedIn(account)
        case .none, .over: return state.working ? .working : .choosing
        case .starting, .away, .codeAsked, .finishing: return .face
        }
    }

    /// 人脸识别登录.
    public func startFace() async {
        await face.begin { () async throws(KapokFailure) in try await self.app.login.startFace() }
    }

    /// 人脸识别登录（先填写身份信息）.
    public func startFaceTyped() async {
        let identity = TypedIdentity(name: identity.name, document: identity.document, number: identity.number)
        await face.begin { () async throws(KapokFailure) in try await self.app.login.startFace(identity) }
    }

    /// 账号密码登录.
    public func submitPassword() async {
        let typed = password
        password = ""
        state = State(working: true)
        do {
            state = State(account: try await app.login.password(loginName, typed))
        } catch {
            state = State(notice: Notice(error))
        }
    }
}

/// What is typed before the face check, field by field.
public struct Identity: Equatable, Sendable {
    public var name = ""
    public var document = DocumentKind.residentId
    public var number = ""

    public init() {}
}
