# shellcheck shell=bash
# The table at the end, and docs/sizes.md.
#
# Uses: $called (run.sh), result, rows, failures (images.sh).

# kernels_flash "TARGET PROFILE IMAGE": flash without what an image carries that does nothing.
kernels_flash() {
    local flash=${result[$1 flash]:-}
    local empty=${result[${1% *} empty flash]:-}
    [ -n "$flash" ] && [ -n "$empty" ] && echo $((flash - empty))
}

print_table() {
    local format='%-27s %-8s %-20s %5s %7s %7s %6s %6s %6s %9s  %s\n' key target profile image
    echo
    # shellcheck disable=SC2059
    printf "$format" target profile image exit flash kernels RAM state stack instr/step verdict
    for key in "${rows[@]}"; do
        read -r target profile image <<<"$key"
        # shellcheck disable=SC2059
        printf "$format" "$target" "$profile" "$image" "${result[$key exit]}" "${result[$key flash]:--}" \
            "$(kernels_flash "$key" || echo -)" "${result[$key ram]:--}" "${result[$key state]:--}" \
            "${result[$key stack]:--}" "${result[$key instructions]:--}" \
            "${result[$key verdict]:-FAIL} ${result[$key golden]:-}"
    done
    cat <<'NOTE'

Bytes, and instructions as QEMU counts them (not cycles). kernels: flash beyond the image `empty`. RAM:
statics, with the network and data that training starts from. state: what training itself needs.
NOTE
}

conclude() {
    echo
    if [ ${#failures[@]} -gt 0 ]; then
        printf 'FAIL: %s\n' "${failures[@]}"
        exit 1
    fi
    printf 'all verdicts pass, %s s\n' "$SECONDS"
}

# version_of PROGRAM: the first line of its --version, for those who compare.
version_of() { "$1" --version | sed -n 1p; }

# write_sizes FILE TARGET...
write_sizes() {
    local file=$1 target
    shift
    {
        cat <<TEXT
# Flash, RAM, stack and instructions of training

Written by \`$called\` on $(date -u +%F). What it builds is in \`tests/firmware/image\`:
full-batch steps with loss, mu and health, constant sizes, \`Canonical\` lanes, link-time optimisation, one
codegen unit, no panic path. One image by hand, with QEMU's arguments from \`.cargo/config.toml\` there and with
\`--profile size\` instead of \`--release\` for Os:

\`\`\`sh
cd tests/firmware && cargo run --release --target thumbv7em-none-eabihf --bin dense_2_16_f32
\`\`\`

**Compare** instructions per step, flash and state of the same row. Instructions are counted by QEMU, all of
them, and are no cycles: a division or a load from slow flash counts as one. State is what training needs,
the memory that \`Batch::len\` and \`Dense::len\` ask for. RAM has also the network and the data that the
image starts from. Flash is what the image has beyond one that prints and does nothing. Stack is the depth
that was reached, printing included. O3 is \`opt-level = 3\`, Os is \`opt-level = "s"\`.

Peers, the same step in f32 on the Cortex-M4F for d 2, p 16, n 2 / d 8, p 32, n 8 / d 16, p 64, n 16, without mu
and health: plain C with constant sizes by gcc 12 -O3 takes 1821 / 33841 / 214879 instructions, AIfES 2.2.0
(C, on-device training, its best build) 13044 / 104303 / 554535.
TEXT
        for target in "$@"; do
            sizes_of "$target"
        done
    } >"$file"
    say "wrote $file"
}

# The section of a target.
sizes_of() {
    local target=$1 image kind d p t key3 keys
    cat <<TEXT

## $target

$("$(compiler_for "$target")" --version), $(version_of "$(program_of "$target")").

| kind | d = n | p | | state, bytes | RAM, bytes | flash O3 | flash Os | stack O3 | stack Os | instructions a step O3 | Os |
|---|---|---|---|---|---|---|---|---|---|---|---|
TEXT
    for image in "${trained[@]}" "${others[@]}"; do
        key3="$target release $image" keys="$target size $image"
        [ -n "${result[$key3 exit]:-}" ] || continue
        IFS=_ read -r kind d p t <<<"$image"
        printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$kind" "$d" "$p" "$t" \
            "${result[$key3 state]}" "${result[$key3 ram]:--}" "$(kernels_flash "$key3")" "$(kernels_flash "$keys")" \
            "${result[$key3 stack]:--}" "${result[$keys stack]:--}" \
            "${result[$key3 instructions]:--}" "${result[$keys instructions]:--}"
    done
}
