import Foundation
import Kapok

/// A key in another process: there is no cryptography in Swift on Linux.
public final class ProcessKey: HardwareKey {
    private let process: Counterpart

    public init(_ folder: URL) throws { process = try Counterpart("key", folder.path) }

    public func publicKey() throws -> Data { Data(hex: process.ask("public")) }

    public func sign(data: Data) throws -> Data { Data(hex: process.ask("sign \(data.hex)")) }

    public func prf(label: String, buffer: PrfBuffer) throws {
        try buffer.withBytes { bytes in
            bytes.copyBytes(from: Data(hex: process.ask("prf \(label) \(Data(bytes).hex)")))
        }
    }
}

/// A store that lives as long as its phone's folder in this process.
public final class MemoryStorage: SecureStorage, @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [String: Data] = [:]

    public init() {}

    public func get(name: String) throws -> Data? { lock.withLock { secrets[name] } }
    public func set(name: String, value: Data) throws { lock.withLock { secrets[name] = value } }
    public func remove(name: String) throws { lock.withLock { secrets[name] = nil } }
}

/// A key store that was wiped.
public final class MissingKey: HardwareKey {
    public init() {}
    public func publicKey() throws -> Data { throw PortError.KeyMissing }
    public func sign(data: Data) throws -> Data { throw PortError.KeyMissing }
    public func prf(label: String, buffer: PrfBuffer) throws { throw PortError.KeyMissing }
}

/// A key with which no vault key can be recovered while it stops: a reset by face stands still once both its shares are here.
public final class StoppingKey: HardwareKey, @unchecked Sendable {
    private let key: any HardwareKey
    private let lock = NSLock()
    private var stopped = false

    public init(_ key: any HardwareKey) { self.key = key }

    public var stops: Bool {
        get { lock.withLock { stopped } }
        set { lock.withLock { stopped = newValue } }
    }

    public func publicKey() throws -> Data { try key.publicKey() }
    public func sign(data: Data) throws -> Data { try key.sign(data: data) }

    public func prf(label: String, buffer: PrfBuffer) throws {
        if stops, label == "pinv1/hw-rec" { throw PortError.Unavailable }
        try key.prf(label: label, buffer: buffer)
    }
}

/// A phone with its folder: opened again, it is the same phone. The folder goes with it.
public final class Phone: Sendable {
    public let folder: URL
    private let ports: Ports
    private let platform: String
    private let root: String

    /// A phone of the platform that `cargo xtask test` has started, or of one at another address.
    public convenience init(platform: String? = nil) throws {
        let root = try String(contentsOfFile: environment("KAPOK_ROOT"), encoding: .utf8)
        try self.init(at: platform ?? environment("KAPOK_HTTPS"), root: root)
    }

    /// A phone of a test's own platform.
    public convenience init(_ platform: OwnPlatform) throws {
        try self.init(at: platform.https, root: platform.root)
    }

    private init(at platform: String, root: String) throws {
        signal(SIGPIPE, SIG_IGN)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kapok-ios-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.platform = platform
        self.root = root
        ports = Ports(hardware: try ProcessKey(folder), storage: MemoryStorage(), clock: SystemClock())
    }

    public var key: any HardwareKey { ports.hardware }

    /// Where a PC's page leaves its code for this phone's camera.
    public var code: URL { folder.appendingPathComponent("code.pgm") }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Opens the app; another address stands for a platform that cannot be reached.
    public func open(at address: String? = nil, locale: String = "zh-CN", key: (any HardwareKey)? = nil) async throws
        -> KapokApp
    {
        let settings = AppSettings(
            dir: folder.appendingPathComponent("app").path, platformUrl: address ?? platform, trustRootsPem: [root],
            locale: locale, deviceLabel: "iPhone", appVersion: "0.1.0")
        let ports = Ports(hardware: key ?? ports.hardware, storage: ports.storage, clock: ports.clock)
        return try await KapokApp.open(settings, ports: ports)
    }

    /// Passes the face check of a mini program's path; gives the link of its button.
    public static func face(_ path: String, _ person: String, at http: String? = nil) async throws -> String {
        try await Counterpart("face", http ?? environment("KAPOK_HTTP"), path, person).line()
    }

    /// Passes the face check; gives the six digits of its success page.
    public static func faceCode(_ path: String, _ person: String, at http: String? = nil) async throws -> String {
        try await Counterpart("code", http ?? environment("KAPOK_HTTP"), path, person).line()
    }
}

extension Data {
    public var hex: String { map { String(format: "%02x", $0) }.joined() }

    public init(hex: String) {
        self.init()
        var rest = Substring(hex)
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            append(byte)
            rest = rest.dropFirst(2)
        }
    }
}

/// A picture as a camera gives it: one grey byte a pixel. PGM has three lines before its pixels.
public struct Picture {
    public let pixels: Data
    public let width: Int
    public let height: Int

    public init(_ file: URL) throws {
        let lines = try Data(contentsOf: file).split(separator: 10, maxSplits: 3, omittingEmptySubsequences: false)
        let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        (pixels, width, height) = (Data(lines[3]), sides[0], sides[1])
    }

    /// The picture as one frame.
    public func frame<T>(_ body: (Frame) throws -> T) rethrows -> T {
        try pixels.withUnsafeBytes { bytes in
            try body(Frame(pixels: bytes, width: width, height: height, stride: width))
        }
    }
}
