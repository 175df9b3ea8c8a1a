#!/usr/bin/env python3
"""prometheus_client around series that a benchmark updates.  usage: python_metrics.py gauges|histograms COUNT PORT"""
import gc, sys, time
from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server

kind, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
labels = ["run", "split", "metric"]
registry = CollectorRegistry()
before = time.process_time()
if kind == "gauges":
    family = Gauge("ml_train_value", "Last value.", labels, registry=registry)
else:
    buckets = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5]
    family = Histogram("ml_step_seconds", "Step time.", labels, registry=registry, buckets=buckets)
children = [family.labels(f"run_{i // 10}", "train", f"metric_{i % 10}") for i in range(count)]


def update(step):
    for i, child in enumerate(children):
        number = (i + step) * 7919 % 1000003
        child.set(number / 1e6) if kind == "gauges" else child.observe(number / 3e5)


update(0)
registered = time.process_time() - before
gc.collect()
start_http_server(port, "127.0.0.1", registry=registry)
print("registered", registered, flush=True)
for step, _ in enumerate(sys.stdin, 1):
    update(step)
    print("done", flush=True)
