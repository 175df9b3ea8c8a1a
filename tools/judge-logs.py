#!/usr/bin/env python3
"""Prints what the tools' own readers find in their logs, to compare the exporter with.

    judge-logs.py tensorboard FOLDER [--reader loader|accumulator|tbparse]
    judge-logs.py wandb FOLDER
    judge-logs.py mlflow FOLDER

One JSON object: {RUN: {TAG: [[STEP, VALUE, TIME], …]}}. Values have each digit of a double; those that JSON lacks are the
texts "NaN", "Infinity" and "-Infinity".

- tensorboard: RUN is the path of a file below FOLDER (of a folder with `accumulator`, which reads the files of a folder
  as one run). `loader` is TensorBoard's EventFileLoader, in the order of the file; tbparse sorts by step. All of them
  end a file at its first damaged frame.
- wandb: RUN is the path of a `.wandb` file. Nested keys are dotted, elements of lists numbered; `_step` is the step,
  `_timestamp` the time. Beside the history there are `config.…`, `summary.…` (the last ones, without step and time),
  `system.…`, `run.…` and `exit.…`.
- mlflow: FOLDER is `mlruns`; RUN is EXPERIMENT/RUN by their ids. Beside the metrics there are `params.…`, `tags.…` and
  `status`, without step and time.

Needs Tests/LogMakers/requirements.txt.
"""

import argparse
import json
import math
import os
import pathlib
import struct
import sys
import warnings
import zlib


def plain(value):
    """The value as JSON has it."""
    if isinstance(value, bool) or not isinstance(value, float) or math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


class Found(dict):
    def add(self, tag, step, value, time):
        self.setdefault(tag, []).append([step, plain(value), plain(time)])


# MARK: TensorBoard


def event_files(folder):
    return sorted(path for path in folder.rglob("*") if "tfevents" in path.name)


def number_of(value):
    """The scalar of a value of a summary, if it is one."""
    from tensorboard.util import tensor_util

    if value.metadata.plugin_data.plugin_name != "scalars":
        return None
    number = tensor_util.make_ndarray(value.tensor).item()
    return number if isinstance(number, (bool, int)) else float(number)


def with_loader(folder):
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    runs = {}
    for path in event_files(folder):
        found = runs.setdefault(str(path.relative_to(folder)), Found())
        # Writers name the plugin with a tag's first value alone.
        plugins = {}
        try:
            for event in EventFileLoader(str(path)).Load():
                for value in event.summary.value:
                    name = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
                    value.metadata.plugin_data.plugin_name = name
                    number = number_of(value)
                    if number is not None:
                        found.add(value.tag, event.step, number, event.wall_time)
        except Exception as problem:
            print(f"{path}: the loader ends here: {problem}", file=sys.stderr)
    return runs


def with_accumulator(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    runs = {}
    for run in sorted({path.parent for path in event_files(folder)}):
        accumulator = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
        accumulator.Reload()
        found = runs.setdefault(str(run.relative_to(folder)), Found())
        for tag in accumulator.Tags()["scalars"]:
            for event in accumulator.Scalars(tag):
                found.add(tag, event.step, float(event.value), event.wall_time)
        for tag in accumulator.Tags()["tensors"]:
            if accumulator.SummaryMetadata(tag).plugin_data.plugin_name != "scalars":
                continue
            from tensorboard.util import tensor_util

            for event in accumulator.Tensors(tag):
                found.add(tag, event.step, float(tensor_util.make_ndarray(event.tensor_proto).item()), event.wall_time)
    return runs


def with_tbparse(folder):
    import numpy
    from tbparse import SummaryReader
    from tensorboard.compat.tensorflow_stub import dtypes

    # tbparse 0.0.9 asks for a type which the stand-in for TensorFlow does not have.
    for name in ("int4", "uint4", "float8_e5m2", "float8_e4m3fn"):
        if not hasattr(dtypes, name):
            setattr(dtypes, name, dtypes.int8)
    runs = {}
    for path in event_files(folder):
        found = runs.setdefault(str(path.relative_to(folder)), Found())
        try:
            reader = SummaryReader(str(path), event_types={"scalars", "tensors"}, extra_columns={"wall_time"})
        except Exception as problem:
            print(f"{path}: tbparse reads none of it: {problem}", file=sys.stderr)
            continue
        for row in reader.scalars.itertuples(index=False):
            found.add(row.tag, int(row.step), float(row.value), float(row.wall_time))
        if reader.tensors.empty:
            continue
        for row in reader.tensors.itertuples(index=False):
            value = numpy.asarray(row.value)
            if value.shape == () and value.dtype.kind in "fiub":
                found.add(row.tag, int(row.step), float(value), float(row.wall_time))
    return runs


READERS = {"loader": with_loader, "accumulator": with_accumulator, "tbparse": with_tbparse}


# MARK: W&B


def chunks(data):
    """The chunks of a log of LevelDB, for a `wandb` that has no reader in Python any more (since its core is in Go)."""
    assert data[:7] == b":W&B\xe1\xbe\x00", "this is no .wandb file"
    place = 7
    while place < len(data):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, place)
        body = data[place + 7 : place + 7 + length]
        if len(body) < length:
            return
        assert checksum == zlib.crc32(body, zlib.crc32(bytes([kind]))), f"the checksum at {place} is wrong"
        yield kind, body
        place += 7 + length


