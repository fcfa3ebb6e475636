"""Times our step and its peers in turn; see README.md. Started by run.sh, standard library only."""
import argparse
import json
import os
import subprocess
import sys
from datetime import date

import facts
import report
from workers import Row, Worker, rows

SAMPLE = 0.03  # seconds of a sample
CHECKED_STEPS = 20
DIGITS = 6  # of the loss after the checked steps


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh", description="Times our step and its peers.")
    parser.add_argument("--sizes", default="ABCDEF", help="letters of the grid, F a deep network (ABCDEF)")
    parser.add_argument("--rounds", type=int, default=11, help="samples of each row (11)")
    parser.add_argument("--quick", action="store_true", help="3 rounds: sooner and noisier")
    parser.add_argument("--core", type=int, help="core to stay on (the last one)")
    parser.add_argument("--json", metavar="FILE", help="write everything measured")
    parser.add_argument("--record", action="store_true", help="write it to benches/record/")
    return parser.parse_args()


def agrees(loss, expected):
    """Are they the same to DIGITS significant digits?"""
    unit = 10.0 ** (int(f"{expected:e}".split("e")[1]) - DIGITS + 1)
    return abs(loss - expected) <= unit / 2


def check(row, dt, expected):
    """Takes the first steps; `expected` is None for the reference itself."""
    row.loss = row.worker.number("loss", CHECKED_STEPS, dt)
    row.wrong = expected is not None and not agrees(row.loss, expected)


def introduce(row):
    row.about = row.worker.ask("about")


def calibrate(row, dt):
    """Finds how many steps a sample takes."""
    row.worker.number("time", 1, dt)  # what happens once
    while (seconds := row.worker.number("time", row.steps, dt)) < SAMPLE / 8:
        row.steps *= 2
    row.steps = max(1, round(row.steps * SAMPLE / seconds))


def sample(row, peak, dt):
    """One sample between two peak loops."""
    if row.steps > 8:  # what others left in the caches is not this row's
        row.worker.number("time", row.steps // 8, dt)
    before = peak.number("peak")
    row.ns.append(row.worker.number("time", row.steps, dt) * 1e9 / row.steps)
    row.peaks.append(max(before, peak.number("peak")))


def at_size(size, home, peak, standstill, rounds):
    """Checks and times every row of a size."""
    found = rows(size, home, sys.executable, facts.blas_libraries())
    for row in found:
        row.start()
    for row in found:
        row.attempt(Row.wait)
    naive = next(row for row in found if row.name.startswith("naive"))
    check(naive, size["dt"], None)
    for row in found:
        if row is not naive:
            row.attempt(check, size["dt"], naive.loss)
        if row.command[0] == sys.executable:
            row.attempt(introduce)
    still = size["dt"] * standstill
    for row in found:
        row.attempt(calibrate, still)
    for _ in range(rounds):
        for row in found:
            row.attempt(sample, peak, still)
    for row in found:
        row.close()
    return found


def main():
    flags = arguments()
    rounds = 3 if flags.quick else flags.rounds
    home = os.environ["PEERS_HOME"]
    cores = sorted(os.sched_getaffinity(0))
    core = cores[-1] if flags.core is None else flags.core
    os.sched_setaffinity(0, {core})  # every worker inherits it
    worker = f"{home}/worker/release/peer-worker"
    described = subprocess.run([worker, "describe"], capture_output=True, check=True).stdout
    build = json.loads(described)
    document = {"date": date.today().isoformat(), "facts": facts.gather(build, core)}
    document |= {"rounds": rounds, "checked_steps": CHECKED_STEPS, "sizes": []}
    targets = [flags.json] if flags.json else []
    if flags.record:
        name = f"peers-{document['date']}-{facts.cpu_slug(build['cpu'])}.json"
        targets.append(os.path.normpath(os.path.join(os.path.dirname(__file__), "../record", name)))
        if os.path.exists(targets[-1]):
            sys.exit(f"{targets[-1]} exists; a record is not overwritten")
    print(report.lines_of(document["facts"]))
    peak = Worker([worker, "serve", "peak"])
    peak.line()
    for size in build["sizes"]:
        if size["letter"] in flags.sizes.upper():
            found = at_size(size, home, peak, build["standstill"], rounds)
            entry = report.entry(size, found)
            document["sizes"].append(entry)
            print(report.table(entry, CHECKED_STEPS), flush=True)
    peak.close()
    print(report.NOTES)
    print(report.lines_of(report.about(document)))
    for target in targets:
        with open(target, "w") as file:
            file.write(report.document_text(document))


main()
