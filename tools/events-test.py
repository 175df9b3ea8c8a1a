#!/usr/bin/env python3
"""Holds what is served of instrumented programs against what they called: nothing is lost, nothing counts twice.

usage: events-test.py BINARY [--rounds N] [--seed N]

A round: 8 processes update 100,000 times each, and fork; some of them and of their children are killed (SIGKILL) at
any moment, their files are copied and rewritten, and the exporter is killed and started again meanwhile. At the end each
process's total is what stands in its file: at most what it called, and just that where it ended in order.
"""
import argparse, json, mmap, os, pathlib, random, re, shutil, signal, struct, subprocess, sys, tempfile, textwrap, time
import urllib.request

WORKERS, UPDATES, CHILDREN = 8, 100_000, 2
PROCESSES = WORKERS * (1 + CHILDREN)
CATALOG = """
version: 1
labels: { worker: { max_values: 100 }, step: { values: 0..99 } }
metrics:
  calls_total: { type: counter, help: Calls, labels: [worker] }
  all_calls_total: { type: counter, help: Calls of all }
  call_seconds: { type: histogram, help: Time of calls, labels: [worker], buckets: [0.1, 1] }
  call_sizes: { type: histogram, help: Sizes of calls, labels: [worker], native: { factor: 1.5, max_buckets: 20 } }
  latest_step: { type: gauge, help: Latest step, labels: [worker, step] }
watchers:
  app: { files: "events/*", format: events }
state: { interval: 100ms }
"""
WORKER = f"""
import mmap, os, random, struct, sys, time
import metrics as m
m._REWRITE_BYTES = 8_000   # so that files are rewritten often
worker, updates, seed = (int(argument) for argument in sys.argv[1:])
dice = random.Random(seed)
called = mmap.mmap(os.open("called", os.O_RDWR), {PROCESSES * 8})

def work(worker, updates, forks):
    counter, histogram = m.calls_total.labels(worker=worker), m.call_seconds.labels(worker=worker)
    native = m.call_sizes.labels(worker=worker)
    latest = [m.latest_step.labels(worker=worker, step=step) for step in range(100)]
    children = []
    for step in range(1, updates + 1):
        struct.pack_into("<q", called, worker * 8, step)
        counter.inc()
        m.all_calls_total.inc()
        histogram.observe(step % 3)
        native.observe(step)
        if step % 1000 == 0:
            latest[step // 1000 % 100].set(step)
            time.sleep(dice.random() * 0.02)
            if len(children) < forks and dice.random() < 0.1:
                child = os.fork()
                if child == 0:
                    work({WORKERS} + worker * {CHILDREN} + len(children), updates // 10, 0)
                    sys.exit(0)
                children.append(child)
                if dice.random() < 0.3:
                    time.sleep(dice.random() * 0.05)
                    os.kill(child, 9)
    for child in children:
        os.waitpid(child, 0)

work(worker, updates, {CHILDREN})
"""


