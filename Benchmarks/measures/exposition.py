"""What a scrape costs next to the client libraries, whose programs do the same: register series, and change all of them
when they are told to. The change itself is not in the figures."""
import contextlib, os, socket, statistics, subprocess, sys, time
from processes import cpu_clock, free_port, memory
from programs import PEERS, PYTHON, build as build_product, note
from tables import factor, table

OURS, GO, CPP = "training-exporter", "client_golang", "prometheus-cpp"
#: Name, kind and number of series, whether all change before each scrape, whether gzip is asked for, repetitions.
CASES = [
    ("100,000 gauges, all changed", "gauges", 100_000, True, False, 9),
    ("nothing changed", "gauges", 100_000, False, False, 9),
    ("nothing changed, gzip", "gauges", 100_000, False, True, 9),
    ("10,000 histograms of 10 buckets, all changed", "histograms", 10_000, True, False, 9),
    ("1,000,000 gauges, all changed", "gauges", 1_000_000, True, False, 3),
]


def measure(programs):
    commands = build(programs)
    costs, sizes, registered = {}, {}, {}
    for name, command in commands.items():
        for title, kind, count, changes, packs, repetitions in CASES:
            with running(command + [kind, str(count)]) as server:
                if name in (PYTHON, GO) and count > 100_000:
                    repetitions = 1
                costs[name, title] = cost(server, changes, packs, repetitions)
                sizes[name, title] = (memory(server.pid)[0] - server.mebibytes) * (1 << 20) / count
                registered[name, title] = server.registered
            note(f"{title}: {name}: {figure(costs[name, title])}")
    large = CASES[-1][0]
    others = [name for name in commands if name != OURS]
    head = ["CPU ms per scrape", OURS] + [cell for name in others for cell in (name, "×")]
    yield from table(head, [case(title, costs, others) for title, *_ in CASES] + [
        plain("bytes a gauge, scraped", [f"{sizes[name, large]:.0f}" for name in commands]),
        plain("s to register 1,000,000", [f"{registered[name, large]:.1f}" for name in commands]),
    ])


def case(title, costs, others):
    ours = costs[OURS, title]
    return [title, figure(ours)] + [cell for name in others for cell in cells(ours, costs[name, title])]


def plain(title, figures):
    """A row without factors."""
    return [title, figures[0]] + [cell for value in figures[1:] for cell in (value, "")]


def cells(ours, theirs):
    return figure(theirs), factor(ours, theirs) if theirs else ""


def figure(value):
    if value is None:
        return "does not pack"
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def build_ours():
    """The command line of our registry's program, before kind, number and port."""
    return [build_product("bench-server")]


def build(programs):
    """The command line of each program, before kind, number and port."""
    go, cpp = programs.path("client_golang"), programs.path("prometheus_cpp")
    # Debian's Go packages lie where GOPATH says.
    environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=programs.path("go-cache"))
    run(["go", "build", "-o", go, os.path.join(PEERS, "client_golang.go")], env=environment)
    run(["g++", "-O2", "-std=c++17", os.path.join(PEERS, "prometheus_cpp.cpp"), "-o", cpp,
         "-lprometheus-cpp-pull", "-lprometheus-cpp-core", "-lpthread"])
    return {
        OURS: build_ours(),
        GO: [go],
        CPP: [cpp],
        PYTHON: programs.python("python_metrics.py"),
    }


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {done.stdout.decode()[-2000:]}")


@contextlib.contextmanager
def running(command):
    """A program that has registered its series; with `port`, `registered` (CPU seconds), and `mebibytes`, what a process
    of its kind with one series has resident."""
    with started(command[:-1] + ["1"]) as small:
        scrape(small.port, False)
        mebibytes = memory(small.pid)[0]
    with started(command) as server:
        server.mebibytes = mebibytes
        yield server


@contextlib.contextmanager
def started(command):
    port = free_port()
    server = subprocess.Popen(command + [str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        server.port = port
        server.registered = float(server.stdout.readline().split()[1])
        yield server
    finally:
        server.kill()
        server.wait()


def cost(server, changes, packs, repetitions):
    """Milliseconds of CPU, the median; None: it does not pack what it sends."""
    if scrape(server.port, packs) != packs:
        return None
    return statistics.median(cost_once(server, changes, packs) for _ in range(repetitions))


def cost_once(server, changes, packs=False):
    """Milliseconds of CPU for one scrape, perhaps after all has changed."""
    if changes:
        server.stdin.write("\n")
        server.stdin.flush()
        server.stdout.readline()
    time.sleep(0.05)
    before = cpu_clock(server.pid)
    scrape(server.port, packs)
    time.sleep(0.02)
    return (cpu_clock(server.pid) - before) * 1e3


def scrape(port, packs):
    """A Go server may not listen yet."""
    for _ in range(200):
        with contextlib.suppress(ConnectionRefusedError):
            return read(port, packs)
        time.sleep(0.05)
    sys.exit("nothing listens")


def read(port, packs):
    """Reads an answer to its end, and says whether it was packed."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        packing = "Accept-Encoding: gzip\r\n" if packs else ""
        connection.sendall(f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{packing}\r\n".encode())
        head = b""
        while block := connection.recv(1 << 20):
            if b"\r\n\r\n" not in head:
                head += block
    head = head.partition(b"\r\n\r\n")[0]
    if b" 200" not in head.split(b"\r\n")[0]:
        sys.exit(f"an answer that was not asked for: {head[:300]}")
    return b"content-encoding: gzip" in head.lower()
