#!/usr/bin/env python3
"""Writes event files which hold each form that a scalar can have, and much that is none.

    make_tensorboard_by_hand.py FOLDER

Each case becomes a folder of event files, and beside it CASE.json with what is in it, in order:
{"scalars": {tag: [[step, value, wall_time], …]}, "malformed": how many frames are damaged}. Numbers that JSON lacks are
the texts "NaN", "Infinity" and "-Infinity". The same bytes come out each time. Needs the standard library alone.
"""

import json
import math
import pathlib
import struct
import sys

from event_files import (
    BFLOAT16, BOOL, DOUBLE, FLOAT, HALF, INT8, INT16, INT32, INT64, STRING, UINT8, UINT16, UINT32, UINT64,
    bfloat16, content, double, event, file_version, frame, integer, part, plugin, scalar, single, tensor, tensor_value,
    varint,
)  # fmt: skip

START = 1_700_000_000.25
SCALARS = plugin("scalars", data_class=1)
NAME = "events.out.tfevents.{}.host.1.0"


def as_single(number):
    return struct.unpack("<f", struct.pack("<f", number))[0]


class Case:
    def __init__(self):
        self.files = [bytearray()]
        self.scalars = {}
        self.malformed = 0
        self.clock = START
        self.add(file_version(self.clock))

    def add(self, data):
        self.files[-1] += data

    def begin_file(self):
        self.files.append(bytearray())
        self.add(file_version(self.clock))

    def tick(self):
        self.clock += 0.5
        return self.clock

    def expect(self, tag, step, value):
        self.scalars.setdefault(tag, []).append([step, value, self.clock])

    def simple(self, step, **tags):
        self.simples(step, list(tags.items()))

    def simples(self, step, pairs):
        self.add(event(self.tick(), step, *(scalar(tag, value) for tag, value in pairs)))
        for tag, value in pairs:
            self.expect(tag, step, as_single(value))

    def tensor(self, tag, step, value, data, metadata=SCALARS):
        self.add(event(self.tick(), step, tensor_value(tag, data, metadata)))
        self.expect(tag, step, value)


def plain():
    case = Case()
    for step in range(200):
        case.simple(step, loss=2 / (step + 1), accuracy=step / 200)
    return case


def tensors():
    case = Case()
    for index, (value, data) in enumerate([
        (0.1, tensor(DOUBLE, part(6, struct.pack("<d", 0.1)))),
        (0.1, tensor(DOUBLE, double(6, 0.1))),
        (0.1, tensor(DOUBLE, content("d", 0.1))),
        (as_single(0.1), tensor(FLOAT, part(5, struct.pack("<f", 0.1)))),
        (as_single(0.1), tensor(FLOAT, single(5, 0.1))),
        (as_single(0.1), tensor(FLOAT, content("f", 0.1))),
        (0.333251953125, tensor(HALF, part(13, varint(0x3555)))),
        (0.333251953125, tensor(HALF, integer(13, 0x3555))),
        (-0.5, tensor(HALF, content("e", -0.5))),
        (-7, tensor(INT32, part(7, varint(-7)))),
        (-7, tensor(INT32, integer(7, -7))),
        (-7, tensor(INT32, content("i", -7))),
        (-(2**40), tensor(INT64, part(10, varint(-(2**40))))),
        (2**40, tensor(INT64, content("q", 2**40))),
        (-300, tensor(INT16, integer(7, -300))),
        (-300, tensor(INT16, content("h", -300))),
        (-100, tensor(INT8, content("b", -100))),
        (200, tensor(UINT8, integer(7, 200))),
        (200, tensor(UINT8, content("B", 200))),
        (60000, tensor(UINT16, content("H", 60000))),
        (1, tensor(BOOL, part(11, varint(1)))),
        (0, tensor(BOOL, content("?", False))),
    ]):  # fmt: skip
        case.tensor(f"kind/{index:02}", index, value, data)
    return case


