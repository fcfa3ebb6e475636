#!/usr/bin/env bash
# Builds firmware images with the kernels, runs them in QEMU and checks what they compute. See --help.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'HELP'
usage: tests/firmware/run.sh [TARGET...] [--all] [--panics] [--c] [--sizes]

Per target: the golden hash is the host's, and networks of three sizes learn in f32 and f64. On M4F: the
example for users runs. On M0: a network larger than the RAM is refused by the linker. Prints flash, RAM,
stack and instructions per step. The exit status is 0 when all verdicts pass.

TARGET is one of
    thumbv7em-none-eabihf   Cortex-M4F        thumbv6m-none-eabi      Cortex-M0
    riscv32imc              soft float        riscv32imafc            hardware float
    aarch64                 Cortex-A53, NEON  wasm32                  simd128, in Node
and defaults to the first two; --all means all six.

--panics   on M4F, links every public kernel, which fails if one can panic: two minutes more
--c        on M4F, runs the program in C, kernels/capi/examples/cortex-m; needs arm-none-eabi-gcc
--sizes    only writes docs/sizes.md for the targets, with opt-level 3 and s

Example: tests/firmware/run.sh thumbv7em-none-eabihf

A compiler with the target installed, and QEMU or Node on the PATH, are used as they are. What is missing
comes from Debian packages unpacked into a folder (600 MB); nothing is installed. In the environment:
    FIRMWARE_CACHE=DIR          that folder, instead of ${XDG_CACHE_HOME:-~/.cache}/reluflow-firmware;
                                remove it and tests/firmware/target to get newer versions
    FIRMWARE_RUSTUP_ADD=1       missing targets are installed by rustup instead
    FIRMWARE_DEBIAN_MIRROR=URL  instead of the mirror that apt uses here
HELP
}

say() { printf 'firmware: %s (%s s so far)\n' "$1" "$SECONDS" >&2; }
die() {
    printf 'firmware: %s\n' "$1" >&2
    exit 1
}

cache=${FIRMWARE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reluflow-firmware}
# Flags of the caller's would replace those of .cargo/config.toml, and are meant for the host.
unset RUSTC RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_TARGET_DIR

. lib/debian.sh
. lib/toolchain.sh
. lib/images.sh
. lib/report.sh

called="tests/firmware/run.sh $*"
m4f=thumbv7em-none-eabihf
m0=thumbv6m-none-eabi
targets=() sizes='' panics='' c=''
for argument in "$@"; do
    case $argument in
    -h | --help) usage && exit ;;
    --sizes) sizes=1 ;;
    --panics) panics=1 ;;
    --c) c=1 ;;
    --all) targets+=("$m4f" "$m0" riscv32im{c,afc}-unknown-none-elf aarch64-unknown-none wasm32-unknown-unknown) ;;
    "$m4f" | "$m0") targets+=("$argument") ;;
    riscv32imc | riscv32imafc) targets+=("$argument-unknown-none-elf") ;;
    aarch64) targets+=(aarch64-unknown-none) ;;
    wasm32) targets+=(wasm32-unknown-unknown) ;;
    *-unknown-*) targets+=("$argument") ;;
    *) usage >&2 && die "what is $argument?" ;;
    esac
done
[ ${#targets[@]} -gt 0 ] || targets=("$m4f" "$m0")

mkdir -p "$cache"
# Two runs at once share what one of them unpacks.
exec 9>"$cache/lock"
flock 9
for target in "${targets[@]}"; do
    provide_programs "$(program_of "$target")"
done
[ -z "$c" ] || command -v arm-none-eabi-gcc >/dev/null ||
    die 'arm-none-eabi-gcc not found: install it (Debian: apt-get install gcc-arm-none-eabi), or leave --c out'
provide_cores "${targets[@]}"
flock -u 9

if [ -n "$sizes" ]; then
    for target in "${targets[@]}"; do
        run_images "$target" release "${trained[@]}" "${others[@]}"
        run_images "$target" size "${trained[@]}" "${others[@]}"
    done
    write_sizes ../../docs/sizes.md "${targets[@]}"
else
    run_images host release golden
    for target in "${targets[@]}"; do
        run_images "$target" release golden "${trained[@]}"
        case $target in
        "$m4f")
            check_example "$target"
            [ -z "$c" ] || check_c "$target"
            [ -z "$panics" ] || check_panics "$target"
            ;;
        "$m0") check_budget "$target" ;;
        esac
    done
fi
print_table
conclude
