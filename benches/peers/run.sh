#!/usr/bin/env bash
# Times our step beside NumPy, PyTorch, JAX, MKL, OpenBLAS, faer and plain C++: installs what is
# missing under target/peers, builds, checks, prints one table. `--help` lists the flags.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
PEERS_HOME=$(cd "$here/../.." && pwd)/target/peers
export PEERS_HOME
export RUSTFLAGS=${RUSTFLAGS--C target-cpu=native}
export CXXFLAGS=${CXXFLAGS--O3 -march=native -ffast-math}
venv=$PEERS_HOME/venv
mkdir -p "$PEERS_HOME/data"
say() { printf '%s\n' "$*" >&2; }

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"

# A peer that cannot be installed is a line in the table, not the end.
install() {
    local pin=$1 stamp=$venv/installed-$1
    shift
    [ -e "$stamp" ] && return
    say "installing $pin"
    if "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" "$pin" >&2; then
        touch "$stamp"
    else
        return 1
    fi
}
for pin in numpy==2.4.6 jax==0.10.2 jaxlib==0.10.2 mkl==2026.2.0 scipy-openblas32==0.3.34.481.3; do
    install "$pin" || say "$pin cannot be installed"
done
# The CPU wheel first: the default one brings CUDA along.
install torch==2.15.0 --retries 0 --index-url https://download.pytorch.org/whl/cpu ||
    { say 'no CPU wheel, so the default one' && install torch==2.15.0; } || say 'torch cannot be installed'

say 'building'
export RELUFLOW_GIT RELUFLOW_RUSTC
RELUFLOW_GIT=$(git -C "$here" rev-parse HEAD 2>/dev/null || echo unknown)
RELUFLOW_RUSTC=$(rustc --version)
(cd "$here/worker" && cargo build --release --locked --quiet --target-dir "$PEERS_HOME/worker")
worker=$PEERS_HOME/worker/release/peer-worker

while read -r letter p n d; do
    "$worker" write "$letter" "$PEERS_HOME/data/$letter.bin"
    plain=$PEERS_HOME/plain-$letter
    if command -v g++ >/dev/null && [ "$here/plain.cpp" -nt "$plain" ]; then
        # shellcheck disable=SC2086  # several flags
        g++ $CXXFLAGS -DP="$p" -DN="$n" -DD="$d" \
            -o "$plain" "$here/plain.cpp"
    fi
done < <("$worker" sizes)
"$worker" write F "$PEERS_HOME/data/F.bin"

exec "$venv/bin/python" "$here/driver.py" "$@"
