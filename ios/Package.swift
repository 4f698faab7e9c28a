// swift-tools-version:6.0
import Foundation
import PackageDescription

// `cargo xtask ios` puts the generated code there; it is never committed.
let core = ProcessInfo.processInfo.environment["KAPOK_CORE"] ?? "../target/ios/core"
let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// Apple's frameworks do not exist on Linux. There, hand-written signatures of them let the views be type-checked, no more.
#if os(Linux)
    let stubs = ["SwiftUI", "UIKit", "AVFoundation", "CryptoKit", "Security"]
    let stubTargets: [Target] = stubs.map { name in
        let needs: [Target.Dependency] = name == "SwiftUI" || name == "AVFoundation" ? ["UIKit"] : []
        return .target(name: name, dependencies: needs, path: "Stubs/\(name)")
    }
#else
    let stubs: [String] = []
    let stubTargets: [Target] = []
#endif

let package = Package(
    name: "Kapok",
    defaultLocalization: "zh-Hans",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "Kapok", targets: ["Kapok"]),
        .library(name: "KapokUI", targets: ["KapokUI"]),
        .library(name: "KapokViews", targets: ["KapokViews"]),
    ],
    dependencies: [.package(name: "core", path: core)],
    targets: stubTargets + [
        .target(
            name: "Kapok", dependencies: [.product(name: "KapokCore", package: "core")],
            resources: [.copy("PrivacyInfo.xcprivacy")], swiftSettings: strict),
        .target(name: "KapokUI", dependencies: ["Kapok"], resources: [.process("Resources")], swiftSettings: strict),
        .target(
            name: "KapokViews", dependencies: ["Kapok", "KapokUI"] + stubs.map { .init(stringLiteral: $0) },
            swiftSettings: strict),
        .target(name: "Support", dependencies: ["Kapok"], path: "Tests/Support", swiftSettings: strict),
        .testTarget(name: "KapokTests", dependencies: ["Kapok", "Support"], swiftSettings: strict),
        .testTarget(name: "KapokUITests", dependencies: ["KapokUI", "Support"], swiftSettings: strict),
    ]
)
