// swift-tools-version:6.0
// The generated code as a package of its own; `cargo xtask ios` writes this file beside it, under target/.
import PackageDescription

// On Linux the core is a shared library that cargo has built, found by the linker flags of the command; on Apple's systems it is the
// XCFramework of xtask/mobile/xcframework.sh.
#if os(Linux)
    let core: Target = .systemLibrary(name: "kapokFFI")
    let link: [LinkerSetting] = [.linkedLibrary("kapok")]
#else
    let core: Target = .binaryTarget(name: "kapokFFI", path: "kapokFFI.xcframework")
    let link: [LinkerSetting] = []
#endif

let package = Package(
    name: "core",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "KapokCore", targets: ["KapokCore"])],
    targets: [
        core,
        // UniFFI's code is not yet free of warnings in Swift 6 mode.
        .target(
            name: "KapokCore", dependencies: ["kapokFFI"], swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: link),
    ]
)
