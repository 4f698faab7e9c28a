import Foundation
import Kapok

// The code of docs/ios.md, here so that it compiles; a test compares both.

@MainActor
struct Guide {
    func firstLogin(
        _ folder: URL, _ root: String, _ ports: Ports, _ openMiniProgram: (String, String) -> Void, _ link: String
    )
        async throws -> AccountView?
    {
        let settings = AppSettings(
            dir: folder.path, platformUrl: "https://kapok.example", trustRootsPem: [root], locale: "zh-CN",
            deviceLabel: "iPhone", appVersion: "0.1.0")
        let app = try await KapokApp.open(settings, ports: ports)
        try await app.agreePrivacy(app.privacy.version)  // the person has read app.privacy.text
        let handoff = try await app.login.startFace()  // show handoff.matchCode
        for try await request in app.requests {
            if case .openMiniProgram(let path, let matchCode) = request { openMiniProgram(path, matchCode) }
            break
        }
        guard case .loggedIn(let account) = try await app.login.returned(link) else { return nil }
        _ = handoff
        return account
    }

    func withoutTheLink(_ app: KapokApp, _ typed: () -> String) async throws {
        if case .codeNeeded = try await app.login.resume() {
            let outcome = try await app.login.typeCode(typed())
            print(outcome)
        }
    }

    func failures(_ app: KapokApp, _ pin: PinPad) async {
        do {
            try await app.signing.approve(pin)
        } catch {
            print(error.code, error.nextStep, error.triesLeft ?? 0, error.waitSeconds ?? 0)
        }
    }

    func events(_ app: KapokApp, _ reload: @escaping @Sendable (KapokEvent) async -> Void) -> Task<Void, any Error> {
        let events = Task {
            for try await event in app.events { await reload(event) }
        }
        return events  // events.cancel() ends the loop, and the waiting call in Rust with it
    }

    func enterprise(_ app: KapokApp) async throws {
        let list = try await app.enterprises.list()
        if let first = list.first { _ = try await app.enterprises.select(first.enterpriseId) }
    }

    func agents(_ app: KapokApp, _ link: String) async throws {
        let new = NewInvite(
            name: "李娜", document: .residentId, number: "440305199208274627", phone: "13800138000", validDays: 365,
            scope: ["matters"])
        let invite = try await app.agents.invite(new)
        try await app.agents.share(invite.inviteId)  // comes out of app.requests
        try await app.agents.sent(invite.inviteId)

        // on the other phone
        if let page = try await app.agents.openLink(link) { print(page.kind, page.state) }
        _ = try await app.agents.accept()  // a face check as above; then
        let answered = try await app.agents.answer(agree: true)
        print(answered.state)
    }

    func pin(_ app: KapokApp, _ first: PinPad, _ second: PinPad, _ digit: UInt8) async throws {
        first.push(digit)  // one call for each key; draw first.count dots
        try app.vault.check(first)
        try await app.vault.setPin(first, repeat: second)
    }

    func newPin(_ app: KapokApp, _ first: PinPad, _ second: PinPad, _ outcome: LoginOutcome) async throws {
        let handoff = try await app.vault.startReset(first, repeat: second)  // 忘记PIN码; a face check follows
        if case .verified = outcome { try await app.vault.finishReset() }
        print(handoff.matchCode)
        try await app.vault.finishReset(with: first, repeat: second)
    }

    func lostPhone(_ app: KapokApp, _ pin: PinPad, _ owner: TypedIdentity) async throws {
        let code = try await app.vault.revocationCode(pin)  // 吊销码, for paper
        let phones = try await app.vault.phones().filter { !$0.thisPhone }
        for lost in phones { try await app.vault.reportLoss(lost.deviceId) }  // 挂失, just after a login by face
        _ = try await app.vault.reportLoss(of: owner, code: code)  // or without a login
        try await app.vault.objectToLoss(pin)  // on that phone, within three days
    }

    func certificate(_ app: KapokApp, _ pin: PinPad) async throws {
        guard let offered = try await app.certificates.list().first(where: { $0.state == .installable }) else { return }
        let installed = try await app.certificates.install(offered.enterpriseId, offered.kind, pin: pin)
        let preview = try await app.seals.preview(installed.enterpriseId, .organisation)
        let seal = try await app.seals.generate(preview.previewId)  // seal.picture is a PNG
        print(seal.name)
    }

    nonisolated func camera(_ app: KapokApp, _ base: UnsafeRawPointer, _ width: Int, _ height: Int, _ stride: Int)
        throws
    {
        let pixels = UnsafeRawBufferPointer(start: base, count: stride * height)
        let frame = Frame(pixels: pixels, width: width, height: height, stride: stride)
        if case .connecting(let corners) = try app.signing.scan(frame) { print(corners) }
    }

    func signing(_ app: KapokApp, _ pin: PinPad, _ chosen: (SigningRp, [String]) -> String) async throws {
        for try await view in app.signing.views {
            switch view.state {
            case .siteCheck(_, let rp, let choices): try await app.signing.chooseSite(chosen(rp, choices))
            case .approve: try await app.signing.approve(pin)
            case .handover: try await app.signing.handOver()
            case .review(_, _, _, _, let documents):
                let ready = documents.filter { $0.state == .ready }.map(\.documentId)
                for id in ready { _ = try await app.signing.page(id, index: 0, width: 1_240) }
                if !ready.isEmpty { try await app.signing.confirm(ready) }
            case .closed: return
            default: break
            }
        }
    }

    func background(_ app: KapokApp) async throws {
        try await app.pause()
        try await app.resume()
    }
}
