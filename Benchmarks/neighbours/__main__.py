#!/usr/bin/env python3
"""Holds an exporter beside neighbours who mean harm, and prints what others notice of it.

usage: python3 Benchmarks/neighbours BINARY [SCENE…] [--seconds 60] [--node-exporter PATH] [--tables FILE]
                                     [--late SECONDS]

In each scene somebody scrapes once a second from one address, and somebody writes a log in one folder, while a neighbour
does what the scene is called by. Ends with 1 where a scrape fails or is late, a row is late, something is served that is
protected, or more memory is used than docs/security.md states. Everything happens on loopback addresses and in one
temporary folder, which goes at the end; only what was started is stopped.
"""
import argparse, os, shutil, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from neighbours import SCENES  # noqa: E402
from neighbours.stage import play  # noqa: E402

LATE_SECONDS = 0.1
RESIDENT_MEGABYTES_MAX = 512


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"which: {', '.join(SCENES)}; without: all")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--late", type=float, default=LATE_SECONDS, help="seconds from which a scrape or a row is late")
    parser.add_argument("--node-exporter", metavar="PATH", help="Prometheus' node_exporter, to be held beside it")
    parser.add_argument("--tables", metavar="FILE", help="a page whose table between `<!-- neighbours -->` is written")
    options = parser.parse_intermixed_args()
    for name in options.scenes:
        if name not in SCENES:
            parser.error(f"there is no scene {name}: {', '.join(SCENES)}")
    bad, rows = False, []
    print(f"{'':14} {'scrapes':>9} {'p50':>8} {'p99':>8} {'rows p50':>9} {'p99':>8} {'resident':>9}  (ms, MB)", flush=True)
    for name in options.scenes or SCENES:
        scene = SCENES[name]
        outcomes = {}
        binaries = [(options.binary, False)] + ([(options.node_exporter, True)] if options.node_exporter and scene.also else [])
        for binary, is_node_exporter in binaries:
            folder = tempfile.mkdtemp(prefix="neighbours-")
            try:
                outcome = play(scene, folder, os.path.abspath(binary), options.seconds, is_node_exporter)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            outcomes[is_node_exporter] = outcome
            verdicts = judge(outcome, options.late)
            print(f"{'  node_exporter' if is_node_exporter else name:14} {line(outcome)}  {', '.join(verdicts)}", flush=True)
            bad = bad or bool(verdicts and not is_node_exporter)
        rows.append(row(scene, outcomes[False], outcomes.get(True)))
    if options.tables:
        write_table(options.tables, rows)
    return 1 if bad else 0


HEAD = """| the neighbour | scrapes answered | scrape, ms | rows, ms | memory, MB | node_exporter: answered | scrape, ms |
| --- | --- | --- | --- | --- | --- | --- |
"""


def row(scene, ours, theirs):
    cells = [scene.title, answered(ours), times([seconds for _, seconds in ours.scrapes]), times(ours.rows), f"{ours.resident:.0f}"]
    cells += [answered(theirs), times([seconds for _, seconds in theirs.scrapes])] if theirs else ["", ""]
    return "| " + " | ".join(cells) + " |\n"


def answered(outcome):
    leaks = f", {outcome.leaks} of what is protected" if outcome.leaks else ""
    return f"{len(outcome.scrapes) - outcome.lost} of {len(outcome.scrapes)}{leaks}"


def times(seconds):
    """The median and the 99th percentile."""
    return f"{quantile(seconds, 0.5) * 1000:.0f}, {quantile(seconds, 0.99) * 1000:.0f}" if seconds else ""


def write_table(path, rows):
    with open(path) as file:
        text = file.read()
    begin, end = "<!-- neighbours -->\n", "<!-- /neighbours -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    with open(path, "w") as file:
        file.write(before + begin + HEAD + "".join(rows) + end + after)


def judge(outcome, late):
    verdicts = []
    if not outcome.is_alive:
        verdicts.append("it has ended")
    if outcome.lost:
        verdicts.append(f"{outcome.lost} scrapes without an answer")
    if quantile([seconds for _, seconds in outcome.scrapes], 0.99) > late:
        verdicts.append("late scrapes")
    if quantile(outcome.rows, 0.99) > late:
        verdicts.append("late rows")
    if outcome.leaks:
        verdicts.append(f"{outcome.leaks} answers that are protected")
    if outcome.resident > RESIDENT_MEGABYTES_MAX:
        verdicts.append("too much memory")
    return verdicts


def line(outcome):
    seconds = [seconds for _, seconds in outcome.scrapes]
    rows = outcome.rows
    return (f"{len(seconds) - outcome.lost:4}/{len(seconds):<4} {milliseconds(seconds, 0.5)} {milliseconds(seconds, 0.99)} "
            f"{milliseconds(rows, 0.5):>9} {milliseconds(rows, 0.99)} {outcome.resident:9.1f}")


def milliseconds(values, share):
    return f"{quantile(values, share) * 1000:8.1f}" if values else f"{'-':>8}"


def quantile(values, share):
    """The smallest value that so many are not above; 0 of none."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


if __name__ == "__main__":
    sys.exit(main())
