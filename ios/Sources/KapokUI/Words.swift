import Foundation
import Kapok

/// A text of the catalogue with its arguments: models say what to show, never in which language.
public struct Words: Equatable, Hashable, Sendable {
    /// Which catalogue: what screens say, or what the library's codes mean.
    public enum Table: String, Sendable, CaseIterable {
        case labels = "Localizable"
        case errors = "Errors"
    }

    public let table: Table
    public let key: String
    public let arguments: [String]

    public init(_ key: L10n, _ arguments: String...) {
        self.init(table: .labels, key: key.rawValue, arguments: arguments)
    }

    /// The text of an error code.
    public static func code(_ code: String) -> Words {
        Words(table: .errors, key: code, arguments: [])
    }

    /// Something that is the same in every language, such as a name.
    public static func verbatim(_ text: String) -> Words {
        Words(.verbatim, text)
    }

    private init(table: Table, key: String, arguments: [String]) {
        self.table = table
        self.key = key
        self.arguments = arguments
    }
}

/// How an act has ended, for one line under a screen. An error keeps its code, which a person reads out to the service desk.
public struct Notice: Equatable, Sendable {
    public let lines: [Words]
    public let code: String?
    /// What the person can do now; nothing after an act that went well.
    public let nextStep: NextStep?
    /// PINs were refused so often that the person may have forgotten the one that holds.
    public let forgotten: Bool

    /// An act went well.
    public init(_ words: Words) {
        lines = [words]
        code = nil
        nextStep = nil
        forgotten = false
    }

    /// An act failed: the code's text, why, how many tries are left, how long to wait.
    public init(_ failure: KapokFailure) {
        self.init(failure, saysWait: true)
    }

    /// A PIN was refused. The wait is counted down beside it.
    static func aboutPin(_ failure: KapokFailure) -> Notice {
        Notice(failure, saysWait: false)
    }

    private init(_ failure: KapokFailure, saysWait: Bool) {
        var lines = [Words.code(failure.code)]
        if let reason = failure.reason { lines.append(Self.words(ofReason: reason)) }
        if let tries = failure.triesLeft { lines.append(Words(.triesLeft, "\(tries)")) }
        let wait = failure.waitSeconds.flatMap { $0 > 0 ? Int($0) : nil }
        if saysWait, let wait { lines.append(Words(.waitLeft, minutes(wait))) }
        self.lines = lines
        code = failure.code
        nextStep = failure.nextStep
        forgotten = failure.code == "PIN_BLOCKED" || (wait != nil && failure.code.hasPrefix("PIN_"))
    }

    private static func words(ofReason reason: String) -> Words {
        L10n(rawValue: "reason.\(reason)").map { Words($0) } ?? .verbatim(reason)
    }
}

/// Seconds as `m:ss`, from an hour on as `h:mm:ss`.
public func minutes(_ seconds: Int) -> String {
    let minutes = seconds / 60
    guard minutes >= 60 else { return String(format: "%d:%02d", minutes, seconds % 60) }
    return String(format: "%d:%02d:%02d", minutes / 60, minutes % 60, seconds % 60)
}

/// A minute of a day out of seconds since 1970, in the legal time of China.
public func minuteOfDay(_ seconds: UInt64) -> String {
    let format = Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt)
        .year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false)
    return String(Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(format).prefix(16))
}

/// A day out of seconds since 1970, in the legal time of China.
public func day(_ seconds: UInt64) -> String {
    let format = Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt).year().month().day()
    return Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(format)
}