class Exporter:
    def __init__(self, binary, folder):
        self.errors = open(folder / "exporter.log", "w")
        self.process = subprocess.Popen(
            [binary, "serve", "--web.listen-address", "127.0.0.1:0", "--log.format", "logfmt"],
            cwd=folder, stdout=subprocess.DEVNULL, stderr=self.errors,
        )
        deadline, self.port = time.monotonic() + 60, None
        while self.port is None:
            text = (folder / "exporter.log").read_text()
            found = re.search(r"address=\"?http://127\.0\.0\.1:(\d+)", text)
            self.port = int(found[1]) if found else None
            assert self.process.poll() is None and time.monotonic() < deadline, text
            time.sleep(0.01)

    def samples(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
            lines = [line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {series: float(value) for series, value in lines}

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.errors.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 30)
    totals = dict.fromkeys(("processes", "killed", "restarts", "calls"), 0)
    for number in range(arguments.rounds):
        with tempfile.TemporaryDirectory(prefix="training-exporter-events-") as folder:
            try:
                found = run(os.path.abspath(arguments.binary), pathlib.Path(folder), random.Random(seed + number))
            except AssertionError as error:
                sys.exit(f"seed {seed + number}: {error}")
        for name, count in found.items():
            totals[name] += count
    said = ", ".join(f"{count} {name}" for name, count in totals.items())
    print(f"{arguments.rounds} rounds from seed {seed}: {said}; every total right")


def run(binary, folder, dice):
    (folder / "metrics.yaml").write_text(CATALOG)
    (folder / "worker.py").write_text(textwrap.dedent(WORKER))
    (folder / "called").write_bytes(bytes(PROCESSES * 8))
    (folder / "events").mkdir()
    subprocess.run([binary, "generate", "python", "--output", "metrics.py"], cwd=folder, check=True)
    environment = {**os.environ, "TRAINING_EXPORTER_EVENTS": "events", "TRAINING_EXPORTER_EVENTS_INTERVAL": "0.05"}
    environment.pop("TRAINING_EXPORTER_STRICT", None)
    exporter, restarts, killed = Exporter(binary, folder), 0, set()
    workers = [subprocess.Popen([sys.executable, "worker.py", str(worker), str(UPDATES), str(dice.randrange(1 << 30))],
                                cwd=folder, env=environment, stderr=open(folder / "workers.log", "a"))
               for worker in range(WORKERS)]
    try:
        while any(worker.poll() is None for worker in workers):
            time.sleep(dice.random() * 0.2)
            choice = dice.random()
            if choice < 0.15:
                exporter.kill()
                time.sleep(dice.random() * 0.2)
                exporter, restarts = Exporter(binary, folder), restarts + 1
            elif choice < 0.3:
                victim = dice.choice(workers)
                if victim.poll() is None and len(killed) < 4:
                    victim.kill()
                    killed.add(workers.index(victim))
            elif choice < 0.5:
                copy(folder, dice)
        # Children of what was killed go on.
        settled, deadline = None, time.monotonic() + 60
        while settled != (settled := progress(folder)):
            time.sleep(0.5)
            assert time.monotonic() < deadline, "the children do not end"
        check(folder, exporter, deadline)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
        exporter.kill()
    log = (folder / "workers.log").read_text()
    assert not log, log
    called = struct.unpack(f"<{PROCESSES}q", (folder / "called").read_bytes())
    return {"processes": sum(count > 0 for count in called), "killed": len(killed), "restarts": restarts,
            "calls": sum(called)}


def progress(folder):
    return [(path.name, path.stat().st_size) for path in sorted((folder / "events").glob("*.jsonl")) if "copy" not in path.name], \
        (folder / "called").read_bytes()


def copy(folder, dice):
    files = sorted((folder / "events").glob("*.jsonl"))
    if files:
        try:
            shutil.copy(dice.choice(files), folder / "events" / f"copy-{dice.randrange(5)}.jsonl")
        except (FileNotFoundError, shutil.SameFileError):
            pass


def check(folder, exporter, deadline):
    """What the files say is what is served, and what was called where the process ended in order."""
    called = struct.unpack(f"<{PROCESSES}q", (folder / "called").read_bytes())
    written, ended = {}, set()
    for path in (folder / "events").glob("*.jsonl"):
        if path.name.startswith("copy"):
            continue
        lines = [json.loads(line) for line in path.read_text().rpartition("\n")[0].split("\n")]
        worker = None
        written["all_calls_total", path.name] = 0
        for line in lines:
            if line.get("metric") == "all_calls_total":
                written["all_calls_total", path.name] = line["value"]
            if line.get("metric") in ("calls_total", "call_seconds", "call_sizes"):
                worker = int(line["labels"]["worker"])
                written[line["metric"], worker] = line.get("value", line.get("count"))
            if "end" in line:
                ended.add(worker)
    all_calls = sum(written.pop(key) for key in list(written) if key[0] == "all_calls_total")
    for (metric, worker), total in written.items():
        assert total <= called[worker], f"{metric} of {worker}: {total} is more than {called[worker]}"
        assert worker not in ended or total == called[worker], f"{metric} of {worker}: {total}, not {called[worker]}"
    names = {"calls_total": 'calls_total{{worker="{}"}}', "call_seconds": 'call_seconds_count{{worker="{}"}}',
             "call_sizes": 'call_sizes_count{{worker="{}"}}'}
    expected = {names[metric].format(worker): total for (metric, worker), total in written.items()}
    expected["all_calls_total"] = all_calls
    assert all_calls <= sum(called), "all calls are more than were called"
    while True:
        served = exporter.samples()
        wrong = {name: (served.get(name, 0), total) for name, total in expected.items() if served.get(name, 0) != total}
        if not wrong:
            return
        assert time.monotonic() < deadline, f"served and written differ: {wrong}"
        time.sleep(0.1)


if __name__ == "__main__":
    main()
