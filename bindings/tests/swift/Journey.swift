// The whole journey against the platform that `cargo xtask test` has started: its addresses are in the environment.
import Foundation

struct Unexpected: Error { let what: String }

func expect(_ good: Bool, _ what: String) throws {
    if !good { throw Unexpected(what: what) }
}

func environment(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw Unexpected(what: "\(name) is not set: run `cargo xtask test --only bindings`")
    }
    return value
}

/// The program that stands around the phone, answering in lines.
final class Counterpart: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let lock = NSLock()

    init(_ words: String...) throws {
        process.executableURL = URL(fileURLWithPath: try environment("KAPOK_COUNTERPART"))
        process.arguments = words
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    /// The next line; what came before the end if there is none.
    func line() -> String {
        lock.withLock { read() }
    }

    func ask(_ question: String) -> String {
        lock.withLock {
            input.fileHandleForWriting.write(Data("\(question)\n".utf8))
            return read()
        }
    }

    /// Its exit code.
    func end() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    private func read() -> String {
        var bytes = Data()
        while true {
            let next = output.fileHandleForReading.readData(ofLength: 1)
            if next.isEmpty || next == Data("\n".utf8) { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(next)
        }
    }
}

/// A key in another process: there is no cryptography in Swift on Linux.
final class ProcessKey: HardwareKey {
    private let process: Counterpart

    init(_ folder: URL) throws { process = try Counterpart("key", folder.path) }

    func publicKey() throws -> Data { Data(hex: process.ask("public")) }

    func sign(data: Data) throws -> Data { Data(hex: process.ask("sign \(data.hex)")) }

    func prf(label: String, buffer: PrfBuffer) throws {
        guard let place = UnsafeMutableRawPointer(bitPattern: UInt(buffer.address)) else { throw PortError.Malformed }
        let inPlace = UnsafeMutableRawBufferPointer(start: place, count: Int(buffer.length))
        inPlace.copyBytes(from: Data(hex: process.ask("prf \(label) \(Data(inPlace).hex)")))
    }
}

extension Data {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}

func pin(_ last: Int = 1) -> PinPad {
    let pad = PinPad()
    for digit in [8, 3, 9, 0, 6, last] { _ = pad.push(digit: UInt8(digit)) }
    return pad
}

/// A picture as a camera gives it: one grey byte a pixel. PGM has three lines before its pixels.
func frame(_ file: URL) throws -> (Data, FrameFormat) {
    let bytes = try Data(contentsOf: file)
    let lines = bytes.split(separator: 10, maxSplits: 3, omittingEmptySubsequences: false)
    let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { UInt32($0) }
    return (Data(lines[3]), FrameFormat(width: sides[0], height: sides[1], stride: sides[0]))
}

func until(_ signing: Signing, _ wanted: (SigningState) -> Bool) async throws -> SigningState {
    while true {
        let state = try await signing.nextView().state
        if wanted(state) { return state }
        if case .closed = state { throw Unexpected(what: "closed: \(state)") }
    }
}

/// From the first login to a signed contract, in `folder`.
func journey(_ folder: URL) async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let settings = AppSettings(
        dir: folder.appendingPathComponent("app").path, platformUrl: try environment("KAPOK_HTTPS"),
        trustRootsPem: [try String(contentsOfFile: environment("KAPOK_ROOT"), encoding: .utf8)], locale: "zh-CN",
        deviceLabel: "Swift", appVersion: "0.1.0")
    let ports = Ports(hardware: try ProcessKey(folder), storage: MemoryStorage(), clock: SystemClock())
    let app = try KapokApp.open(settings: settings, ports: ports)
    try await logIn(app)

    guard let company = try await app.enterprises().list().first(where: { $0.name.contains("公司") }) else {
        throw Unexpected(what: "no company")
    }
    let selected = try await app.enterprises().select(enterpriseId: company.enterpriseId)
    try expect(selected.enterpriseId == company.enterpriseId, "another enterprise is selected")
    try await app.vault().setPin(first: pin(), repeat: pin())
    if case .set = try await app.vault().pinState() {} else { throw Unexpected(what: "no PIN is set") }
    let certificate = try await app.certificates().install(
        enterpriseId: company.enterpriseId, kind: .organisation, pin: pin())
    try expect(certificate.state == .active, "the certificate is not active")
    let preview = try await app.seals().preview(enterpriseId: company.enterpriseId, kind: .organisation)
    let seal = try await app.seals().generate(previewId: preview.previewId)
    try expect(seal.certificateSerial == certificate.serial, "the seal has another certificate")

    let pc = try Counterpart("pc", environment("KAPOK_HTTP"), folder.path)
    try expect(pc.line() == "code", "the PC shows no code")
    try await sign(app.signing(), seal, folder.appendingPathComponent("code.pgm"))
    let last = pc.line()
    try expect(last == "signed 1" && pc.end() == 0, "the PC says: \(last)")
    let unfinished = try await app.signing().unfinished()
    try expect(unfinished == 0, "signatures wait to be delivered")
    // The app is open still; its threads wipe their stacks when they go idle.
    let wiped = try (1...5).contains { _ in try held("signer.spki", in: folder) == "pins 0 keys 0" }
    try expect(wiped && !app.readOnly(), "the PIN or the key is left in memory")
}