def tensors_of_rare_kinds():
    """TensorBoard itself reads them only where TensorFlow is."""
    case = Case()
    case.tensor("packed", 0, 1.5, tensor(BFLOAT16, part(13, varint(bfloat16(1.5)))))
    case.tensor("content", 1, -2.25, tensor(BFLOAT16, content("H", bfloat16(-2.25))))
    case.tensor("uint32/packed", 2, 4_000_000_000, tensor(UINT32, part(16, varint(4_000_000_000))))
    case.tensor("uint32/content", 3, 4_000_000_000, tensor(UINT32, content("I", 4_000_000_000)))
    case.tensor("uint64/packed", 4, 2**60, tensor(UINT64, part(17, varint(2**60))))
    case.tensor("uint64/content", 5, 2**60, tensor(UINT64, content("Q", 2**60)))
    return case


def tensors_of_zero():
    """Zeroes, which some writers leave out."""
    case = Case()
    case.tensor("double", 0, 0.0, tensor(DOUBLE, content("d", 0.0)))
    case.tensor("float", 1, 0.0, tensor(FLOAT, part(5, struct.pack("<f", 0.0))))
    return case


def metadata_once():
    """Some writers say only with a tag's first value that it is a scalar. Its tensors hold one number each."""
    case = Case()
    for step in range(5):
        data = tensor(FLOAT, content("f", step / 4))
        case.tensor("loss", step, step / 4, data, SCALARS if step == 0 else None)
    return case


def tags():
    case = Case()
    names = [
        "train/loss", "two words", "a/b/c/d", "Verlust/größe", "损失", "🔥", "dots.in.it", "quotes\"'\\", "{braces}", "x" * 500,
        "/slash first", "slash last/", "tab\there", "line\nbreak",
    ]  # fmt: skip
    for step in range(3):
        case.simples(step, [(name, step + index) for index, name in enumerate(names)])
    return case


def numbers():
    case = Case()
    values = [math.nan, math.inf, -math.inf, -0.0, 0.0, 1e-45, 3.4028234663852886e38, 1e-38, 16777217.0, 1 / 3]
    for step, value in enumerate(values):
        case.simple(step, simple=value)
        case.tensor("double", step, value, tensor(DOUBLE, content("d", value)))
    return case


def steps():
    case = Case()
    for step in [0, 1, -1, -(2**40), 2**31, 2**53, 2**62, 5, 5, 4, 0]:
        case.simple(step, loss=step % 7)
    return case


def many_values():
    """Several values an event, one tag twice among them: the order is kept."""
    case = Case()
    for step in range(20):
        case.simples(step, [(f"layer{index}/norm", index + step / 10) for index in range(50)])
    return case


def no_scalars():
    """Everything else that an event can have, between scalars."""
    case = Case()
    case.simple(0, loss=1)
    image = integer(1, 640) + integer(2, 480) + integer(3, 3) + part(4, b"\x89PNG" + bytes(range(256)) * 4000)
    case.add(event(case.tick(), 1, part(1, part(1, "image") + part(4, image))))
    case.add(frame(double(1, case.tick()) + part(4, b"\x0a" + bytes(3_000_000))))
    histogram = double(1, -1) + double(2, 1) + double(3, 2) + part(6, struct.pack("<2d", 0, 1)) + part(7, bytes(16))
    case.add(event(case.tick(), 1, part(1, part(1, "weights") + part(5, histogram))))
    texts = tensor(STRING, part(8, "a text"), shape=(1,))
    case.add(event(case.tick(), 1, tensor_value("words/text_summary", texts, plugin("text", data_class=2))))
    curve = tensor(FLOAT, content("f", *range(12)), shape=(6, 2))
    case.add(event(case.tick(), 1, tensor_value("pr", curve, plugin("pr_curves", data_class=2))))
    case.add(event(case.tick(), 1, more=part(7, integer(1, 1))))
    case.add(event(case.tick(), 1, more=part(6, integer(1, 20) + part(2, "a message"))))
    case.add(event(case.tick(), 1, more=part(8, part(1, "step1") + part(2, bytes(1000)))))
    case.add(event(case.tick(), 1, more=part(10, part(1, "tensorboard.summary.writer"))))
    case.add(event(case.tick(), 1))
    case.add(frame(b""))
    case.add(event(case.tick(), 1, part(1, b"")))
    # One event has a scalar beside a picture.
    case.add(event(case.tick(), 2, part(1, part(1, "image") + part(4, image)), scalar("loss", 0.5)))
    case.expect("loss", 2, 0.5)
    return case


