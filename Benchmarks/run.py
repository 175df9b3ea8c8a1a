#!/usr/bin/env python3
"""Measures the exporter next to mtail and prometheus_client, all in one go, and prints Markdown tables.

usage: run.py BINARY [--lines N] [--runs N] [--readme FILE]

CPU time is user and system time of the whole process. Machines differ and are busy: trust the ratios.
"""
import argparse, os, shutil, socket, statistics, subprocess, sys, tempfile, time
import catalogs, generate_logs

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
COUNTS = [1_000, 10_000, 100_000]
SCRAPES = {1_000: 40, 10_000: 20, 100_000: 7}
START_LIMIT_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_clock(pid):
    """CPU seconds of a running process, by its own clock (its number is made of the process id: clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def memory(pid):
    """Resident MiB: now, and at the peak."""
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.split(":", 1) for line in status)
    return tuple(int(fields[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM"))


def run_to_end(command):
    """CPU seconds and peak MiB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}: {errors.decode()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def get(port):
    """Body bytes of /metrics; raises OSError until the server answers 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\nAccept: text/plain;version=0.0.4\r\n\r\n")
        body = b"".join(iter(lambda: connection.recv(1 << 20), b""))
    head, _, body = body.partition(b"\r\n\r\n")
    if b" 200" not in head.split(b"\r\n")[0]:
        raise OSError(head.decode())
    return body


def start(command, port):
    """The running server, and milliseconds from its start to the first answer."""
    begin = time.perf_counter()
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            get(port)
            return server, (time.perf_counter() - begin) * 1e3
        except OSError:
            pass
        if server.poll() is not None or time.perf_counter() - begin > START_LIMIT_SECONDS:
            server.kill()
            sys.exit(f"{command} does not serve")
        time.sleep(0.0005)


def stop(server):
    server.terminate()
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


class Bench:
    def __init__(self, binary, lines, runs, folder):
        self.binary, self.lines, self.runs, self.folder = binary, lines, runs, folder

    def catalog(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def ours(self, catalog, port):
        return [self.binary, "serve", "--config.file", catalog, "--web.listen-address", f"127.0.0.1:{port}",
                "--web.disable-exporter-metrics"]

    @staticmethod
    def mtail(program, log, port):
        return ["mtail", "--progs", os.path.join(PEERS, program), "--logs", log, "--address", "127.0.0.1",
                "--port", str(port), "--logtostderr"]

    @staticmethod
    def python(script, *arguments):
        return [sys.executable, os.path.join(PEERS, script), *arguments]

    def ingest(self):
        """Thousand lines a CPU second, and peak MiB, by format and program."""
        results = {}
        for form, log, text in (("JSON lines", "train.jsonl", catalogs.JSON_LINES), ("CSV", "results.csv", catalogs.CSV)):
            short = "jsonl" if form == "JSON lines" else "csv"
            log = os.path.join(self.folder, log)
            commands = {
                "training-exporter": [self.binary, "once", "--config.file", self.catalog(short + ".yaml", text)],
                "mtail": ["mtail", "--one_shot", "--progs", os.path.join(PEERS, short + ".mtail"), "--logs", log,
                          "--logtostderr"],
                "prometheus_client, cached children": self.python("python_ingest.py", short, "cached", log),
                "prometheus_client, labels() each time": self.python("python_ingest.py", short, "labels", log),
            }
            for name, command in commands.items():
                measured = [run_to_end(command) for _ in range(self.runs)]
                seconds = statistics.median(cpu for cpu, _ in measured)
                results[form, name] = self.lines / seconds / 1e3, max(peak for _, peak in measured)
                print(f"{form}: {name}: {seconds:.2f} s", file=sys.stderr)
        return results

    def scrape(self):
        """Milliseconds of CPU a scrape, by number of series and program."""
        results = {}
        for count in COUNTS:
            log = os.path.join(self.folder, f"series_{count}.jsonl")
            catalog = self.catalog(f"series_{count}.yaml", catalogs.SERIES.format(count=count))
            growing = os.path.join(self.folder, f"growing_{count}.jsonl")
            open(growing, "w").close()
            for name, command in (
                ("training-exporter", lambda port: self.ours(catalog, port)),
                ("mtail", lambda port: self.mtail("series.mtail", growing, port)),
                ("prometheus_client", lambda port: self.python("python_serve.py", str(count), str(port))),
            ):
                port = free_port()
                server, _ = start(command(port), port)
                try:
                    if name == "mtail":  # it reads only what comes after its start
                        with open(log) as source, open(growing, "a") as target:
                            shutil.copyfileobj(source, target)
                    deadline = time.monotonic() + START_LIMIT_SECONDS
                    while get(port).count(b"\nml_train_value{") < count:
                        if time.monotonic() > deadline:
                            sys.exit(f"{name} does not come to {count} series")
                        time.sleep(0.5)
                    time.sleep(1)
                    costs = []
                    for _ in range(SCRAPES[count]):
                        before = cpu_clock(server.pid)
                        get(port)
                        time.sleep(0.01)
                        costs.append((cpu_clock(server.pid) - before) * 1e3)
                    results[count, name] = statistics.median(costs), memory(server.pid)[0]
                finally:
                    stop(server)
                print(f"{count} series: {name}: {results[count, name][0]:.2f} ms", file=sys.stderr)
        return results

    def startup(self):
        """Milliseconds to the first answered scrape, and MiB at rest, with one small log."""
        results = {}
        with open(os.path.join(self.folder, "train.jsonl")) as log:
            head = [next(log) for _ in range(100)]
        small = os.path.join(self.folder, "small")
        os.makedirs(small, exist_ok=True)
        log = os.path.join(small, "train.jsonl")
        with open(log, "w") as file:
            file.writelines(head)
        catalog = self.catalog("small/metrics.yaml", catalogs.JSON_LINES)
        for name, command in (
            ("training-exporter", lambda port: self.ours(catalog, port)),
            ("mtail", lambda port: self.mtail("jsonl.mtail", log, port)),
            ("prometheus_client", lambda port: self.python("python_serve.py", "5", str(port))),
        ):
            times = []
            for last in [False] * 9 + [True]:
                port = free_port()
                server, milliseconds = start(command(port), port)
                times.append(milliseconds)
                if last:
                    time.sleep(2)
                    resident = memory(server.pid)[0]
                stop(server)
            results[name] = statistics.median(times), resident
            print(f"first scrape: {name}: {results[name][0]:.1f} ms", file=sys.stderr)
        return results

    def size(self):
        """MB of the binary without symbols."""
        stripped = os.path.join(self.folder, "stripped")
        subprocess.run(["strip", "-o", stripped, self.binary], check=True)
        return os.path.getsize(stripped) / 1e6


def factor(better, worse):
    return f"{better / worse:.0f}" if better >= 10 * worse else f"{better / worse:.1f}"


def tables(ingest, scrape, startup, size):
    forms, names = ("CSV", "JSON lines"), list(dict.fromkeys(name for _, name in ingest))
    yield "| thousand lines per CPU second | CSV, 12 columns | × | JSON lines, 5 values | × | peak MiB |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name in names:
        cells = []
        for form in forms:
            ours, theirs = ingest[form, names[0]][0], ingest[form, name][0]
            cells += [f"{theirs:,.0f}", factor(ours, theirs)]
        peak = max(ingest[form, name][1] for form in forms)
        yield f"| {name} | {' | '.join(cells)} | {peak:.0f} |"
    names = list(dict.fromkeys(name for _, name in scrape))
    yield ""
    yield "| CPU ms per scrape | " + " | × | ".join(f"{count:,} series" for count in COUNTS) + " | × | MiB at 100,000 |"
    yield "| --- |" + " ---: |" * (2 * len(COUNTS) + 1)
    for name in names:
        cells = []
        for count in COUNTS:
            ours, theirs = scrape[count, names[0]][0], scrape[count, name][0]
            cells += [f"{theirs:,.2f}" if theirs < 10 else f"{theirs:,.0f}", factor(theirs, ours)]
        yield f"| {name} | {' | '.join(cells)} | {scrape[COUNTS[-1], name][1]:.0f} |"
    yield ""
    yield "| | start to first scrape, ms | MiB at rest |"
    yield "| --- | ---: | ---: |"
    for name, (milliseconds, resident) in startup.items():
        yield f"| {name} | {milliseconds:.0f} | {resident:.1f} |"
    yield ""
    yield f"The stripped binary has {size:.1f} MB; × is how many times as much CPU time the other takes."


def put(text, path):
    """Replaces what stands between the marks."""
    opening, closing = "<!-- benchmark -->", "<!-- /benchmark -->"
    with open(path) as file:
        before, rest = file.read().split(opening)
    with open(path, "w") as file:
        file.write(f"{before}{opening}\n{text}{closing}{rest.split(closing)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--readme", help="put the tables between the marks of this file, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="training-exporter-bench-") as folder:
        generate_logs.make(folder, arguments.lines, COUNTS)
        bench = Bench(os.path.abspath(arguments.binary), arguments.lines, arguments.runs, folder)
        text = "\n".join(tables(bench.ingest(), bench.scrape(), bench.startup(), bench.size())) + "\n"
    print(text, end="")
    if arguments.readme:
        put(text, arguments.readme)


if __name__ == "__main__":
    main()
