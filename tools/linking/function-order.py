#!/usr/bin/env python3
"""Writes the names of the functions that run when the exporter starts, follows a log, and is scraped.

The linker puts them side by side (tools/linking/function-order.txt), so that the pages of the binary that are in memory are
full of what is used: the kernel maps 64 KiB around each function that is called. Names that a later version no longer has
do no harm, and functions that are missing only stand elsewhere.

usage: function-order.py BINARY > tools/linking/function-order.txt    (needs valgrind)
"""
import os, re, socket, subprocess, sys, tempfile, time, urllib.request

CATALOG = """\
version: 1
labels: { run: { max_values: 100, evict: oldest } }
metrics:
  rows_total: { type: counter, help: Rows, labels: [run] }
  epoch: { type: gauge, help: Epoch, labels: [run] }
  loss: { type: gauge, help: Loss, labels: [run] }
  step_seconds: { type: histogram, help: Time of a step, labels: [run], buckets: [0.1, 1, 10] }
watchers:
  rows:
    files: "{run}/results.csv"
    format: csv
    each_record: rows_total
    run: { step: epoch }
    fields: { epoch: epoch, loss: loss, time: step_seconds }
  lines:
    files: "{run}/train.jsonl"
    format: jsonl
    each_record: rows_total
    fields: { epoch: epoch, loss: loss }
  console:
    files: "{run}/console.log"
    format: text
    lines: [{ line: "epoch {epoch} loss {loss}" }]
    fields: { epoch: epoch, loss: loss }
"""
SCRAPES = [
    {},
    {"Accept": "text/plain;version=0.0.4", "Accept-Encoding": "gzip"},
    {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", "Accept-Encoding": "gzip"},
]


def main():
    names = set()
    with tempfile.TemporaryDirectory(prefix="function-order-") as folder:
        # Valgrind does not understand all of the debug information.
        binary = os.path.join(folder, "training-exporter")
        subprocess.run(["strip", "--strip-debug", "-o", binary, sys.argv[1]], check=True)
        logs = os.path.join(folder, "logs")
        os.makedirs(os.path.join(logs, "one"))
        with open(os.path.join(logs, "metrics.yaml"), "w") as file:
            file.write(CATALOG)
        append(logs, 0)
        # Once without a saved state and once with one.
        for start in range(2):
            names |= functions(binary, logs, os.path.join(folder, f"profile-{start}"), start)
        own = symbols(binary)
    sys.stdout.write("".join(f"{name}\n" for name in sorted(names & own)))


def append(logs, number):
    for name, head, line in (
        ("results.csv", "epoch,loss,time\n", f"{number},0.{number},1.5\n"),
        ("train.jsonl", "", f'{{"epoch": {number}, "loss": 0.{number}}}\n'),
        ("console.log", "", f"epoch {number} loss 0.{number}\n"),
    ):
        path = os.path.join(logs, "one", name)
        with open(path, "a") as file:
            file.write(line if os.path.exists(path) and file.tell() else head + line)


def functions(binary, logs, profile, start):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile}", binary,
               "--config.file", os.path.join(logs, "metrics.yaml"), "--web.listen-address", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        for turn in range(4):
            append(logs, 10 * start + turn + 1)
            for headers in SCRAPES:
                while not scrape(port, headers):
                    if server.poll() is not None or time.monotonic() > deadline:
                        sys.exit("the exporter does not answer")
                    time.sleep(0.5)
            time.sleep(2)
    finally:
        server.terminate()
        server.wait()
    known, ran = {}, set()
    with open(profile) as file:
        for line in file:
            match = re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line.rstrip())
            if not match:
                continue
            if match[3]:
                known[match[2]] = match[3]
            if not match[1]:
                ran.add(re.sub(r"'\d+$", "", known[match[2]]))
    return ran


def scrape(port, headers):
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status == 200 and answer.read()
    except OSError:
        return False


def symbols(binary):
    listed = subprocess.run(["nm", "--defined-only", binary], check=True, capture_output=True, text=True).stdout
    return {line.split()[2] for line in listed.splitlines() if line.split()[1] in "tTwW"}


if __name__ == "__main__":
    main()
