"""What a scrape costs by the number of series."""
import shutil, statistics, time
import catalogs, generate_logs
from processes import cpu_clock, free_port, get, memory, serving, wait_until
from programs import MTAIL, OURS, PYTHON, note
from tables import factor, table

# How many scrapes the median is of, by the number of series.
SCRAPES = {1_000: 40, 10_000: 20, 100_000: 5}


def measure(programs):
    results = {}
    for count, scrapes in SCRAPES.items():
        log = generate_logs.make(programs.path("scrape", f"series_{count}.jsonl"), generate_logs.series, count)
        catalog = programs.catalog(f"scrape/series_{count}.yaml", catalogs.SERIES.format(count=count))
        growing = programs.path("scrape", f"growing_{count}.jsonl")
        open(growing, "w").close()
        for name, command in (
            (OURS, lambda port: programs.serve(catalog, port)),
            (MTAIL, lambda port: programs.mtail("series.mtail", growing, port)),
            (PYTHON, lambda port: programs.python("python_serve.py", str(count), str(port))),
        ):
            port = free_port()
            with serving(command(port), port) as server:
                if name == MTAIL:  # it reads only what comes after its start
                    with open(log) as source, open(growing, "a") as target:
                        shutil.copyfileobj(source, target)
                wait_until(lambda: get(port).count(b"\nml_train_value{") >= count, f"{name}: {count} series", pause=0.5)
                time.sleep(1)
                results[name, count] = cost(server, port, scrapes), memory(server.pid)[0]
            note(f"{count} series: {name}: {results[name, count][0]:.2f} ms")
    head = ["CPU ms per scrape"]
    for count in SCRAPES:
        head += [f"{count:,} series", "×"]
    yield from table(head + [f"MiB at {max(SCRAPES):,}"], (row(name, results) for name in (OURS, MTAIL, PYTHON)))


def cost(server, port, scrapes, change=lambda turn: None):
    """Milliseconds of CPU, the median, each after a change."""
    costs = []
    for turn in range(scrapes):
        change(turn)
        before = cpu_clock(server.pid)
        get(port)
        time.sleep(0.01)
        costs.append((cpu_clock(server.pid) - before) * 1e3)
    return statistics.median(costs)


def row(name, results):
    yield name
    for count in SCRAPES:
        ours, theirs = results[OURS, count][0], results[name, count][0]
        yield f"{theirs:,.2f}" if theirs < 10 else f"{theirs:,.0f}"
        yield factor(ours, theirs)
    yield f"{results[name, max(SCRAPES)][1]:.0f}"
