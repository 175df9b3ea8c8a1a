#!/usr/bin/env python3
"""usage: python_multiprocess.py FOLDER WORKERS SERIES

prometheus_client's multiprocess mode: workers count and end, all but the last one, and a scrape joins their files.
Prints the CPU milliseconds of a scrape, the median."""
import os, statistics, sys, time

folder, workers, series = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.makedirs(folder, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

images = Counter("images_processed", "h", ["worker"])
inference = Histogram("inference_time_seconds", "h", ["worker"],
                      buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10))
for worker in range(workers):
    child = os.fork()
    if child == 0:
        for number in range(series):
            images.labels(f"w{number}").inc()
            inference.labels(f"w{number}").observe(0.45)
        os._exit(0)
    os.waitpid(child, 0)

costs = []
for _ in range(20):
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    before = time.process_time()
    generate_latest(registry)
    costs.append((time.process_time() - before) * 1e3)
print(statistics.median(costs))
