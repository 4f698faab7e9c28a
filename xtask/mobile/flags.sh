# To be sourced: how the phone's library is built, by the checks as by what ships. The standard library is built with it, for size and
# without the code that puts names to a backtrace, so RUSTC_BOOTSTRAP stands in for a nightly compiler.
flags=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export RUSTC_BOOTSTRAP=1
std=(-Zbuild-std=std,panic_abort,panic_unwind -Zbuild-std-features=panic-unwind,optimize_for_size)
# What rusqlite turns on in SQLite and the phone's database does not use.
LIBSQLITE3_FLAGS=$(cat "$flags/sqlite-flags")
export LIBSQLITE3_FLAGS
# Only what a panic can pass through needs a table for it. Nothing unwinds through SQLite or ring: rusqlite catches panics in its callbacks.
# Places of panics are 0.15 MB of paths and line numbers, the fields in derived Debug 0.06 MB; every other build has them.
places="-Z location-detail=none -Z fmt-debug=shallow"
unwinding="-C force-unwind-tables=no $places"
c_unwinding="-fno-asynchronous-unwind-tables -fno-unwind-tables"
# 16 KiB pages (Google Play, 2025); packed relocations, which Android reads since API 23; equal functions once.
android_rustflags="-C link-arg=-Wl,-z,max-page-size=16384 -C link-arg=-Wl,--pack-dyn-relocs=android -C link-arg=-Wl,--icf=all $unwinding"
settings() {
  local name
  name=$(tr a-z- A-Z_ <<< "$1")
  export "CFLAGS_${1//-/_}=$c_unwinding" "CARGO_TARGET_${name}_RUSTFLAGS=$2"
}
for target in aarch64-linux-android armv7-linux-androideabi x86_64-linux-android; do settings "$target" "$android_rustflags"; done
for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios; do settings "$target" "$unwinding"; done