/// What of the PIN and of the private key behind a public key is in this process.
func held(_ spki: String, in folder: URL, last: Int = 1) throws -> String {
    let process = String(ProcessInfo.processInfo.processIdentifier)
    return try Counterpart("memory", process, folder.appendingPathComponent(spki).path, "8-3-9-0-6-\(last)").line()
}

/// A secret that is held is found, and one that was wiped is not.
func control(_ folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let digits = Array(try Counterpart("secret", folder.path).line())
    let key = UnsafeMutablePointer<UInt8>.allocate(capacity: digits.count / 2)
    defer { key.deallocate() }
    for place in 0..<digits.count / 2 {
        key[place] = UInt8(String(digits[2 * place...2 * place + 1]), radix: 16) ?? 0
    }
    let pad = pin(7)
    let found = try held("secret.spki", in: folder, last: 7)
    try expect(found == "pins 1 keys 1", "held: \(found)")
    key.update(repeating: 0, count: digits.count / 2)
    pad.clear()
    let left = try held("secret.spki", in: folder, last: 7)
    try expect(left == "pins 0 keys 0", "wiped: \(left)")
}

func logIn(_ app: KapokApp) async throws {
    try await app.agreePrivacy(version: app.privacy().version)
    let shown = try await app.login().startFace()
    guard case .openMiniProgram(let path, let matchCode) = try await app.nextRequest() else {
        throw Unexpected(what: "another request")
    }
    try expect(matchCode == shown.matchCode, "two match codes")
    let link = try Counterpart("face", environment("KAPOK_HTTP"), path, "张伟").line()
    let foreign = try await app.login().returned(link: "https://example.com/")
    try expect(foreign == nil, "a foreign link is taken")
    guard case .loggedIn(let account)? = try await app.login().returned(link: link) else {
        throw Unexpected(what: "not logged in")
    }
    try expect(app.login().account() == account, "another account is logged in")
}

func sign(_ signing: Signing, _ seal: SealView, _ code: URL) async throws {
    let (pixels, format) = try frame(code)
    guard case .connecting(let corners) = try signing.scan(pixels: pixels, format: format), corners.count == 4 else {
        throw Unexpected(what: "the code is not read")
    }
    let asked = try await until(signing) { state in
        switch state {
        case .siteCheck, .approve: true
        default: false
        }
    }
    if case .siteCheck(_, let rp, let choices) = asked {
        try expect(choices.contains(rp.origin), "the site is not among the choices")
        try await signing.chooseSite(origin: rp.origin)
        _ = try await until(signing) { if case .approve = $0 { true } else { false } }
    }
    do {
        try await signing.approve(pin: pin(2))
        throw Unexpected(what: "a wrong PIN connects")
    } catch KapokError.Failed(let code, _, _, _, let triesLeft, _) {
        try expect(code == "PIN_WRONG" && triesLeft == 9, "\(code)")
    }
    try await signing.approve(pin: pin())
    guard
        case .handover(_, _, let picked) = try await until(signing, { if case .handover = $0 { true } else { false } })
    else { throw Unexpected(what: "no handover") }
    try expect(picked.sealId == seal.esId, "another seal is picked")
    try await signing.handOver()

    let review = try await until(signing) { state in
        guard case .review(_, _, _, _, let documents) = state else { return false }
        return documents.allSatisfy { $0.state == .ready || $0.state == .amber }
    }
    guard case .review(_, _, _, _, let documents) = review, documents.count == 1 else {
        throw Unexpected(what: "not one document")
    }
    let page = try await signing.page(documentId: documents[0].documentId, index: 0, width: 400)
    try expect(page.width == 400 && page.rgba.count == Int(page.width * page.height * 4), "no page is drawn")
    try await signing.confirm(documentIds: [documents[0].documentId])
    let done = try await until(signing) { state in
        if case .connected(_, _, _, let last) = state { last != nil } else { false }
    }
    guard case .connected(_, _, _, let last) = done, last == SigningOutcome(signed: 1, refused: 0) else {
        throw Unexpected(what: "not signed")
    }
    try await signing.disconnect()
}
