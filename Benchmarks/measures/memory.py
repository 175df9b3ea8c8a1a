"""Resident memory while and after a gigabyte is appended to a followed log."""
import os, time
import catalogs, generate_logs
from processes import forget_peak, free_port, memory, serving, value, wait_until
from programs import MTAIL, OURS, note
from tables import table

BYTES = 1_000_000_000
# mtail would need minutes for all of it, and by then is as large as it gets.
MTAIL_BYTES = 60_000_000
FORMS = {
    "csv": ("CSV", "results.csv", generate_logs.csv_rows, catalogs.CSV),
    "jsonl": ("JSON lines", "train.jsonl", generate_logs.json_lines, catalogs.JSON_LINES),
}


def measure(programs):
    results = {}
    for short, (_, name, write, catalog) in FORMS.items():
        block = generate_logs.make(programs.path("memory", "block", name), write, 200_000)
        path = programs.catalog(f"memory/{short}.yaml", catalog)
        log = programs.path("memory", name)
        for program, size, command in (
            (OURS, BYTES, lambda port: programs.serve(path, port)),
            (MTAIL, MTAIL_BYTES, lambda port: programs.mtail(f"{short}.mtail", log, port)),
        ):
            results[program, short] = read(command, block, log, size)
            note(f"memory: {program}: {short}: " + ", ".join(f"{number:.1f}" for number in results[program, short]))
    head = ["MiB resident, 1 GB appended to one log"]
    for title, *_ in FORMS.values():
        head += [f"{title}: before", "peak", "after"]
    yield from table(head, (row(name, results) for name in (OURS, MTAIL)))


def read(command, block, log, size):
    """MiB before, at the peak, and after."""
    open(log, "w").close()
    port = free_port()
    with serving(command(port), port) as server:
        time.sleep(1)
        forget_peak(server.pid)
        before = memory(server.pid)[0]
        lines = append(block, log, size)
        wait_until(lambda: value(port, b"log_lines_total") >= lines, f"{lines} lines to be read", pause=0.5)
        # Longer than a file has to rest until its descriptor is closed.
        time.sleep(3)
        after, peak = memory(server.pid)
    os.truncate(log, 0)
    return before, peak, after


def append(block, log, size):
    """Appends the block until the log has about `size` bytes; returns how many records it has then."""
    with open(block, "rb") as file:
        text = file.read()
    lines = 0
    with open(log, "ab", buffering=0) as file:
        while file.tell() < size:
            if text.startswith(b"epoch,") and lines:
                text = text.partition(b"\n")[2]
            file.write(text)
            lines += text.count(b"\n") - text.startswith(b"epoch,")
    return lines


def row(name, results):
    yield name + (f" (the first {MTAIL_BYTES / 1e6:.0f} MB)" if name == MTAIL else "")
    for form in FORMS:
        yield from (f"{number:.1f}" for number in results[name, form])
