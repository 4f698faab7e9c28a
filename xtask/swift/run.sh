#!/usr/bin/env bash
# Runs a command with Swift's /usr laid over the system's, in a mount namespace of its own: every other path is the
# same inside and outside, and nothing stays mounted afterwards. Needs root.
# usage: run.sh DIR COMMAND...
set -euo pipefail
root=$(cd "${1:?usage: run.sh DIR COMMAND...}" && pwd)
shift
exec env PATH=/usr/libexec/swift/bin:/usr/bin:/usr/sbin LC_ALL=C.UTF-8 \
  unshare --mount --propagation private /bin/sh -c 'mount --bind "$0/usr" /usr && exec "$@"' "$root" "$@"
