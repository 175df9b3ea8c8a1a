"""How many lines a CPU second a large log is read at, through to series."""
import catalogs, generate_logs
from processes import run_to_end
from programs import MTAIL, OURS, PYTHON, note
from tables import factor, table

FORMS = {
    "csv": ("CSV, 12 columns", "results.csv", generate_logs.csv_rows, catalogs.CSV),
    "jsonl": ("JSON lines, 5 values", "train.jsonl", generate_logs.json_lines, catalogs.JSON_LINES),
}
# The others are so much slower that a part of the lines and fewer runs say as much.
PEERS_SHARE = 3
PEERS_RUNS = 2


def measure(programs):
    results = {}
    for short, (_, name, write, catalog) in FORMS.items():
        log = generate_logs.make(programs.path("ingest", name), write, programs.lines)
        part = generate_logs.make(programs.path("ingest", "part", name), write, programs.lines // PEERS_SHARE)
        path = programs.catalog(f"ingest/{short}.yaml", catalog)
        record(results, OURS, short, programs.once(path), programs.lines, programs.runs + 2)
        for peer, command in (
            (MTAIL, programs.mtail(f"{short}.mtail", part)),
            (f"{PYTHON}, cached children", programs.python("python_ingest.py", short, "cached", part)),
            (f"{PYTHON}, labels() each time", programs.python("python_ingest.py", short, "labels", part)),
        ):
            record(results, peer, short, command, programs.lines // PEERS_SHARE, PEERS_RUNS)
    head = ["thousand lines per CPU second"]
    for title, *_ in FORMS.values():
        head += [title, "×"]
    names = dict.fromkeys(name for name, _ in results)
    yield from table(head + ["peak MiB"], (row(name, results) for name in names))


def record(results, name, form, command, lines, runs):
    """Keeps the best run: what disturbs a run only ever makes it slower."""
    measured = [run_to_end(command) for _ in range(runs)]
    seconds = min(cpu for cpu, _ in measured)
    results[name, form] = lines / seconds / 1e3, max(peak for _, peak in measured)
    note(f"{form}: {name}: {lines / seconds / 1e3:,.0f} thousand lines per CPU second")


def row(name, results):
    yield name
    for form in FORMS:
        ours, theirs = results[OURS, form][0], results[name, form][0]
        yield f"{theirs:,.0f}"
        yield factor(theirs, ours)
    yield f"{max(results[name, form][1] for form in FORMS):.0f}"
