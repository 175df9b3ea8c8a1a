"""Whoever reads the exporter's log, and stops."""
import os, signal, time

from .files import make_sparse
from .stage import Scene, write


def unread_pipe():
    """A pipe with room for one line or two, of which nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"." * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(writing, True)
    return writing


def provoke(stage, until):
    """Each reload that is refused writes lines."""
    catalog = os.path.join(stage.folder, "metrics.yaml")
    with open(catalog) as file:
        whole = file.read()
    number = 0
    while time.monotonic() < until:
        number += 1
        write(catalog, whole + f"nonsense{number}: 1\n")
        os.kill(stage.server.pid, signal.SIGHUP)
        time.sleep(0.02)
    write(catalog, whole)


SCENES = [Scene("standard-error", "stops to read the log, which hundreds of lines go to", provoke, standard_error=unread_pipe)]
