#!/usr/bin/env python3
"""Writes event files of the same training with each writer that is installed.

    make_tensorboard.py FOLDER [WRITER…]

Writers: tensorboardX, torch, tensorboard (its own, without TensorFlow), tensorflow, keras, clu. FOLDER/WRITER has the
event files; what their values are, `tools/judge-logs.py tensorboard FOLDER` says. Without a list, those that are not
installed are left out; with one it is an error.
"""

import argparse
import importlib
import math
import os
import pathlib
import sys

import numpy

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

STEPS = 60


def loss(step):
    return 2.3 * math.exp(-step / 25) + 0.05 * math.cos(step)


def through_summary_writer(writer, module):
    """What `tensorboardX` and `torch.utils.tensorboard` have in common."""
    numbers = numpy.random.default_rng(1)
    writer.add_text("notes", "a **text**", 0)
    for step in range(STEPS):
        writer.add_scalar("train/loss", loss(step), step)
        writer.add_scalar("train/learning rate", 1e-3 * (1 - step / STEPS), step)
        writer.add_scalar("val/größe", numbers.random(), step)
        if step % 30 == 0:
            writer.add_histogram("weights", numbers.normal(size=100), step)
            writer.add_image("sample", numbers.integers(0, 255, (3, 16, 16), dtype=numpy.uint8), step)
            writer.add_scalar("nan", math.nan if step else math.inf, step)
        if module == "torch":
            writer.add_scalar("as tensor", loss(step), step, new_style=True)
            writer.add_scalar("as double", loss(step), step, new_style=True, double_precision=True)
    writer.add_scalars("both", {"train": 0.5, "val": 0.75}, STEPS)
    writer.add_hparams({"lr": 0.1, "layers": 3, "optimizer": "adam", "amp": True}, {"hparam/accuracy": 0.9})
    writer.close()


def with_tensorboardX(folder):
    from tensorboardX import SummaryWriter

    through_summary_writer(SummaryWriter(str(folder)), "tensorboardX")
    # Training goes on in a second file.
    with SummaryWriter(str(folder), filename_suffix=".resumed") as writer:
        for step in range(STEPS - 10, STEPS + 20):
            writer.add_scalar("train/loss", loss(step), step)


def with_torch(folder):
    from torch.utils.tensorboard import SummaryWriter

    through_summary_writer(SummaryWriter(str(folder)), "torch")
    with SummaryWriter(str(folder), purge_step=STEPS - 10, filename_suffix=".resumed") as writer:
        for step in range(STEPS - 10, STEPS + 20):
            writer.add_scalar("train/loss", loss(step), step)


def with_tensorboard(folder):
    from tensorboard.summary import Writer

    writer = Writer(str(folder))
    for step in range(STEPS):
        writer.add_scalar("train/loss", loss(step), step)
    writer.close()


def with_tensorflow(folder):
    import tensorflow

    writer = tensorflow.summary.create_file_writer(str(folder))
    with writer.as_default():
        for step in range(STEPS):
            tensorflow.summary.scalar("train/loss", loss(step), step=step)
            with tensorflow.name_scope("scope"):
                tensorflow.summary.scalar("double", tensorflow.constant(loss(step), tensorflow.float64), step=step)
            if step % 20 == 0:
                tensorflow.summary.histogram("weights", tensorflow.random.normal([100], seed=step), step=step)
                tensorflow.summary.text("notes", "a text", step=step)
                tensorflow.summary.image("sample", tensorflow.zeros([1, 8, 8, 3]), step=step)
    writer.close()


def with_keras(folder):
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.01), "mse", metrics=["mae"])
    numbers = numpy.random.default_rng(1)
    inputs = numbers.normal(size=(128, 4))
    callback = keras.callbacks.TensorBoard(str(folder), histogram_freq=2, update_freq=2)
    model.fit(inputs, inputs.sum(axis=1), epochs=4, batch_size=16, validation_split=0.25, callbacks=[callback], verbose=0)


def with_clu(folder):
    from clu import metric_writers

    writer = metric_writers.SummaryWriter(str(folder))
    writer.write_hparams({"lr": 0.1, "model": "mlp"})
    for step in range(STEPS):
        writer.write_scalars(step, {"train/loss": loss(step), "accuracy": step / STEPS})
    writer.write_texts(STEPS, {"notes": "a text"})
    writer.close()


WRITERS = {
    name.removeprefix("with_"): function for name, function in list(globals().items()) if name.startswith("with_")
}
MODULES = {"keras": ["keras", "tensorflow"], "clu": ["clu.metric_writers", "tensorflow"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("writers", nargs="*", metavar="WRITER", help=f"one of {', '.join(WRITERS)}")
    given = parser.parse_args()
    for name in given.writers or WRITERS:
        if name not in WRITERS:
            parser.error(f"{name} is none of {', '.join(WRITERS)}")
        try:
            for module in MODULES.get(name, [name]):
                importlib.import_module(module)
        except ImportError as missing:
            if given.writers:
                raise
            print(f"{name}: left out ({missing})", file=sys.stderr)
            continue
        (given.folder / name).mkdir(parents=True, exist_ok=True)
        WRITERS[name](given.folder / name)
        print(f"{name}: written", file=sys.stderr)


if __name__ == "__main__":
    main()
