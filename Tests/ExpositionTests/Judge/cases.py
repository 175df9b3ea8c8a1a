#!/usr/bin/env python3
"""Holds the OpenMetrics judge to the OpenMetrics project's own cases, and says what the good ones mean.

usage: cases.py FOLDER

FOLDER holds a folder a case: `metrics`, and `test.json` whose `shouldParse` says whether that is OpenMetrics. Prints one
value of JSON: how many `cases` there are, the `problems` (where the judge says something else than the case), and the
families of the `good` ones with their samples, numbers as 16 hexadecimal digits of their bits.
"""
import json, os, struct, sys

from judge import openmetrics_families, read_openmetrics


def bits(value):
    return struct.pack(">d", float(value)).hex()


def nanoseconds(time):
    return time.sec * 1_000_000_000 + time.nsec if hasattr(time, "sec") else int(time * 1e9)


def described(family):
    return {"name": family.name, "type": family.type, "help": family.documentation, "unit": family.unit,
            "samples": [described_sample(sample) for sample in family.samples]}


def described_sample(sample):
    exemplar = sample.exemplar and {
        "labels": list(sample.exemplar.labels.items()), "value": bits(sample.exemplar.value),
        "time": None if sample.exemplar.timestamp is None else nanoseconds(sample.exemplar.timestamp)}
    return {"name": sample.name, "value": bits(sample.value), "hasTime": sample.timestamp is not None,
            "labels": [[name, bits(value) if name in ("le", "quantile") else value]
                       for name, value in sample.labels.items()], "exemplar": exemplar}


def main():
    names, problems, good = sorted(os.listdir(sys.argv[1])), [], []
    for name in names:
        with open(os.path.join(sys.argv[1], name, "test.json")) as file:
            should_parse = json.load(file)["shouldParse"]
        with open(os.path.join(sys.argv[1], name, "metrics"), "rb") as file:
            body = file.read()
        try:
            list(openmetrics_families(body.decode()))
            error = None
        except Exception as refusal:
            error = f"{type(refusal).__name__}: {refusal}"
        if should_parse and error:
            problems.append(f"{name} is refused: {error}")
        elif not should_parse and error is None:
            problems.append(f"{name} is accepted")
        elif should_parse:
            good.append({"name": name, "families": [described(family) for family in read_openmetrics(body.decode())]})
    json.dump({"cases": len(names), "problems": problems, "good": good}, sys.stdout)


if __name__ == "__main__":
    main()
