// The signatures that the camera wrapper needs. See Stubs/SwiftUI/SwiftUI.swift.
import Foundation

open class CALayer: NSObject { public var frame: CGRect = .zero }
@MainActor open class UIView: NSObject {
    public override nonisolated init() {}
    public init(frame: CGRect) {}
    open class var layerClass: AnyClass { CALayer.self }
    public var layer: CALayer { fatalError() }
    public var bounds: CGRect { .zero }
    open func layoutSubviews() {}
}

public final class CGColorSpace { }
public func CGColorSpaceCreateDeviceRGB() -> CGColorSpace { CGColorSpace() }
public final class CGDataProvider { public init?(data: NSData) {} }
public enum CGImageAlphaInfo: UInt32, Sendable { case premultipliedLast = 1, last = 3, noneSkipLast = 5 }
public struct CGBitmapInfo: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
}
public enum CGColorRenderingIntent: Int32, Sendable { case defaultIntent }
public final class CGImage {
    public init?(
        width: Int, height: Int, bitsPerComponent: Int, bitsPerPixel: Int, bytesPerRow: Int, space: CGColorSpace,
        bitmapInfo: CGBitmapInfo, provider: CGDataProvider, decode: UnsafePointer<CGFloat>?, shouldInterpolate: Bool,
        intent: CGColorRenderingIntent
    ) {}
}
open class UIImage: NSObject, @unchecked Sendable {
    public convenience init?(data: Data) { return nil }
    public convenience init(cgImage: CGImage) { fatalError() }
}
