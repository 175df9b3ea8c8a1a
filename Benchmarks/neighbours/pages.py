"""Neighbours who look at the page, all the time."""
import json, os, threading, time, urllib.request

from .stage import Scene, write

PAGES = 10
CURVES = 20
ROWS = 10_000
WATCHERS = """
  curves:
    files: ["curves/{run}.csv"]
    format: csv
    run: { loss: c0 }
    fields: { "c{_}": training_loss }
"""


def logs(stage):
    """One for each page."""
    head = "step," + ",".join(f"c{column}" for column in range(CURVES)) + "\n"
    rows = "".join(f"{row}," + ",".join(f"{(row * 7919 + column) % 1000 / 10}" for column in range(CURVES)) + "\n"
                   for row in range(ROWS))
    os.makedirs(os.path.join(stage.folder, "curves"))
    for page in range(PAGES):
        write(os.path.join(stage.folder, "curves", f"page{page}.csv"), head + rows)


def ask(stage, path):
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{stage.port}{path}", headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()
    except OSError:
        return None


def look(stage, page, until):
    for part in ("/", "/page/page.js", "/page/page.css", "/page/dygraph.js", "/page/dygraph.css"):
        ask(stage, part)
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{stage.port}/api/v1/runs", timeout=30) as answer:
                runs = json.load(answer)["runs"]
        except OSError:
            runs = []
        own = [run["id"] for run in runs if run["labels"]["run"] == f"page{page}"]
        for run in own:
            ask(stage, f"/api/v1/curves?run={run}&points=500")
        ask(stage, "/api/v1/sources")
        ask(stage, "/api/v1/metrics")
        time.sleep(5)


def pages(stage, until):
    """As ten browsers that forget what they had."""
    looking = [threading.Thread(target=look, args=(stage, page, until)) for page in range(PAGES)]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join()


SCENES = [
    Scene("pages", "looks at ten pages, each with 20 curves of 10,000 values", pages, logs, watchers=WATCHERS),
]
