"""One exporter with the logs of somebody who means well, and the one who watches it."""
import multiprocessing, os, resource, signal, socket, ssl, subprocess, time

from . import bystander

CATALOG = """
version: 1
labels:
  run: { max_values: %(runs)d, evict: oldest }
metrics:
  training_step: { type: gauge, help: Step, labels: [run] }
  training_loss: { type: gauge, help: Loss, labels: [run] }
  document_step: { type: gauge, help: Step of a document, labels: [run] }
  other_loss: { type: gauge, help: Loss of the others, labels: [run] }
watchers:
  logs:
    files: ["runs/**/{run}.csv"]
    format: csv
    fields: { step: training_step, loss: training_loss }
  documents:
    files: ["runs/**/{run}.json"]
    format: json
    records: "."
    fields: { step: document_step }
  many:
    files: ["many/{_}.jsonl"]
    format: jsonl
    labels: { run: "{.run}" }
    fields: { loss: other_loss }
"""
# The writer's log is the youngest, so whoever makes files makes room by what is older.
RUNS = 1000


class Scene:
    """What one neighbour does."""

    def __init__(self, name, title, harm, make=None, *, tls=False, web_config=None, series=0, standard_error=None,
                 user=None, also=False, expects=None, watchers=""):
        self.name, self.title, self.harm, self.make = name, title, harm, make
        self.tls, self.web_config, self.series, self.user = tls, web_config, series, user
        # The pipe that standard error goes to, which nobody reads; None: a file.
        self.standard_error = standard_error
        # Whether node_exporter can be held beside it.
        self.also = also
        self.expects = expects
        # Further ones, as the catalog writes them.
        self.watchers = watchers


class Stage:
    """A folder, and one exporter in it."""

    def __init__(self, scene, folder, binary, is_node_exporter=False):
        self.scene, self.folder, self.binary, self.is_node_exporter = scene, folder, binary, is_node_exporter
        self.port = free_port()
        self.server = None
        self.tls = None
        self.own = os.path.join(folder, "runs", "good")
        self.evil = os.path.join(folder, "runs", "evil")
        self.web_config = os.path.join(folder, "web-config.yml")

    def prepare(self):
        for path in (self.own, self.evil, os.path.join(self.folder, "many"), os.path.join(self.folder, "text")):
            os.makedirs(path)
        write(os.path.join(self.folder, "metrics.yaml"), CATALOG % {"runs": max(RUNS, 2 * self.scene.series)} + self.scene.watchers)
        write(os.path.join(self.own, "good.csv"), "step,loss\n0,1.0\n")
        if self.scene.series:
            lines = [f'{{"run": "run-{number:08}", "loss": {number}.5}}' for number in range(self.scene.series)]
            write(os.path.join(self.folder, "many", "all.jsonl"), "\n".join(lines) + "\n")
            text = [f'other_loss{{run="run-{number:08}"}} {number}.5' for number in range(self.scene.series)]
            write(os.path.join(self.folder, "text", "all.prom"), "\n".join(text) + "\n")
        if self.scene.tls:
            make_certificate(self.folder)
        if self.scene.web_config:
            write(self.web_config, self.scene.web_config)
        if self.scene.make:
            self.scene.make(self)

    def start(self):
        if self.is_node_exporter:
            command = [self.binary, f"--web.listen-address=127.0.0.1:{self.port}",
                       f"--collector.textfile.directory={self.folder}/text"]
        else:
            command = [self.binary, "serve", "--config.file", f"{self.folder}/metrics.yaml",
                       "--web.listen-address", f"127.0.0.1:{self.port}"]
        if self.scene.web_config:
            command += [f"--web.config.file={self.web_config}"] if self.is_node_exporter else ["--web.config.file", self.web_config]
        errors = self.scene.standard_error and self.scene.standard_error()
        with open(os.path.join(self.folder, "log"), "wb") as log:
            self.server = subprocess.Popen(command, stdout=log, stderr=errors if errors is not None else log)
        # Ready or not: whether a neighbour can keep it from that is the question.
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.01)
        raise RuntimeError("does not listen")

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(25)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()

    def context(self):
        """How a client speaks TLS; None: it does not."""
        if not self.scene.tls:
            return None
        if not self.tls:
            # Without the machine's authorities, which take longer to read than a scrape.
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.tls.check_hostname, self.tls.verify_mode = False, ssl.CERT_NONE
        return self.tls

    def peak_resident_megabytes(self):
        with open(f"/proc/{self.server.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def is_alive(self):
        return self.server.poll() is None


class Outcome:
    """What the bystanders saw of a scene."""

    def __init__(self, scrapes, rows, resident, is_alive, leaks):
        self.scrapes, self.rows, self.resident, self.is_alive, self.leaks = scrapes, rows, resident, is_alive, leaks

    @property
    def lost(self):
        return sum(status != 200 for status, _ in self.scrapes)


def play(scene, folder, binary, seconds, is_node_exporter=False):
    stage = Stage(scene, folder, binary, is_node_exporter)
    stage.prepare()
    context = multiprocessing.get_context("fork")
    stage.start()
    until = time.monotonic() + seconds
    found = context.Queue()
    workers = [context.Process(target=bystander.scrape, args=(stage, until, found), daemon=True),
               context.Process(target=guarded, args=(scene.harm, stage, until), daemon=True)]
    if not is_node_exporter:
        workers.append(context.Process(target=bystander.write, args=(stage, until, found), daemon=True))
    try:
        for worker in workers:
            worker.start()
        parts = {}
        for _ in range(len(workers) - 1):
            name, value = found.get(timeout=seconds + 60)
            parts[name] = value
        scrapes, leaks = parts["scrapes"]
        resident = stage.peak_resident_megabytes() if stage.is_alive() else 0.0
        return Outcome(scrapes, parts.get("rows", []), resident, stage.is_alive(), leaks)
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
        stage.stop()


def guarded(harm, stage, until):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    harm(stage, until)
    # What it holds open stays so until the scene is over.
    while time.monotonic() < until + 60:
        time.sleep(1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=neighbours", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/server.key",
         "-out", f"{folder}/server.crt"], check=True, capture_output=True)
    os.chmod(f"{folder}/server.key", 0o600)
