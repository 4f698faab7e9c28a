import Foundation
import Testing

/// docs/ios.md shows no code that does not compile.
struct GuideTests {
    @Test func everyLineOfCodeInTheGuideIsCompiledHere() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let guide = try String(contentsOf: here.appendingPathComponent("Guide.swift"), encoding: .utf8)
        let document = here.appendingPathComponent("../../../docs/ios.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let compiled = Set(guide.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        var inCode = false
        var lines = 0
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.hasPrefix("```") {
                inCode = line == "```swift"
            } else if inCode {
                lines += 1
                #expect(compiled.contains(line), "\(line)")
            }
        }
        #expect(lines > 40)
    }
}
