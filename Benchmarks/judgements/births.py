"""Folders and a log made in one go below a path that did not exist, on a machine kept busy: how many are late."""
import os, time
from processes import free_port, get, serving
from .bench import Verdict, busy_machine

COUNT = 1_000
LATE_SECONDS = 0.5
# Longer than it takes until all folders are looked at, whatever was missed.
LIMIT_SECONDS = 40


def judge(bench):
    count = bench.times(COUNT)
    watchers = "".join(
        f'  w{i}: {{ files: "logs/run{i}/{pattern(i)}", format: csv, labels: {{ run: "{i}" }}, each_record: rows_total }}\n'
        for i in range(count))
    os.makedirs(bench.path("births", "logs"), exist_ok=True)
    with open(bench.path("births", "metrics.yaml"), "w") as file:
        file.write("version: 1\nlabels: { run: { max_values: 100000 } }\nmetrics:\n"
                   "  rows_total: { type: counter, help: Rows, labels: [run] }\nwatchers:\n" + watchers)
    port, late, times = free_port(), [], []
    command = bench.serve(bench.path("births", "metrics.yaml"), port, "--state.disable", "--web.disable-exporter-metrics")
    with serving(command, port), busy_machine(60 + count):
        for i in range(count):
            begin = time.monotonic()
            make(bench, i)
            line = b'rows_total{run="%d"} 2\n' % i
            while (seconds := time.monotonic() - begin) < LIMIT_SECONDS and line not in get(port):
                time.sleep(0.002)
            times.append(seconds)
            if seconds > LATE_SECONDS:
                late.append(i)
    times.sort()
    yield Verdict(f"new trees of {count:,} that were shown later than {LATE_SECONDS} s", len(late), 0)
    yield Verdict("  median", times[len(times) // 2] * 1e3, unit="ms")
    yield Verdict("  99th percentile", times[len(times) * 99 // 100] * 1e3, unit="ms")
    yield Verdict("  the latest", times[-1] * 1e3, unit="ms")


def pattern(i):
    return ["b/c/results.csv", "**/results.csv", "b/*/results.csv"][i % 3]


def make(bench, i):
    """Folder by folder, or the tree moved in as a whole."""
    run, text = bench.path("births", "logs", f"run{i}"), f"epoch,loss\n1,{i}\n2,3\n"
    if i % 4:
        for folder in (run, run + "/b", run + "/b/c"):
            os.mkdir(folder)
        with open(run + "/b/c/results.csv", "w") as file:
            file.write(text)
    else:
        os.makedirs(bench.path("births", f"made{i}", "b", "c"))
        with open(bench.path("births", f"made{i}", "b", "c", "results.csv"), "w") as file:
            file.write(text)
        os.rename(bench.path("births", f"made{i}"), run)
