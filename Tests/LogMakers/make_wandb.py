#!/usr/bin/env python3
"""Writes `.wandb` files with the real `wandb`, offline.

    make_wandb.py FOLDER [CASE…]

A case becomes FOLDER/CASE/wandb/offline-run-…/run-ID.wandb, and FOLDER/CASE.json says what was logged:
{"history": [{key: value}, …], "config": {…}, "exit_code": N or null}, with nested keys dotted and elements of lists
numbered; numbers that JSON lacks are the texts "NaN", "Infinity" and "-Infinity". Works with wandb from 0.16 on.

Cases: plain, nested, numbers, media, failed, blocks (several blocks of 32 KiB), long-records (larger than a block),
crashed (the process ends without a word), killed (SIGKILL), resumed, console.
"""

import argparse
import json
import math
import os
import pathlib
import signal
import subprocess
import sys
import time

os.environ["WANDB_MODE"] = "offline"
os.environ["WANDB_SILENT"] = "true"


def flat(name, value):
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from flat(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, float) and not math.isfinite(value):
        yield name, "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    else:
        yield name, value


class Case:
    """A run, and what it was told."""

    def __init__(self, folder, name, config=None, **more):
        import wandb

        self.path = folder / f"{name}.json"
        (folder / name).mkdir(parents=True, exist_ok=True)
        self.told = {"history": [], "config": dict(flat("", config or {})), "exit_code": None}
        settings = wandb.Settings(**{"console": "off", **more.pop("settings", {})})
        self.run = wandb.init(
            project="demo", id=more.pop("id", name), name=name, dir=str(folder / name), config=config,
            settings=settings, **more,
        )  # fmt: skip

    def log(self, row, **more):
        self.run.log(row, **more)
        self.told["history"].append(dict(flat("", row)))

    def finish(self, code=0):
        self.run.finish(exit_code=code)
        self.told["exit_code"] = code
        self.save()

    def save(self):
        self.path.write_text(json.dumps(self.told, ensure_ascii=False) + "\n")


def plain(folder):
    case = Case(folder, "plain", {"lr": 0.1, "optimizer": "adam"})
    for step in range(100):
        case.log({"train/loss": 1 / (step + 1), "epoch": step // 10})
    case.run.summary["best"] = 0.01
    case.finish()


def nested(folder):
    case = Case(folder, "nested", {"model": {"layers": [1, 2], "name": "mlp"}, "a.b": 1, "none": None, "flag": True})
    case.run.define_metric("val/*", step_metric="epoch")
    for step in range(10):
        case.log({"loss": {"box": step, "parts": {"cls": step / 2}}, "dotted.key": step, "a/b": step})
    case.log({"late": 1}, step=20)
    case.run.log({"first": 1}, step=30)
    case.run.log({"second": 2}, step=30)
    case.run.log({"x": 1}, commit=False)
    # A step that was named stays open until there is another one.
    case.run.log({"y": 2})
    case.told["history"].append({"first": 1, "second": 2, "x": 1, "y": 2})
    case.run.config.update({"added": {"late": 3}})
    case.told["config"]["added.late"] = 3
    case.finish()


def numbers(folder):
    case = Case(folder, "numbers")
    for value in [math.nan, math.inf, -math.inf, -0.0, 0, 1e-300, 2**53 + 1, 10**30, 1 / 3, True, False, None, -5]:
        case.log({"value": value, "text": f"it is {value}"})
    case.log({"Größe 🔥": 1, "two words": 2, "list": [1, 2.5], "empty": {}, "text": 'with "quotes"\n'})
    case.finish()


def media(folder):
    import numpy
    import wandb

    case = Case(folder, "media")
    case.run.log({"loss": 1, "histogram": wandb.Histogram([1, 2, 3])})
    case.run.log({"loss": 2, "image": wandb.Image(numpy.zeros((8, 8, 3), dtype=numpy.uint8))})
    case.run.log({"loss": 3, "page": wandb.Html("<p>a page</p>")})
    case.told["history"] = [{"loss": 1}, {"loss": 2}, {"loss": 3}]
    case.finish()


def failed(folder):
    case = Case(folder, "failed")
    case.log({"loss": 1})
    case.finish(1)


def blocks(folder):
    case = Case(folder, "blocks")
    for step in range(2000):
        case.log({"loss": 1 / (step + 1), "accuracy": step / 2000})
    case.finish()


def long_records(folder):
    case = Case(folder, "long-records", {"text": "c" * 40_000})
    for step in range(5):
        case.log({"loss": step, "text": "x" * (20_000 * step)})
    case.finish()


def crashed(folder):
    """What is left ends with a block, and that within a record: `wandb-core` writes no more when its master is gone."""
    case = Case(folder, "crashed")
    for step in range(500):
        case.log({"loss": step})
    case.save()
    os._exit(3)


def killed(folder):
    """The process and `wandb`'s own die at once. What was not written yet is lost."""
    case = Case(folder, "killed")
    for step in range(170):
        case.log({"loss": step})
        time.sleep(0.1)
    case.save()
    os.killpg(0, signal.SIGKILL)


def resumed(folder):
    case = Case(folder, "resumed", resume="allow", id="again")
    for step in range(10):
        case.log({"loss": step})
    case.run.finish()
    told = case.told["history"]
    # The folder's name has the second at which the run began.
    time.sleep(1.1)
    case = Case(folder, "resumed", resume="allow", id="again")
    case.told["history"] = told
    for step in range(10, 20):
        case.log({"loss": step})
    case.finish()


def console(folder):
    case = Case(folder, "console", settings={"console": "wrap"})
    for step in range(5):
        print("step", step)
        case.log({"loss": step})
    case.finish()


CASES = {
    function.__name__.replace("_", "-"): function
    for function in [plain, nested, numbers, media, failed, blocks, long_records, crashed, killed, resumed, console]
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"one of {', '.join(CASES)}")
    parser.add_argument("--here", action="store_true", help="in this process")
    given = parser.parse_args()
    for name in given.cases or CASES:
        if name not in CASES:
            parser.error(f"{name} is none of {', '.join(CASES)}")
        if given.here:
            CASES[name](given.folder.resolve())
            continue
        # Each in a session of its own: two of them end by signals.
        done = subprocess.run(
            [sys.executable, __file__, "--here", given.folder, name], start_new_session=True, timeout=120,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        expected = {"crashed": 3, "killed": -signal.SIGKILL}.get(name, 0)
        if done.returncode != expected:
            sys.exit(f"{name} ended with {done.returncode}")


if __name__ == "__main__":
    main()
