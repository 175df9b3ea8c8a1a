"""Training logs to measure with; the same bytes every time."""
import os, random

COLUMNS = ["epoch", "time", "train/box_loss", "train/cls_loss", "train/dfl_loss", "metrics/precision(B)",
           "metrics/recall(B)", "metrics/mAP50(B)", "metrics/mAP50-95(B)", "val/box_loss", "val/cls_loss",
           "val/dfl_loss"]


def json_lines(path, lines):
    """Six keys a line; five of them are read."""
    r = random.Random(1)
    with open(path, "w") as file:
        for i in range(lines):
            file.write('{"step": %d, "loss": %.6f, "lr": %.4g, "epoch": %.2f, "grad_norm": %.2f, "time": %.3f}\n' %
                       (i, r.random(), 3e-4 * (1 - i / (lines + 1)) + 1e-6, i / 800000 + 0.01, r.random() * 2,
                        1732400000.0 + i * 0.123))


def csv_rows(path, lines):
    """Twelve columns, as Ultralytics writes them."""
    r = random.Random(2)
    with open(path, "w") as file:
        file.write(",".join(COLUMNS) + "\n")
        for i in range(lines):
            file.write("%d,%.4f,%.5f,%.5f,%.5f,%.5f,%.5f,%.5f,%.5f,%.5f,%.5f,%.5f\n" % (
                (i + 1, 31.0 * i + 3.2) + tuple(r.random() * (3 if k < 3 or k > 6 else 1) for k in range(10))))


def series(path, count):
    """A line for each of `count` series of three labels."""
    with open(path, "w") as file:
        for i in range(count):
            file.write('{"run": "run_%06d", "split": "train", "metric": "metric_%d", "value": %.6f}\n' %
                       (i // 10, i % 10, (i * 7919 % 1000003) / 1e6))


def make(folder, lines, counts):
    """Writes what is missing."""
    os.makedirs(folder, exist_ok=True)
    jobs = [("train.jsonl", json_lines, lines), ("results.csv", csv_rows, lines)]
    jobs += [(f"series_{count}.jsonl", series, count) for count in counts]
    for name, write, size in jobs:
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            write(path + ".part", size)
            os.rename(path + ".part", path)
