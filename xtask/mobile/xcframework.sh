#!/usr/bin/env bash
# What ships for iOS. Not run on the machine where Kapok's tests run: it needs a Mac with Xcode.
# usage: xcframework.sh, from the workspace root    writes target/ios/core, the package that ios/Package.swift depends on
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
core=target/ios/core
rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios
export LIBSQLITE3_FLAGS IPHONEOS_DEPLOYMENT_TARGET=17.0
LIBSQLITE3_FLAGS=$(cat "$here/sqlite-flags")
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios; do
  cargo rustc --locked -p kapok-bindings --lib --crate-type staticlib --profile size --target "$target"
done
cargo xtask ios
mkdir -p target/ios/sim
lipo -create target/{aarch64-apple-ios-sim,x86_64-apple-ios}/size/libkapok.a -output target/ios/sim/libkapok.a
rm -rf "$core/kapokFFI.xcframework"
xcodebuild -create-xcframework \
  -library target/aarch64-apple-ios/size/libkapok.a -headers "$core/Sources/kapokFFI" \
  -library target/ios/sim/libkapok.a -headers "$core/Sources/kapokFFI" \
  -output "$core/kapokFFI.xcframework"
