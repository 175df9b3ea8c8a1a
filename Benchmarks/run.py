#!/usr/bin/env python3
"""Measures the exporter next to mtail and prometheus_client, all in one go, and prints Markdown tables.

usage: run.py BINARY [BENCHMARK...] [--lines N] [--runs N] [--tables FILE]

CPU time is user and system time of the whole process. Machines differ and are busy: trust the ratios. Everything
happens on 127.0.0.1 and in one temporary folder, which goes at the end.
"""
import argparse, signal, sys, tempfile, time
import measures, tables
from programs import Programs, note


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("benchmarks", nargs="*", metavar="BENCHMARK",
                        help=f"which: {', '.join(measures.ALL)}; without: all of the standard ones "
                             f"({', '.join(measures.STANDARD)})")
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of a large log")
    parser.add_argument("--runs", type=int, default=3, help="how often a short run is repeated")
    parser.add_argument("--tables", metavar="FILE", help="put the tables between the marks of this file, too")
    arguments = parser.parse_args()
    names = arguments.benchmarks or measures.STANDARD
    for name in names:
        if name not in measures.ALL:
            parser.error(f"there is no benchmark {name}: {', '.join(measures.ALL)}")
    if arguments.tables and set(names) != set(measures.STANDARD):
        parser.error("the file gets all of the standard benchmarks or none")
    # So that what was started is stopped, and the folder goes, then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    parts = []
    # Not in /tmp: to watch a folder costs the kernel time for each name that was looked up there and was not found, and on
    # a machine on which much is tested these are hundreds of thousands.
    with tempfile.TemporaryDirectory(prefix="training-exporter-bench-", dir="/var/tmp") as folder:
        programs = Programs(arguments.binary, folder, arguments.lines, arguments.runs)
        for name in names:
            begin = time.monotonic()
            parts.append("\n".join(measures.ALL[name].measure(programs)))
            note(f"{name}: took {time.monotonic() - begin:.0f} s")
    text = "\n\n".join(parts) + "\n"
    print(text, end="")
    if arguments.tables:
        tables.put(text, arguments.tables)


if __name__ == "__main__":
    main()
