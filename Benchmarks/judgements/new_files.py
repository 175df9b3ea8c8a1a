"""Five new logs a second beside many that rest: what they cost, and how long until one is shown."""
import os, random, shutil, time
from processes import cpu_clock, free_port, memory, serving, value, wait_until
from .bench import Verdict

# How many rest, with the percent of a core and the milliseconds at the 99th percentile that new ones may take.
BESIDE = {10_000: (3, 10), 50_000: (5, None)}
A_SECOND = 5
SECONDS = 40
SETTLE_SECONDS = 4
CATALOG = """\
version: 1
metrics:
  rows_total: { type: counter, help: Rows }
watchers:
  logs: { files: ["runs/*/*.jsonl", "runs/*/*/train.jsonl"], format: jsonl, each_record: rows_total }
"""


def judge(bench):
    for resting, (percent, milliseconds) in BESIDE.items():
        resting = bench.times(resting)
        folder = bench.path("new_files", "")
        shutil.rmtree(folder)
        chance = random.Random(1)
        for number in range(resting):
            write(folder, number, chance)
        with open(bench.path("new_files", "metrics.yaml"), "w") as file:
            file.write(CATALOG)
        port = free_port()
        with serving(bench.serve(folder + "metrics.yaml", port), port, "/-/ready") as server:
            wait_until(lambda: value(port, b"rows_total") == resting, "all logs to be read")
            time.sleep(SETTLE_SECONDS)
            busy = share_of_core(server, folder, resting, chance, bench.times(SECONDS))
            known = resting + A_SECOND * bench.times(SECONDS)
            wait_until(lambda: value(port, b"rows_total") == known, "new logs to be read")
            times = latencies(port, folder, known, chance, A_SECOND * bench.times(SECONDS))
            resident = memory(server.pid)[0]
        yield Verdict(f"{A_SECOND} new logs a second beside {resting:,}", busy, percent, "% of a core")
        yield Verdict("  until one is shown, median", times[len(times) // 2], unit="ms")
        yield Verdict("  until one is shown, 99th percentile", times[len(times) * 99 // 100], milliseconds, "ms")
        yield Verdict("  resident", resident, unit="MiB")


def write(folder, number, chance):
    """A log of one row: every other one in a folder of its own."""
    project = f"{folder}runs/project-{chance.randrange(100):02}"
    path = f"{project}/run-{number}.jsonl" if number % 2 else f"{project}/run-{number}/train.jsonl"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write('{"step": %d, "loss": %.6f}\n' % (number, chance.random()))


def share_of_core(server, folder, known, chance, seconds):
    begin, before = time.perf_counter(), cpu_clock(server.pid)
    for number in range(A_SECOND * seconds):
        write(folder, known + number, chance)
        time.sleep(max(0, begin + (number + 1) / A_SECOND - time.perf_counter()))
    return (cpu_clock(server.pid) - before) / (time.perf_counter() - begin) * 100


def latencies(port, folder, known, chance, count):
    times, due = [], time.perf_counter()
    for number in range(count):
        time.sleep(max(0, due - time.perf_counter()))
        due = max(due + 1 / A_SECOND, time.perf_counter())
        begin = time.perf_counter()
        write(folder, known + number, chance)
        while value(port, b"rows_total") != known + number + 1 and time.perf_counter() - begin < 40:
            time.sleep(0.0005)
        times.append((time.perf_counter() - begin) * 1e3)
    return sorted(times)
