"""The binary's size."""
import os, subprocess


def measure(programs):
    stripped = programs.path("stripped")
    subprocess.run(["strip", "-o", stripped, programs.binary], check=True)
    yield (f"The stripped binary has {os.path.getsize(stripped) / 1e6:.1f} MB; × is how many times as much the other "
           "takes.")