def wandb_records(path):
    from wandb.proto import wandb_internal_pb2

    try:
        import wandb
        from wandb.sdk.internal import datastore
    except ImportError:
        record = b""
        for kind, body in chunks(path.read_bytes()):
            record = body if kind in (1, 2) else record + body
            if kind in (1, 4):
                yield wandb_internal_pb2.Record.FromString(record)
        return
    # The reader insists on its process.
    wandb._assert_is_internal_process = True
    store = datastore.DataStore()
    store.open_for_scan(str(path))
    while (data := store.scan_data()) is not None:
        yield wandb_internal_pb2.Record.FromString(data)


def leaves(name, value):
    """The value's parts that are no objects and no lists, by their dotted names; elements of lists are numbered."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(f"{name}.{key}" if name else key, inner)
    else:
        yield name, value


def items(parts):
    for item in parts:
        name = item.key or ".".join(getattr(item, "nested_key", ()))
        yield from leaves(name, json.loads(item.value_json))


def read_wandb(folder):
    runs = {}
    for path in sorted(folder.rglob("*.wandb")):
        found = runs.setdefault(str(path.relative_to(folder)), Found())
        for record in wandb_records(path):
            kind = record.WhichOneof("record_type")
            if kind == "history":
                row = dict(items(record.history.item))
                for name, value in row.items():
                    found.add(name, row.get("_step", record.history.step.num), value, row.get("_timestamp"))
            elif kind in ("config", "summary"):
                for name, value in items(getattr(record, kind).update):
                    found[f"{kind}.{name}"] = [[None, plain(value), None]]
            elif kind == "stats":
                time = record.stats.timestamp.seconds + record.stats.timestamp.nanos / 1e9
                for name, value in items(record.stats.item):
                    found.add(f"system.{name}", None, value, time)
            elif kind == "run":
                for name, field in [("id", "run_id"), ("name", "display_name"), ("project", "project"),
                                    ("entity", "entity"), ("group", "run_group"), ("job_type", "job_type")]:  # fmt: skip
                    if getattr(record.run, field):
                        found[f"run.{name}"] = [[None, getattr(record.run, field), None]]
                for name, value in items(record.run.config.update):
                    found[f"config.{name}"] = [[None, plain(value), None]]
            elif kind == "exit":
                found.add("exit.code", None, record.exit.exit_code, None)
                found.add("exit.runtime", None, record.exit.runtime, None)
    return runs


# MARK: MLflow


def read_mlflow(folder):
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient
    from mlflow.entities import ViewType

    client = MlflowClient(tracking_uri=folder.resolve().as_uri())
    runs = {}
    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL, max_results=50_000):
            found = runs.setdefault(f"{experiment.experiment_id}/{run.info.run_id}", Found())
            for name in run.data.metrics:
                for metric in client.get_metric_history(run.info.run_id, name):
                    found.add(name, metric.step, float(metric.value), metric.timestamp)
            for kind in ("params", "tags"):
                for name, value in getattr(run.data, kind).items():
                    found.add(f"{kind}.{name}", None, value, None)
            found.add("status", None, run.info.status, None)
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", choices=["tensorboard", "wandb", "mlflow"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--reader", choices=list(READERS), default="loader", help="of tensorboard")
    given = parser.parse_args()
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder")
    warnings.simplefilter("ignore")
    readers = {"tensorboard": READERS[given.reader], "wandb": read_wandb, "mlflow": read_mlflow}
    json.dump(readers[given.tool](given.folder), sys.stdout, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
