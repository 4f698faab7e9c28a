// The signatures that the scanner needs. See Stubs/SwiftUI/SwiftUI.swift.
import Foundation
import UIKit

public struct AVMediaType: Sendable { public static let video = AVMediaType() }
public enum AVAuthorizationStatus: Int, Sendable { case notDetermined, restricted, denied, authorized }
public struct AVLayerVideoGravity: Sendable { public static let resizeAspectFill = AVLayerVideoGravity() }
open class AVCaptureDevice: NSObject {
    public class func `default`(for mediaType: AVMediaType) -> AVCaptureDevice? { nil }
    public class func authorizationStatus(for mediaType: AVMediaType) -> AVAuthorizationStatus { .denied }
    public class func requestAccess(for mediaType: AVMediaType) async -> Bool { false }
}
open class AVCaptureInput: NSObject {}
public class AVCaptureDeviceInput: AVCaptureInput { public init(device: AVCaptureDevice) throws {} }
open class AVCaptureOutput: NSObject {}
open class AVCaptureConnection: NSObject {}
public final class CVPixelBuffer {}
public typealias CVImageBuffer = CVPixelBuffer
public final class CMSampleBuffer { public var imageBuffer: CVImageBuffer? { nil } }
public struct CVPixelBufferLockFlags: OptionSet, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let readOnly = Self(rawValue: 1)
}
public func CVPixelBufferLockBaseAddress(_ b: CVPixelBuffer, _ f: CVPixelBufferLockFlags) -> Int32 { 0 }
public func CVPixelBufferUnlockBaseAddress(_ b: CVPixelBuffer, _ f: CVPixelBufferLockFlags) -> Int32 { 0 }
public func CVPixelBufferGetBaseAddressOfPlane(_ b: CVPixelBuffer, _ plane: Int) -> UnsafeMutableRawPointer? { nil }
public func CVPixelBufferGetBytesPerRowOfPlane(_ b: CVPixelBuffer, _ plane: Int) -> Int { 0 }
public func CVPixelBufferGetWidthOfPlane(_ b: CVPixelBuffer, _ plane: Int) -> Int { 0 }
nonisolated(unsafe) public let kCVPixelBufferPixelFormatTypeKey: NSString = ""
public let kCVPixelFormatType_420YpCbCr8BiPlanarFullRange: UInt32 = 0
public func CVPixelBufferGetHeightOfPlane(_ b: CVPixelBuffer, _ plane: Int) -> Int { 0 }
public protocol AVCaptureVideoDataOutputSampleBufferDelegate: NSObjectProtocol {
    func captureOutput(_ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection)
}
public class AVCaptureVideoDataOutput: AVCaptureOutput {
    public var alwaysDiscardsLateVideoFrames = true
    public var videoSettings: [String: Any]! = nil
    public func setSampleBufferDelegate(_ d: (any AVCaptureVideoDataOutputSampleBufferDelegate)?, queue: DispatchQueue?) {}
}
open class AVCaptureSession: NSObject, @unchecked Sendable {
    public func canAddInput(_ input: AVCaptureInput) -> Bool { true }
    public func addInput(_ input: AVCaptureInput) {}
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { true }
    public func addOutput(_ output: AVCaptureOutput) {}
    public func startRunning() {}
    public func stopRunning() {}
}
public class AVCaptureVideoPreviewLayer: CALayer {
    public var session: AVCaptureSession?
    public var videoGravity = AVLayerVideoGravity.resizeAspectFill
}
