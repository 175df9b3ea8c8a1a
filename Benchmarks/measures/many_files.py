"""Many logs in nested folders: from the start until they are followed, what they take, and many that grow at once."""
import time
import catalogs, generate_logs
from processes import cpu_clock, descriptors, free_port, memory, serving
from programs import MTAIL, OURS, note, ready_path, wait_for_logs
from tables import factor, table

STARTS = 3
GROWING = 200
GROWING_SECONDS = 5
# Longer than a file has to rest until its descriptor is closed.
REST_SECONDS = 3


def measure(programs):
    logs = generate_logs.many(programs.path("many"))
    rows = []
    for name, program, command in variants(programs):
        starts = []
        for number in range(STARTS):
            port = free_port()
            # A server answers before it has found all; ours says when it has.
            with serving(command(port), port, ready_path(program)) as server:
                begin = time.perf_counter()
                wait_for_logs(program, port, len(logs))
                starts.append((server.milliseconds / 1e3 + time.perf_counter() - begin, cpu_clock(server.pid)))
                if number == STARTS - 1:
                    time.sleep(REST_SECONDS)
                    resident = memory(server.pid)[0]
                    opened = sum(path.endswith(".jsonl") for path in descriptors(server.pid))
                    busy = grow(server, logs[:: len(logs) // GROWING])
        rows.append((name, min(wall for wall, _ in starts), min(cpu for _, cpu in starts), resident, opened, busy))
        note(f"many files: {rows[-1]}")
    head = [f"{len(logs):,} logs of 10 lines", "start until all are found, s", "CPU s of it", "×", "MiB at rest",
            "logs open at rest", f"{GROWING} growing by {GROWING * 10:,} lines/s, % of a core", "×"]
    ours = rows[0]
    yield from table(head, (
        (name, f"{wall:.2f}", f"{cpu:.2f}", factor(ours[2], cpu), f"{resident:.0f}", f"{opened:,}", f"{busy:.1f}",
         factor(ours[5], busy)) for name, wall, cpu, resident, opened, busy in rows))


def variants(programs):
    shared = programs.catalog("many/shared.yaml", catalogs.MANY_LOGS)
    own = programs.catalog("many/own.yaml", catalogs.MANY_RUNS)
    pattern = programs.path("many", generate_logs.MANY_PATTERN)
    return ((OURS, OURS, lambda port: programs.serve(shared, port)),
            (f"{OURS}, series of its own for each log", OURS, lambda port: programs.serve(own, port)),
            (MTAIL, MTAIL, lambda port: programs.mtail("jsonl.mtail", pattern, port)))


def grow(server, logs):
    """Percent of a core while each of the logs gets a line every 100 ms."""
    begin, before = time.perf_counter(), cpu_clock(server.pid)
    for turn in range(GROWING_SECONDS * 10):
        line = generate_logs.json_line(turn)
        for path in logs:
            with open(path, "a") as file:
                file.write(line)
        time.sleep(max(0, begin + (turn + 1) / 10 - time.perf_counter()))
    return (cpu_clock(server.pid) - before) / (time.perf_counter() - begin) * 100
