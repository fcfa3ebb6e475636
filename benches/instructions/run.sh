#!/usr/bin/env bash
# Counts the instructions of a step with callgrind and compares them with the record.
#   run.sh             0: as recorded, 1: a count is more than 3 % above, 2: something is missing
#   run.sh --update    writes the record
set -euo pipefail
cd "$(dirname "$0")/../.."
case "$*" in '' | --update) ;; *) sed -n '2,4s/^# //p' "$0" >&2; exit 2 ;; esac
if [ "$(uname -sm)" != 'Linux x86_64' ]; then
    echo 'instructions: the record is of Linux on x86-64' >&2
    exit 2
fi
if ! command -v valgrind >/dev/null; then
    echo 'instructions: needs valgrind: apt-get install valgrind, dnf install valgrind, ...' >&2
    exit 2
fi

# The runner must be of gungraun's version, which Cargo.toml pins. Built without optimisation: it
# only starts valgrind and reads files. It needs no core of its own while the steps are compiled,
# so both are built at once.
id=$(cargo pkgid --locked gungraun)
version=${id##*[@#]}
tools=$PWD/target/tools
export PATH="$tools/bin:$PATH"
runner() {
    if [ "$(gungraun-runner --version 2>/dev/null)" != "gungraun-runner $version" ]; then
        CARGO_PROFILE_DEV_DEBUG=0 cargo install gungraun-runner --version "=$version" --locked \
            --debug --force --quiet --root "$tools"
    fi
}
runner &

# callgrind knows no AVX-512. Steps choose nothing at run time, so v3 counts are the same anywhere.
target=$PWD/target/x86-64-v3
build() {
    RUSTFLAGS='-C target-cpu=x86-64-v3' cargo "$1" -p instructions --features callgrind --locked \
        --quiet --target-dir "$target" "${@:2}"
}
built=0
build bench --bench steps --no-run || built=$?
wait $! || { echo 'instructions: gungraun-runner could not be installed' >&2; exit 2; }
[ "$built" = 0 ] || exit 2

out=$target/gungraun
mkdir -p "$out"
if ! build bench --bench steps -- --home="$out" --output-format=json >"$out/summaries" 2>"$out/log"
then
    cat "$out/log" >&2
    exit 2
fi
build run --release --example compare -- benches/record/instructions-x86-64-v3.json \
    "$out/summaries" "$(rustc --version)" "$(valgrind --version)" "$@"
