import Foundation
import Kapok
import KapokUI
import Support
import Testing

/// 协议与隐私, 登录 and 我的 over a real platform.
@MainActor
@Suite(.serialized, .timeLimit(.minutes(2)))
struct LoginTests {
    @Test func yst_002_nothing_is_sent_before_consent_and_home_asks_to_log_in() async throws {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        #expect(shell.model.phase == .consent)
        let login = LoginModel(shell.app)
        await login.startFace()
        #expect(login.phase == .choosing && login.face.state.notice?.code == "PRIVACY_REQUIRED")
        let privacy = PrivacyModel(shell.app)
        #expect(privacy.phase == .reading && privacy.state.text.contains("隐私"))
        await privacy.agree()
        #expect(privacy.phase == .agreed)
        await shell.model.load()
        #expect(shell.model.phase == .loggedOut)
        await privacy.withdraw()
        #expect(privacy.phase == .reading)
        await shell.close()
    }

    @Test func yst_008_face_login_comes_back_by_its_link() async throws {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        try await shell.logIn("王芳")
        guard case .withoutEnterprise(let account) = shell.model.phase else { throw Unexpected("not logged in") }
        #expect(account == shell.app.login.account && account.displayName.hasPrefix("王"))
        await shell.close()
    }

    @Test func yst_008_a_return_link_that_starts_the_app_anew_finishes_the_login() async throws {
        let phone = try Phone()
        let ended = await Shell(try await phone.open())
        await PrivacyModel(ended.app).agree()
        await LoginModel(ended.app).startFace()
        let (path, _) = try await ended.miniProgram()
        await ended.close()
        let link = try await Phone.face(path, "王芳")

        let shell = await Shell(try await phone.open())
        let (invite, reset) = (InviteModel(shell.app), PinResetModel(shell.app))
        let login = LoginModel(shell.app)
        await shell.model.open(link, login: login.face, invite: invite, reset: reset)
        guard case .loggedIn = login.phase else { throw Unexpected("\(login.face.state)") }
        await shell.close()
    }

    @Test func yst_007_without_the_link_the_six_digits_finish_the_login() async throws {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        await PrivacyModel(shell.app).agree()
        let login = LoginModel(shell.app)
        await login.startFace()
        let (path, _) = try await shell.miniProgram()
        #expect(await !login.face.returned("https://example.com/"))
        #expect(login.phase == .face && login.face.state.notice != nil)
        let code = try await Phone.faceCode(path, "王芳")
        await login.face.foreground()
        #expect(login.face.phase == .codeAsked)

        login.face.code = "12345"
        await login.face.submitCode()
        #expect(login.face.state.notice?.code == "INPUT_INVALID" && login.phase == .face)
        login.face.code = code
        await login.face.submitCode()
        guard case .loggedIn = login.phase else { throw Unexpected("\(login.face.state)") }
        #expect(login.face.code.isEmpty)
        await shell.close()
    }

    @Test func yst_005_a_login_that_was_left_is_there_after_a_restart_and_can_be_given_up() async throws {
        let phone = try Phone()
        var shell = await Shell(try await phone.open())
        await PrivacyModel(shell.app).agree()
        let login = LoginModel(shell.app)
        login.identity.name = "王芳"
        login.identity.number = "44060419780105704"
        await login.startFaceTyped()
        #expect(login.face.state.notice?.code == "INPUT_INVALID" && login.phase == .choosing)
        login.identity.number = "440604197801057042"
        await login.startFaceTyped()
        let matchCode = login.face.state.matchCode
        #expect(login.phase == .face && matchCode.count == 2)

        let waiting = Task { await login.face.foreground() }
        waiting.cancel()
        await waiting.value
        #expect(login.face.phase == .away, "who stops waiting does not give the face check up")

        await shell.close()
        shell = await Shell(try await phone.open())
        let again = LoginModel(shell.app)
        await again.face.restore()
        #expect(again.face.phase == .away && again.face.state.matchCode == matchCode)
        await again.face.cancel()
        #expect(again.phase == .choosing)
        await again.face.cancel()
        #expect(again.face.state.notice?.code == "STATE_WRONG")
        await shell.close()
    }

    @Test func yst_037_account_and_password_log_an_enterprise_in_and_out() async throws {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        await PrivacyModel(shell.app).agree()
        let login = LoginModel(shell.app)
        login.loginName = "yunshan"
        login.password = "wrong"
        await login.submitPassword()
        #expect(login.phase == .choosing && login.state.notice?.code == "LOGIN_REFUSED" && login.password.isEmpty)
        login.password = "Yunshan#2026"
        await login.submitPassword()
        guard case .loggedIn(let account) = login.phase else { throw Unexpected("\(login.state)") }
        #expect(account.kind == .enterprise)
        try await until { shell.model.phase != .consent && shell.model.phase != .loggedOut }
        await SettingsModel(shell.app).logout()
        try await until { shell.model.phase == .loggedOut }
        await shell.close()
    }

    @Test func anUnreachablePlatformIsSaidAndWhatIsKnownStays() async throws {
        let phone = try Phone()
        let online = await Shell(try await phone.open())
        try await online.logIn("陈强")
        try await online.select("公司")
        await online.close()

        let offline = await Shell(try await phone.open(at: "https://127.0.0.1:9"))
        guard case .ready(_, let enterprise) = offline.model.phase else { throw Unexpected("\(offline.model.state)") }
        let enterprises = EnterprisesModel(offline.app)
        await enterprises.load()
        #expect(enterprises.state.enterprises.contains { $0.enterpriseId == enterprise.enterpriseId })
        enterprises.query = "木棉"
        await enterprises.search()
        #expect(enterprises.state.notice?.code == "OFFLINE" && enterprises.state.notice?.nextStep == .goOnline)
        let certificates = CertificatesModel(offline.app)
        await certificates.load()
        #expect(certificates.phase != .loading)
        await offline.close()
    }

    @Test func aPausedAppRefusesCallsUntilItIsBack() async throws {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        await PrivacyModel(shell.app).agree()
        await shell.model.background()
        let login = LoginModel(shell.app)
        await login.startFace()
        #expect(login.face.state.notice?.code == "STATE_WRONG")
        await shell.model.foreground()
        await login.startFace()
        #expect(login.phase == .face)
        _ = try await shell.miniProgram()
        await login.face.cancel()
        await shell.close()
    }
}
