#!/usr/bin/env python3
"""Scrapes the exporter without pause while logs are written at full speed and some clients mean harm, and holds it to:
resident memory flat, no descriptor leaked, no scrape lost, no counter that falls.

usage: soak.py BINARY [--minutes 60] [--rate 50] [--beside SECONDS]

With `--beside` it compares instead: one scraper alone for so long, then the same one beside the harmful clients, and
prints what they cost it.

Everything happens on 127.0.0.1 and in one temporary folder, which goes at the end.
"""
import argparse, gzip, json, multiprocessing, os, random, socket, subprocess, sys, tempfile, threading, time

CATALOG = """
version: 1
labels: { run: { max_values: 200, evict: oldest }, component: { values: [box, cls, dfl] } }
metrics:
  training_loss: { type: gauge, help: Loss, labels: [run, component] }
  training_steps_total: { type: counter, help: Steps, labels: [run] }
  training_step_seconds: { type: histogram, help: Time of a step, labels: [run], buckets: [0.01, 0.1, 1] }
watchers:
  logs:
    files: runs/{run}.jsonl
    format: jsonl
    each_record: training_steps_total
    fields: { "{component}_loss": training_loss, seconds: training_step_seconds }
"""
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
ACCEPTS = ["", "text/plain;version=0.0.4", OPENMETRICS, PROTOBUF]
HARM = [
    b"", b"GET", b"GET /metrics HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 4096,
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZZZ\r\n",
    b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 50,
]


