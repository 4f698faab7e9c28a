import Foundation

/// The string catalogues, read as data so that Linux can check them; Xcode compiles the same files for the app.
public struct Catalogue: Decodable, Sendable {
    struct Entry: Decodable, Sendable {
        struct Localization: Decodable, Sendable {
            struct Unit: Decodable, Sendable { let value: String }
            let stringUnit: Unit
        }
        let localizations: [String: Localization]
    }

    let strings: [String: Entry]

    /// The languages of every text.
    public static let languages = ["zh-Hans", "zh-Hant-HK", "en"]

    /// Where the system finds the compiled catalogues.
    public static let bundle = Bundle.module

    /// One of the catalogues of this module.
    public static func load(_ table: Words.Table) throws -> Catalogue {
        let url = bundle.url(forResource: table.rawValue, withExtension: "xcstrings")
        guard let url else { throw CocoaError(.fileNoSuchFile) }
        return try JSONDecoder().decode(Catalogue.self, from: Data(contentsOf: url))
    }

    /// All keys.
    public var keys: Set<String> { Set(strings.keys) }

    /// The text of a key in a language, its places for arguments unfilled.
    public func format(_ key: String, _ language: String) -> String? {
        strings[key]?.localizations[language]?.stringUnit.value
    }
}

extension Words {
    /// The text in a language; the key where the catalogue has none.
    public func text(_ language: String, in catalogue: Catalogue) -> String {
        guard let format = catalogue.format(key, language) else { return key }
        return arguments.enumerated().reduce(format) { text, argument in
            text.replacingOccurrences(of: "%\(argument.offset + 1)$@", with: argument.element)
        }
    }
}
