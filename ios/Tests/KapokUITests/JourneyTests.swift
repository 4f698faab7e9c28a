import Foundation
import Kapok
import KapokUI
import Support
import Testing

/// The whole way through the models, against the platform and the PC that `cargo xtask test` has started.
@MainActor
@Suite(.serialized, .timeLimit(.minutes(2)))
struct JourneyTests {
    @Test func yst_019_yst_020_yst_021_yst_022_an_invited_agent_gets_the_enterprise() async throws {
        let (one, other) = (try Phone(), try Phone())
        let admin = await Shell(try await one.open())
        try await admin.logIn("陈强")
        try await admin.select("公司")
        let agents = AgentsModel(admin.app)
        await agents.load()
        agents.draft.name = "李娜"
        agents.draft.number = "440305199208274628"
        agents.draft.phone = "13800138000"
        agents.draft.validDays = 30
        await agents.invite()
        #expect(agents.state.notice?.code == "INPUT_INVALID", "a wrong check digit")
        agents.draft.number = "440305199208274627"
        await agents.invite()
        try await until { admin.model.request != nil }
        guard case .share(let link, _) = admin.model.request else { throw Unexpected("no link to share") }
        admin.model.requestDone()
        await agents.shared(true)
        await agents.load()
        #expect(agents.state.invites.map(\.state) == [.sent] && agents.state.sharing == nil)

        let agent = await Shell(try await other.open())
        try await agent.logIn("李娜")
        let invite = InviteModel(agent.app)
        await agent.model.open(
            "https://example.com/nothing", login: FaceModel(agent.app), invite: invite, reset: PinResetModel(agent.app))
        #expect(invite.phase == .asking && agent.model.path.isEmpty)
        await agent.model.open(link, login: FaceModel(agent.app), invite: invite, reset: PinResetModel(agent.app))
        guard case .shown(let page) = invite.phase else { throw Unexpected("\(invite.state)") }
        #expect(page.kind == .agent && agent.model.path == [.invite])
        await invite.accept()
        let (path, _) = try await agent.miniProgram()
        await invite.face.returned(try await Phone.face(path, "李娜"))
        guard case .consent(let consent) = invite.phase else { throw Unexpected("\(invite.face.state)") }
        #expect(consent.enterprise.contains("佛山") && consent.validDays == 30)
        await invite.answer(true)
        #expect(invite.phase == .answered(.accepted))
        try await agent.select("佛山")

        await agents.load()
        #expect(agents.state.agents.count == 1 && agents.state.invites.allSatisfy { $0.state == .accepted })
        await agents.revokeGrant(agents.state.agents[0].grantId)
        #expect(agents.state.agents.allSatisfy { $0.state == .revoked })
        await admin.close()
        await agent.close()
    }

    @Test func yst_025_yst_028_yst_029_yst_030_an_agent_asks_the_legal_representative_to_authenticate() async throws {
        let (one, other) = (try Phone(), try Phone())
        let agent = await Shell(try await one.open())
        try await agent.logIn("李娜")
        let enterprises = EnterprisesModel(agent.app)
        enterprises.query = "木棉科技"
        await enterprises.search()
        guard let hit = enterprises.state.hits.first else { throw Unexpected("\(enterprises.state)") }
        await enterprises.register(hit)
        try await agent.select("木棉科技")
        guard case .ready(_, let before) = agent.model.phase else { throw Unexpected("\(agent.model.state)") }
        #expect(before.level == .unauthenticated)
        let agents = AgentsModel(agent.app)
        await agents.askAuthentication()
        try await until { agent.model.request != nil }
        guard case .share(let link, _) = agent.model.request else { throw Unexpected("no link to share") }
        agent.model.requestDone()
        await agents.shared(true)
        #expect(agents.state.notice == nil && agents.state.sharing == nil)

        let representative = await Shell(try await other.open())
        try await representative.logIn("张伟")
        let invite = InviteModel(representative.app)
        await representative.model.open(
            link, login: FaceModel(representative.app), invite: invite, reset: PinResetModel(representative.app))
        guard case .shown(let page) = invite.phase else { throw Unexpected("\(invite.state)") }
        #expect(page.kind == .authentication)
        await invite.accept()
        let (path, _) = try await representative.miniProgram()
        await invite.face.returned(try await Phone.face(path, "张伟"))
        guard case .consent = invite.phase else { throw Unexpected("\(invite.face.state)") }
        await invite.answer(true)
        #expect(invite.phase == .answered(.accepted))

        await enterprises.load()
        #expect(enterprises.state.enterprises.contains { $0.name == hit.name && $0.level == .authenticated })
        await agent.close()
        await representative.close()
    }

    @Test func yqq_007_yqq_010_yqq_012_yqq_017_yqq_020_yqq_024_from_login_to_a_signed_contract()
        async throws
    {
        let phone = try Phone()
        let shell = await Shell(try await phone.open())
        try await shell.logIn("张伟")
        try await shell.select("科技")
        try await install(shell)
        try await makeSeal(shell)

        let pc = try Counterpart("pc", environment("KAPOK_HTTP"), phone.folder.path)
        #expect(await pc.line() == "code")
        try await connect(shell, phone.folder.appendingPathComponent("code.pgm"))
        try await review(shell)
        try await shell.giveUp()
        #expect(await pc.line() == "signed 1")
        #expect(await pc.end() == 0)
        try await until { !shell.model.state.connected }
        #expect(shell.model.state.unfinished == 0)

        try await giveUp(shell, phone.folder)
        try await wrongPins(shell, phone.folder)
        await shell.close()
        try await reopened(phone)
    }

