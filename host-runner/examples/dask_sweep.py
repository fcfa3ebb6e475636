#!/usr/bin/env python3
"""Runs the shards of a sweep on a Dask cluster, then merges them.

    python3 dask_sweep.py plan.toml --shards 8 --out sweeps/first
    python3 dask_sweep.py plan.toml --shards 64 --out /shared/first --scheduler tcp://head:8786

Without --scheduler it starts two worker processes on this machine. With one, the program, the plan and
--out must have the same path on every machine, and --out must be the same folder. Ends with the exit
code of `reluflow sweep merge`. Needs packages `dask` and `distributed`.
"""

import argparse
import os
import subprocess
import sys
import time

import dask
from distributed import Client, KilledWorker, LocalCluster, as_completed

# A worker that dies takes every task it held with it; how often one task may see that.
DEATHS = 10
# What `sweep run` says while another process has the shard.
LOCKED = "another reluflow is writing to this shard"


def run_shard(command, number):
    """On a worker: runs a shard to its end; what an earlier attempt finished is not run again."""
    while True:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        # The worker that had this shard died and its reluflow lives on: it will bring it to the end.
        if not (done.returncode == 1 and LOCKED in done.stderr):
            break
        time.sleep(1)
    if done.returncode < 0 or done.returncode == 130:
        raise RuntimeError(f"shard {number} was stopped; the next attempt resumes it")
    return number, done.returncode, done.stderr.strip(), os.getpid()


def parsed():
    text, _, example = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=text, epilog=example, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("plan", help="plan of the sweep")
    parser.add_argument("--shards", type=int, default=8, help="tasks to make of it [%(default)s]")
    parser.add_argument("--out", required=True, help="folder of the results, seen by every worker")
    parser.add_argument("--scheduler", help="address of a running cluster, e.g. tcp://head:8786")
    parser.add_argument("--workers", type=int, default=2, help="local worker processes [%(default)s]")
    parser.add_argument("--reluflow", default="reluflow", help="the program [%(default)s]")
    return parser.parse_args()


def run_all(client, command, shards):
    """Every shard once more for every worker that died under it. True if none failed."""
    deaths = {number: 0 for number in range(1, shards + 1)}

    def submit(number):
        whole = [*command, "--shard", f"{number}/{shards}"]
        return client.submit(run_shard, whole, number, retries=DEATHS, pure=False)

    numbers = {submit(number): number for number in deaths}
    waiting = as_completed(numbers)
    for future in waiting:
        number = numbers[future]
        try:
            _, code, said, pid = future.result()
        except KilledWorker:
            deaths[number] += 1
            if deaths[number] > DEATHS:
                raise
            again = submit(number)
            numbers[again] = number
            waiting.add(again)
            continue
        print(f"shard {number}/{shards}: exit code {code}, worker process {pid}", flush=True)
        # 4 is a complete shard in which a job failed: the merge will say so.
        if code not in (0, 4):
            print(said, file=sys.stderr)
            return False
    return True


def main():
    arguments = parsed()
    plan, out = os.path.abspath(arguments.plan), os.path.abspath(arguments.out)
    command = [arguments.reluflow, "sweep", "run", plan, "--out", out, "--threads", "1", "--quiet"]
    if arguments.scheduler:
        client = Client(arguments.scheduler)
    else:
        dask.config.set({"distributed.scheduler.allowed-failures": DEATHS})
        cluster = LocalCluster(arguments.workers, threads_per_worker=1, dashboard_address=None)
        client = Client(cluster)
    with client:
        for address, pid in sorted(client.run(os.getpid).items()):
            print(f"worker {address}, process {pid}", flush=True)
        done = run_all(client, command, arguments.shards)
    if not arguments.scheduler:
        cluster.close()
    if not done:
        return 1
    return subprocess.run([arguments.reluflow, "sweep", "merge", out, "--out", out]).returncode


if __name__ == "__main__":
    sys.exit(main())
