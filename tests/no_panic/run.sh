#!/usr/bin/env bash
# Shows that no public kernel can panic: the image links and runs, and with a planted panic it does
# not link. Given a target without an operating system, links for that one and runs nothing:
#   tests/no_panic/run.sh thumbv7em-none-eabihf
set -euo pipefail
cd "$(dirname "$0")"
target=${1:+--target=$1}
if [ -n "$target" ]; then
    cargo build --release --quiet "$target"
    echo "no-panic: the image links for $1"
else
    cargo run --release --quiet
    echo "no-panic: the image links, every public kernel returned"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if cargo build --release --quiet --features planted ${target:+"$target"} 2>"$log"; then
    echo "no-panic: the planted panic linked, so this check proves nothing" >&2
    exit 1
fi
grep -q a_public_kernel_can_panic "$log"
echo "no-panic: the planted panic is refused by the linker"
