#!/usr/bin/env bash
# Builds the archive for arm64 iOS and links it, dead code stripped, with its undefined symbols left open: their list is what an app
# really needs, and the privacy manifest follows from it. What ships is built by xcframework.sh.
# usage: ZIG=... check-ios.sh, from the workspace root
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
max=${MAX_IOS_BYTES:?the budget}
manifest=ios/Sources/Kapok/PrivacyInfo.xcprivacy
out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
passed=0 failed=0
check() { if "${@:2}"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $1"; fi; }

# Without fat LTO, which an archive does not need for its list of symbols.
"$CARGO" rustc -q "${std[@]}" --target aarch64-apple-ios -p kapok-bindings --lib --crate-type staticlib --profile size \
  --no-default-features --features wiping-allocator --config 'profile.size.lto=false' --config 'profile.size.codegen-units=16'
archive=$CARGO_TARGET_DIR/aarch64-apple-ios/size/libkapok.a
llvm-nm --defined-only -g "$archive" 2> /dev/null | awk 'NF == 3 { print $3 }' | grep -E '^_(uniffi_|ffi_)' | sort -u > "$out/exported"

links() {
  # shellcheck disable=SC2046 # one argument for each symbol
  [ -s "$out/exported" ] && ld64.lld -arch arm64 -platform_version ios 17.0 17.0 -dylib -undefined dynamic_lookup -dead_strip \
    -exported_symbols_list "$out/exported" $(sed 's/^/-u /' "$out/exported") "$archive" -o "$out/kapok.dylib" &&
    llvm-nm -u "$out/kapok.dylib" | awk '{ print $NF }' | sort -u > "$out/undefined"
}
known_symbols() {
  comm -23 "$out/undefined" <(sort -u "$here/ios-undefined.txt") > "$out/new"
  sed 's/^/new undefined symbol /' "$out/new"
  [ ! -s "$out/new" ]
}
needs() { grep -qxE "$1" "$out/undefined"; }
declares() { grep -q "NSPrivacyAccessedAPICategory$1" "$manifest"; }
same() { if needs "$2"; then declares "$1"; else ! declares "$1"; fi; }
small() {
  llvm-strip -x "$out/kapok.dylib" -o "$out/stripped.dylib"
  bytes=$(stat -c %s "$out/stripped.dylib")
  echo "ios arm64, without page drawing: $bytes bytes, dead code and names stripped"
  [ "$bytes" -le "$max" ]
}
check "the archive links" links
check "no system function beyond the listed ones" known_symbols
check "the privacy manifest: file timestamps" same FileTimestamp '_(f|l)?stat(at)?|_f?getattrlist.*'
check "the privacy manifest: disk space" same DiskSpace '_f?statv?fs(64)?'
check "the privacy manifest: boot time" same SystemBootTime '_mach_absolute_time'
check "not larger than $max bytes" small
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