def order_of_fields():
    """Protobuf leaves the order of fields open, and lets unknown ones stand anywhere."""
    case = Case()
    time = case.tick()
    value = single(2, 0.25) + part(99, b"unknown") + part(1, "loss") + part(7, "node")
    summary = part(5, integer(77, 5) + part(1, value))
    case.add(frame(part(55, b"?") + summary + varint(3 << 3 | 5) + bytes(4) + integer(2, 3) + double(1, time)))
    case.expect("loss", 3, 0.25)
    # A summary in two parts is one summary.
    time = case.tick()
    case.add(frame(part(5, scalar("a", 1)) + double(1, time) + integer(2, 4) + part(5, scalar("b", 2))))
    case.expect("a", 4, 1.0)
    case.expect("b", 4, 2.0)
    # An integer in more bytes than it needs.
    time = case.tick()
    case.add(frame(double(1, time) + b"\x10\x85\x80\x80\x00" + part(5, scalar("loss", 0.125))))
    case.expect("loss", 5, 0.125)
    return case


def hparams():
    """What `add_hparams` of PyTorch and tensorboardX writes: three events, and a scalar."""
    case = Case()

    def value_of(number=None, text=None, flag=None):
        if number is not None:
            return double(2, number)
        return part(3, text) if text is not None else integer(4, flag)

    entries = {
        "lr": value_of(number=0.1), "batch_size": value_of(number=32.0), "optimizer": value_of(text="adam"),
        "amp": value_of(flag=1),
    }  # fmt: skip
    experiment = integer(1, 0) + part(2, part(4, part(1, "lr")) + part(5, part(1, part(2, "hparam/accuracy"))))
    start = part(3, b"".join(part(1, part(1, name) + part(2, value)) for name, value in entries.items()))
    end = part(4, integer(1, 1))
    for tag, data in [("experiment", experiment), ("session_start_info", start), ("session_end_info", end)]:
        value = part(1, f"_hparams_/{tag}") + part(9, plugin("hparams", data))
        case.add(event(case.tick(), 0, part(1, value)))
    case.simple(0, **{"hparam/accuracy": 0.75})
    return case


def resumed():
    case = Case()
    for step in range(50):
        case.simple(step, loss=1 / (step + 1))
    case.begin_file()
    for step in range(40, 80):
        case.simple(step, loss=1 / (step + 1))
    return case


def damaged():
    """Frames whose data were damaged, between whole ones. Their lengths are right."""
    case = Case()
    case.simple(0, loss=1)
    broken = bytearray(event(case.tick(), 1, scalar("loss", 2)))
    broken[20] ^= 0x10
    case.add(broken)
    case.malformed += 1
    case.simple(2, loss=3)
    broken = bytearray(event(case.tick(), 3, scalar("loss", 4)))
    broken[-1] ^= 0x01
    case.add(broken)
    case.malformed += 1
    # Whole, and yet no event.
    case.add(frame(b"\xff" * 20))
    case.malformed += 1
    case.simple(4, loss=5)
    return case


def torn():
    """The last frame is cut off. A reader waits for the rest of it."""
    case = Case()
    for step in range(3):
        case.simple(step, loss=step)
    case.add(event(case.tick(), 3, scalar("loss", 3))[:-7])
    return case


CASES = {
    function.__name__.replace("_", "-"): function
    for function in [
        plain, tensors, tensors_of_rare_kinds, tensors_of_zero, metadata_once, tags, numbers, steps, many_values, no_scalars, order_of_fields,
        hparams, resumed, damaged, torn,
    ]
}  # fmt: skip


def as_json(value):
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    folder = pathlib.Path(sys.argv[1])
    for name, make in CASES.items():
        case = make()
        (folder / name).mkdir(parents=True, exist_ok=True)
        for index, data in enumerate(case.files):
            (folder / name / NAME.format(int(START) + index)).write_bytes(data)
        scalars = {tag: [[as_json(item) for item in row] for row in rows] for tag, rows in case.scalars.items()}
        text = json.dumps({"scalars": scalars, "malformed": case.malformed}, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
