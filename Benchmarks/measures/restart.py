"""Started again on logs that did not change: from the start to the first scrape that is right. Wants an exporter that
keeps its state (`state:` in the catalog)."""
import statistics, time
import catalogs, generate_logs
from processes import free_port, serving, value, wait_until
from programs import OURS, note
from tables import table

LOGS = 1_000
LINES = 10_000  # about 1 MB
RESTARTS = 5


def measure(programs):
    generate_logs.many_large(programs.path("restart"), LOGS, LINES)
    state = programs.path("restart", "state")
    catalog = programs.catalog("restart/metrics.yaml", f"{catalogs.MANY_LOGS}state: {{ path: {state} }}\n")
    expected = LOGS * (LINES + 1)
    times = []
    for number in range(RESTARTS + 1):
        port = free_port()
        begin = time.perf_counter()
        with serving(programs.serve(catalog, port), port):
            wait_until(lambda: value(port, b"log_lines_total") == expected, "all records to be counted", pause=0.001)
            times.append((time.perf_counter() - begin) * 1e3)
            # Longer than it takes until all that was read is saved.
            time.sleep(2)
        note(f"restart {number}: {times[-1]:.0f} ms")
    head = [f"{LOGS:,} logs of 1 MB", "ms until the first right scrape"]
    yield from table(head, ((f"{OURS}, first start", f"{times[0]:,.0f}"),
                            (f"{OURS}, started again", f"{statistics.median(times[1:]):,.0f}")))
