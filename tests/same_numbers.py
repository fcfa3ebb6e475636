#!/usr/bin/env python3
"""Do two builds of `reluflow` give the same numbers, bit for bit?

Runs every experiment of OLD, in every variant that `repro` runs, with `--preset quick --seed 1` on both
binaries and compares `metrics`, `verdicts` and `config`. JSON floats are printed so that they read back to the same
bits, so equal text is equal bits. What measures time differs from run to run and is left out by name.

    tests/same_numbers.py OLD NEW [--only PREFIX] [--keep DIR] [--seed N]

Exit code 1, with a line for each difference, unless all are the same. `--keep DIR` stores what OLD printed, and takes it
from there the next time: OLD may be a commit that takes minutes to build.
"""

import argparse
import json
import pathlib
import subprocess
import sys

TIMES = ("ns_per_step", "seconds_", "seconds", "gflops", "share_of_peak", "steps_per_second")


def ask(binary, *words):
    done = subprocess.run([binary, *words], capture_output=True, text=True)
    # 3 is a claim that did not reproduce: the numbers are there all the same.
    if done.returncode not in (0, 3):
        sys.exit(f"{binary} {' '.join(words)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def run(binary, identity, variant, seed):
    words = ["run", identity, "--preset", "quick", "--seed", str(seed), "--json", "--quiet"]
    for assignment in variant:
        words += ["--set", assignment]
    document = json.loads(ask(binary, *words), parse_float=str, parse_int=str)
    metrics = {k: v for k, v in document["metrics"].items() if not k.startswith(TIMES)}
    verdicts = [{k: v[k] for k in ("claim", "measured", "pass")} for v in document["verdicts"]]
    return {"metrics": metrics, "verdicts": verdicts, "config": document["config"]}


def differences(old, new):
    for part in ("config", "metrics"):
        names = list(old[part]) + [name for name in new[part] if name not in old[part]]
        for name in names:
            before, after = old[part].get(name, "(absent)"), new[part].get(name, "(absent)")
            if before != after:
                yield f"{part} {name}: {before} before, {after} now"
    for before, after in zip(old["verdicts"], new["verdicts"]):
        if before != after:
            yield f"verdict {before} before, {after} now"
    if len(old["verdicts"]) != len(new["verdicts"]):
        yield f"{len(old['verdicts'])} verdicts before, {len(new['verdicts'])} now"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--only", default="", help="experiments whose id starts so")
    parser.add_argument("--keep", type=pathlib.Path, help="folder of what OLD printed")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    listed = json.loads(ask(args.old, "list", "--json"))
    runs, wrong = 0, 0
    for entry in listed:
        if not entry["id"].startswith(args.only):
            continue
        for variant in entry["variants"]:
            kept = args.keep and args.keep / f"{'+'.join([entry['id'], *variant, str(args.seed)])}.json"
            if kept and kept.exists():
                old = json.loads(kept.read_text())
            else:
                old = run(args.old, entry["id"], variant, args.seed)
                if kept:
                    args.keep.mkdir(parents=True, exist_ok=True)
                    kept.write_text(json.dumps(old))
            found = list(differences(old, run(args.new, entry["id"], variant, args.seed)))
            runs += 1
            wrong += bool(found)
            print(f"{'DIFFERS' if found else 'same':8}{entry['id']} {' '.join(variant)}", flush=True)
            for line in found:
                print(f"        {line}")
    print(f"{runs} runs, {wrong} differ")
    return 1 if wrong or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
