// The library as an iOS app calls it: without a platform first, then the whole journey. Ends with `N passed, N failed`.
import Foundation

/// Answers the port check with a signature that was made once over its constant text: there is no cryptography in Swift on Linux.
final class RecordedKey: HardwareKey {
    func publicKey() throws -> Data {
        Data(hex: "0399863df4541d21cb745909cff4ecd1fee28dfee49290b80f2d29dd9df31319be")
    }

    func sign(data: Data) throws -> Data {
        guard data == Data("kapok/port-check".utf8) else { throw PortError.Unavailable }
        return Data(
            hex: "e730e863b00c68144cb6dfda473ff30d87dc5f2dfc0545c0abd2f1e1163a6ca5"
                + "acd9b69be2fd6f259ece3526a6d6214484d38df6e9af388d46960a760a79c805")
    }

    func prf(label: String, buffer: PrfBuffer) throws { throw PortError.Unavailable }
}

/// A key store that was wiped.
final class MissingKey: HardwareKey {
    func publicKey() throws -> Data { throw PortError.KeyMissing }
    func sign(data: Data) throws -> Data { throw PortError.KeyMissing }
    func prf(label: String, buffer: PrfBuffer) throws { throw PortError.KeyMissing }
}

final class MemoryStorage: SecureStorage, @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [String: Data] = [:]

    func get(name: String) throws -> Data? { lock.withLock { secrets[name] } }
    func set(name: String, value: Data) throws { lock.withLock { secrets[name] = value } }
    func remove(name: String) throws { lock.withLock { secrets[name] = nil } }
}

final class SystemClock: PhoneClock {
    func unixMs() throws -> UInt64 { UInt64(Date().timeIntervalSince1970 * 1000) }
    func monotonicMs() throws -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
}

extension Data {
    init(hex: String) {
        self.init()
        var rest = Substring(hex)
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            append(byte)
            rest = rest.dropFirst(2)
        }
    }
}

// Every line is out before a crash could take it.
setvbuf(stdout, nil, _IOLBF, 0)
// A write to a closed pipe is an error, as it is under the Java machine; Swift on Linux would end without a word.
signal(SIGPIPE, SIG_IGN)

let root = try String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8)
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kapok-swift-\(UUID())")
defer { try? FileManager.default.removeItem(at: folder) }

func open(_ key: HardwareKey = RecordedKey(), locale: String = "zh-CN") throws -> KapokApp {
    let settings = AppSettings(
        dir: folder.appendingPathComponent(UUID().uuidString).path, platformUrl: "https://localhost:1",
        trustRootsPem: [root], locale: locale, deviceLabel: "Swift", appVersion: "0.1.0")
    return try KapokApp.open(
        settings: settings, ports: Ports(hardware: key, storage: MemoryStorage(), clock: SystemClock()))
}

if CommandLine.arguments.contains("measure") {
    try measure { try open() }
    exit(0)
}

var passed = 0
var failed = 0

@MainActor
func test(_ name: String, _ body: () async throws -> Bool) async {
    var good = false
    do { good = try await body() } catch { print("\(name): \(error)") }
    passed += good ? 1 : 0
    failed += good ? 0 : 1
    print("\(good ? "ok" : "FAILED"): \(name)")
}

/// The code, field and reason that an act ends in.
func failure(_ act: () async throws -> Void) async -> [String?] {
    do {
        try await act()
        return []
    } catch KapokError.Failed(let code, _, let field, let reason, _, _) {
        return [code, field, reason]
    } catch {
        return ["another error"]
    }
}

await test("the app opens over ports in Swift and keeps the agreement to its privacy text") {
    let app = try open(locale: "zh-HK")
    let notice = app.privacy()
    try await app.agreePrivacy(version: notice.version)
    return notice.text.contains("私隱") && !notice.agreed && app.privacy().agreed
}

await test("nothing is sent before the privacy text is agreed to") {
    let app = try open()
    return await failure { _ = try await app.login().startFace() } == ["PRIVACY_REQUIRED", nil, nil]
}

await test("an error of a port is the typed error of the call") {
    await failure { _ = try open(MissingKey()) } == ["HARDWARE_KEY", nil, "key_missing"]
}

await test("a wrong setting and a wrong number name their field") {
    let app = try open()
    let locale = await failure { _ = try open(locale: "fr") }
    let number = await failure { _ = try await app.enterprises().select(enterpriseId: "no number") }
    return locale == ["INPUT_INVALID", "locale", "unknown"] && number == ["INPUT_INVALID", "enterprise_id", "format"]
}

await test("waiting ends by a token, which Task.cancel() alone does not do in Swift") {
    let app = try open()
    let token = CancelToken()
    let waiting = Task { await failure { _ = try await app.nextEvent(cancel: token) } }
    token.cancel()
    return await waiting.value == ["USER_CANCELLED", nil, nil]
}

await test("a pad takes digits and gives none back") {
    let pad = PinPad()
    let all = [1, 9, 3, 8, 2, 7].allSatisfy { pad.push(digit: $0) }
    let seventh = pad.push(digit: 4)
    pad.clear()
    return all && !seventh && pad.isEmpty()
}

await test("a frame is read in place and its shape is checked") {
    let signing = try open().signing()
    let pixels = Data(count: 64 * 48)
    let nothing = try signing.scan(pixels: pixels, format: FrameFormat(width: 64, height: 48, stride: 64))
    let short = await failure {
        _ = try signing.scan(pixels: pixels, format: FrameFormat(width: 64, height: 49, stride: 64))
    }
    return nothing == .nothing && short == ["INPUT_INVALID", "format", "too_short"]
}

await test("a secret that is held is found and one that was wiped is not") {
    try control(folder.appendingPathComponent("control"))
    return true
}

await test("yqq_017 to 026 from the first login to a signed contract") {
    try await journey(folder.appendingPathComponent("journey"))
    return true
}

print("\(passed) passed, \(failed) failed")
exit(failed == 0 ? 0 : 1)