    /// 设置PIN码 first, then 安装证书 (YQQ-007 to 010).
    private func install(_ shell: Shell) async throws {
        let certificates = CertificatesModel(shell.app)
        await certificates.load()
        guard let offered = certificates.state.certificates.first(where: { $0.kind == .organisation }) else {
            throw Unexpected("\(certificates.state)")
        }
        let detail = certificates.detail(offered)
        await detail.beginInstall()
        #expect(detail.phase == .pinMissing)

        let set = PinSetModel(shell.app)
        await set.type([1, 2, 3, 4, 5, 6])
        #expect(set.phase == .first && set.state.notice?.code == "PIN_WEAK" && set.state.dots == 0)
        await set.type(goodPin)
        #expect(set.phase == .second)
        await set.type(wrongPin)
        #expect(set.phase == .first && set.state.notice?.code == "PIN_REPEAT")
        await set.type(goodPin)
        await set.type(goodPin)
        #expect(set.phase == .done)

        await detail.beginInstall()
        #expect(detail.phase == .askingPin)
        await detail.pin.type(goodPin)
        #expect(detail.phase == .installed && detail.state.certificate.state == .active)
        let settings = SettingsModel(shell.app)
        await settings.load()
        guard case .shown(.set) = settings.phase else { throw Unexpected("\(settings.state)") }
    }

    private func makeSeal(_ shell: Shell) async throws {
        let seals = SealsModel(shell.app)
        await seals.load()
        #expect(seals.phase == .empty)
        await seals.preview(.organisation)
        guard case .previewing(let preview) = seals.phase else { throw Unexpected("\(seals.state)") }
        #expect(preview.picture.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        await seals.generate()
        #expect(seals.phase == .listed && seals.state.seals.count == 1)
    }

    /// 扫一扫 up to the PIN: one wrong PIN, then the right one.
    private func connect(_ shell: Shell, _ code: URL) async throws {
        try await shell.scan(code)
        await shell.session.pin.type(wrongPin)
        #expect(shell.session.pin.state.notice?.code == "PIN_WRONG")
        #expect(shell.session.pin.phase == .entering)
        await shell.session.pin.type(goodPin)
        try await until { if case .handover = shell.session.phase { true } else { false } }
        #expect(shell.session.state.leaseEnds != nil && shell.model.state.connected)
        await shell.session.handOver()
    }

    private func review(_ shell: Shell) async throws {
        let session = shell.session
        try await until {
            guard case .review(_, let documents) = session.phase else { return false }
            return documents.allSatisfy { $0.state == .ready || $0.state == .amber }
        }
        guard case .review(let picked, let documents) = session.phase, let document = documents.first else {
            throw Unexpected("\(session.state)")
        }
        #expect(picked.sealId != nil && documents.count == 1)
        await session.open(document, page: 0, width: 400)
        let picture = session.state.page?.picture
        #expect(picture?.width == 400 && picture.map { $0.rgba.count == Int($0.width * $0.height * 4) } == true)
        await session.open(document, page: 99, width: 64)
        #expect(session.state.page.map { $0.index == $0.pages - 1 } == true)
        session.closePage()
        session.tick(document.documentId)
        #expect(session.ticked.isEmpty)
        session.tick(document.documentId)
        await session.sign(documents)
        try await until { if case .result = session.phase { true } else { false } }
        guard case .result(let outcome, _, _) = session.phase else { throw Unexpected("\(session.state)") }
        #expect(outcome == SigningOutcome(signed: 1, refused: 0))
    }

    /// A session that is given up before its PIN leaves nothing behind.
    private func giveUp(_ shell: Shell, _ folder: URL) async throws {
        let pc = try Counterpart("pc", environment("KAPOK_HTTP"), folder.path)
        #expect(await pc.line() == "code")
        try await shell.scan(folder.appendingPathComponent("code.pgm"))
        await shell.session.disconnect()
        try await until { if case .closed(.user, nil) = shell.session.phase { true } else { false } }
        _ = await pc.end()
    }

    /// Wrong PINs come to a wait, in which the right one is refused as well.
    private func wrongPins(_ shell: Shell, _ folder: URL) async throws {
        let pc = try Counterpart("pc", environment("KAPOK_HTTP"), folder.path)
        #expect(await pc.line() == "code")
        try await shell.scan(folder.appendingPathComponent("code.pgm"))
        let pin = shell.session.pin
        var tries = 0
        while pin.state.waitUntil == nil, tries < 12 {
            await pin.type(wrongPin)
            tries += 1
        }
        #expect(pin.state.waitUntil != nil && tries > 1, "\(pin.state)")
        await pin.type(goodPin)
        #expect(pin.state.notice?.code == "PIN_WAIT" && pin.phase == .entering)
        await shell.session.disconnect()
        try await until { if case .closed = shell.session.phase { true } else { false } }
        _ = await pc.end()
    }

    /// The same phone opened again, offline: certificate, seal and selection are there.
    private func reopened(_ phone: Phone) async throws {
        let shell = await Shell(try await phone.open(at: "https://127.0.0.1:9"))
        guard case .ready = shell.model.phase else { throw Unexpected("\(shell.model.state)") }
        let certificates = CertificatesModel(shell.app)
        await certificates.load()
        #expect(certificates.state.certificates.contains { $0.state == .active })
        let seals = SealsModel(shell.app)
        await seals.load()
        #expect(seals.state.seals.count == 1)
        await shell.close()
    }
}
