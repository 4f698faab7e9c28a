import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A platform of a test's own: it can be stopped, and started again as what it was.
public final class OwnPlatform: @unchecked Sendable {
    public let http: String
    public let https: String
    /// The certificate that its TLS is pinned to.
    public let root: String
    private let folder: URL
    private var program: Counterpart

    /// Starts it on free ports.
    public init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kapok-platform-\(UUID())")
        program = try Self.program(folder, http: 0, https: 0)
        let line = await program.line()
        guard let said = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let http = said["http"] as? String, let https = said["https"] as? String, let root = said["root"] as? String
        else { throw Unexpected("the platform says \(line)") }
        (self.http, self.https) = (http, https)
        self.root = try String(contentsOfFile: root, encoding: .utf8)
    }

    deinit {
        program.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Nobody can reach it any more.
    public func stop() async {
        program.kill()
        _ = await program.end()
    }

    /// Starts it where it was.
    public func start() async throws {
        let port = { (address: String) in URL(string: address)?.port ?? 0 }
        program = try Self.program(folder, http: port(http), https: port(https))
        let line = await program.line()
        guard line.contains(https) else { throw Unexpected("the platform says \(line)") }
    }

    /// Time passes at this platform, and nowhere else.
    public func pass(_ seconds: Int) async throws {
        var request = URLRequest(url: try page("/sim/api/time"))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data("{\"seconds\":\(seconds)}".utf8)
        _ = try await read(request)
    }

    /// The stop code of the last short message about a reset.
    public func stopCode() async throws -> String {
        let inbox = try await read(URLRequest(url: page("/sim/sms")))
        guard let before = inbox.range(of: "停止码 ") else { throw Unexpected("no stop code: \(inbox)") }
        return String(inbox[before.upperBound...].prefix { $0.isASCII && ($0.isHexDigit || $0.isLetter || $0 == "-") })
    }

    private func page(_ path: String) throws -> URL {
        guard let url = URL(string: http + path) else { throw Unexpected(path) }
        return url
    }

    private func read(_ request: URLRequest) async throws -> String {
        let (data, answer) = try await URLSession.shared.data(for: request)
        let text = String(decoding: data, as: UTF8.self)
        guard (answer as? HTTPURLResponse)?.statusCode == 200 else { throw Unexpected(text) }
        return text
    }

    /// How many PDFs are signed at its portal.
    public var signed: Int {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("portal").path)
        return files?.filter { $0.hasSuffix(".signed.pdf") }.count ?? 0
    }

    private static func program(_ folder: URL, http: Int, https: Int) throws -> Counterpart {
        let beside = URL(fileURLWithPath: try environment("KAPOK_COUNTERPART")).deletingLastPathComponent()
        let words = ["up", "--json", "--dir", folder.path, "--http-port", "\(http)", "--https-port", "\(https)"]
        return try Counterpart(beside.appendingPathComponent("kapok"), words, quiet: true)
    }
}
