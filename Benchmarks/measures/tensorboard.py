"""How many scalars a CPU second an event file of TensorBoard is read at, through to series, beside its own readers."""
import os, subprocess, sys
import catalogs
from processes import cpu_clock, memory, run_to_end
from programs import OURS, note
from tables import factor, table

HERE = os.path.dirname(os.path.abspath(catalogs.__file__))
NAME = "events.out.tfevents.1732400000.bench"
# Python's readers are so much slower that a part of the scalars and one run say as much.
PEERS_SHARE = 10
PEERS = {
    "TensorBoard, EventFileLoader": "loader",
    "TensorBoard, EventAccumulator": "accumulator",
    "tbparse": "tbparse",
}
SERVER = "TensorBoard's data server"


def measure(programs):
    size, part = programs.lines, programs.lines // PEERS_SHARE
    folder = programs.path("tensorboard", "runs", "a")
    generate(f"{folder}/{NAME}", size)
    small = programs.path("tensorboard", "part", "a")
    generate(f"{small}/{NAME}", part)
    catalog = programs.catalog("tensorboard/metrics.yaml", catalogs.TENSORBOARD)
    command = programs.once(catalog)
    expect(programs.output(command), f"log_scalars_total {size}")
    results = {OURS: best(size, [run_to_end(command) for _ in range(programs.runs + 2)])}
    for name, more in (f"{SERVER}, checksums", ["--checksum"]), (f"{SERVER}, no checksums", ["--no-checksum"]):
        results[name] = best(size, [serve_once(folder, more) for _ in range(programs.runs)])
    for name, kind in PEERS.items():
        peer = programs.python("tensorboard_ingest.py", kind, small)
        expect(programs.output(peer), str(part))
        results[name] = best(part, [run_to_end(peer)])
    for name, (rate, _) in results.items():
        note(f"tensorboard: {name}: {rate:,.0f} thousand scalars per CPU second")
    ours = results[OURS][0]
    yield from table(["event files of TensorBoard", "thousand scalars per CPU second", "×", "peak MiB"],
                     ([name, f"{rate:,.0f}", factor(rate, ours), f"{peak:.0f}"] for name, (rate, peak) in results.items()))


def generate(path, scalars):
    """In a process of its own: the peak of a program that is started counts what its parent holds at that moment."""
    script = "import sys, generate_logs; generate_logs.make(sys.argv[1], generate_logs.event_file, int(sys.argv[2]))"
    subprocess.run([sys.executable, "-c", script, path, str(scalars)], check=True, cwd=HERE)


def expect(output, text):
    """A reader that has not read all of it would be fast."""
    if text not in output.splitlines():
        raise SystemExit(f"{text!r} is not in what was read: {output[:1000]}")


def best(scalars, measured):
    """What disturbs a run only ever makes it slower."""
    return scalars / min(cpu for cpu, _ in measured) / 1e3, max(peak for _, peak in measured)


def serve_once(folder, more):
    """CPU seconds and peak MiB of TensorBoard's data server, written in Rust, until it has loaded the folder. It keeps a
    sample of the scalars, for its page."""
    from tensorboard_data_server import server_binary

    command = [server_binary(), "--logdir", folder, "--reload", "once", "--port", "0", "--verbose", *more]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            for line in server.stderr:
                if "Finished load cycle" in line:
                    return cpu_clock(server.pid), memory(server.pid)[1]
        finally:
            server.kill()
    raise SystemExit(f"{command} ended before it had loaded")
