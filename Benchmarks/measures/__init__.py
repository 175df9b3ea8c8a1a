"""The benchmarks, one a file. Each has `measure(programs)`, which yields the lines of its tables."""
from . import collectors, events, exposition, ingest, latency, many_files, memory, rest, restart, scrape, size, start

ALL = {
    "ingest": ingest,
    "events": events,
    "memory": memory,
    "scrape": scrape,
    "exposition": exposition,
    "collectors": collectors,
    "start": start,
    "many_files": many_files,
    "latency": latency,
    "rest": rest,
    "restart": restart,
    "size": size,
}
STANDARD = list(ALL)
