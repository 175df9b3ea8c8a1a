#!/usr/bin/env python3
"""Holds what a real exporter shows against the rule, and against `once`, in scenes made up from seeds.

usage: differential.py BINARY [--seeds 40] [--first N] [--steps 40] [--workers 2] [--keep FOLDER]
                       [--without NAME,...]

Each seed is a random catalog (all formats and types), and logs that are appended to, torn, written anew, resumed,
replaced, rotated, renamed, copied and removed, and programs that write events, while the exporter is killed, restarted, and told to reload another
catalog. A seed that fails is printed with the series that differ, and its folder is kept. Everything happens on
127.0.0.1 and in temporary folders, which go at the end; only what was started is stopped.
"""
import argparse, concurrent.futures, os, random, shutil, signal, sys, tempfile, time, traceback
from scenes.exporter import Failure
from scenes.scene import Scene


def try_seed(task):
    """What is wrong with a seed; None: nothing."""
    binary, seed, steps, keep, without = task
    folder = os.path.join(keep, f"seed-{seed}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    scene = None
    try:
        scene = Scene(binary, folder, seed, steps, without)
        scene.run()
    except Failure as failure:
        what = f"{failure}"
    except Exception:
        # A fault of the fuzzer itself is told like one of the exporter.
        what = traceback.format_exc()
    else:
        shutil.rmtree(folder)
        return seed, None
    text = f"seed {seed}: {what}\nwhat was done: {', '.join(scene.history if scene else [])}\nfolder: {folder}\n"
    with open(os.path.join(folder, "failure.txt"), "w") as file:
        file.write(text)
    return seed, text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--first", type=int, default=None, help="the first seed; without: a new one")
    parser.add_argument("--steps", type=int, default=40, help="what happens in each seed")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", help="where folders of seeds that fail are kept")
    parser.add_argument("--without", default="", metavar="NAME,...",
                        help="what is left out: ways of writing, metric types, metrics, inf, status, evict, kill, end, reload, other, look,"
                             " quote, words, block, events, rename_folder")
    options = parser.parse_args()
    without = frozenset(options.without.split(","))
    first = random.randrange(1 << 32) if options.first is None else options.first
    keep = options.keep or tempfile.mkdtemp(prefix="differential-")
    os.makedirs(keep, exist_ok=True)
    print(f"seeds {first} to {first + options.seeds - 1}", flush=True)
    begin, failed = time.monotonic(), []
    tasks = [(os.path.abspath(options.binary), seed, options.steps, keep, without) for seed in range(first, first + options.seeds)]
    # Who starts this may block signals, which workers and exporters would inherit.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with concurrent.futures.ProcessPoolExecutor(options.workers) as pool:
        for done in concurrent.futures.as_completed([pool.submit(try_seed, task) for task in tasks]):
            seed, wrong = done.result()
            if wrong:
                failed.append(seed)
                print(wrong, flush=True)
    print(f"{options.seeds - len(failed)} of {options.seeds} seeds right, {time.monotonic() - begin:.0f} s"
          + (f"; wrong: {sorted(failed)}" if failed else ""))
    if not failed and not options.keep:
        shutil.rmtree(keep)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
