# shellcheck shell=bash
# A compiler with a `core` for each target, and QEMU.
#
# Uses: $cache, say, die (run.sh), debian.sh.

# Does the compiler have a core for the target? has_core RUSTC TARGET
has_core() {
    local lib
    lib=$("$1" --print target-libdir --target "$2" 2>/dev/null) && compgen -G "$lib/libcore-*.rlib" >/dev/null
}

# compiler_for TARGET: prints the compiler to use: `rustc`, or the one in the cache.
compiler_for() {
    if has_core rustc "$1"; then echo rustc; else echo "$cache/rust/rustc"; fi
}

# Makes a core for each of the targets: provide_cores TARGET...
provide_cores() {
    local target missing=()
    for target in "$@"; do
        if has_core rustc "$target"; then
            continue
        elif [ "${FIRMWARE_RUSTUP_ADD:-0}" = 1 ]; then
            rustup target add "$target"
        elif ! has_core "$cache/rust/rustc" "$target"; then
            missing+=("$target")
        fi
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    debian_can || die "no core library for ${missing[*]}. Install it, which changes this machine's toolchain:
    rustup target add ${missing[*]}
or let this script do so: FIRMWARE_RUSTUP_ADD=1. (On Debian it would need neither.)"
    [ -x "$cache/rust/rustc" ] || unpack_rust
    build_cores "${missing[@]}"
}

# A compiler and its library's source from Debian: always of one version, unlike Debian's source with a
# nightly of rustup.
unpack_rust() {
    local part=$cache/rust.part host lld
    say "unpacking rustc and its library from Debian $debian_suite into $cache/rust (150 MB to download)"
    rm -rf "$part" "$part.debs"
    debian_apt
    # rustc depends on gcc as its linker for the host; the machine's own serves as well.
    # shellcheck disable=SC2046
    debian_unpack "$part" rustc rust-src $(debian_closure libstd-rust-dev)
    # shellcheck disable=SC2016
    debian_start "$part" rustc '--sysroot "$here/sysroot"' >"$part/rustc"
    chmod +x "$part/rustc"

    # The host's library is Debian's, the linker for the targets rustup's.
    host=$(rustc -vV | sed -n 's/^host: //p')
    lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    [ -x "$lld" ] || lld=$(command -v ld.lld) || die "neither rustup's rust-lld nor ld.lld found: install lld"
    mkdir -p "$part/sysroot/lib/rustlib/$host/bin"
    ln -s "../../../../usr/lib/rustlib/$host/lib" "$part/sysroot/lib/rustlib/$host/lib"
    ln -s "$lld" "$part/sysroot/lib/rustlib/$host/bin/rust-lld"
    mv "$part" "$cache/rust"
}

# Builds core as the distributed one is, so that sizes are those that a user sees, and puts it where rustc
# looks for it.
build_cores() {
    local build=$cache/core-build target library rust=$cache/rust place
    say "building core for $*"
    mkdir -p "$build/src"
    echo '#![no_std]' >"$build/src/lib.rs"
    cat >"$build/Cargo.toml" <<'CARGO'
[package]
name = "core-build"
version = "0.0.0"
edition = "2024"
[profile.release]
codegen-units = 1
panic = "abort"
[workspace]
CARGO
    library=$(echo "$rust"/usr/src/rustc-*/library)
    # Bitcode is what link-time optimisation reads.
    (cd "$build" &&
        RUSTC=$rust/rustc RUSTC_BOOTSTRAP=1 __CARGO_TESTS_ONLY_SRC_ROOT=$library \
            RUSTFLAGS='-C embed-bitcode=yes' \
            cargo build --quiet --release -Zbuild-std=core --target-dir target "${@/#/--target=}") ||
        die 'core did not build'
    for target in "$@"; do
        place=$rust/sysroot/lib/rustlib/$target
        mkdir -p "$place.part/lib"
        cp "$build/target/$target"/release/deps/lib{core,compiler_builtins}-*.rlib "$place.part/lib/"
        rm -rf "$place"
        mv "$place.part" "$place"
        # Cargo cannot tell that what it compiled was for another core.
        rm -rf {.,../no_panic,../../kernels/capi,examples/*}/target/"$target"
    done
    rm -r "$build"
}

# Puts every program on the PATH, QEMU's from the cache if the machine has none: provide_programs NAME...
provide_programs() {
    local program part=$cache/qemu.part
    for program in "$@"; do
        command -v "$program" >/dev/null && continue
        case $program in
        qemu-system-*) ;;
        *) die "$program not found: install it" ;;
        esac
        if [ ! -x "$cache/qemu/$program" ]; then
            debian_can || die "$program not found: install QEMU"
            say "unpacking QEMU from Debian $debian_suite into $cache/qemu (55 MB to download)"
            rm -rf "$part" "$part.debs"
            debian_apt
            # shellcheck disable=SC2046
            debian_unpack "$part" $(debian_closure qemu-system-arm qemu-system-riscv)
            for qemu in qemu-system-arm qemu-system-aarch64 qemu-system-riscv32; do
                debian_start "$part" "$qemu" >"$part/$qemu"
                chmod +x "$part/$qemu"
            done
            mv "$part" "$cache/qemu"
        fi
        PATH=$PATH:$cache/qemu
    done
}
