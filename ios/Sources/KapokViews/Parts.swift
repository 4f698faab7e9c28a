import Foundation
import Kapok
import KapokUI
import SwiftUI
import UIKit

extension Words {
    /// The text in the language of the system.
    var localized: String {
        let format = Catalogue.bundle.localizedString(forKey: key, value: nil, table: table.rawValue)
        return String(format: format, arguments: arguments.map { $0 as any CVarArg })
    }
}

extension Text {
    init(_ words: Words) { self.init(verbatim: words.localized) }
    init(_ key: L10n) { self.init(Words(key)) }
}

/// A button whose act takes its time.
struct ActButton: View {
    let title: L10n
    var role: ButtonRole?
    let act: @MainActor () async -> Void

    init(_ title: L10n, role: ButtonRole? = nil, act: @escaping @MainActor () async -> Void) {
        self.title = title
        self.role = role
        self.act = act
    }

    var body: some View {
        Button(role: role) {
            Task { await act() }
        } label: {
            Text(title).frame(minHeight: 48)
        }
    }
}

/// A button for an act that cannot be taken back.
struct AskButton: View {
    let title: L10n
    let question: L10n
    let act: @MainActor () async -> Void
    @SwiftUI.State private var asking = false

    init(_ title: L10n, _ question: L10n, act: @escaping @MainActor () async -> Void) {
        self.title = title
        self.question = question
        self.act = act
    }

    var body: some View {
        ActButton(title, role: .destructive) { asking = true }
            .confirmationDialog(Text(question), isPresented: $asking) {
                ActButton(title, role: .destructive) { await act() }
                ActButton(.keyCancel, role: .cancel) {}
            }
    }
}

/// A label with its value.
struct Row: View {
    let label: L10n
    let value: Text

    init(_ label: L10n, _ value: Words) {
        self.label = label
        self.value = Text(value)
    }

    init(_ label: L10n, _ value: String) {
        self.label = label
        self.value = Text(verbatim: value)
    }

    var body: some View {
        LabeledContent {
            value
        } label: {
            Text(label)
        }
        .accessibilityElement(children: .combine)
    }
}

/// How the last act has ended and what can be done now; its code is what a person reads out to the service desk.
struct NoticeRows: View {
    let notice: Notice?

    var body: some View {
        ForEach(notice?.lines ?? [], id: \.self) { words in
            Text(words).foregroundStyle(.red)
        }
        switch notice?.wayOn {
        case nil, .nothing: EmptyView()
        case .said(let words): Text(words)
        case .leads(let words, let screen):
            NavigationLink(value: screen) { Text(words).frame(minHeight: 48) }
        }
        Text(verbatim: notice?.code ?? "").font(.footnote).foregroundStyle(.secondary)
    }
}

/// The keys and dots of a PIN. A screen reader says how many digits are typed and never which.
struct PinKeys: View {
    let dots: Int
    let press: @MainActor (UInt8) -> Void
    let backspace: @MainActor () -> Void
    private let columns = [GridItem(.flexible()), GridItem(.flexible()), GridItem(.flexible())]
    private let digits: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]

    var body: some View {
        HStack(spacing: 16) {
            ForEach(0..<6) { place in
                Circle().fill(place < dots ? Color.primary : Color.secondary).frame(width: 14, height: 14)
            }
        }
        .privacySensitive()
        .accessibilityElement()
        .accessibilityValue(Text(Words(.digitsTyped, "\(dots)")))
        LazyVGrid(columns: columns, spacing: 12) {
            ForEach(digits, id: \.self) { digit in
                Button {
                    press(digit)
                } label: {
                    Text(verbatim: "\(digit)").font(.title).frame(maxWidth: .infinity, minHeight: 60)
                }
                .accessibilityLabel(Text(.digitLabel))
            }
            Button {
                backspace()
            } label: {
                Image(systemName: "delete.left").frame(maxWidth: .infinity, minHeight: 60)
            }
            .accessibilityLabel(Text(.deleteDigit))
        }
    }
}

/// A field with its label.
struct Field: View {
    let label: L10n
    let text: Binding<String>

    init(_ label: L10n, _ text: Binding<String>) {
        self.label = label
        self.text = text
    }

    var body: some View {
        TextField(text: text) { Text(label) }
    }
}

/// A picture that the library gives as PNG.
struct PngPicture: View {
    let bytes: Data

    var body: some View {
        Image(uiImage: UIImage(data: bytes) ?? UIImage()).resizable().scaledToFit()
    }
}

/// A page that the library has drawn.
struct PageView: View {
    let page: PagePicture?

    var body: some View {
        Image(uiImage: page.flatMap(Self.image) ?? UIImage()).resizable().scaledToFit()
    }

    private static func image(_ page: PagePicture) -> UIImage? {
        let (width, height) = (Int(page.width), Int(page.height))
        guard let provider = CGDataProvider(data: page.rgba as NSData) else { return nil }
        let image = CGImage(
            width: width, height: height, bitsPerComponent: 8, bitsPerPixel: 32, bytesPerRow: width * 4,
            space: CGColorSpaceCreateDeviceRGB(),
            bitmapInfo: CGBitmapInfo(rawValue: CGImageAlphaInfo.noneSkipLast.rawValue), provider: provider, decode: nil,
            shouldInterpolate: true, intent: .defaultIntent)
        return image.map(UIImage.init(cgImage:))
    }
}
