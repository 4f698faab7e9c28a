#!/usr/bin/env bash
# Unpacks Debian trixie's Swift 6.0.3 into one folder, without touching the system: bookworm has no Swift.
# usage: install.sh DIR
set -euo pipefail
want=6.0.3
mkdir -p "${1:?usage: install.sh DIR}"
root=$(cd "$1" && pwd)
stamp=$root/.swift-$want
[ ! -e "$stamp" ] || exit 0

apt=$root.apt
rm -rf "$apt"
mkdir -p "$apt"/{etc,state/lists/partial,cache/archives/partial}
: > "$apt/status"
# The machine's own Debian mirror with the other suite, so that no address is written here.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -1)
[ -n "$mirror" ] || { echo "apt knows no Debian mirror; run apt-get update" >&2; exit 1; }
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [arch=$(dpkg --print-architecture) signed-by=$key] $mirror trixie main" > "$apt/etc/sources.list"
get=(apt-get -qq -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$apt/state"
  -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1
  -o APT::Install-Recommends=0 -o Acquire::Languages=none -o Acquire::Retries=3)
"${get[@]}" update
"${get[@]}" -y --download-only -o Dpkg::Use-Pty=0 install \
  swiftlang libc6-dev libstdc++-14-dev bash coreutils sed grep findutils

rm -rf "$root"
mkdir -p "$root"/usr/{bin,lib,lib64,sbin} "$root"/{tmp,proc,dev,etc,var/tmp}
for folder in bin lib lib64 sbin; do ln -s "usr/$folder" "$root/$folder"; done
unpack() { # leaves out what no build or test uses: half of the disk
  dpkg-deb --fsys-tarfile "$1" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
    --exclude='*/liblldb*' --exclude='*/lldb*' --exclude='*/repl_swift' --exclude='*/sourcekit-lsp' --exclude='*/clangd' \
    --exclude='*/swift_static/*' --exclude='*/lib/swift/embedded/*' --exclude='./usr/share/doc/*' \
    --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='*/lto-dump*' --exclude='*/python3.13/*'
}
export -f unpack
export root
find "$apt/cache/archives" -name '*.deb' -print0 | xargs -0 -P 2 -I{} bash -c 'set -o pipefail; unpack "$1"' _ {}
ln -sf /usr/libexec/swift/bin/swift "$root/usr/bin/swift" # made by the package's postinst
rm -rf "$apt"
touch "$stamp"
