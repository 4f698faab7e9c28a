import Foundation
import KapokCore

/// One grey frame of a camera: one byte a pixel, 0 black to 255 white, rows from the top. The pixels stay where they are.
public struct Frame {
    /// The first row's first pixel, up to the last row's last one.
    public let pixels: UnsafeRawBufferPointer
    /// Width in pixels, 1 to 8,192.
    public let width: Int
    /// Height in pixels, 1 to 8,192.
    public let height: Int
    /// Distance of two rows in bytes; cameras pad their rows.
    public let stride: Int

    /// A frame over pixels that outlive it, such as the locked luma plane of a `CVPixelBuffer`.
    public init(pixels: UnsafeRawBufferPointer, width: Int, height: Int, stride: Int) {
        self.pixels = pixels
        self.width = width
        self.height = height
        self.stride = stride
    }
}

/// Signing with a PC: scan its code, check who asks, prove the PIN, look at the documents, sign, disconnect. One session is open at a
/// time in the whole app.
public struct Signing: Sendable {
    let app: KapokCore.KapokApp
    let core: KapokCore.Signing

    /// Looks for the PC's code in one frame and opens the session where there is one. Reads the pixels in place; blocks for the decoding, so
    /// call it on the camera's queue. Ends in `QR_FORMAT` or `QR_VERSION` for a code that is none for signing, `BUSY` while a session is
    /// open, `PRIVACY_REQUIRED`, `INPUT_INVALID` at `format`.
    public func scan(_ frame: Frame) throws(KapokFailure) -> ScanOutcome {
        guard let start = frame.pixels.baseAddress,
            let width = UInt32(exactly: frame.width), let height = UInt32(exactly: frame.height),
            let stride = UInt32(exactly: frame.stride)
        else { throw KapokFailure(code: "INPUT_INVALID", nextStep: .fixInput, field: "format", reason: "range") }
        let pixels = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: start), count: frame.pixels.count, deallocator: .none)
        do {
            return try core.scan(pixels: pixels, format: FrameFormat(width: width, height: height, stride: stride))
        } catch {
            throw KapokFailure(error)
        }
    }

    /// Opens the session of a code's text that the system's camera has read. Ends as ``scan(_:)`` does.
    public func connect(_ text: String) async throws(KapokFailure) {
        try await calling { try await core.connect(text: text) }
    }

    /// What is to be shown now.
    public var view: SigningView { core.view() }

    /// What is to be shown: now, and whenever that changes. Views in between may be skipped. Every loop has its own place.
    public var views: Pulled<SigningView> {
        let app = app
        return Pulled {
            let handle = app.signing()
            return { try await waiting { try await handle.nextView(cancel: $0) } }
        }
    }

    /// The person says which address the PC's browser shows; a wrong one ends the session with `ORIGIN_MISMATCH`.
    public func chooseSite(_ origin: String) async throws(KapokFailure) {
        try await calling { try await core.chooseSite(origin: origin) }
    }

    /// Proves the PIN and opens the lease; the pad is emptied. Ends in `PIN_FORMAT`, `PIN_WRONG` with the tries left, `PIN_WAIT` with the
    /// seconds, `PIN_BLOCKED`, `CERT_NONE`; the session stays as it was.
    public func approve(_ pin: PinPad) async throws(KapokFailure) {
        try await calling { try await core.approve(pin: pin.core) }
    }

    /// Lets the picked certificate and seal go to the site.
    public func handOver() async throws(KapokFailure) {
        try await calling { try await core.handOver() }
    }

    /// Draws page `index` (from 0) of a pulled document, `width` pixels wide (1 to 4,096), from the very bytes that are signed. Ends in
    /// `STATE_WRONG` for a document that is not here, or `DOC_TYPE` for a page that cannot be drawn.
    public func page(_ documentId: DocumentId, index: Int, width: Int) async throws(KapokFailure) -> PagePicture {
        let index = UInt32(clamping: index)
        let width = UInt32(clamping: width)
        return try await calling { try await core.page(documentId: documentId, index: index, width: width) }
    }

    /// The person does not want this document signed.
    public func refuse(_ documentId: DocumentId) async throws(KapokFailure) {
        try await calling { try await core.refuse(documentId: documentId) }
    }

    /// The person confirms these documents; all others that were shown are refused. An amber one is confirmed alone.
    public func confirm(_ documentIds: [DocumentId]) async throws(KapokFailure) {
        try await calling { try await core.confirm(documentIds: documentIds) }
    }

    /// Ends the session on both sides. Without a session nothing happens.
    public func disconnect() async throws(KapokFailure) {
        try await calling { try await core.disconnect() }
    }

    /// How many signatures wait to be delivered from an earlier session (未完成的签署).
    public func unfinished() async throws(KapokFailure) -> Int {
        try await calling { Int(try await core.unfinished()) }
    }
}
