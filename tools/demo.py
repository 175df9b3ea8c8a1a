#!/usr/bin/env python3
"""Shows the exporter at work, for about two minutes: trainings write their logs, one is killed and resumed, and so is the
exporter.

usage: demo.py BINARY [--pause SECONDS]

Two of the trainings are real ones (demo/train.py); the third is one of Ultralytics that was recorded. Everything happens
in a temporary folder, which goes away at the end, as do the exporter and the trainings.
"""
import argparse, json, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request
import webbrowser

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRAINER = os.path.join(PROJECT, "tools/demo/train.py")
RECORDING = os.path.join(PROJECT, "Tests/EndToEndTests/Fixtures/recordings/ultralytics.jsonl")
# That of the recording takes 31 s as it was recorded.
RECORDED_SECONDS = 31
EPOCHS = 70
CATALOG = os.path.join(PROJECT, "tools/demo/metrics.yaml")
PORT = 8000


def say(text=""):
    print(text, flush=True)


def is_taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


class Demo:
    def __init__(self, binary, pause):
        self.binary, self.pause = os.path.abspath(binary), pause
        self.folder = tempfile.mkdtemp(prefix="training-exporter-demo-")
        self.log = os.path.join(self.folder, "exporter.log")
        self.children, self.exporter, self.url = [], None, None
        self.port = 0 if is_taken(PORT) else PORT
        shutil.copy(CATALOG, self.folder)

    def start(self, *command):
        child = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.log, "a"), start_new_session=True)
        self.children.append(child)
        return child

    def start_exporter(self):
        """Returns when it has read all that there is."""
        begin = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        self.exporter = self.start(
            self.binary, "serve", "--web.listen-address", f"127.0.0.1:{self.port}", "--log.format", "logfmt")
        while self.exporter.poll() is None:
            with open(self.log) as log:
                log.seek(begin)
                found = re.search(r"address=\"?(http://[0-9.]+:(\d+))", log.read())
            if found:
                self.url, self.port = found[1], int(found[2])
                break
            time.sleep(0.02)
        else:
            sys.exit("the exporter ended: " + open(self.log).read())
        self.wait("it is ready", lambda: self.get("/-/ready") is not None)

    def train(self, run, rate, *more):
        return self.start(sys.executable, TRAINER, "--run", run, "--lr", str(rate), "--epochs", str(EPOCHS),
                          "--pause", str(self.pause), *more)

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return None

    def epochs(self, run):
        """How many epochs of a run the metrics have."""
        found = re.search(rf'^training_epochs_total{{run="{run}"}} (\d+)', self.get("/metrics") or "", re.M)
        return int(found[1]) if found else 0

    def runs(self):
        document = self.get("/api/v1/runs")
        return {run["labels"]["run"]: run for run in json.loads(document)["runs"]} if document else {}

    def state(self, run):
        return self.runs().get(run, {}).get("state")

    def wait(self, what, holds, within=60):
        end = time.monotonic() + within
        while not holds():
            if time.monotonic() > end:
                sys.exit(f"not within {within} s: {what}\n" + open(self.log).read())
            time.sleep(0.1)

    def table(self):
        say(subprocess.run([self.binary, "runs", self.url], capture_output=True, text=True).stdout)

    def reached(self, moment):
        """Called at each moment that is worth a look."""

    def play(self):
        self.start_exporter()
        steady = self.train("steady", 0.003)
        eager = self.train("eager", 0.03)
        speed = RECORDED_SECONDS / (EPOCHS * self.pause * 1.2)
        recorded = self.start(sys.executable, os.path.join(PROJECT, "tools/replay-log.py"), RECORDING, self.folder,
                              "--speed", str(speed))
        say(f"""
  {self.url}/    <- open this: three trainings run, and their curves grow

Their logs are in {self.folder}/runs. Prometheus would scrape {self.url}/metrics.
It takes about {round(EPOCHS * self.pause * 1.4 + 20)} seconds; Ctrl-C ends it.
""")
        if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(self.url + "/")
        self.wait("both have some epochs", lambda: min(self.epochs("eager"), self.epochs("steady")) >= 12)
        self.wait("its process was seen", lambda: self.runs()["eager"].get("processes"))
        self.table()

        # In the middle of a row.
        time.sleep(self.pause / 2)
        eager.kill()
        say("The training `eager` was killed with -9, in the middle of a row. It takes 10 s until that is certain ...")
        self.wait("it is called killed", lambda: self.state("eager") == "killed")
        self.table()
        self.reached("killed")
        lines = self.runs()["eager"]["evidence"]["logs"][0]["lines"]
        say(f"Its page has what was to be seen then, such as the last line of its log: {lines[-1]}\n")

        before = self.epochs("eager")
        self.exporter.kill()
        self.exporter.wait()
        say("Now the exporter is killed with -9, too, and started again ...")
        self.start_exporter()
        self.wait("it is known", lambda: self.state("eager") == "killed")
        say(f"It goes on where it stood: {before} epochs of `eager` before, {self.epochs('eager')} now, "
            f"and {self.epochs('steady')} of `steady`, which has gone on.\n")

        eager = self.train("eager", 0.03, "--resume")
        self.wait("it runs again", lambda: self.state("eager") == "running")
        say("`eager` was resumed from its checkpoint, and runs. The row that was cut and the next one are one line now, "
            "which cannot be right.\nIt was counted and left out, as the page `Sources` says:")
        findings = [finding["text"] for watcher in json.loads(self.get("/api/v1/sources"))["watchers"]
                    for finding in watcher["findings"]]
        say("  " + "\n  ".join(findings) + "\n")
        self.reached("resumed")

        for training in (steady, eager, recorded):
            if training.wait() != 0:
                sys.exit("a training failed:\n" + open(self.log).read())
        self.wait("all are finished", lambda: all(run["state"] == "finished" for run in self.runs().values()))
        self.table()
        self.reached("done")
        say(f"""All are done. What you can do next:

  keep this page as one file         {self.binary} report {self.url} --output report.html
  have a dashboard in Grafana        {self.binary} generate dashboard --config.file {CATALOG} --output dashboard.json
                                     In Grafana: Dashboards, New, Import, and choose the file and your Prometheus
  have alerts in Prometheus          {self.binary} generate rules --config.file {CATALOG} --output rules.yml
                                     In prometheus.yml: rule_files: [rules.yml]
  have your own logs read            {self.binary} init DIRECTORY --write metrics.yaml
  write a catalog yourself           docs/first-catalog.md, ten minutes
""")
        if sys.stdin.isatty():
            try:
                input(f"The page stays at {self.url}/ until you press Enter. ")
            except EOFError:
                pass

    def end(self):
        for child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description="Shows the exporter at work, for about two minutes.")
    parser.add_argument("binary")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds that an epoch takes")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(arguments.binary, arguments.pause)
    try:
        demo.play()
    except KeyboardInterrupt:
        say("\nstopped")
    finally:
        demo.end()


if __name__ == "__main__":
    main()
