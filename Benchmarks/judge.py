#!/usr/bin/env python3
"""Measures what the program is judged by, and says what is over its limit.

usage: judge.py BINARY [JUDGEMENT...] [--against BINARY] [--share 1.0]

Ends with 1 where something is over its limit. Times are a machine's own: run it on one that does nothing else.
Everything happens on 127.0.0.1 and in one temporary folder, which goes at the end; only what was started is stopped.
"""
import argparse, os, signal, sys, tempfile, time
import judgements
from judgements.bench import Bench
from programs import note


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("judgements", nargs="*", metavar="JUDGEMENT", help=f"which: {', '.join(judgements.ALL)}; without: all")
    parser.add_argument("--against", metavar="BINARY", help="another binary, for the judgement `against`")
    parser.add_argument("--share", type=float, default=1.0, help="how much of all that is judged is done")
    options = parser.parse_args()
    names = options.judgements or list(judgements.ALL)
    for name in names:
        if name not in judgements.ALL:
            parser.error(f"there is no judgement {name}: {', '.join(judgements.ALL)}")
    # So that what was started is stopped, and the folder goes, then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    bad = 0
    against = options.against and os.path.abspath(options.against)
    for name in names:
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="training-exporter-judge-") as folder:
            for verdict in judgements.ALL[name].judge(Bench(os.path.abspath(options.binary), against, folder, options.share)):
                print(verdict, flush=True)
                bad += not verdict.is_good
        note(f"{name}: took {time.monotonic() - begin:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
