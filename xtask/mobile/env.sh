# To be sourced: Debian's rustc-web, cargo-web and rust-web-src build the standard library themselves; rustup's toolchain is not touched.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=/usr/lib/llvm-14/bin:$PATH
export ZIG=${ZIG:?the path of zig}
export RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc CARGO=/usr/bin/cargo
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target/mobile} CARGO_INCREMENTAL=0
export STUBS=$PWD/target/mobile/stubs SDKROOT=$PWD/target/mobile/sdk IPHONEOS_DEPLOYMENT_TARGET=17.0
mkdir -p "$STUBS" "$SDKROOT"
export CC_aarch64_linux_android=$here/cc-android AR_aarch64_linux_android=$here/ar
export CC_aarch64_apple_ios=$here/cc-ios AR_aarch64_apple_ios=$here/ar
export CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=$here/link-android
# 16 KiB pages (Google Play, 2025); packed relocations, which Android reads since API 23.
export CARGO_TARGET_AARCH64_LINUX_ANDROID_RUSTFLAGS="-C link-arg=-Wl,-z,max-page-size=16384 -C link-arg=-Wl,--pack-dyn-relocs=android"
# What rusqlite turns on in SQLite and the phone's database does not use.
LIBSQLITE3_FLAGS=$(cat "$here/sqlite-flags")
export LIBSQLITE3_FLAGS
std=(-Zbuild-std=std,panic_abort,panic_unwind)
