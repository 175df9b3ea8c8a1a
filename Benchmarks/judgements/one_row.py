"""One row a second beside many long logs: what is written to disk for it."""
import time
from processes import cpu_clock, free_port, memory, serving, value, wait_until
from .bench import Verdict

LOGS = 1_000
RECORDS = 20_000
SECONDS = 30
SETTLE_SECONDS = 5
# Also the time in which the whole may be written anew: an average over less would be luck.
KILOBYTES_MAX = 50
CATALOG = """\
version: 1
labels: { run: { max_values: 100000 } }
metrics:
  rows_total: { type: counter, help: Rows }
  step: { type: gauge, help: Step, labels: [run] }
watchers:
  logs: { files: "runs/{run}.csv", format: csv, each_record: rows_total, fields: { step: step } }
"""


def judge(bench):
    logs = bench.times(LOGS)
    rows = "".join(f"{number},0.5\n" for number in range(1, RECORDS))
    for number in range(logs):
        with open(bench.path("one_row", "runs", f"r{number}.csv"), "w") as file:
            file.write(f"step,loss\n{-number},1\n" + rows)
    with open(bench.path("one_row", "metrics.yaml"), "w") as file:
        file.write(CATALOG)
    port = free_port()
    with serving(bench.serve(bench.path("one_row", "metrics.yaml"), port), port, "/-/ready") as server:
        wait_until(lambda: value(port, b"rows_total") == logs * RECORDS, "all rows to be read", limit=300)
        time.sleep(SETTLE_SECONDS)
        before, cpu, begin = written(server.pid), cpu_clock(server.pid), time.perf_counter()
        for second in range(bench.times(SECONDS)):
            with open(bench.path("one_row", "runs", "r0.csv"), "a") as file:
                file.write(f"{RECORDS + second},0.5\n")
            time.sleep(max(0, begin + second + 1 - time.perf_counter()))
        seconds = time.perf_counter() - begin
        after, cpu = written(server.pid), cpu_clock(server.pid) - cpu
        resident, peak = memory(server.pid)
    text = f"one row a second beside {logs:,} logs of {RECORDS:,} records"
    yield Verdict(f"{text}, written", max(b - a for a, b in zip(before, after)) / seconds / 1e3, KILOBYTES_MAX, "kB/s")
    yield Verdict("  CPU", cpu / seconds * 100, unit="% of a core")
    yield Verdict("  resident", resident, unit="MiB")


def written(pid):
    """Bytes that a process has written, as it handed them over and as they went to a disk."""
    with open(f"/proc/{pid}/io") as file:
        fields = dict(line.split(": ") for line in file.read().splitlines())
    return int(fields["wchar"]), int(fields["write_bytes"])
