#!/usr/bin/env python3
"""What one writes with Python's own csv and json and prometheus_client.

usage: python_ingest.py jsonl|csv labels|cached FILE     labels: labels() for every value; cached: children kept
"""
import csv, json, sys
from prometheus_client import CollectorRegistry, Counter, Gauge

KEYS = ["step", "loss", "lr", "epoch", "grad_norm"]


def main():
    form, mode, path = sys.argv[1:]
    registry = CollectorRegistry()
    count = Counter("log_lines", "Lines", registry=registry)

    def gauge(name, help):
        return Gauge(name, help, ["run"], registry=registry)

    with open(path, newline="") as file:
        if form == "jsonl":
            gauges = {key: gauge("train_" + key, key) for key in KEYS}
            children = [(key, gauges[key].labels(run="r1").set) for key in KEYS]
            for line in file:
                record = json.loads(line)
                if mode == "labels":
                    for key in KEYS:
                        gauges[key].labels(run="r1").set(record[key])
                else:
                    for key, set_value in children:
                        set_value(record[key])
                count.inc()
        elif mode == "labels":
            gauges = {}
            for record in csv.DictReader(file):
                for key, text in record.items():
                    if key not in gauges:
                        gauges[key] = gauge(f"c{len(gauges)}", key)
                    gauges[key].labels(run="r1").set(float(text))
                count.inc()
        else:
            rows = csv.reader(file)
            children = [gauge(f"c{index}", name).labels(run="r1").set for index, name in enumerate(next(rows))]
            for row in rows:
                for set_value, text in zip(children, row):
                    set_value(float(text))
                count.inc()


main()
