#!/usr/bin/env bash
# What ships for iOS. Not run on the machine where Kapok's tests run: it needs a Mac with Xcode.
# usage: xcframework.sh, from the workspace root    writes target/ios/core, the package that ios/Package.swift depends on
set -euo pipefail
core=target/ios/core
. "$(dirname "${BASH_SOURCE[0]}")/flags.sh"
rustup component add rust-src
export IPHONEOS_DEPLOYMENT_TARGET=17.0
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios; do
  cargo rustc --locked "${std[@]}" -p kapok-bindings --lib --crate-type staticlib --profile size --target "$target"
done
cargo xtask ios
mkdir -p target/ios/sim
lipo -create target/{aarch64-apple-ios-sim,x86_64-apple-ios}/size/libkapok.a -output target/ios/sim/libkapok.a
rm -rf "$core/kapokFFI.xcframework"
xcodebuild -create-xcframework \
  -library target/aarch64-apple-ios/size/libkapok.a -headers "$core/Sources/kapokFFI" \
  -library target/ios/sim/libkapok.a -headers "$core/Sources/kapokFFI" \
  -output "$core/kapokFFI.xcframework"
