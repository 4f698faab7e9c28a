import Foundation
import Kapok
import Observation

/// A screen above 首页.
public enum Screen: Hashable, Sendable {
    case mine, login, enterprises, agents, invite, certificates, seals, scan, session, settings, privacy
    case pinSet, pinChange, pinReset, objection
    case security, revocationCode, phones, lossByCode, stopReset
    case certificate(CertificateView)
}

/// 首页 and 我的: who is logged in, for which enterprise, what is under way. Pulls what the library has to say.
@MainActor
@Observable
public final class ShellModel {
    public enum Phase: Equatable, Sendable {
        /// The privacy text is to be agreed to first.
        case consent
        /// 请登录.
        case loggedOut
        /// 请选择办事企业.
        case withoutEnterprise(AccountView)
        case ready(AccountView, EnterpriseView)
    }

    public struct State: Equatable, Sendable {
        public var phase = Phase.consent
        /// 未完成的签署.
        public var unfinished = 0
        /// A session with a PC is open.
        public var connected = false
        public var notice: Notice?
        /// How many events have come: what else shows the library's data loads again when it changes.
        public var events = 0
    }

    public private(set) var state = State()
    public var phase: Phase { state.phase }
    /// What only the app can do, until it says that it has.
    public private(set) var request: ShellRequest?
    /// The screens above 首页.
    public var path: [Screen] = []
    public let app: KapokApp

    public init(_ app: KapokApp) {
        self.app = app
    }

    /// Looks at what is there. Offline.
    public func load() async {
        do {
            state.phase = try await whereWeAre()
            state.unfinished = try await app.signing.unfinished()
        } catch {
            state.notice = Notice(error)
        }
    }

    /// Pulls events, requests and the session until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.pullEvents() }
            group.addTask { await self.pullRequests() }
            group.addTask { await self.pullViews() }
        }
    }

    /// The app has done what was asked.
    public func requestDone() {
        request = nil
    }

    /// What was under way when the app was ended comes forward: a face check that is open, a reset that no PIN opens before its end.
    public func goOn(login: FaceModel, invite: InviteModel, reset: PinResetModel) async {
        guard app.privacy.agreed, path.isEmpty else { return }
        if await restoreFace(login: login, invite: invite, reset: reset) { return }
        guard app.login.account != nil, case .resetting = try? await app.vault.pinState() else { return }
        await reset.restore()
        path = [.pinReset]
    }

    /// The face check that was open when the app was ended. False if none is.
    private func restoreFace(login: FaceModel, invite: InviteModel, reset: PinResetModel) async -> Bool {
        guard let view = try? await app.login.view() else { return false }
        switch view.purpose {
        case .pinReset: await reset.restore()
        case .acceptInvite: await invite.face.restore()
        default: await login.restore()
        }
        path = [screen(of: view.purpose)]
        return true
    }

    private func screen(of purpose: Purpose) -> Screen {
        switch purpose {
        case .pinReset: .pinReset
        case .acceptInvite: .invite
        default: .login
        }
    }

    /// The app was opened by a link: a return link finishes the face check, an invite's link opens its page. Nothing else follows.
    public func open(_ link: String, login: FaceModel, invite: InviteModel, reset: PinResetModel) async {
        let faces = [login, invite.face, reset.face]
        // The link may have started the app anew.
        if !faces.contains(where: \.isOpen) { _ = await restoreFace(login: login, invite: invite, reset: reset) }
        for face in faces where face.isOpen {
            if await face.returned(link) { return await reset.finish() }
        }
        invite.link = link
        await invite.open()
        if case .shown = invite.phase { path.append(.invite) }
    }

    /// The app goes to the background: the lease is wiped and files are closed.
    public func background() async {
        do { try await app.pause() } catch { state.notice = Notice(error) }
    }

    /// The app is in the foreground again.
    public func foreground() async {
        do {
            try await app.resume()
            await load()
        } catch {
            state.notice = Notice(error)
        }
    }

    private func whereWeAre() async throws(KapokFailure) -> Phase {
        guard app.privacy.agreed else { return .consent }
        guard let account = app.login.account else { return .loggedOut }
        guard let enterprise = try await app.enterprises.current() else { return .withoutEnterprise(account) }
        return .ready(account, enterprise)
    }

    private func pullEvents() async {
        await pull {
            for try await event in self.app.events {
                if event == .enrolAgain { self.state.notice = Notice(Words(.enrolAgain)) }
                self.state.events += 1
                await self.load()
            }
        }
    }

    private func pullRequests() async {
        await pull {
            for try await request in self.app.requests { self.request = request }
        }
    }

    private func pullViews() async {
        await pull {
            for try await view in self.app.signing.views {
                switch view.state {
                case .idle: self.state.connected = false
                case .closed:
                    self.state.connected = false
                    await self.load()
                default: self.state.connected = true
                }
            }
        }
    }

    private func pull(_ loop: () async throws -> Void) async {
        do { try await loop() } catch { state.notice = (error as? KapokFailure).map(Notice.init) }
    }
}
