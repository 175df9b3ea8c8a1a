"""A generated module in a folder of its own, programs that use it, and a reader of the files that it writes.

TRAINING_EXPORTER names the binary that generates it.
"""

import importlib.util
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest
import unittest.mock

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRAINING_EXPORTER") or str(PACKAGE / ".build/debug/training-exporter")

CATALOG = """
version: 1
labels:
  status: { values: [success, failed] }
  device: { values: 0..7 }
  model: { values: [a, b, other], otherwise: other, named: { B: b } }
  run: { max_values: 100 }
  epoch: { max_values: 100, evict: oldest }
  error_type: { max_values: 50 }
metrics:
  images_total: { type: counter, help: Images, labels: [status] }
  plain_total: { type: counter, help: Plain }
  errors_total: { type: counter, help: Errors, labels: [error_type] }
  loss: { type: gauge, help: Loss, labels: [run, model] }
  level: { type: gauge, help: Level }
  temperature: { type: gauge, help: Temperature, labels: [device] }
  accuracy: { type: gauge, help: Accuracy, labels: [epoch], max_series: 5 }
  few: { type: gauge, help: Few, labels: [run], max_series: 3 }
  time_seconds: { type: histogram, help: Time, buckets: [0.1, 0.5, 1, 2], labels: [model] }
  wait_seconds: { type: histogram, help: Waiting }
  gap_seconds: { type: histogram, help: Gaps, native: { factor: 1.1, max_buckets: 40 }, buckets: [0, 0.5], labels: [run] }
  pause_seconds: { type: histogram, help: Pauses, native: { factor: 1.003, max_buckets: 1000 } }
  coarse_seconds: { type: histogram, help: Coarse, native: { factor: 20 } }
  size_bytes: { type: summary, help: Size, labels: [run] }
  answer_bytes: { type: summary, help: Answers }
  build_info: { type: info, help: Build, labels: [run], constant: { version: "1.0" } }
  phase: { type: stateset, help: Phase, states: [starting, running, "done"] }
  job: { type: stateset, help: Job, states: [up, down], labels: [run] }
"""


def generate(folder, catalog=CATALOG):
    """Writes `metrics.py` into the folder."""
    path = pathlib.Path(folder, "metrics.yaml")
    path.write_text(catalog)
    subprocess.run(
        [BINARY, "generate", "python", "--config.file", path, "--output", pathlib.Path(folder, "metrics.py")],
        check=True, timeout=60,
    )  # fmt: skip


def read(folder):
    """What a reader makes of the files: {process: {(metric, labels): newest line}}, and the processes that ended."""
    processes, ended = {}, set()
    for path in sorted(pathlib.Path(folder).glob("*")):
        if path.name.startswith("."):
            continue
        whole, _, _ = path.read_text().rpartition("\n")
        header, *lines = [json.loads(line) for line in whole.split("\n")]
        assert header["events"] == 1, header
        series = processes.setdefault(header["process"], {})
        number = 0
        for line in lines:
            assert line["n"] > number, f"{line} follows {number}"
            number = line["n"]
            assert len(json.dumps(line)) < 65536
            assert header["process"] not in ended, f"{line} follows the end"
            if "end" in line:
                ended.add(header["process"])
            elif "metric" in line and "rejected" not in line:
                series[line["metric"], tuple(line["labels"].items())] = line
    return processes, ended


def totals(folder, metric, member="value"):
    """The sum over all processes and series."""
    processes, _ = read(folder)
    return sum(line[member] for series in processes.values() for (name, _), line in series.items() if name == metric)


def number(value):
    return float(value.replace("Inf", "inf")) if isinstance(value, str) else value


def samples(line, types=("",)):
    """A line as samples, as the exporter shows it: {(name, labels): value}."""
    name, labels = line["metric"], line["labels"]
    key = lambda suffix="", **more: (name + suffix, tuple(sorted({**labels, **more}.items())))
    if "value" in line:
        return {key(): number(line["value"])}
    if "state" in line:
        return {key(**{name: line["state"]}): 1.0}
    if "info" in line:
        return {key(**line["info"]): 1.0}
    shown = {key("_count"): line["count"], key("_sum"): number(line["sum"])}
    for bound, count in line.get("buckets", {}).items():
        shown[key("_bucket", le=str(float(bound)) if bound != "+Inf" else bound)] = count
    return shown


class ModuleTest(unittest.TestCase):
    """A test with a folder that has a generated module."""

    catalog = CATALOG

    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory()
        generate(cls.made.name, cls.catalog)

    @classmethod
    def tearDownClass(cls):
        cls.made.cleanup()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.symlink(pathlib.Path(self.made.name, "metrics.py"), pathlib.Path(self.folder.name, "metrics.py"))
        self.events = pathlib.Path(self.folder.name, "events")

    def start(self, code, python=sys.executable, **environment):
        """A program in the folder, whose `m` is the module."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRAINING_EXPORTER")}
        pathlib.Path(self.folder.name, "program.py").write_text("import metrics as m\n" + textwrap.dedent(code))
        return subprocess.Popen(
            [python, "-W", "error", "program.py"], cwd=self.folder.name, env={**inherited, **environment}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def finish(self, process, status=0):
        output, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, status, output + errors)
        return output, errors

    def run_program(self, code, status=0, **environment):
        return self.finish(self.start(code, **environment), status)

    def load(self):
        """The module itself, in this process: it writes nothing by itself within a test."""
        set_here = {"TRAINING_EXPORTER_EVENTS": str(self.events), "TRAINING_EXPORTER_EVENTS_INTERVAL": "3600"}
        environment = unittest.mock.patch.dict(os.environ, set_here)
        environment.start()
        self.addCleanup(environment.stop)
        name = f"metrics_{id(self)}"
        spec = importlib.util.spec_from_file_location(name, pathlib.Path(self.folder.name, "metrics.py"))
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        self.addCleanup(lambda: module._writer.end())
        return module


def is_close(left, right):
    return left == right or (math.isnan(left) and math.isnan(right))
