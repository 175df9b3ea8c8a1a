#!/usr/bin/env python3
"""The last value of each column of a training log, worked out with Python's own csv and json.

usage: last_values.py FILE          prints a JSON object: column -> value as text
"""
import csv, json, sys


def number(value):
    if isinstance(value, bool):
        return 1.0 if value else 0.0
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.strip())
        except ValueError:
            return None
    return None


def flat(value, name=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from flat(inner, f"{name}.{index}" if name else str(index))
    else:
        yield name, value


def records(path):
    if path.endswith("trainer_state.json"):
        with open(path) as file:
            yield from (flat(record) for record in json.load(file)["log_history"])
    elif path.endswith((".jsonl", "scalars.json")):
        with open(path) as file:
            yield from (flat(json.loads(line)) for line in file if line.strip())
    else:
        with open(path, newline="") as file:
            first = file.readline()
            file.seek(0)
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count))
            header = [name.strip() for name in next(rows)]
            for row in rows:
                cells = [cell.strip() for cell in row]
                if cells != header:
                    yield zip(header, cells)


def main():
    last = {}
    for record in records(sys.argv[1]):
        for name, value in record:
            if number(value) is not None:
                last[name] = repr(number(value))
    json.dump(last, sys.stdout)


main()
