"""Reloads with many series, a row read after each: how much memory grows."""
import os, signal, time
import catalogs, generate_logs
from processes import free_port, get, memory, serving, value, wait_until
from .bench import Verdict

SERIES = 20_000
RELOADS = 20
# What the first ones grow is kept and used again.
WARM_UP = 3
MEBIBYTES_MAX = 2
LAST_RELOAD = b"training_exporter_config_last_reload_success_timestamp_seconds"


def judge(bench):
    count = bench.times(SERIES)
    generate_logs.series(bench.path("reload_growth", f"series_{count}.jsonl"), count)
    path = bench.path("reload_growth", "metrics.yaml")
    put(path, count, 0)
    port, resident = free_port(), []
    with serving(bench.serve(path, port), port, "/-/ready") as server:
        wait_until(lambda: get(port).count(b"\nml_train_value{") == count, "all series")
        first = memory(server.pid)[0]
        for number in range(1, WARM_UP + RELOADS + 1):
            put(path, count, number)
            before = value(port, LAST_RELOAD)
            server.send_signal(signal.SIGHUP)
            wait_until(lambda: value(port, LAST_RELOAD) != before, "a reload")
            with open(bench.path("reload_growth", f"series_{count}.jsonl"), "a") as log:
                log.write('{"run": "run_000000", "split": "train", "metric": "metric_0", "value": %d}\n' % number)
            wait_until(lambda: b"} %d\n" % number in get(port), "the row")
            time.sleep(0.5)
            resident.append(memory(server.pid)[0])
    yield Verdict(f"{RELOADS} reloads with {count:,} series, grown", resident[-1] - resident[WARM_UP - 1], MEBIBYTES_MAX, "MiB")
    yield Verdict("  resident at the start", first, unit="MiB")
    yield Verdict("  resident in the end", resident[-1], unit="MiB")


def put(path, count, number):
    """The same catalog with another help text."""
    with open(path + ".new", "w") as file:
        file.write(catalogs.SERIES.format(count=count).replace("Last value.", f"Last value ({number})."))
    os.rename(path + ".new", path)
