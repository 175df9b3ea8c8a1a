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


def written(path, lines, line):
    """A log of `line(number, random)` for each number."""
    r = random.Random(4)
    with open(path, "w") as file:
        file.writelines(line(i, r) for i in range(lines))


def text_line(i, r):
    """A line of a console log, as the training writes them; every tenth is one of the validation."""
    head = "2026-01-05 12:%02d:%02d,%03d INFO " % (i // 60000 % 60, i // 1000 % 60, i % 1000)
    if i % 10 == 9:
        return head + "val: epoch %d | loss %.4f | accuracy %.4f\n" % (i // 10000, r.random(), r.random())
    return head + "train: epoch %d step %d | loss %.6f | lr %.3e | %.1f samples/s\n" % (
        i // 10000, i, r.random(), 3e-4 * r.random(), 800 + 100 * r.random())


def text_lines(path, lines):
    written(path, lines, text_line)


def equals_lines(path, lines):
    """Five pairs a line."""
    written(path, lines, lambda i, r: "train step=%d loss=%.6f lr=%.3e epoch=%.2f grad_norm=%.2f\n" % (
        i, r.random(), 3e-4 * r.random(), i / 10000, r.random() * 2))


def colon_lines(path, lines):
    """The same with a comma behind each pair."""
    written(path, lines, lambda i, r: "train step: %d, loss: %.6f, lr: %.3e, epoch: %.2f, grad_norm: %.2f\n" % (
        i, r.random(), 3e-4 * r.random(), i / 10000, r.random() * 2))


def dict_lines(path, lines):
    """As Hugging Face's Trainer prints them."""
    written(path, lines, lambda i, r: "{'loss': %.4f, 'grad_norm': %r, 'learning_rate': %r, 'epoch': %.2f}\n" % (
        r.random(), r.random() * 2, 5e-5 * r.random(), i / 10000))


def series(path, count):
    """A line for each of `count` series of three labels."""
    with open(path, "w") as file:
        for i in range(count):
            file.write('{"run": "run_%06d", "split": "train", "metric": "metric_%d", "value": %.6f}\n' %
                       (i // 10, i % 10, (i * 7919 % 1000003) / 1e6))


TAGS = [f"train/loss_{k:02}" for k in range(20)]


def event_file(path, scalars):
    """An event file of TensorBoard as PyTorch writes it: each event has one scalar, of one of `TAGS` in turn."""
    import numpy

    def bytes_of(array, kind):
        return array.astype(kind).view(numpy.uint8).reshape(len(array), -1)

    # All events are of one length, so that each of their bytes is a column. Three bytes hold each step.
    steps = 16384 + numpy.arange(scalars) // len(TAGS)
    tags = numpy.frombuffer("".join(TAGS).encode(), numpy.uint8).reshape(len(TAGS), -1)[numpy.arange(scalars) % len(TAGS)]
    tag_bytes = tags.shape[1]
    values = numpy.random.default_rng(3).random(scalars)

    def fixed(*data):
        return numpy.tile(numpy.array(data, numpy.uint8), (scalars, 1))

    value_bytes = 2 + tag_bytes + 5
    event = numpy.hstack([
        fixed(0x09), bytes_of(1_732_400_000 + numpy.arange(scalars) * 0.001, "<f8"),
        fixed(0x10), (numpy.stack([steps, steps >> 7, steps >> 14], 1) & 0x7F | [0x80, 0x80, 0]).astype(numpy.uint8),
        fixed(0x2A, value_bytes + 2, 0x0A, value_bytes, 0x0A, tag_bytes), tags, fixed(0x15), bytes_of(values, "<f4"),
    ])
    length = bytes_of(numpy.full(scalars, event.shape[1]), "<u8")
    frames = numpy.hstack([length, bytes_of(_masked_crc32c(length), "<u4"), event, bytes_of(_masked_crc32c(event), "<u4")])
    version = numpy.frombuffer(b"\x09" + bytes(8) + b"\x1a\x0dbrain.Event:2", numpy.uint8).reshape(1, -1)
    head = bytes_of(numpy.full(1, version.shape[1]), "<u8")
    with open(path, "wb") as file:
        for part in head, bytes_of(_masked_crc32c(head), "<u4"), version, bytes_of(_masked_crc32c(version), "<u4"), frames:
            file.write(part.tobytes())


def _masked_crc32c(rows):
    import numpy

    table = numpy.arange(256, dtype=numpy.uint32)
    for _ in range(8):
        table = table >> 1 ^ numpy.where(table & 1, numpy.uint32(0x82F63B78), numpy.uint32(0))
    value = numpy.full(len(rows), 0xFFFFFFFF, numpy.uint32)
    for column in rows.T:
        value = table[(value ^ column) & 0xFF] ^ value >> 8
    value = ~value
    return (value >> 15 | value << 17) + numpy.uint32(0xA282EAD8)


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


def many_large(folder, logs, lines=10_000):
    """Logs of about 1 MB each; returns their paths."""
    block = make(os.path.join(folder, "block.jsonl"), json_lines, lines)
    with open(block) as file:
        text = file.read()
    paths = [os.path.join(folder, "runs", "project", f"run-{number:04}", "train.jsonl") for number in range(logs)]
    for number, path in enumerate(paths):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            # Each its own content: no log may be taken for another.
            file.write(json_line(-number - 1))
            file.write(text)
    return paths
