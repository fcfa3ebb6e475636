#!/usr/bin/env bash
# Runs dask_sweep.py on two local workers, kills one in the middle, and asks for the hash of one process. Needs
# python3 with venv and a package index; about 30 s once the program is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -p host-runner --release --locked --quiet
reluflow=$(realpath "${CARGO_TARGET_DIR:-target}/release/reluflow")
script=$PWD/host-runner/examples/dask_sweep.py
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check 'dask==2026.8.0' 'distributed==2026.8.0'

cat >plan.toml <<'PLAN'
experiment = "orthogonal-two-point"
preset = "quick"
repetitions = 100
[grid]
m = [20, 60]
lambda = [1e-3, 1e-6]
PLAN

hash_of() { "$reluflow" sweep merge "$1" --json | venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["hash"])'; }

"$reluflow" sweep run plan.toml --out one --quiet
expected=$(hash_of one)

touch log
venv/bin/python "$script" plan.toml --shards 8 --out cluster --reluflow "$reluflow" >log 2>&1 &
sweep=$!
# In the middle: a shard is done, so that both workers are at work on others.
until grep -q 'exit code 0' log; do
    kill -0 "$sweep" || { cat log; exit 1; }
    sleep 0.05
done
victim=$(sed -n 's/^worker .*, process //p' log | head -n 1)
kill -KILL "$victim"
echo "killed worker process $victim; then: $("$reluflow" sweep status cluster | tail -n 1)"
wait "$sweep" || { cat log; exit 1; }
cat log

found=$(hash_of cluster)
last=$(grep 'exit code' log | tail -n 1)
[ "$found" = "$expected" ] || { echo "the hash is $found, expected $expected" >&2; exit 1; }
[[ $last != *"process $victim" ]] || { echo "the worker was not killed before the end" >&2; exit 1; }
echo "one process and a cluster that lost a worker agree: $found"
