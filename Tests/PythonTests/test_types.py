"""The module that each catalog of the project gives has no mistake for mypy and ruff; a program's mistakes are found."""

import pathlib
import subprocess
import sys
import tempfile
import textwrap

import support

CATALOGS = [support.PACKAGE / "metrics.yaml", *sorted(support.PACKAGE.glob("examples/*/metrics.yaml"))]


def tool(*arguments, folder):
    result = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, timeout=300)
    return result.returncode, result.stdout + result.stderr


class TypeTests(support.unittest.TestCase):
    def test_no_catalog_gives_a_module_with_mistakes(self):
        self.assertGreater(len(CATALOGS), 8)
        from test_hostile import ODD

        with tempfile.TemporaryDirectory() as folder:
            names = []
            for number, catalog in enumerate([*(path.read_text() for path in CATALOGS), support.CATALOG, ODD]):
                support.generate(folder, catalog)
                names.append(f"metrics_{number}.py")
                pathlib.Path(folder, "metrics.py").rename(pathlib.Path(folder, names[-1]))
            for command in [("ruff", "check", "--isolated"), ("mypy", "--strict")]:
                status, output = tool(*command, *names, folder=folder)
                self.assertEqual(status, 0, output)
            # The oldest that mypy knows.
            status, output = tool("mypy", "--strict", "--python-version", "3.10", names[0], folder=folder)
            self.assertEqual(status, 0, output)

    def test_mistakes_are_found_before_the_program_runs(self):
        good = [
            'm.images_total.labels(status="success").inc()', 'm.loss.labels("r", model="any").set(1)',
            'm.temperature.labels(3).set(0.5)', 'm.phase.state("running")', 'm.job.labels(run="a").state("up")',
            "m.images.labels('failed').inc(2)", "m.time_seconds.labels(model='a').observe(0.5)",
        ]  # fmt: skip
        bad = [
            'm.images_total.labels(status="bad").inc()', 'm.images_total.labels(stat="success").inc()', "m.imges_total",
            'm.loss.labels("r").set(1)', 'm.phase.state("sleeping")', 'm.job.labels(run="a").state("sideways")',
            "m.images_total.inc()", "m.plain_total.set(1)", 'm.plain_total.inc("1")', "m.wait_seconds.inc()",
        ]  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            support.generate(folder)
            program = "import metrics as m\n" + "\n".join(good + bad) + "\n"
            pathlib.Path(folder, "program.py").write_text(program)
            _, output = tool("mypy", "--strict", "program.py", folder=folder)
            found = {int(line.split(":")[1]) for line in output.splitlines() if line.startswith("program.py:")}
            self.assertEqual(found, set(range(2 + len(good), 2 + len(good) + len(bad))), output)

    def test_decorators_keep_a_functions_type(self):
        with tempfile.TemporaryDirectory() as folder:
            support.generate(folder)
            pathlib.Path(folder, "program.py").write_text(textwrap.dedent("""
                import metrics as m

                @m.track_time(m.wait_seconds)
                def twice(number: int) -> int:
                    return 2 * number

                reveal_type(twice("a"))
            """))
            _, output = tool("mypy", "--strict", "program.py", folder=folder)
            self.assertRegex(output, 'Revealed type is "(builtins.)?int"')
            self.assertIn("arg-type", output)


if __name__ == "__main__":
    support.unittest.main()
