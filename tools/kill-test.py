#!/usr/bin/env python3
"""Kills an exporter with SIGKILL again and again while logs are written the way training tools write them, and holds
what it serves against the rows that were written.

usage: kill-test.py BINARY [--kills 20] [--seed N]

Each scrape must show no more than was written, and never less than a scrape before it, also across a kill. Every few
kills the writers pause until the counters, sums and gauges equal the truth exactly. Uses a temporary folder and
loopback only, and stops only what it started.
"""
import argparse, json, os, random, re, shutil, signal, socket, subprocess, sys, tempfile, time

CATALOG = """
version: 1
labels: { run: { max_values: 50 } }
metrics:
  rows_total: { type: counter, help: Rows., labels: [run] }
  step: { type: gauge, help: The newest step., labels: [run] }
  steps: { type: histogram, help: All steps., labels: [run], buckets: [100, 1000] }
  training_seconds_total: { type: counter, unit: seconds, help: Time., labels: [run] }
watchers:
  csv: { files: "csv/{run}/*.csv", format: csv, each_record: rows_total, fields: &fields { step: [step, steps], time: { metric: training_seconds_total, from: running_total } } }
  jsonl: { files: "jsonl/{run}/*.jsonl", format: jsonl, each_record: rows_total, fields: *fields }
  state: { files: "state/{run}/checkpoint-*/trainer_state.json", format: json, records: log_history, each_record: rows_total, fields: *fields }
"""
SETTLE_SECONDS = 30


class Writer:
    """One log and the truth about it. `act` changes the files, in one of the ways of real tools."""

    def __init__(self, root, kind, name, rng):
        self.rng, self.name = rng, name
        self.folder = os.path.join(root, kind, name)
        os.makedirs(self.folder)
        self.rows = self.sum = self.step = 0
        self.content = []  # the steps that the file at hand holds
        self.begin()

    def begin(self):
        pass

    def finish(self):
        """Completes what was begun."""

    def new_step(self):
        self.step += 1
        self.rows += 1
        self.sum += self.step
        self.content.append(self.step)
        return self.step

    def truth(self):
        return {"rows_total": self.rows, "step": self.step, "steps_sum": self.sum, "steps_count": self.rows, "training_seconds_total": self.seconds()}

    def seconds(self):
        # `time` is half of the step and runs through the file.
        return self.step / 2


def csv_row(step, wide=0):
    return f"{step},{step / 2}" + "," * wide + "\n"


class Appended(Writer):
    """Opened for append at each row; now and then a row in two pieces, which counts when its end comes."""

    def begin(self):
        self.path = os.path.join(self.folder, "results.csv")
        self.rest = ""
        self.write("step,time\n")

    def write(self, text):
        with open(self.path, "a") as file:
            file.write(text)

    def act(self):
        self.finish()
        for _ in range(self.rng.randint(1, 4)):
            self.write(csv_row(self.new_step()))
        if self.rng.random() < 0.3:
            row = csv_row(self.step + 1)
            cut = self.rng.randint(1, len(row) - 1)
            self.write(row[:cut])
            self.rest = row[cut:]

    def finish(self):
        if self.rest:
            self.new_step()
            self.write(self.rest)
            self.rest = ""


class Rewritten(Writer):
    """All rows written again, wider and wider: truncated first, over in place, or beside and renamed."""

    def begin(self):
        self.wide = 0
        self.path = os.path.join(self.folder, "metrics.csv")

    def text(self):
        head = "step,time" + "".join(f",x{i}" for i in range(self.wide)) + "\n"
        return head + "".join(csv_row(step, self.wide) for step in self.content)

    def act(self):
        for _ in range(self.rng.randint(1, 3)):
            self.new_step()
        way = self.rng.choice(["truncate", "over", "rename"])
        if way == "over" or self.rng.random() < 0.1:
            self.wide = min(self.wide + 1, 40)
        text = self.text()
        if way == "rename":
            with open(self.path + ".tmp", "w") as file:
                file.write(text)
            os.rename(self.path + ".tmp", self.path)
            return
        if way == "over" and os.path.exists(self.path):
            # At once: what stands half over old rows is other rows.
            with open(self.path, "r+b", buffering=0) as file:
                file.write(text.encode())
            return
        with open(self.path, "w") as file:
            cut = self.rng.randint(0, len(text))
            file.write(text[:cut])
            file.flush()
            file.write(text[cut:])


class Rotated(Writer):
    """JSON lines, rotated by rename within the pattern; the old files stay."""

    def begin(self):
        self.number = 0
        self.total = 0
        self.path = os.path.join(self.folder, "train.jsonl")

    def act(self):
        if self.rng.random() < 0.1 and os.path.exists(self.path):
            self.number += 1
            os.rename(self.path, os.path.join(self.folder, f"train-{self.number}.jsonl"))
        with open(self.path, "a") as file:
            for _ in range(self.rng.randint(1, 5)):
                step = self.new_step()
                if os.fstat(file.fileno()).st_size == 0 and file.tell() == 0:
                    # A new file's total counts from 0.
                    self.total += step / 2
                else:
                    self.total += 0.5
                record = {"step": step, "time": step / 2}
                if self.rng.random() < 0.3:
                    record["eval"] = {"loss": 0.5}
                file.write(json.dumps(record) + "\n")

    def seconds(self):
        return self.total


