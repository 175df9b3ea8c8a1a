#!/usr/bin/env python3
"""Shows the exporter at work: a recorded training writes its log live, about two minutes long.

usage: demo.py BINARY [--speed N]

Everything happens in a temporary folder, which goes away at the end, as do the exporter and the training.
"""
import argparse, os, re, shutil, signal, socket, subprocess, sys, tempfile, time, urllib.request

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RECORDING = os.path.join(PROJECT, "Tests/EndToEndTests/Fixtures/recordings/ultralytics.jsonl")
EPOCHS = 80
PORT = 8000
# 31 s were recorded; so it takes about two minutes.
SPEED = 0.26


def is_taken(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def address(exporter, log):
    """Where the exporter says it listens; None where it ended."""
    while exporter.poll() is None:
        with open(log) as lines:
            found = re.search(r"address=\"?(http://[0-9.:]+)", lines.read())
        if found:
            return found[1]
        time.sleep(0.02)
    return None


def scrape(url):
    """Series and their values."""
    with urllib.request.urlopen(url + "/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def report(metrics):
    """The epoch, and a line that says how the training goes."""
    def value(name, label=""):
        for series, text in metrics.items():
            if series.startswith(name + "{") and label in series:
                return float(text)
        return float("nan")

    epoch = value("training_epoch")
    if epoch != epoch:
        return None, "waiting for the first epoch"
    loss = "  ".join("%s %.3f" % (part, value("training_loss", f'component="{part}"')) for part in ("box", "cls", "dfl"))
    map50 = value("validation_map", 'iou_threshold="0.5"')
    map50_95 = value("validation_map", 'iou_threshold="0.5:0.95"')
    return epoch, f"epoch {epoch:2.0f}/{EPOCHS}   loss: {loss}   mAP50: {map50:.3f}   mAP50-95: {map50_95:.3f}"


def show(url, training):
    last = None
    while True:
        ended = training.poll() is not None
        epoch, line = report(scrape(url))
        if line != last:
            print(line, flush=True)
            last = line
        if ended and (epoch == EPOCHS or training.returncode):
            return training.returncode
        time.sleep(0.25)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary")
    parser.add_argument("--speed", type=float, default=SPEED)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = tempfile.mkdtemp(prefix="training-exporter-demo-")
    children = []
    try:
        shutil.copy(os.path.join(PROJECT, "metrics.yaml"), folder)
        os.mkdir(os.path.join(folder, "runs"))
        log = os.path.join(folder, "exporter.log")
        port = 0 if is_taken(PORT) else PORT
        with open(log, "w") as output:
            exporter = subprocess.Popen(
                [os.path.abspath(arguments.binary), "serve", "--config.file", os.path.join(folder, "metrics.yaml"),
                 "--web.listen-address", f"127.0.0.1:{port}", "--log.format", "logfmt"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=output, start_new_session=True)
        children.append(exporter)
        url = address(exporter, log)
        if url is None:
            sys.exit("the exporter ended: " + open(log).read())
        training = subprocess.Popen(
            [sys.executable, os.path.join(PROJECT, "tools/replay-log.py"), RECORDING, folder,
             "--speed", str(arguments.speed)], stdin=subprocess.DEVNULL, start_new_session=True)
        children.append(training)
        print(f"""
A training of {EPOCHS} epochs writes {folder}/runs/detect/train/results.csv
and the exporter follows it. While it runs:

  open  {url}/
  curl  {url}/metrics
  curl  -s {url}/metrics | grep validation_map

Ctrl-C ends it; otherwise it ends with the training, in about {round(31 / arguments.speed)} seconds.
""", flush=True)
        status = show(url, training)
        if status:
            sys.exit(f"the training ended with {status}")
        print("\nThe training is over. Next: copy a folder of examples/ and point `files` at your own logs.")
    except KeyboardInterrupt:
        print("\nstopped")
    finally:
        for child in reversed(children):
            child.terminate()
        for child in children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        shutil.rmtree(folder, ignore_errors=True)


main()
