import Foundation
import Kapok
import KapokUI
import Support
import Testing

/// The PIN that is forgotten, changed, blocked or half reset, and the phone that is lost, each at a platform of its own.
@MainActor
@Suite(.serialized, .timeLimit(.minutes(3)))
struct PinTests {
    @Test func yqq_056_a_forgotten_pin_is_reset_by_face_and_the_same_certificate_signs() async throws {
        let own = try await OwnPlatform()
        let phone = try Phone(own)
        let shell = await Shell(try await phone.open())
        try await shell.prepare("张伟", "科技", at: own.http)
        let serial = try await shell.serial()

        let reset = PinResetModel(shell.app)
        await reset.before.type([1, 1, 1, 1, 1, 1])
        try expectWeak(reset.before.state.notice)
        await reset.before.type(newPin)
        await reset.before.type(goodPin)
        #expect(reset.phase == .typing && reset.before.state.notice?.code == "PIN_REPEAT")
        await reset.before.type(newPin)
        await reset.before.type(newPin)
        #expect(reset.phase == .face && reset.face.state.matchCode.count == 2)
        let (path, _) = try await shell.miniProgram()
        let link = try await Phone.face(path, "张伟", at: own.http)
        await shell.model.open(link, login: FaceModel(shell.app), invite: InviteModel(shell.app), reset: reset)
        #expect(reset.phase == .done, "\(reset.state)")
        #expect(try await shell.serial() == serial)
        try await shell.signs(newPin, phone, own)
        #expect(own.signed == 1)
        await shell.close()
    }

    @Test func yqq_056_a_reset_that_the_end_of_the_app_has_cut_is_finished_when_it_is_opened_again() async throws {
        let own = try await OwnPlatform()
        let phone = try Phone(own)
        let stopping = StoppingKey(phone.key)
        let cut = await Shell(try await phone.open(key: stopping))
        try await cut.prepare("张伟", "科技", at: own.http)
        var reset = PinResetModel(cut.app)
        for _ in 0..<2 { await reset.before.type(newPin) }
        let (path, _) = try await cut.miniProgram()
        stopping.stops = true
        await reset.face.returned(try await Phone.face(path, "张伟", at: own.http))
        await reset.finish()
        #expect(reset.phase == .stopped && reset.state.notice?.code == "HARDWARE_KEY", "\(reset.state)")
        await cut.close()

        let shell = await Shell(try await phone.open())
        let login = FaceModel(shell.app)
        reset = PinResetModel(shell.app)
        await shell.model.goOn(login: login, invite: InviteModel(shell.app), reset: reset)
        #expect(shell.model.path == [.pinReset] && reset.phase == .typingAgain, "\(reset.state)")
        await reset.after.type(newPin)
        await reset.after.type(newPin)
        #expect(reset.phase == .done, "\(reset.after.state)")
        try await shell.signs(newPin, phone, own)
        #expect(own.signed == 1)
        await shell.close()
    }

    @Test func yqq_056_an_app_that_ended_during_the_face_check_asks_for_the_new_pin_again() async throws {
        let own = try await OwnPlatform()
        let phone = try Phone(own)
        let cut = await Shell(try await phone.open())
        try await cut.prepare("张伟", "科技", at: own.http)
        var reset = PinResetModel(cut.app)
        for _ in 0..<2 { await reset.before.type(newPin) }
        let (path, _) = try await cut.miniProgram()
        await cut.close()

        let shell = await Shell(try await phone.open())
        reset = PinResetModel(shell.app)
        await shell.model.goOn(login: FaceModel(shell.app), invite: InviteModel(shell.app), reset: reset)
        #expect(shell.model.path == [.pinReset] && reset.phase == .face)
        let code = try await Phone.faceCode(path, "张伟", at: own.http)
        await reset.face.foreground()
        reset.face.code = code
        await reset.face.submitCode()
        await reset.finish()
        #expect(reset.phase == .typingAgain, "\(reset.state)")
        await reset.after.type(newPin)
        await reset.after.type(goodPin)
        #expect(reset.phase == .typingAgain && reset.after.state.notice?.code == "PIN_REPEAT")
        await reset.after.type(newPin)
        await reset.after.type(newPin)
        #expect(reset.phase == .done, "\(reset.after.state)")
        await shell.close()
    }

