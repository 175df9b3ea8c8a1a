"""What reading a log costs beside the least that it can cost: a program in C++ that does nothing else for logs of just
this form. Both show the same last values."""
import time
import catalogs, generate_logs
from measures import tensorboard
from processes import run_to_end
from programs import OURS, note
from tables import table
from turns import compare

#: The title, the log, what writes it, the catalog, and the floor's program with what stands before the log.
FORMS = [
    ("CSV, 12 columns", "results.csv", generate_logs.csv_rows, catalogs.CSV, ["csv.cpp"]),
    ("JSON lines, 5 values", "train.jsonl", generate_logs.json_lines, catalogs.JSON_LINES, ["jsonl.cpp"]),
    ("console text, 2 patterns", "train.log", generate_logs.text_lines, catalogs.TEXT, ["text.cpp"]),
    ("pairs, `key=value`", "equals.log", generate_logs.equals_lines, catalogs.EQUALS, ["pairs.cpp", "="]),
    ("pairs, `key: value`", "colons.log", generate_logs.colon_lines, catalogs.COLONS, ["pairs.cpp", ":"]),
    ("Python dicts, 4 values", "trainer.log", generate_logs.dict_lines, catalogs.DICTS, ["pydict.cpp"]),
    ("event files of TensorBoard", f"runs/a/{tensorboard.NAME}", None, catalogs.TENSORBOARD, ["tensorboard.cpp"]),
]
MANY = 1_000


def measure(programs):
    rows = []
    for title, name, write, catalog, (source, *before) in FORMS:
        log = programs.path("floors", "logs", name)
        if write:
            generate_logs.make(log, write, programs.lines)
        else:
            tensorboard.generate(log, programs.lines)
        ours = programs.once(programs.catalog(f"floors/logs/{source}{''.join(before)}.yaml", catalog))
        floor = programs.floor(source, *before, log)
        expect_same(programs.output(floor), programs.output(ours), programs.lines)
        result, = compare(lambda: run_to_end(floor)[:1], lambda: run_to_end(ours)[:1])
        note(f"{title}: {result}")
        rows.append((title, *result.cells("{:.3f}".format, 1_000_000 / programs.lines)))
    yield from table(["CPU s, 1 million lines", "floor", OURS, "×"], rows)
    yield ""
    yield from first_read(programs)


def first_read(programs):
    """Many logs that nobody has read yet."""
    folder = programs.path("floors", "many")
    # As large as they are in a full run.
    logs = generate_logs.many_large(folder, max(1, MANY * programs.lines // 1_000_000))
    ours = programs.once(programs.catalog("floors/many/metrics.yaml", catalogs.MANY_LOGS))
    floor = programs.floor("jsonl.cpp", *logs)
    expect_same(programs.output(floor), programs.output(ours), len(logs) * 10_001)
    cpu, wall = compare(lambda: cpu_and_wall(floor), lambda: cpu_and_wall(ours))
    note(f"{len(logs)} logs: CPU {cpu}, wall {wall}")
    yield from table([f"first read of {len(logs):,} logs of 1 MB", "floor", OURS, "×"],
                     [("CPU s", *cpu.cells("{:.2f}".format)), ("s", *wall.cells("{:.2f}".format))])


def cpu_and_wall(command):
    begin = time.perf_counter()
    cpu, _ = run_to_end(command)
    return cpu, time.perf_counter() - begin


def expect_same(floor, ours, records):
    """A program that has not read all of it, or something else, would be fast."""
    floor, ours = samples(floor), samples(ours)
    if floor != ours:
        raise SystemExit(f"the floor shows {floor}, ours {ours}")
    if records not in floor.values():
        raise SystemExit(f"these are not {records} records: {floor}")


def samples(output):
    """The values by their series, without what the exporter says of itself."""
    lines = (line.rpartition(" ") for line in output.splitlines() if not line.startswith(("#", "training_exporter_")))
    return {series: float(number) for series, _, number in lines}
