# shellcheck shell=bash
# Builds and runs images; results go to `result`, failures to `failures`.
#
# Uses: $cache, say, die (run.sh), toolchain.sh.

trained=(dense_{2_16,8_32,16_64}_{f32,f64})
others=(gram_8_32_f32 orthogonal_8_32_f32)
# Larger than the 16 KB of the micro:bit, which the linker has to say.
too_large_for_m0=dense_16_64_f32

# What images report and readelf says: result[TARGET PROFILE IMAGE FIELD].
declare -A result
# "TARGET PROFILE IMAGE" in the order they ran.
rows=()
failures=()

fail() {
    failures+=("$1")
    printf 'firmware: FAIL: %s\n' "$1" >&2
}

# The program that runs a target's images; .cargo/config.toml has the arguments.
program_of() {
    case $1 in
    thumb*) echo qemu-system-arm ;;
    riscv32*) echo qemu-system-riscv32 ;;
    aarch64*) echo qemu-system-aarch64 ;;
    wasm32*) echo node ;;
    *) die "no board for $1" ;;
    esac
}

# cargo_for TARGET COMMAND [ARGUMENT...]: cargo with the target's compiler; the target `host` is this machine.
cargo_for() {
    local target=$1 command=$2
    shift 2
    if [ "$target" = host ]; then
        timeout 1800 cargo "$command" --quiet --locked "$@"
    else
        RUSTC=$(compiler_for "$target") timeout 1800 cargo "$command" --quiet --locked --target "$target" "$@"
    fi
}

# run_images TARGET PROFILE IMAGE...
run_images() {
    local target=$1 profile=$2 image images=()
    shift 2
    # What the flash of the others is measured from.
    [ "$target" = host ] || images=(empty)
    for image in "$@"; do
        case $target,$image in
        thumbv6m*,*_16_64_*) ;;
        *) images+=("$image") ;;
        esac
    done
    say "$target: building ${#images[@]} images, profile $profile"
    # What does not build has no row that passes below.
    cargo_for "$target" build --profile "$profile" --keep-going "${images[@]/#/--bin=}" ||
        fail "$target: images do not build"
    for image in "${images[@]}"; do
        run_image "$target" "$profile" "$image"
    done
}

run_image() {
    local key="$1 $2 $3" status=0 output name value
    rows+=("$key")
    output=$(cargo_for "$1" run --profile "$2" --bin "$3" 2>&1) || status=$?
    result[$key exit]=$status
    while read -r name value; do
        case $name in
        golden | state | stack | instructions | verdict) result[$key $name]=$value ;;
        esac
    done <<<"$output"
    if [ "$status" != 0 ] || [ "${result[$key verdict]:-}" != pass ]; then
        fail "$key: exit status $status"
        printf '%s\n' "$output" >&2
    elif [ "$3" = golden ] && [ "${result[$key golden]}" != "${result[host release golden golden]}" ]; then
        fail "$key: ${result[$key golden]} is not the host's hash"
    fi
    measure "$1" "$2" "$3"
}

# Flash and static RAM by the image's sections: what is loaded, what is writable.
measure() {
    local key="$1 $2 $3" file=target/$1/$2/$3 type size flags flash=0 ram=0
    case $1 in
    host) return ;;
    wasm32*) [ -f "$file.wasm" ] && result[$key flash]=$(stat -c %s "$file.wasm") && return ;;
    esac
    [ -f "$file" ] || return 0
    while read -r type size flags; do
        case $flags in *A*) ;; *) continue ;; esac
        [ "$type" = NOBITS ] || flash=$((flash + 16#$size))
        case $flags in *W*) ram=$((ram + 16#$size)) ;; esac
    done < <(readelf -SW "$file" | sed -n 's/^ *\[ *[0-9]*\] [^ ]* *\([A-Z_]*\) *[0-9a-f]* [0-9a-f]* \([0-9a-f]*\) [0-9a-f]* *\([A-Z]*\) .*/\1 \2 \3/p')
    result[$key flash]=$flash
    result[$key ram]=$ram
}

# A network larger than the RAM must be a link error.
check_budget() {
    local log
    log=$(cargo_for "$1" build --release --bin "$too_large_for_m0" 2>&1) || true
    if [[ $log == *"will not fit in region 'RAM'"* ]]; then
        say "$1: $too_large_for_m0 is refused by the linker, as it should be"
    else
        fail "$1: $too_large_for_m0 should not fit the RAM"
    fi
}

# No public kernel can panic on the target.
check_panics() {
    say "$1: linking every public kernel"
    RUSTC=$(compiler_for "$1") ../no_panic/run.sh "$1" || fail "$1: a public kernel can panic"
}

# The program in C runs, and prints what it prints on the host.
check_c() {
    local folder=../../kernels/capi/examples/cortex-m
    say "$1: $folder"
    RUSTC=$(compiler_for "$1") make --no-print-directory -C "$folder" test || fail "$folder"
}

# The example that users copy runs, and its twin that exceeds the budget does not compile.
check_example() {
    local folder=examples/cortex-m-rust log
    say "$1: $folder"
    (cd "$folder" && RUSTC=$(compiler_for "$1") cargo run --release --quiet --locked) || fail "$folder"
    log=$(cd "$folder"; RUSTC=$(compiler_for "$1") cargo build --release --quiet --locked --example over_budget 2>&1) || true
    if [[ $log == *'the network does not fit'* ]]; then
        say "$folder: over_budget does not compile, as it should be"
    else
        fail "$folder: over_budget should not compile"
    fi
}
