import Foundation
import Kapok
import Support
import Testing

/// The wrappers over the real library, without a platform.
struct WrapperTests {
    private static let nowhere = "https://localhost:1"

    @Test func opensInEachLanguageAndKeepsTheAgreementOverAReopening() async throws {
        let phone = try Phone(platform: Self.nowhere)
        for (locale, word) in [("zh-CN", "隐私"), ("zh-HK", "私隱"), ("en", "rivacy")] {
            let app = try await phone.open(locale: locale)
            #expect(app.privacy.text.contains(word))
        }
        let app = try await phone.open()
        #expect(!app.privacy.agreed)
        try await app.agreePrivacy(app.privacy.version)
        #expect(app.privacy.agreed)
        let again = try await phone.open()
        #expect(again.privacy.agreed && again.deviceId == app.deviceId)
    }

    @Test func thePortsKeepTheirContractAndACrossedKeyIsNamed() async throws {
        let phone = try Phone(platform: Self.nowhere)
        let ports = Ports(hardware: phone.key, storage: MemoryStorage(), clock: SystemClock())
        try await ports.check()
        let crossed = Ports(hardware: MissingKey(), storage: MemoryStorage(), clock: SystemClock())
        let broken = KapokFailure(code: "HARDWARE_KEY", nextStep: .askService, reason: "key_signs")
        await #expect(throws: broken) { try await crossed.check() }
    }

    @Test func aFailureKeepsItsFields() async throws {
        let phone = try Phone(platform: Self.nowhere)
        let app = try await phone.open()
        await #expect(throws: KapokFailure(code: "PRIVACY_REQUIRED", nextStep: .agreePrivacy)) {
            _ = try await app.login.startFace()
        }
        await #expect(
            throws: KapokFailure(code: "INPUT_INVALID", nextStep: .fixInput, field: "locale", reason: "unknown")
        ) {
            _ = try await phone.open(locale: "fr")
        }
        do {
            _ = try await phone.open(key: MissingKey())
            Issue.record("a phone without its key opens")
        } catch let failure as KapokFailure {
            #expect(failure.code == "HARDWARE_KEY" && failure.reason == "key_missing")
        }
    }

    @Test func cancellingTheTaskReachesRust() async throws {
        let app = try await Phone(platform: Self.nowhere).open()
        let waiting = Task {
            do {
                _ = try await app.login.resume()
                return "nothing"
            } catch {
                return (error as? KapokFailure)?.code ?? "another"
            }
        }
        waiting.cancel()
        // Without an open face check there is nothing to wait for; either answer is an end.
        #expect(["nothing", "USER_CANCELLED", "PRIVACY_REQUIRED"].contains(await waiting.value))

        let began = AsyncStream<Void>.makeStream()
        let looping = Task {
            began.continuation.yield()
            var seen = 0
            for try await _ in app.events { seen += 1 }
            return seen
        }
        for await _ in began.stream { break }
        looping.cancel()
        #expect(try await looping.value == 0)
    }

    @Test func aLoopThatWasCancelledLosesNoEvent() async throws {
        let app = try await Phone(platform: Self.nowhere).open()
        let first = Task { for try await _ in app.requests {} }
        first.cancel()
        _ = try await first.value
        var views = app.signing.views.makeAsyncIterator()
        #expect(try await views.next()?.state == .idle)
        views = app.signing.views.makeAsyncIterator()
        #expect(try await views.next()?.state == .idle, "every loop has its own place")
    }

    @Test func aPadTakesSixDigitsAndGivesNoneBack() {
        let pad = PinPad()
        #expect([1, 9, 3, 8, 2, 7].allSatisfy { pad.push($0) })
        #expect(!pad.push(4) && !pad.push(10) && pad.count == 6)
        pad.backspace()
        #expect(pad.count == 5)
        pad.clear()
        #expect(pad.count == 0)
    }

    @Test func aFrameIsReadInPlaceAndItsShapeIsChecked() async throws {
        let app = try await Phone(platform: Self.nowhere).open()
        let pixels = Data(count: 64 * 48)
        let wrong = KapokFailure(code: "INPUT_INVALID", nextStep: .fixInput, field: "format", reason: "too_short")
        pixels.withUnsafeBytes { bytes in
            let good = Frame(pixels: bytes, width: 64, height: 48, stride: 64)
            #expect(throws: Never.self) { try app.signing.scan(good) == .nothing }
            let short = Frame(pixels: bytes, width: 64, height: 49, stride: 64)
            #expect(throws: wrong) { _ = try app.signing.scan(short) }
            let negative = Frame(pixels: bytes, width: -1, height: 48, stride: 64)
            #expect(throws: KapokFailure.self) { _ = try app.signing.scan(negative) }
        }
    }
}
