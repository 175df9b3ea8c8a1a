#!/usr/bin/env python3
"""Holds the exporter to what the tools wrote and what their own readers say, value by value.

    TRAINING_EXPORTER=…/training-exporter test_readers.py [-v]

The logs are made anew by the makers beside this file. The exporter reads them with catalogs that give each value a series
of its own, by its tag and step; where a step comes again, its last value counts. Summaries tell that none counted twice.
Needs requirements.txt.
"""

import collections
import importlib.util
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import warnings

HERE = pathlib.Path(__file__).resolve().parent
BINARY = os.environ.get("TRAINING_EXPORTER") or str(HERE.parents[1] / ".build/debug/training-exporter")

CATALOG = """
version: 1
limits: {{ series: 1000000, series_per_metric: 500000 }}
labels:
  file: {{ max_values: 1000 }}
  tag: {{ max_values: 10000 }}
  at: {{ max_values: 100000 }}
  text: {{ max_values: 1000 }}
metrics:
  number: {{ type: gauge, help: Value, labels: [file, tag, at] }}
  numbers: {{ type: summary, help: Values, labels: [file, tag] }}
  param_info: {{ type: info, help: Parameter, labels: [file, tag, text] }}
  status_info: {{ type: info, help: State, labels: [file, text] }}
watchers:
  logs:
    files: {files}
    format: {format}
    where: {{ {step}: present }}
    fields:
      "{{tag}}":
        - {{ metric: number, labels: {{ at: "{{.{step}}}" }} }}
        - numbers
"""
STATE = """
  state:
    files: {files}
    format: mlflow
    each_record:
      - {{ metric: param_info, labels: {{ tag: "{{.param.name}}", text: "{{.param.value}}" }} }}
      - {{ metric: status_info, labels: {{ text: "{{.status}}" }} }}
"""
SAMPLE = re.compile(r'^(\w+)\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\} (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


judge = load("judge_logs", HERE.parents[1] / "tools/judge-logs.py")


def unescaped(text):
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


def exposed(folder, catalog):
    """The samples, as lists of the metric, its labels and the value."""
    path = folder / "metrics.yaml"
    path.write_text(catalog)
    done = subprocess.run([BINARY, "once", "--config.file", path], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError(done.stderr)
    for line in done.stdout.split("\n"):
        match = SAMPLE.match(line)
        if match and not match[1].startswith("training_exporter"):
            yield match[1], {name: unescaped(text) for name, text in LABEL.findall(match[2])}, float(match[3])


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


def number(value):
    """The value as a gauge takes it; None: it is no number."""
    if isinstance(value, str):
        value = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}.get(value)
    return None if value is None or isinstance(value, (list, dict)) else float(value)


class ReaderTests(unittest.TestCase):
    maxDiff = 2000

    def setUp(self):
        warnings.simplefilter("ignore")
        kept = tempfile.TemporaryDirectory(prefix="training-exporter-readers-")
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)

    def make(self, script, *arguments):
        subprocess.run([sys.executable, HERE / script, self.folder, *arguments], check=True, timeout=300,
                       stderr=subprocess.DEVNULL)  # fmt: skip

    def compare(self, runs, samples, own):
        """
        - runs: of a judge, by their name in the label `file`.
        - own: fields that have nothing of their own to compare.
        """
        found, counts = {}, {}
        for metric, labels, value in samples:
            key = labels["file"], labels.get("tag")
            if key[1] in own:
                continue
            if metric == "number":
                found[*key, float(labels["at"])] = value
            elif metric == "numbers_count":
                counts[key] = value
        told, times = {}, collections.Counter()
        for file, tags in runs.items():
            for tag, rows in tags.items():
                for step, value, _ in rows:
                    value = number(value)
                    if value is None or step is None or tag in own:
                        continue
                    told[file, tag, float(step)] = value
                    # Summaries take no others.
                    times[file, tag] += math.isfinite(value)
        self.assertEqual(sorted(map(repr, found)), sorted(map(repr, told)))
        for key, value in told.items():
            self.assertTrue(same(found[key], value), f"{key}: {found[key]!r} and not {value!r}")
        self.assertGreater(len(told), 100)
        for key, count in times.items():
            self.assertEqual(counts.get(key, 0), count, key)

    def tensorboard(self, reader):
        runs = judge.READERS[reader](self.folder)
        catalog = CATALOG.format(files='"{file**}/events.out.tfevents.*"', format="tensorboard", step="step")
        joined = {}
        # The files of a folder are one run.
        for path in sorted(runs):
            tags = joined.setdefault(str(pathlib.Path(path).parent), {})
            for tag, rows in runs[path].items():
                tags.setdefault(tag, []).extend(rows)
        self.compare(joined, exposed(self.folder, catalog), {"step", "wall_time"})

    def test_event_files_by_hand(self):
        self.make("make_tensorboard_by_hand.py")
        told = {}
        for path in self.folder.glob("*.json"):
            told[path.stem] = json.loads(path.read_text())["scalars"]
        catalog = CATALOG.format(files='"{file**}/events.out.tfevents.*"', format="tensorboard", step="step")
        self.compare(told, exposed(self.folder, catalog), {"step", "wall_time"})

    def test_event_files_beside_the_loader(self):
        self.make("make_tensorboard.py")
        self.tensorboard("loader")

    def test_event_files_beside_tbparse(self):
        self.make("make_tensorboard.py")
        self.tensorboard("tbparse")

    def test_recorded_event_files(self):
        shutil.copytree(HERE / "samples/tensorboard", self.folder, dirs_exist_ok=True)
        self.tensorboard("loader")

    def test_wandb(self):
        self.make("make_wandb.py")
        catalog = CATALOG.format(files='"{file**}.wandb"', format="wandb", step="_step")
        runs = {path.removesuffix(".wandb"): tags for path, tags in judge.read_wandb(self.folder).items()}
        self.compare(runs, exposed(self.folder, catalog), {"_step"})

    def test_mlflow(self):
        self.make("make_mlflow.py")
        catalog = CATALOG.format(files='"mlruns/{file**}/metrics/**"', format="mlflow", step="step")
        catalog += STATE.format(files='["mlruns/{file**}/params/**", "mlruns/{file**}/meta.yaml"]')
        samples = list(exposed(self.folder, catalog))
        runs = judge.read_mlflow(self.folder / "mlruns")
        self.compare(runs, samples, {"step", "timestamp"})
        found = {(labels["file"], labels["tag"]): labels["text"] for metric, labels, _ in samples if metric == "param_info"}
        states = {labels["file"]: labels["text"] for metric, labels, _ in samples if metric == "status_info"}
        for run, tags in runs.items():
            self.assertEqual(states[run], tags["status"][0][1])
            for tag, rows in tags.items():
                # What is empty is not there.
                if tag.startswith("params.") and rows[0][1]:
                    self.assertEqual(found[run, tag.removeprefix("params.")], rows[0][1])


if __name__ == "__main__":
    unittest.main()
