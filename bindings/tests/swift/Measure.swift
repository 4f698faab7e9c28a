// For `cargo xtask bench`: a line for each figure, its name and milliseconds.
import Foundation

private func line(_ name: String, _ act: () throws -> Void) rethrows {
    let start = DispatchTime.now().uptimeNanoseconds
    try act()
    print(name, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6)
}

/// The calls that come first in this process, then frames of a row too few, which are refused before they are decoded.
func measure(_ open: () throws -> KapokApp) throws {
    var pad: PinPad?
    line("first") { pad = PinPad() }
    line("next") { _ = pad?.len() }
    let signing = try open().signing()
    let pixels = Data(count: 1280 * 720)
    let format = FrameFormat(width: 1280, height: 721, stride: 1280)
    for _ in 0..<1_000 {
        line("frame") {
            do { _ = try signing.scan(pixels: pixels, format: format) } catch { return }
            fatalError("a frame of a row too few was taken")
        }
    }
}