class Soak:
    def __init__(self, binary, folder, minutes, rate):
        self.binary, self.folder, self.rate = binary, folder, rate
        self.ends = time.monotonic() + minutes * 60
        self.lock = threading.Lock()
        self.scrapes = self.harms = 0
        self.lost, self.times, self.resident, self.newest = [], [], [], 0.0
        self.over = threading.Event()
        # The writer is a process of its own, so that it and the scrapers do not wait for each other's interpreter.
        self.writer_over, self.rows = multiprocessing.Event(), multiprocessing.Value("L", 0)

    def run(self):
        return self.serving(self.soak)

    def serving(self, act):
        """Does it while the exporter runs."""
        os.makedirs(os.path.join(self.folder, "runs"))
        with open(os.path.join(self.folder, "metrics.yaml"), "w") as file:
            file.write(CATALOG)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.server = subprocess.Popen(
            [self.binary, "--config.file", os.path.join(self.folder, "metrics.yaml"), "--log.level", "error",
             "--web.listen-address", f"127.0.0.1:{self.port}"])
        try:
            while self.answer(b"GET /-/ready HTTP/1.0\r\n\r\n")[:12] != b"HTTP/1.1 200":
                time.sleep(0.05)
            return act()
        finally:
            self.server.terminate()
            self.server.wait(20)

    def soak(self):
        writer = multiprocessing.Process(target=self.write, daemon=True)
        threads = [threading.Thread(target=self.ask, args=(number, act, rate), daemon=True)
                   for act, rate in ((self.scrape, self.rate), (self.harm, self.rate / 10)) for number in range(8)]
        begun = time.monotonic()
        for started in [writer, *threads]:
            started.start()
        time.sleep(min(20, (self.ends - time.monotonic()) / 5))
        descriptors = self.descriptors()
        while time.monotonic() < self.ends and self.server.poll() is None:
            self.resident.append(self.memory())
            time.sleep(1)
        self.seconds = time.monotonic() - begun
        self.over.set()
        self.writer_over.set()
        for ending in [writer, *threads]:
            ending.join(30)
        time.sleep(7)  # Longer than a header may take: what harmful clients left open is closed then.
        return self.verdict(descriptors)

    # MARK: A scraper beside harmful clients

    def beside(self, seconds):
        """The times of one scraper, `rate` a second, alone and then beside harmful clients, of 1,000 series."""
        for number in range(100):
            with open(os.path.join(self.folder, "runs", f"r{number}.jsonl"), "w") as log:
                log.write('{"box_loss": 0.5, "cls_loss": 0.25, "dfl_loss": 0.125, "seconds": 0.2}\n')
        while self.answer(b"GET /metrics HTTP/1.0\r\n\r\n").count(b"\ntraining_steps_total{") < 100:
            time.sleep(0.05)
        # A process of its own scrapes, so that it does not wait for the harmful clients' interpreter.
        scraper = multiprocessing.Pool(1)
        alone, lost = scraper.apply(scrape_for, (self.port, seconds, self.rate))
        harmful = [threading.Thread(target=self.ask, args=(number, self.harm, self.rate), daemon=True)
                   for number in range(8)]
        for started in harmful:
            started.start()
        time.sleep(1)
        among, more = scraper.apply(scrape_for, (self.port, seconds, self.rate))
        self.over.set()
        for ending in harmful:
            ending.join(30)
        for name, times in (("alone", alone), (f"beside {self.harms} harmful clients", among)):
            print(f"{name}: {len(times)} scrapes, p50 {of(times, 50):.2f} ms, p99 {of(times, 99):.2f} ms")
        print(f"beside to alone: p50 {of(among, 50) / of(alone, 50):.2f}, p99 {of(among, 99) / of(alone, 99):.2f}")
        lost += more
        return [f"{len(lost)} scrapes were lost: {lost[:3]}"] if lost else []

    # MARK: What goes on

    def write(self):
        """Appends as fast as the exporter reads, begins a new run now and then, and writes one anew."""
        number = 0
        row = [json.dumps({"step": 0, "box_loss": random.random(), "cls_loss": float("nan"), "seconds": random.random()})
               for _ in range(500)]
        block = "\n".join(row) + "\n"
        while not self.writer_over.is_set():
            path = os.path.join(self.folder, "runs", f"r{number % 300}.jsonl")
            with open(path, "a" if number % 7 else "w") as log:
                for _ in range(20):
                    log.write(block)
                    log.flush()
                    self.rows.value += 500
                    time.sleep(0.002)
            if os.path.getsize(path) > 20_000_000:
                os.remove(path)
            number += 1
            time.sleep(0.01)

    def ask(self, number, act, rate):
        """Does its eighth of `rate` a second; what a pause held back is made up for, within a second."""
        chance, due = random.Random(number), time.monotonic()
        while not self.over.is_set():
            due = max(due + 8 / rate, time.monotonic() - 1)
            act(chance)
            time.sleep(max(0, due - time.monotonic()))

    def harm(self, chance):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(chance.choice(HARM))
                if chance.random() < 0.5:
                    connection.recv(1000)
                elif chance.random() < 0.3:
                    time.sleep(1)
        except OSError:
            pass  # That is what it is for.
        with self.lock:
            self.harms += 1

    def scrape(self, chance):
        accept, packs = chance.choice(ACCEPTS), chance.random() < 0.5
        request = f"GET /metrics HTTP/1.0\r\nAccept: {accept}\r\n" + ("Accept-Encoding: gzip\r\n" if packs else "")
        before = time.monotonic()
        with self.lock:
            counted = self.newest
        try:
            head, _, body = self.answer((request + "\r\n").encode()).partition(b"\r\n\r\n")
            if b" 200" not in head[:13]:
                raise ValueError(head[:100])
            if b"content-encoding: gzip" in head.lower():
                body = gzip.decompress(body)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            if not packs and length != len(body):
                raise ValueError("cut")
            if accept == OPENMETRICS and not body.endswith(b"\n# EOF\n"):
                raise ValueError("no end")
            records = None
            for line in body.split(b"\n"):
                if line.startswith(b'training_exporter_records_total{watcher="logs",outcome="mapped"}'):
                    records = float(line.rpartition(b" ")[2])
            if records is not None and records < counted:
                raise ValueError(f"{counted} fell to {records}")
            with self.lock:
                self.scrapes += 1
                self.times.append(time.monotonic() - before)
                self.newest = max(self.newest, records or 0)
        except (OSError, ValueError) as error:
            with self.lock:
                self.lost.append(repr(error))

    def answer(self, request):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
                connection.sendall(request)
                return b"".join(iter(lambda: connection.recv(1 << 20), b""))
        except ConnectionRefusedError:
            return b""

    # MARK: What came of it

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def memory(self):
        with open(f"/proc/{self.server.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))

    def verdict(self, descriptors):
        problems = []
        if self.server.poll() is not None:
            return [f"the exporter ended with {self.server.returncode}"]
        third = max(1, len(self.resident) // 3)
        early, late = max(self.resident[third:2 * third] or [0]), max(self.resident[2 * third:] or [0])
        left = self.descriptors()
        if late > early * 1.1 + 4:
            problems.append(f"resident memory grew from {early:.1f} to {late:.1f} MiB")
        if left > descriptors + 8:
            problems.append(f"{left} descriptors are open, and {descriptors} were")
        problems += [f"{len(self.lost)} scrapes were lost: {self.lost[:3]}"] if self.lost else []
        times = sorted(self.times)
        print(f"{self.scrapes} scrapes ({self.scrapes / self.seconds:.1f} a second, {len(self.lost)} lost), {self.harms} harmful clients, "
              f"{self.rows.value / self.seconds:,.0f} rows/s written; scrape p50 {times[len(times) // 2] * 1e3:.1f} ms, "
              f"p99 {times[len(times) * 99 // 100] * 1e3:.1f} ms; resident {early:.1f} MiB, then {late:.1f}; "
              f"descriptors {descriptors}, then {left}")
        return problems


def scrape_for(port, seconds, rate):
    """One scrape after the other, due at even distances: how long they took, sorted, and what went wrong."""
    times, lost, due = [], [], time.monotonic()
    ends = due + seconds
    while due < ends:
        time.sleep(max(0, due - time.monotonic()))
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: connection.recv(1 << 20), b""))
            if not answer.startswith(b"HTTP/1.1 200"):
                raise ValueError(answer[:100])
            # Since it was due: a scrape that is late for the one before it counts as slow.
            times.append(time.monotonic() - due)
        except (OSError, ValueError) as error:
            lost.append(repr(error))
        due += 1 / rate
    return sorted(times), lost


def of(times, hundredth):
    """A percentile of sorted times, in milliseconds."""
    return times[len(times) * hundredth // 100] * 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=50, help="requests a second")
    parser.add_argument("--beside", type=float, metavar="SECONDS", help="compare a scraper alone and beside harm")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="training-exporter-soak-") as folder:
        soak = Soak(os.path.abspath(arguments.binary), folder, arguments.minutes, arguments.rate)
        problems = soak.serving(lambda: soak.beside(arguments.beside)) if arguments.beside else soak.run()
    for problem in problems:
        print("problem:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
