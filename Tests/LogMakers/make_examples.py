#!/usr/bin/env python3
"""Trains a small classifier with PyTorch, and logs it as the folders of `examples` show.

    make_examples.py FOLDER

FOLDER/tensorboard/runs, FOLDER/wandb/wandb and FOLDER/mlflow/mlruns. With TensorBoard and W&B the training stops in the
middle and is resumed. Needs requirements.txt and PyTorch.
"""

import os
import pathlib
import shutil
import sys
import time

EPOCHS, STEPS = 10, 30
CONFIG = {"lr": 0.05, "batch_size": 64, "hidden": 32, "optimizer": "sgd"}


class Training:
    def __init__(self):
        import torch

        torch.manual_seed(3)
        torch.set_num_threads(1)
        angles = torch.rand(2560) * 6.28
        circles = torch.randint(0, 2, (2560,))
        radii = (1 + circles * 0.8 + 0.35 * torch.randn(2560)).unsqueeze(1)
        self.inputs = torch.stack([angles.cos(), angles.sin()], 1) * radii
        self.targets = circles
        self.model = torch.nn.Sequential(
            torch.nn.Linear(2, CONFIG["hidden"]), torch.nn.ReLU(), torch.nn.Linear(CONFIG["hidden"], 2)
        )
        self.optimizer = torch.optim.SGD(self.model.parameters(), CONFIG["lr"], momentum=0.9)
        self.scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, EPOCHS)

    def epoch(self, number):
        """Yields each step's number and values, at last those of the validation."""
        import torch

        size = CONFIG["batch_size"]
        train = 2560 - 640
        for index in range(STEPS):
            batch = torch.randperm(train)[:size]
            start = time.perf_counter()
            self.optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(self.model(self.inputs[batch]), self.targets[batch])
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10)
            self.optimizer.step()
            time.sleep(0.005)
            yield number * STEPS + index, {
                "train/loss": loss.item(), "train/grad_norm": norm.item(), "lr": self.scheduler.get_last_lr()[0],
                "samples_per_second": size / (time.perf_counter() - start),
            }  # fmt: skip
        self.scheduler.step()
        with torch.no_grad():
            outputs = self.model(self.inputs[train:])
            loss = torch.nn.functional.cross_entropy(outputs, self.targets[train:]).item()
            accuracy = (outputs.argmax(1) == self.targets[train:]).float().mean().item()
        yield (number + 1) * STEPS - 1, {"val/loss": loss, "val/accuracy": accuracy, "epoch": number}


def with_tensorboard(folder):
    from torch.utils.tensorboard import SummaryWriter

    training = Training()
    path = folder / "runs" / "circles"
    writer = SummaryWriter(str(path))
    last = {}
    for number in range(EPOCHS):
        if number == 6:
            # What a job that is started again does.
            writer.close()
            writer = SummaryWriter(str(path), purge_step=number * STEPS)
        for step, values in training.epoch(number):
            if step % 3 and "epoch" not in values:
                continue
            for tag, value in values.items():
                writer.add_scalar(tag, value, step)
            last |= values
    writer.add_hparams(CONFIG, {"hparam/accuracy": last["val/accuracy"]}, run_name=".")
    writer.close()


def with_wandb(folder):
    import wandb

    os.environ["WANDB_SILENT"] = "true"
    training = Training()
    run = None
    for number in range(EPOCHS):
        if number in (0, 6):
            if run:
                run.finish()
                time.sleep(1.1)
            settings = wandb.Settings(console="off", x_disable_meta=True, x_stats_sampling_interval=1, host="gpu-1")
            run = wandb.init(
                project="circles", name="sgd-0.05", id="k7dq2x9a", resume="allow", dir=str(folder), config=CONFIG,
                mode="offline", settings=settings,
            )  # fmt: skip
        for step, values in training.epoch(number):
            if step % 6 and "epoch" not in values:
                continue
            run.log({**values, "step": step})
    run.finish()


def with_mlflow(folder):
    os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "LOGNAME": "ml"}
    import mlflow

    mlflow.set_tracking_uri((folder / "mlruns").as_uri())
    mlflow.set_experiment("circles")
    training = Training()
    with mlflow.start_run(run_name="sgd-0.05"):
        mlflow.log_params(CONFIG)
        mlflow.set_tag("team", "shapes")
        for number in range(EPOCHS):
            for step, values in training.epoch(number):
                if step % 3 and "epoch" not in values:
                    continue
                mlflow.log_metrics(values, step=step)


WRITERS = {"tensorboard": with_tensorboard, "wandb": with_wandb, "mlflow": with_mlflow}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1]).resolve()
    for name, write in WRITERS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        write(folder / name)
    for leftover in list(folder.glob("wandb/wandb/*")):
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        for inner in list(leftover.glob("*")) if leftover.is_dir() else []:
            shutil.rmtree(inner) if inner.is_dir() else inner.unlink() if inner.suffix != ".wandb" else None


if __name__ == "__main__":
    main()
