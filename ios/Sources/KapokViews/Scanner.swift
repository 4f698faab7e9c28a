import AVFoundation
import Foundation
import Kapok
import KapokUI
import SwiftUI
import UIKit

/// 扫一扫.
struct ScanScreen: View {
    let model: ScanModel
    let found: @MainActor () -> Void
    @SwiftUI.State private var allowed = true

    var body: some View {
        ZStack {
            CameraView(scanner: model.scanner)
                .ignoresSafeArea()
            VStack {
                Spacer()
                Text(allowed ? .scanCameraHint : .scanCameraDenied)
                switch model.phase {
                case .looking: EmptyView()
                case .connecting: Text(.connecting)
                }
                NoticeRows(notice: model.state.notice)
            }
            .padding(16)
        }
        .navigationTitle(Text(.scan))
        .task { allowed = await AVCaptureDevice.requestAccess(for: .video) }
        .onChange(of: model.phase) { _, now in
            if now == .connecting { found() }
        }
    }
}

/// The camera's picture. Frames go to the library from the capture queue, in place: the luma plane is what it reads.
struct CameraView: UIViewRepresentable {
    let scanner: FrameScanner

    final class Preview: UIView {
        override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
        var preview: AVCaptureVideoPreviewLayer? { layer as? AVCaptureVideoPreviewLayer }
    }

    /// Its own state is touched on its queue only.
    final class Coordinator: NSObject, AVCaptureVideoDataOutputSampleBufferDelegate, @unchecked Sendable {
        let session = AVCaptureSession()
        private let queue = DispatchQueue(label: "kapok.scanner")
        private let scanner: FrameScanner

        init(scanner: FrameScanner) {
            self.scanner = scanner
        }

        func start() {
            queue.async {
                guard let camera = AVCaptureDevice.default(for: .video),
                    let input = try? AVCaptureDeviceInput(device: camera)
                else { return }
                if self.session.canAddInput(input) { self.session.addInput(input) }
                let output = AVCaptureVideoDataOutput()
                output.videoSettings = [
                    kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_420YpCbCr8BiPlanarFullRange
                ]
                output.alwaysDiscardsLateVideoFrames = true
                output.setSampleBufferDelegate(self, queue: self.queue)
                if self.session.canAddOutput(output) { self.session.addOutput(output) }
                self.session.startRunning()
            }
        }

        func stop() {
            queue.async { self.session.stopRunning() }
        }

        func captureOutput(
            _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
        ) {
            guard let pixels = sampleBuffer.imageBuffer else { return }
            _ = CVPixelBufferLockBaseAddress(pixels, .readOnly)
            defer { _ = CVPixelBufferUnlockBaseAddress(pixels, .readOnly) }
            guard let base = CVPixelBufferGetBaseAddressOfPlane(pixels, 0) else { return }
            let stride = CVPixelBufferGetBytesPerRowOfPlane(pixels, 0)
            let height = CVPixelBufferGetHeightOfPlane(pixels, 0)
            let frame = Frame(
                pixels: UnsafeRawBufferPointer(start: base, count: stride * height),
                width: CVPixelBufferGetWidthOfPlane(pixels, 0), height: height, stride: stride)
            if scanner.look(at: frame) { session.stopRunning() }
        }
    }

    func makeCoordinator() -> Coordinator { Coordinator(scanner: scanner) }

    func makeUIView(context: Context) -> Preview {
        let view = Preview(frame: .zero)
        view.preview?.session = context.coordinator.session
        view.preview?.videoGravity = .resizeAspectFill
        context.coordinator.start()
        return view
    }

    func updateUIView(_ view: Preview, context: Context) {}

    static func dismantleUIView(_ view: Preview, coordinator: Coordinator) {
        coordinator.stop()
    }
}
