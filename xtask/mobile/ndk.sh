#!/usr/bin/env bash
# What ships for Android. Not run on the machine where Kapok's tests run: it needs Google's NDK.
# usage: ANDROID_NDK_HOME=... ndk.sh OUT    writes OUT/jniLibs/ABI/libkapok.so
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:?usage: ndk.sh OUT}
: "${ANDROID_NDK_HOME:?the NDK, r28 or later: it links for 16 KiB pages}"
rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android
cargo install --locked cargo-ndk
export LIBSQLITE3_FLAGS
LIBSQLITE3_FLAGS=$(cat "$here/sqlite-flags")
RUSTFLAGS="-C link-arg=-Wl,--pack-dyn-relocs=android" cargo ndk --platform 26 -t arm64-v8a -t armeabi-v7a -t x86_64 \
  -o "$out/jniLibs" build --locked -p kapok-bindings --lib --profile size ${KAPOK_FEATURES:+--no-default-features --features "$KAPOK_FEATURES"}
# Only after the bindings are generated: the generator reads the symbol table.
find "$out/jniLibs" -name libkapok.so -exec "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin/llvm-strip {} +
