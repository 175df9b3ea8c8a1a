"""The command lines of the programs that are compared, and the folder they work in."""
import json, os, subprocess, sys
from processes import get, wait_until

PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
FLOORS = os.path.join(os.path.dirname(PEERS), "floors")
ROOT = os.path.dirname(os.path.dirname(PEERS))
OURS, MTAIL, PYTHON = "training-exporter", "mtail", "prometheus_client"


class Programs:
    """`runs` is how often a short run is repeated; `lines` how many a large log has."""

    def __init__(self, binary, folder, lines, runs):
        self.binary, self.folder, self.lines, self.runs = os.path.abspath(binary), folder, lines, runs

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def catalog(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def once(self, catalog):
        return [self.binary, "once", "--config.file", catalog]

    def serve(self, catalog, port):
        return [self.binary, "serve", "--config.file", catalog, "--web.listen-address", f"127.0.0.1:{port}",
                "--web.disable-exporter-metrics"]

    @staticmethod
    def mtail(program, logs, port=None):
        """Follows the logs and serves; without a port reads them to their ends."""
        command = ["mtail", "--progs", os.path.join(PEERS, program), "--logs", logs, "--logtostderr"]
        return command + (["--address", "127.0.0.1", "--port", str(port)] if port else ["--one_shot"])

    @staticmethod
    def output(command):
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    @staticmethod
    def python(script, *arguments):
        return [sys.executable, os.path.join(PEERS, script), *arguments]

    def floor(self, source, *arguments):
        """A program of `floors`, which is compiled for this machine when it is wanted first."""
        binary = self.path("floors", os.path.splitext(source)[0])
        if not os.path.exists(binary):
            os.makedirs(os.path.dirname(binary), exist_ok=True)
            compiler = ["gcc"] if source.endswith(".c") else ["g++", "-std=c++17"]
            libraries = ["-lsimdjson"] if source == "jsonl.cpp" else []
            path = os.path.join(FLOORS, source)
            subprocess.run([*compiler, "-O3", "-march=native", path, "-o", binary, *libraries], check=True)
        return [binary, *arguments]


def ready_path(name):
    """Where a server answers 200: ours once all logs are found and read, mtail before."""
    return "/-/ready" if name == OURS else "/metrics"


def wait_for_logs(name, port, count):
    """mtail tells elsewhere how many logs it follows."""
    if name == MTAIL:
        wait_until(lambda: json.loads(get(port, "/debug/vars"))["log_count"] >= count, f"mtail to find {count} logs")


def build(product):
    """The binary of one of the project's own programs, built as the exporter is."""
    subprocess.run(["make", "--silent", "build", f"PRODUCT={product}"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return os.path.join(ROOT, ".build/release", product)


def note(text):
    print(text, file=sys.stderr, flush=True)
