"""`validate` and `diff` from start to exit: of the catalogs that the project ships, and of large ones."""
import glob, os, re, statistics, subprocess, time
from .bench import Verdict

PROJECT = os.path.join(os.path.dirname(__file__), "..", "..")
RUNS = 30
SHIPPED_MILLISECONDS_MAX = 20
METRICS = 5_000
LARGE_MILLISECONDS_MAX = 300
LARGE_MEGABYTES_MAX = 100
DIFF_MILLISECONDS_MAX = 600


def judge(bench):
    shipped = sorted(glob.glob(os.path.join(PROJECT, "metrics.yaml")) + glob.glob(os.path.join(PROJECT, "examples/*/metrics.yaml")))
    times = {path: measure(bench, path) for path in shipped}
    slowest = max(times, key=times.get)
    yield Verdict(f"validate {os.path.relpath(slowest, PROJECT)}, the slowest of {len(times)} that are shipped",
                  times[slowest][0], SHIPPED_MILLISECONDS_MAX, "ms")
    yield Verdict("  CPU", times[slowest][1], unit="ms")
    path = bench.path("validate", "metrics.yaml")
    with open(path, "w") as file:
        file.write(large(METRICS))
    for form in ("text", "json"):
        milliseconds, cpu, megabytes = measure(bench, path, "--format", form)
        yield Verdict(f"validate {METRICS:,} metrics as {form}", milliseconds, LARGE_MILLISECONDS_MAX, "ms")
        yield Verdict("  CPU", cpu, unit="ms")
        yield Verdict("  resident at most", megabytes, LARGE_MEGABYTES_MAX, "MB")
    changed = bench.path("validate", "changed.yaml")
    with open(changed, "w") as file:
        file.write(changes(large(METRICS)))
    for other, name in ((path, "the same"), (changed, "2,000 changes")):
        milliseconds, _, _ = measure(bench, path, other, command="diff", statuses=(0, 1))
        yield Verdict(f"diff of two catalogs of {METRICS:,} metrics, {name}", milliseconds, DIFF_MILLISECONDS_MAX, "ms")


def large(metrics):
    """A catalog of many metrics that is in order, 1,000 fields a watcher, within the 1 MiB that a catalog may have."""
    lines = ["version: 1", "limits: { series: 1000000 }", "labels:", "  run: { max_values: 20 }", "  phase: { values: [train, val] }",
             "metrics:"]
    lines += [f"  m{number}_ratio: {{ type: gauge, help: Share of {number}, labels: [run, phase] }}" for number in range(metrics)]
    lines.append("watchers:")
    for first in range(0, metrics, 1000):
        lines += [f"  w{first}:", f"    files: runs/{{run}}/{first}.csv", "    format: csv", "    fields:"]
        lines += [f"      \"{{phase}}/m{number}\": m{number}_ratio" for number in range(first, min(first + 1000, metrics))]
    return "\n".join(lines) + "\n"


def changes(text):
    """Of each ten metrics one with another name, one that is fed by another field, and two with other help texts."""
    text = re.sub(r"\bm(\d*)3_ratio", r"n\g<1>3_ratio", text)
    text = re.sub(r'/m(\d*)4"', r'/n\g<1>4"', text)
    return re.sub(r"Share of (\d*[56]),", r"Portion of \1,", text)


def measure(bench, path, *more, command="validate", statuses=(0,)):
    """The median of the milliseconds, that of the CPU's, and the most megabytes."""
    times, cpu, peaks = [], [], []
    for _ in range(bench.times(RUNS)):
        begin = time.perf_counter()
        process = subprocess.Popen([bench.binary, command, path, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append((time.perf_counter() - begin) * 1e3)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            raise SystemExit(f"{path}: {command} ended with {process.returncode}")
        cpu.append((usage.ru_utime + usage.ru_stime) * 1e3)
        peaks.append(usage.ru_maxrss * 1024 / 1e6)
    return statistics.median(times), statistics.median(cpu), max(peaks)
