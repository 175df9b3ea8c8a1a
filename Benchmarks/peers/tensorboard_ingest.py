#!/usr/bin/env python3
"""Reads the scalars of a folder of event files.

usage: tensorboard_ingest.py loader|accumulator|tbparse FOLDER

loader: TensorBoard's EventFileLoader, each value taken as a number. accumulator: its EventAccumulator, which keeps all of
them for its page. tbparse: as a table of pandas. Prints how many there were.
"""
import glob, os, sys


def with_loader(folder):
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
    from tensorboard.util.tensor_util import make_ndarray

    count = 0
    for path in sorted(glob.glob(os.path.join(folder, "*tfevents*"))):
        last = {}
        for event in EventFileLoader(path).Load():
            for value in event.summary.value:
                last[value.tag] = event.step, make_ndarray(value.tensor).item()
                count += 1
    return count


def with_accumulator(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(folder, size_guidance={"tensors": 0, "scalars": 0})
    accumulator.Reload()
    tags = accumulator.Tags()
    return sum(len(accumulator.Tensors(tag)) for tag in tags["tensors"]) + \
        sum(len(accumulator.Scalars(tag)) for tag in tags["scalars"])


def with_tbparse(folder):
    from tbparse import SummaryReader

    return len(SummaryReader(folder, event_types={"scalars"}).scalars)


def main():
    kind, folder = sys.argv[1:]
    print({"loader": with_loader, "accumulator": with_accumulator, "tbparse": with_tbparse}[kind](folder))


if __name__ == "__main__":
    main()
