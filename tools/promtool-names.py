#!/usr/bin/env python3
"""Writes what promtool says of the names that real exporters serve, for RealNamesTests.

    prometheus-node-exporter & prometheus --config.file=… &
    tools/promtool-names.py http://localhost:9100/metrics http://localhost:9090/metrics \
      > Tests/MetricCatalogTests/Fixtures/real-names.txt
"""
import subprocess
import sys
import urllib.request

types, problems = {}, {}
for url in sys.argv[1:]:
    text = urllib.request.urlopen(url).read()
    for line in text.decode().splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split()[2:4]
            types[name] = kind
    said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True).stderr.decode()
    for line in said.splitlines():
        name, _, problem = line.partition(" ")
        if problem and problem not in problems.setdefault(name, []):
            problems[name].append(problem)

print("# The names that node_exporter and Prometheus serve, and what `promtool check metrics` says of each.")
print("# tools/promtool-names.py writes this file anew.")
for name in sorted(types):
    print(f"{name} {types[name]}: {'; '.join(problems.get(name, ['clean']))}")
