"""What an update costs a Python program, and what its writing takes, next to prometheus_client and its mode for several
processes."""
import json, os, subprocess, sys, tempfile
from programs import PYTHON, note
from tables import factor, table

OURS, FILES = "generated module", "prometheus_client, multiprocess mode"
CATALOG = """
version: 1
labels: { k: { max_values: 20000 } }
limits: { series: 100000, series_per_metric: 50000 }
metrics:
  c_total: { type: counter, help: Counter, labels: [k] }
  g: { type: gauge, help: Gauge, labels: [k] }
  h: { type: histogram, help: Histogram, labels: [k], buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] }
"""
UPDATES = ["cached inc", "cached observe", "labels(k=…).inc", "labels(k=…).observe", "cached set"]
WRITING = ["writing 10,000 counters: ms of the thread", "writing 10,000 gauges: ms of the thread",
           "longest wait of an update meanwhile: ms", "the same where nothing is written: ms"]


def measure(programs):
    found = {}
    with tempfile.TemporaryDirectory(dir=programs.folder) as folder:
        catalog = programs.catalog(os.path.join(folder, "metrics.yaml"), CATALOG)
        subprocess.run([programs.binary, "generate", "python", "--config.file", catalog,
                        "--output", os.path.join(folder, "metrics.py")], check=True)
        for name, kind, more in [(OURS, "ours", {}), (PYTHON, "client", {}),
                                 (FILES, "client", {"PROMETHEUS_MULTIPROC_DIR": folder})]:
            environment = {**os.environ, "PYTHONPATH": folder, "TRAINING_EXPORTER_EVENTS": os.path.join(folder, "events")}
            done = subprocess.run(programs.python("python_updates.py", kind), env={**environment, **more}, check=True,
                                  stdout=subprocess.PIPE, cwd=folder)
            found[name] = json.loads(done.stdout)
            note(f"python updates: {name}: {found[name]}")
    head = ["ns an update, Python " + sys.version.split()[0], OURS, PYTHON, "×", FILES, "×"]
    yield from table(head, [
        [title, f"{found[OURS][title]:.0f}"]
        + [cell for name in (PYTHON, FILES)
           for cell in (f"{found[name][title]:,.0f}", factor(found[OURS][title], found[name][title]))]
        for title in UPDATES
    ])
    yield ""
    yield from table(["the writing thread", OURS], [[title, f"{found[OURS][title]:.2f}"] for title in WRITING])
