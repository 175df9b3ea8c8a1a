"""Ingest per CPU second, latency and rest beside another binary, in alternating runs, so that what disturbs the machine
disturbs both. The best of each counts: what disturbs a run only ever makes it worse."""
import time
import catalogs, generate_logs
from measures.latency import quantiles
from processes import cpu_clock, free_port, memory, run_to_end, serving, wait_until, value
from programs import OURS
from .bench import Verdict

ROUNDS = 5
LINES = 1_000_000
REST_SECONDS = 31
WORSE_MAX = 3


def judge(bench):
    if bench.against is None:
        return
    logs = {name: generate_logs.make(bench.path("against", file), write, bench.times(LINES)) for name, file, write in (
        ("csv", "results.csv", generate_logs.csv_rows), ("jsonl", "train.jsonl", generate_logs.json_lines))}
    many = generate_logs.many(bench.path("against", "many"))
    found = {}
    for _ in range(bench.times(ROUNDS)):
        for binary in (bench.binary, bench.against):
            for name, text in (("csv", catalogs.CSV), ("jsonl", catalogs.JSON_LINES)):
                catalog = put(bench, f"{name}.yaml", text)
                keep(found, f"ingest {name}, CPU s", binary, run_to_end([binary, "once", "--config.file", catalog])[0])
            for name, value in serving_many(bench, binary, many):
                keep(found, name, binary, value)
    for name in dict.fromkeys(name for name, _ in found):
        ours, theirs = found[name, bench.binary], found[name, bench.against]
        yield Verdict(f"{name}: {ours:.3g} beside {theirs:.3g}, worse by", (ours / theirs - 1) * 100,
                      None if name.startswith("resident") else WORSE_MAX, "%")


def keep(found, name, binary, value):
    found[name, binary] = min(value, found.get((name, binary), value))


def serving_many(bench, binary, many):
    port = free_port()
    catalog = put(bench, "many/metrics.yaml", catalogs.MANY_LOGS)
    command = bench.serve(catalog, port, "--state.path", bench.path("against", "state", ""), "--web.disable-exporter-metrics", binary=binary)
    with serving(command, port, "/-/ready") as server:
        wait_until(lambda: value(port, b"log_lines_total") >= len(many) * 10, "all logs")
        time.sleep(4)
        begin, before = time.perf_counter(), cpu_clock(server.pid)
        time.sleep(REST_SECONDS)
        yield "rest beside 5,000 logs, % of a core", (cpu_clock(server.pid) - before) / (time.perf_counter() - begin) * 100
        yield "resident beside 5,000 logs, MiB", memory(server.pid)[0]
        median, slow = quantiles(OURS, port, many, 0)
        yield "latency, median ms", median
        yield "latency, 99th percentile ms", slow


def put(bench, name, text):
    path = bench.path("against", name)
    with open(path, "w") as file:
        file.write(text)
    return path
