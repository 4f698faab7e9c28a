import Foundation

/// What a test finds that it does not expect.
public struct Unexpected: Error {
    let what: String

    public init(_ what: String) { self.what = what }
}

/// A setting of `cargo xtask test`: where the platform and its helpers are.
public func environment(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw Unexpected("\(name) is not set: run `cargo xtask test --only ios`")
    }
    return value
}

/// The program that stands around the phone, answering in lines.
public final class Counterpart: @unchecked Sendable {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let lock = NSLock()

    public convenience init(_ words: String...) throws {
        try self.init(URL(fileURLWithPath: environment("KAPOK_COUNTERPART")), words)
    }

    /// Another program; `quiet` keeps its log off the test's output.
    init(_ program: URL, _ words: [String], quiet: Bool = false) throws {
        process.executableURL = program
        process.arguments = words
        process.standardInput = input
        process.standardOutput = output
        if quiet { process.standardError = FileHandle.nullDevice }
        try process.run()
    }

    /// A question by one line, answered by one line.
    public func ask(_ question: String) -> String {
        lock.withLock {
            input.fileHandleForWriting.write(Data("\(question)\n".utf8))
            return read()
        }
    }

    /// The next line, waited for on a thread of its own; what came before the end if there is none.
    public func line() async -> String {
        await withCheckedContinuation { waiting in
            Thread.detachNewThread { waiting.resume(returning: self.lock.withLock { self.read() }) }
        }
    }

    /// Ends it at once.
    public func kill() {
        if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// Its exit code.
    public func end() async -> Int32 {
        await withCheckedContinuation { waiting in
            Thread.detachNewThread {
                self.process.waitUntilExit()
                waiting.resume(returning: self.process.terminationStatus)
            }
        }
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
