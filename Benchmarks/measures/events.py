"""Events files: how many lines a CPU second are read, and what a scrape costs beside workers that have ended."""
import json, os, time
import catalogs
from measures.scrape import cost
from processes import free_port, run_to_end, serving
from programs import OURS, PYTHON, note
from tables import factor, table

PROCESSES = 8
SERIES = 100
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
WORKERS = (0, 200)
SCRAPES = 40


def measure(programs):
    yield from reading(programs)
    yield ""
    yield from scraping(programs)


def reading(programs):
    rows = []
    for form, line in (("counters", counter), ("gauges", gauge), (f"histograms of {len(BOUNDS)} buckets", histogram)):
        folder = f"events/{form.split()[0]}"
        count = programs.lines // PROCESSES
        for process in range(PROCESSES):
            write(programs.path(folder, f"{process}.jsonl"), process, (line(n) for n in range(1, count + 1)))
        command = programs.once(catalog(programs, folder, programs.path(folder, "*.jsonl")))
        measured = [run_to_end(command) for _ in range(programs.runs)]
        seconds = min(cpu for cpu, _ in measured)
        size = sum(os.path.getsize(programs.path(folder, f"{process}.jsonl")) for process in range(PROCESSES))
        rows.append((form, f"{PROCESSES * count / seconds / 1e6:.2f}", f"{size / seconds / 1e6:,.0f}",
                     f"{max(peak for _, peak in measured):.0f}"))
        note(f"events: {rows[-1]}")
    yield from table([f"lines of {PROCESSES} processes", "million per CPU second", "MB per CPU second", "peak MiB"], rows)


def scraping(programs):
    costs = {}
    for workers in WORKERS:
        folder = f"events/scrape_{workers}"
        # The one that lives has the same series.
        for process in range(workers + 1):
            lines = [counter(n) for n in range(1, SERIES + 1)] + [histogram(n) for n in range(SERIES + 1, 2 * SERIES + 1)]
            end = [] if process == workers else [json.dumps({"n": 2 * SERIES + 1, "end": time.time()})]
            write(programs.path(folder, f"{process}.jsonl"), process, lines + end)
        path = catalog(programs, folder, programs.path(folder, "*.jsonl"))
        port = free_port()
        with serving(programs.serve(path, port), port, "/-/ready") as server:
            living = programs.path(folder, f"{workers}.jsonl")
            costs[OURS, workers] = cost(server, port, SCRAPES, lambda turn: change(living, turn))
        costs[PYTHON, workers] = multiprocess(programs, folder, workers)
        note(f"scrape beside {workers} ended workers: {costs[OURS, workers]:.2f}, {costs[PYTHON, workers]:.2f} ms")
    head = ["CPU ms per scrape"] + [f"{workers} ended workers" for workers in WORKERS] + ["×"]
    last = WORKERS[-1]
    yield from table(head, (
        (title, *(f"{costs[name, workers]:.2f}" for workers in WORKERS), factor(costs[OURS, last], costs[name, last]))
        for title, name in ((OURS, OURS), (f"{PYTHON}, multiprocess mode", PYTHON))))


def multiprocess(programs, folder, workers):
    command = programs.python("python_multiprocess.py", programs.path(folder, "mmap"), str(workers + 1), str(SERIES))
    return float(programs.output(command))


def change(path, turn):
    with open(path, "a") as file:
        file.write(counter(10_000 + turn) + "\n")


def catalog(programs, folder, files):
    return programs.catalog(f"{folder}.yaml", catalogs.EVENTS.format(files=files, bounds=list(BOUNDS)))


def write(path, process, lines):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(json.dumps({"events": 1, "process": f"node7-{4242 + process}-1764400000-9f3a2c10"}) + "\n")
        for line in lines:
            file.write(line + "\n")


def counter(n):
    return f'{{"n":{n},"metric":"images_processed_total","labels":{{"worker":"w{n % SERIES}"}},"value":{n // SERIES}}}'


def gauge(n):
    return (f'{{"n":{n},"metric":"training_loss","labels":{{"worker":"w{n % SERIES}"}},"value":{1 / n:.6f},'
            f'"at":{1764400000 + n / 1000:.3f}}}')


def histogram(n):
    count = n // SERIES
    buckets = ",".join(f'"{bound}":{count * place // len(BOUNDS)}' for place, bound in enumerate(BOUNDS))
    return (f'{{"n":{n},"metric":"inference_time_seconds","labels":{{"worker":"w{n % SERIES}"}},"count":{count},'
            f'"sum":{count * 0.45:.3f},"buckets":{{{buckets},"+Inf":{count}}}}}')
