"""The exporter killed again and again while logs are written in many ways: every value right."""
import os, subprocess, sys
from .bench import Verdict

KILLS = 500


def judge(bench):
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "kill-test.py")
    kills = bench.times(KILLS)
    result = subprocess.run([sys.executable, script, bench.binary, "--kills", str(kills)], capture_output=True, text=True)
    print(result.stdout + result.stderr, end="", file=sys.stderr)
    yield Verdict(f"{kills} kills, wrong values", int(result.returncode != 0), 0)
