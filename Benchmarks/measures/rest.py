"""What it costs to follow many logs of which none changes."""
import time
import catalogs, generate_logs
from processes import cpu_clock, free_port, memory, serving
from programs import MTAIL, OURS, note, ready_path, wait_for_logs
from tables import factor, table

# Ours looks at its directories every 30 s: once, whenever it began.
SECONDS = {OURS: 30, MTAIL: 8}
SETTLE_SECONDS = 4


def measure(programs):
    logs = generate_logs.many(programs.path("many"))
    catalog = programs.catalog("many/shared.yaml", catalogs.MANY_LOGS)
    pattern = programs.path("many", generate_logs.MANY_PATTERN)
    results = {}
    for name, command in (
        (OURS, lambda port: programs.serve(catalog, port)),
        (MTAIL, lambda port: programs.mtail("jsonl.mtail", pattern, port)),
    ):
        port = free_port()
        with serving(command(port), port, ready_path(name)) as server:
            wait_for_logs(name, port, len(logs))
            time.sleep(SETTLE_SECONDS)
            begin, before = time.perf_counter(), cpu_clock(server.pid)
            time.sleep(SECONDS[name])
            busy = (cpu_clock(server.pid) - before) / (time.perf_counter() - begin) * 100
            results[name] = busy, memory(server.pid)[0]
        note(f"at rest: {name}: {busy:.3f} % of a core")
    head = [f"{len(logs):,} logs at rest", "% of a core", "×", "MiB"]
    ours = results[OURS][0]
    yield from table(head, ((name, f"{busy:.2f}", factor(ours, busy), f"{resident:.0f}")
                            for name, (busy, resident) in results.items()))
