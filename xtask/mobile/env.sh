# To be sourced: Debian's rustc-web, cargo-web and rust-web-src build the standard library themselves; rustup's toolchain is not touched.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/flags.sh"
PATH=/usr/lib/llvm-14/bin:$PATH
export ZIG=${ZIG:?the path of zig}
export RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc CARGO=/usr/bin/cargo
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target/mobile} CARGO_INCREMENTAL=0
export STUBS=$PWD/target/mobile/stubs SDKROOT=$PWD/target/mobile/sdk IPHONEOS_DEPLOYMENT_TARGET=17.0
mkdir -p "$STUBS" "$SDKROOT"
export CC_aarch64_linux_android=$here/cc-android AR_aarch64_linux_android=$here/ar
export CC_aarch64_apple_ios=$here/cc-ios AR_aarch64_apple_ios=$here/ar
export CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=$here/link-android
