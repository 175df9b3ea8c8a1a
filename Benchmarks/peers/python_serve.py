#!/usr/bin/env python3
"""prometheus_client serving COUNT gauges of three labels.  usage: python_serve.py COUNT PORT"""
import gc, sys, threading
from prometheus_client import CollectorRegistry, Gauge, start_http_server

count, port = int(sys.argv[1]), int(sys.argv[2])
registry = CollectorRegistry()
gauge = Gauge("ml_train_value", "Last value.", ["run", "split", "metric"], registry=registry)
for i in range(count):
    gauge.labels("run_%06d" % (i // 10), "train", "metric_%d" % (i % 10)).set((i * 7919 % 1000003) / 1e6)
gc.collect()
start_http_server(port, "127.0.0.1", registry=registry)
threading.Event().wait()
