"""What one collection of the machine's readings costs, next to psutil and node_exporter. psutil has no pressure and no
hung file systems, and so reads less; node_exporter does the same collectors, and renders and sends what they say."""
import os, statistics, subprocess, time
from processes import cpu_clock, free_port, get, serving
from programs import PEERS, note
from tables import factor, table

ROOT = os.path.dirname(os.path.dirname(PEERS))
OURS, PSUTIL, NODE = "training-exporter", "psutil", "node_exporter"
COLLECTIONS, SCRAPES = 300, 60
#: Those of node_exporter that read what ours reads.
NODE_COLLECTORS = ["cpu", "stat", "loadavg", "pressure", "meminfo", "vmstat", "diskstats", "netdev", "netclass",
                   "infiniband", "filesystem", "filefd", "time"]


def measure(programs):
    subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "-Xswiftc", "-use-ld=lld",
                    "--product", "bench-collectors"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    ours = [os.path.join(ROOT, ".build/release/bench-collectors")]
    system = said(ours + ["system", str(COLLECTIONS)])
    costs = {
        OURS: float(system[1]),
        PSUTIL: float(said(programs.python("python_collect.py", str(COLLECTIONS)))[0]),
        NODE: node_exporter(),
    }
    for name, cost in costs.items():
        note(f"collectors: {name}: {cost:.3f} ms")
    head = ["CPU ms to read the machine once", "", "×"]
    yield from table(head, ([name, f"{cost:.2f}", factor(costs[OURS], cost)] for name, cost in costs.items()))


def said(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()


def node_exporter():
    """Milliseconds of CPU a scrape, the median."""
    port = free_port()
    command = ["prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults"]
    with serving(command + [f"--collector.{name}" for name in NODE_COLLECTORS], port) as server:
        costs = []
        for _ in range(SCRAPES):
            before = cpu_clock(server.pid)
            get(port)
            time.sleep(0.01)
            costs.append((cpu_clock(server.pid) - before) * 1e3)
    return statistics.median(costs)
