"""What an update by a Swift program costs: in time, as a ratio to what the processor needs at least, and in memory."""
import os, subprocess, sys
from programs import PEERS, build
from tables import table

UPDATES = 20_000_000


def measure(programs):
    binary = build("bench-handles")
    said = run([binary, str(UPDATES)]).stdout.decode()
    costs = [(name, float(value)) for name, _, value in (line.rpartition(": ") for line in said.splitlines())]
    floor = costs[1][1]
    yield from table(["ns of CPU for an update by a Swift program", "", "×"],
                     [[name, f"{cost:.1f}", f"{cost / floor:.1f}"] for name, cost in costs])
    counter = programs.path("count_allocations.so")
    run(["gcc", "-O2", "-shared", "-fPIC", os.path.join(PEERS, "count_allocations.c"), "-o", counter])
    few, many = (allocations(binary, counter, updates) for updates in (1_000, 101_000))
    yield ""
    yield f"100,000 more updates of each kind allocate {many - few:,} times more."


def allocations(binary, counter, updates):
    return int(run([binary, str(updates)], env=dict(os.environ, LD_PRELOAD=counter)).stderr)


def run(command, **options):
    done = subprocess.run(command, capture_output=True, **options)
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}: {(done.stdout + done.stderr).decode()[-2000:]}")
    return done