    @Test func pin_11_wrong_pins_come_to_waits_and_to_a_block_that_a_face_check_ends() async throws {
        let own = try await OwnPlatform()
        let shell = await Shell(try await Phone(own).open())
        try await shell.prepare("张伟", "科技", at: own.http)
        let change = PinSetModel.changing(shell.app)
        #expect(change.phase == .old)
        for pin in [goodPin, newPin, newPin] { await change.type(pin) }
        #expect(change.phase == .done, "\(change.state)")

        let code = RevocationCodeModel(shell.app)
        for (left, wait) in zip((1...9).reversed(), [0, 0, 0, 60, 300, 900, 3_600, 14_400, 86_400]) {
            await code.pin.type(wrongPin)
            let notice = try #require(code.pin.state.notice)
            #expect(notice.code == "PIN_WRONG" && notice.lines.contains(Words(.triesLeft, "\(left)")))
            guard wait > 0 else { continue }
            let until = try #require(code.pin.state.waitUntil)
            #expect(abs(until.timeIntervalSinceNow - TimeInterval(wait)) < 10)
            #expect(notice.wayOn == .leads(Words(.pinReset), .pinReset))
            await code.pin.type(newPin)
            #expect(code.pin.state.notice?.code == "PIN_WAIT")
            try await own.pass(wait)
        }
        await code.pin.type(wrongPin)
        #expect(code.pin.state.notice?.code == "PIN_BLOCKED")
        #expect(code.pin.state.notice?.wayOn == .leads(Words(.pinReset), .pinReset))
        let settings = SettingsModel(shell.app)
        await settings.load()
        #expect(settings.phase == .shown(.blocked))

        let reset = PinResetModel(shell.app)
        for _ in 0..<2 { await reset.before.type(goodPin) }
        let (path, _) = try await shell.miniProgram()
        await reset.face.returned(try await Phone.face(path, "张伟", at: own.http))
        await reset.finish()
        #expect(reset.phase == .done, "\(reset.state)")
        await settings.load()
        #expect(settings.phase == .shown(.set(triesLeft: 10, waitSeconds: 0)))
        await shell.close()
    }

    @Test func pin_19_a_lost_phone_is_dead_at_once_by_its_owner_or_its_code_and_lives_again_by_an_objection()
        async throws
    {
        let own = try await OwnPlatform()
        let lost = await Shell(try await Phone(own).open())
        try await lost.prepare("张伟", "科技", at: own.http)
        let code = RevocationCodeModel(lost.app)
        await code.pin.type(goodPin)
        guard case .shown(let written) = code.phase else { throw Unexpected("\(code.pin.state)") }

        let finder = await Shell(try await Phone(own).open())
        try await finder.logIn("张伟", at: own.http)
        let phones = PhonesModel(finder.app)
        await phones.load()
        let row = try #require(phones.state.rows.first)
        #expect(phones.state.rows.count == 1 && row.canReport && row.title == .phoneOther)
        await phones.report(row.phone.deviceId)
        #expect(
            phones.state.phones.first?.state == .revoked && phones.state.rows.first?.objection != nil, "\(phones.state)"
        )
        try await object(lost)

        let loss = LossModel(finder.app)
        loss.owner.name = "张伟"
        loss.owner.number = "440106198503121536"
        loss.code = "1"
        await loss.report()
        #expect(loss.phase == .typing && loss.notice?.code == "INPUT_INVALID", "\(loss.notice as Any)")
        loss.code = written
        await loss.report()
        guard case .reported = loss.phase else { throw Unexpected("\(loss.notice as Any)") }
        try await object(lost)

