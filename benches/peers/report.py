"""From samples to a table for a person and a document for a script."""
import json
import re
import textwrap
from statistics import median

WIDTH = 108
NOTES = """
time         CPU time of one step: median, min and max of the samples
of peak      operations that the step cannot do without (4pnd; gram 2pn^2, orthogonal 7pn; deep: two a
             multiply-add of the products forward and backward, none by the data) against an
             f32 loop of multiply-adds in registers of the build's widest type, beside each sample
x ours       median over the rounds of the time against our fastest row (*): above 1 is slower than
             ours, below 1 is faster than ours
x best peer  the same against the fastest row that is not ours: below 1 is faster than every peer
loss         after 20 steps from the shared start; a row whose loss is not the reference's to 6 digits
             is WRONG and not timed
Our rows also compute loss, mu and health in each step; autograd, MKL, OpenBLAS, faer and plain C++ the
loss, the others neither. Gram and orthogonal are other algorithms for the same step, where the data
allow them: like for like is "dense". Of two layouts of z the faster is shown."""


def about(document):
    """What the Python workers said of themselves."""
    rows = (row for size in document["sizes"] for row in size["rows"])
    return {"peers": "; ".join(sorted({row["about"] for row in rows if "about" in row}))}


def lines_of(facts):
    lines = []
    for name, value in facts.items():
        lines += textwrap.wrap(
            f"{name:<11}{value}", WIDTH, subsequent_indent=" " * 11, break_on_hyphens=False
        )
    return "\n".join(lines)


def ratio(row, base):
    """Median of the ratios of the same round."""
    return median(here / there for here, there in zip(row.ns, base.ns))


def fastest(found):
    return min(found, key=lambda row: median(row.ns), default=None)


def entry(size, found):
    """What a record keeps of a size."""
    timed = [row for row in found if row.ns]
    ours = fastest(row for row in timed if row.ours)
    peer = fastest(row for row in timed if not row.ours)
    rows = []
    for row in found:
        kept = {"row": row.name, "layout": row.layout, "ours": row.ours, "loss": row.loss}
        if row.about:
            kept["about"] = row.about
        if row.missing:
            kept["missing"] = row.missing
        if row.wrong:
            kept["wrong"] = True
        if row.ns:
            shares = (row.flops / ns / peak for ns, peak in zip(row.ns, row.peaks))
            kept |= {
                "ns": digits(median(row.ns)),
                "ns_min": digits(min(row.ns)),
                "ns_max": digits(max(row.ns)),
                "share_of_peak": digits(median(shares)),
                "times_ours": digits(ratio(row, ours)) if ours else None,
                "times_best_peer": digits(ratio(row, peer)) if peer else None,
                "steps_per_sample": row.steps,
                "samples_ns": [digits(ns) for ns in row.ns],
                "peaks_gflops": [digits(peak) for peak in row.peaks],
            }
        rows.append(kept)
    keys = ("letter", "p", "n", "d", "widths", "dt")
    sizes = {key: size[key] for key in keys if key in size}
    return sizes | {"fastest_ours": ours and ours.name, "rows": rows}


def document_text(document):
    """JSON with a line for each list of numbers."""
    text = json.dumps(document, indent=1)
    return re.sub(r"\[[^][{}]*\]", lambda found: " ".join(found[0].split()), text) + "\n"


def digits(x):
    return float(f"{x:.4g}")


def table(entry, steps):
    """Fastest first; of two layouts only the faster."""
    if "widths" in entry:
        title = f"{entry['letter']}   n {entry['n']}   {'-'.join(map(str, entry['widths']))}"
    else:
        title = "{letter}   p {p}   n {n}   d {d}".format(**entry)
    lines = [
        "",
        f"{title:<36}{'time':>9}{'min':>9}{'max':>9}{'of peak':>9}{'x ours':>9}{'x best peer':>13}"
        f"{f'loss at {steps}':>13}",
    ]
    shown, without = {}, {}
    for row in sorted(entry["rows"], key=lambda row: row.get("ns", 0)):
        if "ns" in row:
            shown.setdefault(row["row"], row)
        else:
            wrong = f"WRONG: loss {row['loss']:.8g}" if row.get("wrong") else None
            without[row["row"]] = wrong or row["missing"]
    for row in shown.values():
        best = row["ours"] and row["row"] == entry["fastest_ours"]
        mark = "*" if best else ""
        name = ("ours: " if row["ours"] else "") + row["row"]
        if row["layout"]:
            name += f", z {row['layout']}"
        lines.append(
            f"{mark:<2}{name:<34}{time(row['ns']):>9}{time(row['ns_min']):>9}"
            f"{time(row['ns_max']):>9}{100 * row['share_of_peak']:>7.1f} %"
            f"{short(row['times_ours']):>9}{short(row['times_best_peer']):>13}{row['loss']:>#13.6g}"
        )
    for name, why in without.items():
        lines.append(f"  {name:<34}  {why}"[:WIDTH])
    return "\n".join(lines)


def short(x):
    """Three digits."""
    if x is None:
        return "-"
    decimals = next((decimals for decimals, least in enumerate((100, 10, 0.1)) if x >= least), 4)
    return f"{x:.{decimals}f}"


def time(ns):
    for unit, size in (("ms", 1e6), ("us", 1e3)):
        if ns >= size:
            return f"{short(ns / size)} {unit}"
    return f"{short(ns)} ns"
