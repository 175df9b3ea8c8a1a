"""From the program's start to the first answered scrape, with one small log; memory at rest."""
import statistics, time
import catalogs, generate_logs
from processes import free_port, memory, serving
from programs import MTAIL, OURS, PYTHON, note
from tables import table

STARTS = 10


def measure(programs):
    log = generate_logs.make(programs.path("start", "train.jsonl"), generate_logs.json_lines, 100)
    catalog = programs.catalog("start/metrics.yaml", catalogs.JSON_LINES)
    rows = []
    for name, command in (
        (OURS, lambda port: programs.serve(catalog, port)),
        (MTAIL, lambda port: programs.mtail("jsonl.mtail", log, port)),
        (PYTHON, lambda port: programs.python("python_serve.py", "5", str(port))),
    ):
        times = []
        for number in range(STARTS):
            port = free_port()
            with serving(command(port), port) as server:
                times.append(server.milliseconds)
                if number == STARTS - 1:
                    time.sleep(2)
                    resident = memory(server.pid)[0]
        rows.append((name, f"{statistics.median(times):.0f}", f"{resident:.1f}"))
        note(f"first scrape: {name}: {statistics.median(times):.1f} ms")
    yield from table(["one small log", "start to first scrape, ms", "MiB at rest"], rows)
