"""What judgements share: the binary, a folder, how much is done, and how a figure is told."""
import contextlib, os, subprocess, sys
from dataclasses import dataclass


@dataclass
class Verdict:
    what: str
    value: float
    # None: only told.
    limit: float = None
    unit: str = ""

    @property
    def is_good(self):
        return self.limit is None or self.value <= self.limit

    def __str__(self):
        limit = "" if self.limit is None else f"   (at most {self.limit:,g}: {'good' if self.is_good else 'NOT GOOD'})"
        return f"{self.what}: {self.value:,.3g} {self.unit}{limit}" if self.value < 1000 else \
            f"{self.what}: {self.value:,.0f} {self.unit}{limit}"


class Bench:
    """`share` of 1 does all that is judged; less does the same with less."""

    def __init__(self, binary, against, folder, share):
        self.binary, self.against, self.folder, self.share = binary, against, folder, share

    def times(self, count):
        return max(1, round(count * self.share))

    def path(self, *names):
        path = os.path.join(self.folder, *names)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def serve(self, catalog, port, *more, binary=None):
        return [binary or self.binary, "serve", "--config.file", catalog, "--web.listen-address", f"127.0.0.1:{port}",
                "--log.level", "error", *more]


@contextlib.contextmanager
def busy_machine(seconds):
    """Keeps every core busy, at most for so long."""
    spin = f"import time\nend = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass"
    spinners = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