        try await own.pass(360)
        await phones.report(row.phone.deviceId)
        #expect(phones.state.faceNeeded && phones.state.notice?.code == "HANDOFF_EXPIRED", "\(phones.state)")
        await lost.close()
        await finder.close()
    }

    /// The phone says that it was reported lost, and its owner that it is not.
    private func object(_ shell: Shell) async throws {
        let settings = SettingsModel(shell.app)
        await settings.load()
        #expect(settings.phase == .shown(.revoked), "\(settings.state)")
        let dead = RevocationCodeModel(shell.app)
        await dead.pin.type(goodPin)
        #expect(dead.pin.state.notice?.code == "DEVICE_REVOKED")
        let pin = settings.objection()
        await pin.type(goodPin)
        #expect(pin.phase == .done, "\(pin.state)")
        await settings.load()
        guard case .shown(.set) = settings.phase else { throw Unexpected("\(settings.state)") }
    }

    @Test func pin_17_a_reset_that_is_not_the_owners_is_stopped_by_the_code_of_the_short_message() async throws {
        let own = try await OwnPlatform()
        let phone = try Phone(own)
        let stopping = StoppingKey(phone.key)
        let shell = await Shell(try await phone.open(key: stopping))
        try await shell.prepare("张伟", "科技", at: own.http)
        let reset = PinResetModel(shell.app)
        for _ in 0..<2 { await reset.before.type(newPin) }
        let (path, _) = try await shell.miniProgram()
        stopping.stops = true
        await reset.face.returned(try await Phone.face(path, "张伟", at: own.http))
        await reset.finish()
        stopping.stops = false
        #expect(reset.phase == .stopped)
        try await own.pass(60)

        let elsewhere = try await Phone(own).open()
        await PrivacyModel(elsewhere).agree()
        let stop = StopResetModel(elsewhere)
        stop.code = "1"
        await stop.stop()
        #expect(stop.phase == .typing && stop.notice?.code == "INPUT_INVALID")
        stop.code = try await own.stopCode()
        await stop.stop()
        #expect(stop.phase == .stopped, "\(stop.notice as Any)")

        reset.again()
        for _ in 0..<2 { await reset.after.type(newPin) }
        #expect(reset.phase == .typingAgain && reset.after.state.notice != nil)
        await shell.close()
    }

    /// 111111 is refused, and the reason is said in every language.
    private func expectWeak(_ notice: Notice?) throws {
        let notice = try #require(notice)
        #expect(notice.code == "PIN_WEAK")
        let labels = try Catalogue.load(.labels)
        let reason = try #require(notice.lines.last)
        let said = Catalogue.languages.map { reason.text($0, in: labels) }
        #expect(Set(said) == ["不同的数字太少", "不同的數字太少", "too few different digits"])
    }
}

@MainActor
extension Shell {
    /// The certificate that is installed.
    fileprivate func serial() async throws -> String {
        let certificates = CertificatesModel(app)
        await certificates.load()
        guard let serial = certificates.state.certificates.first(where: { $0.state == .active })?.serial else {
            throw Unexpected("\(certificates.state)")
        }
        return serial
    }

    /// Signs one contract with this PIN.
    fileprivate func signs(_ pin: [UInt8], _ phone: Phone, _ own: OwnPlatform) async throws {
        let pc = try Counterpart("pc", own.http, phone.folder.path)
        #expect(await pc.line() == "code")
        try await scan(phone.code)
        await session.pin.type(goodPin)
        #expect(session.pin.state.notice?.code == "PIN_WRONG", "the old PIN")
        await session.pin.type(pin)
        try await until { if case .handover = self.session.phase { true } else { false } }
        let outcome = try await sign(try await handOver())
        #expect(outcome == SigningOutcome(signed: 1, refused: 0))
        #expect(await pc.line() == "signed 1")
        _ = await pc.end()
    }
}
