"""From the program's start to the first answered scrape, with one small log; memory at rest."""
import statistics, time
import catalogs, generate_logs
from processes import free_port, memory, serving
from programs import MTAIL, OURS, PYTHON, note
from tables import factor, table

STARTS = 15
# Memory is looked at when all that a start leaves to be done is done.
REST_SECONDS = 2
C_SERVER = "a C server of one file"


def measure(programs):
    log = generate_logs.make(programs.path("start", "train.jsonl"), generate_logs.json_lines, 100)
    catalog = programs.catalog("start/metrics.yaml", catalogs.JSON_LINES)
    commands = {
        OURS: lambda port: programs.serve(catalog, port),
        C_SERVER: lambda port: programs.floor("serve.c", log, str(port)),
        MTAIL: lambda port: programs.mtail("jsonl.mtail", log, port),
        PYTHON: lambda port: programs.python("python_serve.py", "5", str(port)),
    }
    programs.floor("serve.c")  # compiled before its start is measured
    times, resident = {name: [] for name in commands}, {}
    # In turns: a machine that is busy for a while slows all.
    for number in range(STARTS):
        for name, command in commands.items():
            port = free_port()
            with serving(command(port), port) as server:
                times[name].append(server.milliseconds)
                if number == STARTS - 1:
                    time.sleep(REST_SECONDS)
                    resident[name] = memory(server.pid)[0]
    medians = {name: statistics.median(each) for name, each in times.items()}
    note(f"first scrape: {medians}")
    yield from table(["one small log", "start to first scrape, ms", "×", "MiB at rest"],
                     ([name, f"{median:.1f}", factor(medians[OURS], median), f"{resident[name]:.1f}"]
                      for name, median in medians.items()))
