import Foundation
import Kapok
import KapokUI
import Support
import Testing

/// Sessions that do not go straight to their end.
@MainActor
@Suite(.serialized, .timeLimit(.minutes(3)))
struct SessionTests {
    @Test func yqq_024_given_up_in_review_then_ended_in_review_then_signed_once() async throws {
        let platform = try await OwnPlatform()
        let phone = try Phone(platform)
        try await leftInReview(phone, platform)
        #expect(platform.signed == 0)

        let shell = await Shell(try await phone.open())
        guard case .ready = shell.model.phase else { throw Unexpected("\(shell.model.state)") }
        #expect(shell.session.phase == .idle, "the lease has ended with the app")
        let pc = try await page(platform, phone)
        try await shell.scan(phone.code)
        try await shell.prove()
        #expect(try await shell.sign(shell.handOver()) == SigningOutcome(signed: 1, refused: 0))
        try await shell.giveUp()
        #expect(await pc.line() == "signed 1")
        #expect(await pc.end() == 0 && platform.signed == 1)
        await shell.close()
    }

    /// One session is given up with its documents on the screen; in the next one the app goes away at the same place.
    private func leftInReview(_ phone: Phone, _ platform: OwnPlatform) async throws {
        let shell = await Shell(try await phone.open())
        try await shell.prepare("陈强", "公司", at: platform.http)
        let first = try await page(platform, phone)
        try await shell.scan(phone.code)
        try await shell.prove()
        #expect(try await shell.handOver().count == 1)
        try await shell.giveUp()
        guard case .closed(.user, _) = shell.session.phase else { throw Unexpected("\(shell.session.state)") }
        #expect(await first.end() != 0, "nothing was signed")

        let second = try await page(platform, phone)
        try await shell.scan(phone.code)
        try await shell.prove()
        #expect(try await shell.handOver().count == 1)
        await shell.close()
        second.kill()
        _ = await second.end()
    }

    @Test func airplane_mode_at_the_pin_is_said_with_its_next_step_and_the_next_session_signs() async throws {
        let platform = try await OwnPlatform()
        let phone = try Phone(platform)
        let shell = await Shell(try await phone.open())
        try await shell.prepare("陈强", "公司", at: platform.http)
        let cutOff = try await page(platform, phone)
        try await shell.scan(phone.code)
        await platform.stop()
        await shell.session.pin.type(goodPin)
        let notice = shell.session.pin.state.notice
        #expect(notice?.code == "OFFLINE" && notice?.wayOn == .said(Words(.nextGoOnline)))
        #expect(shell.session.pin.phase == .entering && shell.session.pin.state.dots == 0)
        try await platform.start()
        try await until { if case .closed = shell.session.phase { true } else { false } }
        cutOff.kill()
        _ = await cutOff.end()

        let pc = try await page(platform, phone)
        try await shell.scan(phone.code)
        // Who stops waiting for the answer does not take the PIN back: the act runs to its end.
        let typing = Task { try await shell.prove() }
        typing.cancel()
        _ = await typing.result
        try await until { if case .handover = shell.session.phase { true } else { false } }
        #expect(try await shell.sign(shell.handOver()) == SigningOutcome(signed: 1, refused: 0))
        try await shell.giveUp()
        #expect(await pc.line() == "signed 1")
        #expect(await pc.end() == 0 && platform.signed == 1)
        await shell.close()
    }

    @Test func what_happens_after_the_screens_are_closed_reaches_the_next_ones() async throws {
        let app = try await Phone().open()
        let closed = await Shell(app)
        await closed.close()
        let before = closed.model.state
        try await app.agreePrivacy(app.privacy.version)
        let handoff = try await app.login.startFace()

        let next = await Shell(app)
        try await until { next.model.state.events > 0 && next.model.request != nil }
        #expect(try await next.miniProgram().matchCode == handoff.matchCode)
        #expect(closed.model.state == before && closed.model.request == nil)
        try await app.login.cancel()
        await next.close()
    }

    /// A PC page with one contract, whose code lies in the phone's folder.
    private func page(_ platform: OwnPlatform, _ phone: Phone) async throws -> Counterpart {
        let pc = try Counterpart("pc", platform.http, phone.folder.path)
        #expect(await pc.line() == "code")
        return pc
    }
}
