"""From the append of a line until /metrics shows it, while one log is followed and while many are."""
import os, random, time
import catalogs, generate_logs
from processes import free_port, serving, value
from programs import MTAIL, OURS, note, ready_path, wait_for_logs
from tables import factor, table

# mtail looks every 250 ms: each append falls at a random time of that.
SAMPLES = {OURS: 150, MTAIL: 45}
# The best of so many goes: what disturbs one only ever makes it slower. mtail's times are its own choice.
GOES = {OURS: 3, MTAIL: 1}
PHASE_SECONDS = {OURS: 0.02, MTAIL: 0.25}
SETTLE_SECONDS = 2
LIMIT_SECONDS = 15


def measure(programs):
    one = generate_logs.make(programs.path("latency", "train.jsonl"), generate_logs.json_lines, 10)
    many = generate_logs.many(programs.path("many"))
    one_catalog = programs.catalog("latency/one.yaml", catalogs.JSON_LINES)
    many_catalog = programs.catalog("many/shared.yaml", catalogs.MANY_LOGS)
    pattern = programs.path("many", generate_logs.MANY_PATTERN)
    results = {}
    for name, count, logs, command in (
        (OURS, 1, [one], lambda port: programs.serve(one_catalog, port)),
        (MTAIL, 1, [one], lambda port: programs.mtail("jsonl.mtail", one, port)),
        (OURS, 2, many, lambda port: programs.serve(many_catalog, port)),
        (MTAIL, 2, many, lambda port: programs.mtail("jsonl.mtail", pattern, port)),
    ):
        port = free_port()
        with serving(command(port), port, ready_path(name)):
            wait_for_logs(name, port, len(logs))
            time.sleep(SETTLE_SECONDS)
            goes = [quantiles(name, port, logs, go) for go in range(GOES[name])]
            results[name, count] = min(goes, key=lambda go: go[1])
        note(f"latency: {name}: {len(logs)} logs: p50, p99 {results[name, count]}")
    head = ["ms from append to visible", "one log: p50", "p99", "×", f"{len(many):,} logs: p50", "p99", "×"]
    yield from table(head, (row(name, results) for name in (OURS, MTAIL)))


def quantiles(name, port, logs, go):
    """Milliseconds: the median, and what one in a hundred exceeds."""
    r = random.Random(go)
    times = []
    for step in range(1_000 * (go + 1), 1_000 * (go + 1) + SAMPLES[name]):
        time.sleep(0.02 + r.random() * PHASE_SECONDS[name])
        line = generate_logs.json_line(step).encode()
        file = os.open(r.choice(logs), os.O_WRONLY | os.O_APPEND)
        begin = time.perf_counter()
        os.write(file, line)
        os.close(file)
        while value(port, b"step") != step:
            if time.perf_counter() - begin > LIMIT_SECONDS:
                raise SystemExit(f"{name} does not show an appended line")
        times.append((time.perf_counter() - begin) * 1e3)
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]


def row(name, results):
    yield name
    for count in (1, 2):
        median, slow = results[name, count]
        yield f"{median:.1f}"
        yield f"{slow:.1f}"
        yield factor(results[OURS, count][1], slow)
