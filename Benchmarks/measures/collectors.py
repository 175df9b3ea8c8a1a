"""What one collection of the machine's readings costs, next to psutil and node_exporter, and what it costs to find
trainings among a hundred processes, next to psutil. psutil has no pressure and no
hung file systems, and so reads less; node_exporter does the same collectors, and renders and sends what they say."""
import os, re, statistics, subprocess, time
from processes import cpu_clock, free_port, get, serving
from programs import build, note
from tables import factor, table

OURS, PSUTIL, NODE = "training-exporter", "psutil", "node_exporter"
COLLECTIONS, SCRAPES = 300, 60
PROCESSES, MATCHING, SCANS = 100, 4, 100
#: Those of node_exporter that read what ours reads.
NODE_COLLECTORS = ["cpu", "stat", "loadavg", "pressure", "meminfo", "vmstat", "diskstats", "netdev", "netclass",
                   "infiniband", "filesystem", "filefd", "time"]


def measure(programs):
    yield from machine(programs)
    yield ""
    yield from processes(programs)


def machine(programs):
    ours = [build("bench-collectors")]
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


def processes(programs):
    """A hundred sleeping processes, four of which are trainings; the best of many scans."""
    numbers = [str(PROCESSES), str(MATCHING), str(SCANS)]
    scan = build("bench-process-scan")
    ours = re.findall(r"best (\d+)", " ".join(said([scan] + numbers)))
    peer = re.findall(r"best (\d+)", " ".join(said(programs.python("psutil_processes.py", *numbers))))
    rows = {OURS: ours[1:3], PSUTIL: peer}
    for name, costs in rows.items():
        note(f"processes: {name}: {costs[0]} and {costs[1]} us")
    head = [f"CPU ms to look through {PROCESSES} processes", "name, arguments, CPU time", "×", "and details", "×"]
    yield from table(head, (
        [name] + [cell for place in (0, 1) for cell in (
            f"{int(costs[place]) / 1e3:.2f}", factor(int(rows[OURS][place]), int(costs[place])))]
        for name, costs in rows.items()))


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
