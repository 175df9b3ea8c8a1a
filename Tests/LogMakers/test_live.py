#!/usr/bin/env python3
"""Has the tools write while the exporter follows, and kills the exporter again and again: each record counts once.

    TRAINING_EXPORTER=…/training-exporter test_live.py

What there is to count, the tools' own readers say at the end. Takes a minute. Needs requirements.txt.
"""

import collections
import pathlib
import random
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import urllib.request

from test_readers import BINARY, HERE, judge

CATALOG = """
version: 1
labels: { file: { max_values: 1000, allow: [label/high-cardinality] } }
metrics:
  tensorboard_total: { type: counter, help: Events, labels: [file] }
  wandb_total: { type: counter, help: Rows, labels: [file] }
  mlflow_total: { type: counter, help: Lines, labels: [file] }
watchers:
  tensorboard:
    files: "tensorboard/{file**}/events.out.tfevents.*"
    format: tensorboard
    each_record: tensorboard_total
  wandb:
    files: "wandb/{case}/wandb/offline-run-{run}/*.wandb"   # not through the link `latest-run`
    format: wandb
    labels: { file: "{case}/{run}" }
    where: { _step: present }
    each_record: wandb_total
  mlflow:
    files: "mlflow/mlruns/{file**}/metrics/**"
    format: mlflow
    each_record: mlflow_total
"""
WRITE_EVENTS = """
    import sys, time
    from tensorboard.summary import Writer
    from tensorboardX import SummaryWriter

    folder, seconds = sys.argv[1], float(sys.argv[2])
    begin, step = time.monotonic(), 0
    first, second = SummaryWriter(f"{folder}/x", flush_secs=1), Writer(f"{folder}/own")
    while time.monotonic() - begin < seconds:
        first.add_scalar("train/loss", 1 / (step + 1), step)
        second.add_scalar("train/loss", step, step)
        time.sleep(0.003)
        step += 1
        if step % 3000 == 0:
            first.close()
            # A file is named after the second in which it begins.
            time.sleep(1.1)
            first = SummaryWriter(f"{folder}/x", flush_secs=1)
    first.close()
    second.close()
"""
SECONDS = 35


class LiveTests(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory(prefix="training-exporter-live-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        (self.folder / "metrics.yaml").write_text(CATALOG)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        exporter = subprocess.Popen(
            [BINARY, "serve", "--config.file", self.folder / "metrics.yaml", "--log.level", "error",
             "--web.listen-address", f"127.0.0.1:{self.port}"],
        )  # fmt: skip
        self.addCleanup(exporter.wait)
        self.addCleanup(exporter.kill)
        return exporter

    def counts(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.findall(r'^(\w+)_total\{file="([^"]*)"\} (\S+)$', text, re.M)
        return {(tool, file): float(value) for tool, file, value in found}

    def told(self):
        told = collections.Counter()
        for path, tags in judge.with_loader(self.folder / "tensorboard").items():
            told["tensorboard", str(pathlib.Path(path).parent)] += sum(map(len, tags.values()))
        for path, tags in judge.read_wandb(self.folder / "wandb").items():
            case, _, run, _ = path.split("/")
            told["wandb", f"{case}/{run.removeprefix('offline-run-')}"] = len(tags.get("_step", []))
        for run, tags in judge.read_mlflow(self.folder / "mlflow/mlruns").items():
            told["mlflow", run] = sum(len(rows) for rows in tags.values() if rows[0][2] is not None)
        return {key: count for key, count in told.items() if count}

    def test_each_record_counts_once(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        numbers = random.Random(seed)
        events = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITE_EVENTS), self.folder / "tensorboard", str(SECONDS)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        rows = self.make("make_wandb.py", "wandb")
        lines, stores = self.make("make_mlflow.py", "mlflow"), 1
        exporter, kills = self.start(), 0
        while events.poll() is None or rows.poll() is None or lines.poll() is None:
            time.sleep(numbers.uniform(0.3, 2.5))
            exporter.kill()
            exporter.wait()
            kills += 1
            exporter = self.start()
            if lines.poll() is not None and stores < 6:
                lines, stores = self.make("make_mlflow.py", "mlflow"), stores + 1
        self.assertEqual([process.returncode for process in (events, rows, lines)], [0, 0, 0])
        told = self.told()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            time.sleep(1)
            try:
                found = self.counts()
            except OSError:
                # It has not read all logs again yet.
                continue
            if found == told:
                break
        differing = {key: (found.get(key), told.get(key)) for key in found.keys() | told.keys()}
        self.assertEqual({key: pair for key, pair in differing.items() if pair[0] != pair[1]}, {}, "(found, told)")
        print(f"{sum(told.values()):,} records of {len(told)} logs and runs, {kills} kills")

    def make(self, script, name):
        process = subprocess.Popen(
            [sys.executable, HERE / script, self.folder / name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process


if __name__ == "__main__":
    unittest.main()
