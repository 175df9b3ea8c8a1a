#!/usr/bin/env python3
"""Holds what the exporter reads of NVIDIA GPUs against what nvidia-smi says, on a machine that has some.

    tools/compare-nvml.py [--exporter .build/release/training-exporter]

nvidia-smi is asked before and after the exporter: a value that moves has to lie between the two answers, give or take
what its field says. Exits with 1 if one does not.
"""
import argparse
import json
import shutil
import subprocess
import sys

MEBI = 1 << 20
# The exporter's reading, nvidia-smi's field, what one of the field is, and by how much they may differ.
FIELDS = [
    ("memory.total_bytes", "memory.total", MEBI, MEBI),
    ("memory.used_bytes", "memory.used", MEBI, 64 * MEBI),
    ("memory.free_bytes", "memory.free", MEBI, 64 * MEBI),
    ("memory.reserved_bytes", "memory.reserved", MEBI, MEBI),
    ("utilization.gpu_percent", "utilization.gpu", 1, 30),
    ("utilization.memory_percent", "utilization.memory", 1, 30),
    ("power.average_watts", "power.draw.average", 1, 30),
    ("power.instant_watts", "power.draw.instant", 1, 100),
    ("power.limit_watts", "enforced.power.limit", 1, 0.01),
    ("power.limit_maximum_watts", "power.max_limit", 1, 0.01),
    ("temperature.gpu_celsius", "temperature.gpu", 1, 3),
    ("temperature.memory_celsius", "temperature.memory", 1, 3),
    ("temperature.margin_celsius", "temperature.gpu.tlimit", 1, 3),
    ("clock.sm_hertz", "clocks.current.sm", 1e6, 2e8),
    ("clock.memory_hertz", "clocks.current.memory", 1e6, 1e7),
    ("clock.sm_maximum_hertz", "clocks.max.sm", 1e6, 1),
    ("fan.speed_ratio", "fan.speed", 0.01, 0.05),
    ("pcie.link_generation", "pcie.link.gen.current", 1, 0),
    ("pcie.link_width", "pcie.link.width.current", 1, 0),
    ("remapped_rows.correctable", "remapped_rows.correctable", 1, 0),
    ("remapped_rows.uncorrectable", "remapped_rows.uncorrectable", 1, 0),
]


def ask_nvidia_smi(nvidia_smi):
    """By UUID: field to number, without the fields that a GPU does not have."""
    names = ["uuid"] + [field for _, field, _, _ in FIELDS]
    command = [nvidia_smi, "--query-gpu=" + ",".join(names), "--format=csv,noheader,nounits"]
    gpus = {}
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        cells = dict(zip(names, line.split(", ")))
        gpus[cells.pop("uuid")] = {name: value for name, text in cells.items() if (value := number(text)) is not None}
    return gpus


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def ask_exporter(exporter):
    """By UUID: reading to value."""
    command = [exporter, "readings", "nvml", "--format", "json"]
    gpus = {}
    for entry in json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout):
        if "uuid" in entry["labels"]:
            gpus.setdefault(entry["labels"]["uuid"], {}).setdefault(entry["reading"], entry["value"])
    return gpus


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exporter", default=".build/release/training-exporter")
    parser.add_argument("--nvidia-smi", default="nvidia-smi")
    options = parser.parse_args()
    if shutil.which(options.nvidia_smi) is None:
        sys.exit(f"{options.nvidia_smi} is not here: this machine has no NVIDIA driver")
    before = ask_nvidia_smi(options.nvidia_smi)
    read = ask_exporter(options.exporter)
    after = ask_nvidia_smi(options.nvidia_smi)
    failures = compared = 0
    for uuid in before:
        for reading, field, factor, tolerance in FIELDS:
            value = read.get(uuid, {}).get(reading)
            said = [gpus[uuid][field] * factor for gpus in (before, after) if field in gpus.get(uuid, {})]
            if not said and value is None:
                verdict = "neither has it"
            elif not said or value is None:
                verdict = "ONLY ONE HAS IT"
            else:
                compared += 1
                good = min(said) - tolerance <= value <= max(said) + tolerance
                verdict = "same" if good else "DIFFERENT"
            failures += verdict.isupper()
            print(f"{uuid} {reading}: {value}, nvidia-smi {said}: {verdict}")
    missing = set(before) ^ set(read)
    print(f"{len(before)} GPUs, {compared} values compared, {failures} differ; of one side alone: {sorted(missing)}")
    sys.exit(1 if failures or missing or not compared else 0)


if __name__ == "__main__":
    main()
