#!/usr/bin/env bash
# Builds the library for arm64 Android and checks what only a build shows. The result is not to be shipped: musl's headers stand in for
# bionic's, and its system libraries are empty. What ships is built by ndk.sh.
# usage: ZIG=... check-android.sh, from the workspace root
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
max=${MAX_ANDROID_BYTES:?the budget}
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
passed=0 failed=0
check() { if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; fi; }

# One crate type: cargo optimises over all crates only where each type of the last one allows it, and `lib` does not.
"$CARGO" rustc -q "${std[@]}" --target aarch64-linux-android -p kapok-bindings --lib --crate-type cdylib --profile size \
  --no-default-features --features wiping-allocator
so=$CARGO_TARGET_DIR/aarch64-linux-android/size/libkapok.so

pages() { readelf -lW "$so" | awk '$1 == "LOAD" { n++; if ($NF != "0x4000") bad = 1 } END { exit !(n > 0 && !bad) }'; }
no_text_relocations() { ! readelf -dW "$so" | grep -q TEXTREL; }
known_symbols() {
  nm -D --undefined-only "$so" | awk '{ print $NF }' | sort -u > "$out/undefined"
  comm -23 "$out/undefined" <(sort -u "$here/android-undefined.txt") > "$out/new"
  sed 's/^/new undefined symbol /' "$out/new"
  [ ! -s "$out/new" ]
}
only_uniffi() {
  ! readelf --dyn-syms -W "$so" | awk '$1 ~ /^[0-9]+:$/ && $7 != "UND" && $4 != "NOTYPE" && NF >= 8 { print $8 }' |
    grep -vE '^(uniffi_|ffi_|UNIFFI_META_|Java_|JNI_OnLoad)' | grep .
}
small() {
  cp "$so" "$out/stripped.so"
  llvm-strip "$out/stripped.so"
  bytes=$(stat -c %s "$out/stripped.so")
  echo "android arm64, without page drawing: $bytes bytes stripped, $(gzip -9c "$out/stripped.so" | wc -c) packed"
  [ "$bytes" -le "$max" ]
}
check "every segment is aligned to 16 KiB" pages
check "no text relocations" no_text_relocations
check "no system function beyond those that Android has" known_symbols
check "nothing but UniFFI's functions is exported" only_uniffi
check "not larger than $max bytes" small
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
