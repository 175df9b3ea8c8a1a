#!/usr/bin/env python3
"""Reads dashboards with Grafana's own types, and says what of them Grafana does not know.

usage: grafana.py FILE ...          prints a line for each member that is lost or changed
"""
import json, sys

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard

# Members that the import of a dashboard reads, or its editor, and that are not of the dashboard itself.
KNOWN = {".__inputs", ".__requires", ".templating.list[].definition"}


def compare(ours, theirs, path):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name, value in ours.items():
            member = f"{path}.{name}"
            if name in theirs:
                yield from compare(value, theirs[name], member)
            elif member not in KNOWN:
                yield f"{member} is lost"
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for one, other in zip(ours, theirs):
            yield from compare(one, other, path + "[]")
    elif ours != theirs:
        yield f"{path}: {json.dumps(ours)[:60]} becomes {json.dumps(theirs)[:60]}"


plugins.register_default_plugins()
for name in sys.argv[1:]:
    with open(name) as file:
        ours = json.load(file)
    theirs = json.loads(json.dumps(dashboard.Dashboard.from_json(ours), cls=JSONEncoder))
    for line in compare(ours, theirs, ""):
        print(f"{name}: {line}")
