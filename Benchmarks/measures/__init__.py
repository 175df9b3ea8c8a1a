"""The benchmarks, one a file. Each has `measure(programs)`, which yields the lines of its tables."""
from . import (
    collectors, exposition, handles, ingest, latency, many_files, memory, rest, restart, scrape, size, start
)

ALL = {
    "ingest": ingest,
    "memory": memory,
    "scrape": scrape,
    "exposition": exposition,
    "collectors": collectors,
    "start": start,
    "many_files": many_files,
    "latency": latency,
    "rest": rest,
    "restart": restart,
    "handles": handles,
    "size": size,
}
STANDARD = list(ALL)
