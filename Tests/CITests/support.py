"""A git repository of its own, the program in it, and the recipes of docs/ci.md as a reader copies them.

TRAINING_EXPORTER names the program.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PACKAGE = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("TRAINING_EXPORTER") or PACKAGE / ".build/debug/training-exporter")
PROJECT = "https://github.com/training-exporter/training-exporter"

GOOD = """\
version: 1
labels:
  phase: { values: [train, validation] }
metrics:
  training_loss: { type: gauge, help: Training loss, labels: [phase] }
  epochs_total: { type: counter, help: Epochs }
watchers:
  trainer:
    files: "{phase}.csv"
    format: csv
    each_record: epochs_total
    fields:
      loss: training_loss
"""
# Two errors and a warning, and one of them has another place.
BAD = """\
version: 1
labels:
  phase: { values: [train, train] }
metrics:
  trainingLoss: { type: gauge, help: Training loss, labels: [phasse] }
watchers:
  trainer: { files: log.csv, format: csv, fields: { loss: trainingLoss } }
"""


def recipe(name):
    """The block of docs/ci.md whose first line is the name of the file that it is for."""
    text = (PACKAGE / "docs/ci.md").read_text()
    blocks = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if block.startswith(f"# {name}\n"))


def tool(name):
    """The path of a program beside this Python, or on the PATH; None where there is none."""
    beside = pathlib.Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


MISSING = [name for name in ("check-jsonschema", "pre-commit", "sarif") if not tool(name)]


@unittest.skipIf(MISSING, f"Tests/CITests/requirements.txt is not installed: there is no {', '.join(MISSING)}")
class Repository(unittest.TestCase):
    """Each test has a folder, which git has as a repository with a first commit."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.holder = pathlib.Path(holder.name).resolve()
        self.folder = self.holder / "project"
        self.folder.mkdir()
        (self.holder / "bin").mkdir()
        (self.holder / "bin/training-exporter").symlink_to(BINARY)
        tools = pathlib.Path(sys.executable).parent
        self.environment = {
            "PATH": f"{self.holder}/bin:{tools}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.holder), "LANG": "C.UTF-8",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
        }  # fmt: skip
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Begin")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_in(self, *command, status=0, folder=None, **more):
        """Runs a command, expects its status, and returns what it wrote to standard output and standard error."""
        result = subprocess.run(
            [str(part) for part in command], cwd=folder or self.folder, env=self.environment | more,
            capture_output=True, text=True, timeout=240, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if status is not None:
            self.assertEqual(result.returncode, status, f"{command}\n{result.stdout}\n{result.stderr}")
        return result.stdout, result.stderr

    def git(self, *arguments):
        return self.run_in("git", *arguments)[0].strip()

    def validate(self, form, *files, status=1, folder=None):
        return self.run_in("training-exporter", "validate", "--format", form, *files, status=status, folder=folder)[0]


__all__ = [
    "BAD", "BINARY", "GOOD", "MISSING", "PACKAGE", "PROJECT", "Repository", "json", "pathlib", "recipe", "tool", "unittest",
]  # fmt: skip