class Checkpoints(Writer):
    """A whole document in a new folder each time; old folders go."""

    def begin(self):
        self.folders = []

    def act(self):
        for _ in range(self.rng.randint(1, 3)):
            self.new_step()
        folder = os.path.join(self.folder, f"checkpoint-{self.step}")
        os.makedirs(folder)
        history = [{"step": step, "time": step / 2} for step in self.content]
        with open(os.path.join(folder, "trainer_state.json"), "w") as file:
            file.write(json.dumps({"log_history": history}, indent=2))
        self.folders.append(folder)
        if len(self.folders) > 3:
            shutil.rmtree(self.folders.pop(0))


class Exporter:
    def __init__(self, binary, root):
        self.process = subprocess.Popen(
            [binary, "serve", "--config.file", os.path.join(root, "metrics.yaml"), "--web.listen-address", "127.0.0.1:0"],
            stderr=subprocess.PIPE, text=True)
        self.port = None
        lines = []
        for line in self.process.stderr:
            lines.append(line)
            found = re.search(r"127\.0\.0\.1:(\d+)/", line)
            if found:
                self.port = int(found[1])
                break
        if self.port is None:
            sys.exit("the exporter did not start:\n" + "".join(lines))

    def scrape(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            answer = b""
            while piece := connection.recv(1 << 16):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0] + b" ":
            sys.exit(f"scrape refused: {head!r}")
        values = {}
        for name, run, value in re.findall(r'^(\w+)\{run="(\w+)"\} (\S+)$', body.decode(), re.M):
            values[run, name] = float(value)
        return values

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()


def compare(seen, before, writers):
    """What is wrong with a scrape in the midst of it, or nothing."""
    for writer in writers:
        for name, truth in writer.truth().items():
            value = seen.get((writer.name, name), 0)
            # A row without its end may be shown, and is not counted.
            if value > truth + (1 if name == "step" else 0):
                return f"{name} of {writer.name} is {value}, and only {truth} was written"
            if value < before.get((writer.name, name), 0):
                return f"{name} of {writer.name} fell from {before[writer.name, name]} to {value}"
    return None


def settle(exporter, writers):
    """Waits until the exporter shows the truth; what differs if it does not."""
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        seen = exporter.scrape()
        wrong = [f"{name} of {w.name}: {seen.get((w.name, name))}, not {truth}"
                 for w in writers for name, truth in w.truth().items() if seen.get((w.name, name), 0) != truth]
        if not wrong:
            return None
        if time.monotonic() > end:
            return "\n".join(wrong)
        time.sleep(0.02)


def run(binary, kills, seed, root):
    rng = random.Random(seed)
    with open(os.path.join(root, "metrics.yaml"), "w") as file:
        file.write(CATALOG)
    writers = [Appended(root, "csv", "appended", rng), Rewritten(root, "csv", "rewritten", rng),
               Rotated(root, "jsonl", "rotated", rng), Checkpoints(root, "state", "checkpoints", rng)]
    before, scrapes = {}, 0
    for kill in range(1, kills + 1):
        exporter, started = Exporter(binary, root), scrapes
        try:
            end = time.monotonic() + rng.choice([rng.uniform(0, 0.05), rng.uniform(0, 1.3)])
            while True:
                wrong = compare(seen := exporter.scrape(), before, writers)
                if wrong:
                    return f"kill {kill}, scrape {scrapes - started}: {wrong}"
                before, scrapes = seen, scrapes + 1
                if time.monotonic() >= end:
                    break
                for _ in range(rng.randint(1, 6)):
                    rng.choice(writers).act()
                if rng.random() < 0.2:
                    time.sleep(rng.uniform(0, 0.02))
            if kill % 5 == 0 or kill == kills:
                for writer in writers:
                    writer.finish()
                wrong = settle(exporter, writers)
                if wrong:
                    return f"kill {kill}: the truth is not reached:\n{wrong}"
                before = exporter.scrape()
        finally:
            exporter.kill()
        for _ in range(rng.choice([0, 0, 1, 10])):
            rng.choice(writers).act()
    rows = sum(writer.rows for writer in writers)
    print(f"{kills} kills, {scrapes} scrapes, {rows} rows: every value right (seed {seed})")
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    root = tempfile.mkdtemp(prefix="kill-test-")
    try:
        wrong = run(options.binary, options.kills, options.seed, root)
    except BaseException:
        print(f"seed {options.seed}, folder {root}", file=sys.stderr)
        raise
    if wrong:
        sys.exit(f"{wrong}\nseed {options.seed}, folder {root}")
    shutil.rmtree(root)


if __name__ == "__main__":
    main()
