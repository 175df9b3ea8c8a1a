"""Random reloads between two catalogs while logs are written, one of them at full speed: every value right."""
import importlib.util, multiprocessing, os, random, signal, time
from .bench import Verdict

RELOADS = 500
# How often all writers pause until every value is exact.
SETTLE_EVERY = 25
LOAD_ROWS = 200
spec = importlib.util.spec_from_file_location(
    "kill_test", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "kill-test.py"))
kill_test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kill_test)

LOAD = """
  load: { files: "load/*.csv", format: csv, labels: { run: load }, each_record: rows_total, fields: { step: [step, steps] } }
"""
# Another histogram, which is read anew, and everything else as it was.
CATALOGS = [kill_test.CATALOG + LOAD,
            (kill_test.CATALOG + LOAD).replace("[100, 1000]", "[100, 1000, 5000]").replace("Rows.", "All rows.")]


def judge(bench):
    reloads, seed = bench.times(RELOADS), random.randrange(1 << 32)
    root, rng = bench.path("reloads", ""), random.Random(seed)
    over, rows = multiprocessing.Event(), multiprocessing.Value("L", 0)
    os.makedirs(root + "load")
    put(root, 0)
    writers = [kind(root, folder, name, rng) for kind, folder, name in (
        (kill_test.Appended, "csv", "appended"), (kill_test.Rewritten, "csv", "rewritten"),
        (kill_test.Rotated, "jsonl", "rotated"), (kill_test.Checkpoints, "state", "checkpoints"))]
    load = multiprocessing.Process(target=write, args=(root + "load/log.csv", over, rows), daemon=True)
    exporter = kill_test.Exporter(bench.binary, root)
    exporter.scrape()
    wrong = None
    try:
        load.start()
        for number in range(1, reloads + 1):
            put(root, rng.randrange(2))
            exporter.process.send_signal(signal.SIGHUP)
            for _ in range(rng.randint(0, 5)):
                rng.choice(writers).act()
            time.sleep(rng.choice([0, rng.uniform(0, 0.1)]))
            if number % SETTLE_EVERY == 0:
                for writer in writers:
                    writer.finish()
                wrong = kill_test.settle(exporter, writers)
            if wrong:
                break
        over.set()
        load.join()
        wrong = wrong or settle_load(exporter, rows.value)
    finally:
        over.set()
        exporter.kill()
    if wrong:
        print(f"seed {seed}, reload {number}: {wrong}")
    yield Verdict(f"{number} reloads beside {rows.value:,} rows of load, wrong values", int(wrong is not None), 0)


def put(root, which):
    with open(root + "metrics.yaml.new", "w") as file:
        file.write(CATALOGS[which])
    os.rename(root + "metrics.yaml.new", root + "metrics.yaml")


def write(path, over, rows):
    """Appends blocks of rows without a pause longer than 5 ms."""
    with open(path, "a") as file:
        file.write("step,loss\n")
        while not over.is_set():
            file.write("".join(f"{rows.value + number + 1},0.5\n" for number in range(LOAD_ROWS)))
            file.flush()
            rows.value += LOAD_ROWS
            time.sleep(0.005)


def settle_load(exporter, rows):
    end = time.monotonic() + kill_test.SETTLE_SECONDS
    truth = {"rows_total": rows, "steps_count": rows, "steps_sum": rows * (rows + 1) // 2, "step": rows}
    while True:
        seen = exporter.scrape()
        wrong = [f"{name} of the load: {seen.get(('load', name))}, not {value}" for name, value in truth.items()
                 if seen.get(("load", name)) != value]
        if not wrong or time.monotonic() > end:
            return "\n".join(wrong) or None
        time.sleep(0.05)
