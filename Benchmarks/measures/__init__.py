"""The benchmarks, one a file. Each has `measure(programs)`, which yields the lines of its tables."""
from . import (
    collectors, events, exposition, floor_scrapes, floors, handles, ingest, latency, many_files, memory, python_updates,
    rest, restart, scrape, size, start, tensorboard,
)

ALL = {
    "ingest": ingest,
    "tensorboard": tensorboard,
    "floors": floors,
    "events": events,
    "memory": memory,
    "scrape": scrape,
    "exposition": exposition,
    "floor_scrapes": floor_scrapes,
    "python_updates": python_updates,
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
