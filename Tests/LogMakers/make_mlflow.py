#!/usr/bin/env python3
"""Writes MLflow's file store with the real `mlflow`.

    make_mlflow.py FOLDER

FOLDER/mlruns gets two experiments. Its runs: plain, names, numbers, nested (a parent and two children), failed, killed
(never ended), resumed, dataset, deleted. What they hold, `tools/judge-logs.py mlflow FOLDER/mlruns` says. Works with
mlflow-skinny from 2.9 on.
"""

import math
import os
import pathlib
import subprocess
import sys
import warnings

os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
warnings.simplefilter("ignore")


def write(folder):
    import mlflow
    from mlflow.entities import Metric

    mlflow.set_tracking_uri((folder / "mlruns").resolve().as_uri())
    client = mlflow.MlflowClient()
    mlflow.set_experiment("demo")
    with mlflow.start_run(run_name="plain"):
        mlflow.log_params({"lr": 0.1, "optimizer": "adam", "layers": 3})
        mlflow.set_tag("team", "vision")
        for step in range(100):
            mlflow.log_metrics({"loss": 1 / (step + 1), "accuracy": step / 100}, step=step)
    with mlflow.start_run(run_name='names: "quotes", größe'):
        mlflow.log_params({"model/name": "mlp", "text": "two\nlines", "empty": "", "dotted.key": 1, "blank key": "x"})
        mlflow.set_tags({"a/b": "c", "long": "t" * 3000, "mlflow.note.content": "a note"})
        for name in ["train/loss", "train/deep/er/loss", "dotted.key", "two words", "größe", "a-b_c"]:
            for step in range(3):
                mlflow.log_metric(name, step / 2, step=step)
    with mlflow.start_run(run_name="numbers"):
        values = [math.nan, math.inf, -math.inf, -0.0, 1e-300, 1.7976931348623157e308, 2**60, 3, True, 1 / 3]
        for step, value in enumerate(values):
            mlflow.log_metric("value", value, step=step)
        for step in [0, -1, 2**40, 5, 5, 4]:
            mlflow.log_metric("step", step, step=step)
    with mlflow.start_run(run_name="parent"):
        for index in range(2):
            with mlflow.start_run(run_name=f"child {index}", nested=True):
                mlflow.log_metric("loss", index)
    try:
        with mlflow.start_run(run_name="failed"):
            mlflow.log_metric("loss", 1)
            raise ArithmeticError
    except ArithmeticError:
        pass
    with mlflow.start_run(run_name="resumed") as run:
        for step in range(5):
            mlflow.log_metric("loss", step, step=step)
    with mlflow.start_run(run_id=run.info.run_id):
        for step in range(5, 10):
            mlflow.log_metric("loss", step, step=step)
    mlflow.set_experiment("second")
    with mlflow.start_run(run_name="dataset") as run:
        # With a dataset a line has five words. MLflow's own reader takes their step for 0.
        metric = Metric("loss", 0.5, 1_700_000_000_000, 0)
        if hasattr(metric, "dataset_name"):
            metric = Metric("loss", 0.5, 1_700_000_000_000, 0, dataset_name="train", dataset_digest="abc")
        client.log_batch(run.info.run_id, metrics=[metric])
        client.log_metric(run.info.run_id, "loss", 0.25, 1_700_000_000_500, 1)
    with mlflow.start_run(run_name="deleted") as run:
        mlflow.log_metric("loss", 1)
    client.delete_run(run.info.run_id)
    # The process ends without a word.
    mlflow.start_run(run_name="killed")
    mlflow.log_metric("loss", 1)
    os._exit(0)


def main():
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--here":
        write(pathlib.Path(arguments[1]))
    if len(arguments) != 1:
        sys.exit(__doc__.strip())
    pathlib.Path(arguments[0]).mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, __file__, "--here", arguments[0]], check=True, timeout=120, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
