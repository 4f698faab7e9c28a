#!/usr/bin/env bash
# What ships for Android. Not run on the machine where Kapok's tests run: it needs Google's NDK.
# usage: ANDROID_NDK_HOME=... ndk.sh OUT, from the workspace root    writes OUT/jniLibs/ABI/libkapok.so
set -euo pipefail
out=${1:?usage: ndk.sh OUT}
: "${ANDROID_NDK_HOME:?the NDK, r28 or later}"
. "$(dirname "${BASH_SOURCE[0]}")/flags.sh"
tools=$(echo "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin)
rustup component add rust-src

# library ABI TARGET CLANG: the NDK's clang of API 26 compiles SQLite and ring, and links.
library() {
  local linker clang="$tools/${3}26-clang"
  linker=CARGO_TARGET_$(tr a-z- A-Z_ <<< "$2")_LINKER
  export "CC_${2//-/_}=$clang" "AR_${2//-/_}=$tools/llvm-ar" "$linker=$clang"
  cargo rustc --locked "${std[@]}" --target "$2" -p kapok-bindings --lib --crate-type cdylib --profile size \
    ${KAPOK_FEATURES:+--no-default-features --features "$KAPOK_FEATURES"}
  mkdir -p "$out/jniLibs/$1"
  # Only what ships loses its names: the generator of the bindings reads the symbol table.
  "$tools/llvm-strip" -o "$out/jniLibs/$1/libkapok.so" "target/$2/size/libkapok.so"
}
library arm64-v8a aarch64-linux-android aarch64-linux-android
library armeabi-v7a armv7-linux-androideabi armv7a-linux-androideabi
library x86_64 x86_64-linux-android x86_64-linux-android
