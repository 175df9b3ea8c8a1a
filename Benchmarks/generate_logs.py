"""Training logs to measure with; the same bytes every time."""
import os, random

COLUMNS = ["epoch", "time", "train/box_loss", "train/cls_loss", "train/dfl_loss", "metrics/precision(B)",
           "metrics/recall(B)", "metrics/mAP50(B)", "metrics/mAP50-95(B)", "val/box_loss", "val/cls_loss",
           "val/dfl_loss"]


def json_line(step, r=random.Random(1), lines=1_000_000):
    """Six keys; five of them are read."""
    return '{"step": %d, "loss": %.6f, "lr": %.4g, "epoch": %.2f, "grad_norm": %.2f, "time": %.3f}\n' % (
        step, r.random(), 3e-4 * (1 - step / (lines + 1)) + 1e-6, step / 800000 + 0.01, r.random() * 2,
        1732400000.0 + step * 0.123)


def json_lines(path, lines):
    r = random.Random(1)
    with open(path, "w") as file:
        for i in range(lines):
            file.write(json_line(i, r, lines))


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


def make(path, write, size):
    """Writes the log if it is missing; returns its path."""
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write(path + ".part", size)
        os.rename(path + ".part", path)
    return path


# Many logs: so many projects with so many runs each.
PROJECTS, RUNS = 50, 100
MANY_PATTERN = "runs/*/*/train.jsonl"


def many(folder, lines=10):
    """Small logs in nested folders, `PROJECTS` times `RUNS`; returns their paths."""
    paths = [os.path.join(folder, "runs", f"project-{i // RUNS:02}", f"run-{i % RUNS:03}", "train.jsonl")
             for i in range(PROJECTS * RUNS)]
    text = "".join(json_line(i) for i in range(lines))
    for path in paths:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    return paths
