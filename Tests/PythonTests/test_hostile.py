"""Whatever a program or its machine does, the training goes on, and is told once."""

import json
import os
import pathlib
import subprocess
import unittest

import support

ODD = """
version: 1
labels:
  class: { values: [None, "a \\"quote\\"", "two\\nlines", "back\\\\slash"] }
  self: { max_values: 5 }
  more: { max_values: 5 }
metrics:
  class: { type: gauge, help: "A \\"quote\\", a \\\\, 'three' \\"\\"\\" and\\ntwo lines\\u202e", labels: [class, self, more] }
  None: { type: gauge, help: None }
  print: { type: gauge, help: Print }
  len: { type: gauge, help: Length }
  metric: { type: gauge, help: Metric }
  "a:b": { type: gauge, help: Colon }
  a_b: { type: gauge, help: Underscore }
  _private: { type: gauge, help: Private }
  _writer: { type: gauge, help: Writer }
  match: { type: gauge, help: Match }
"""


class NameTests(support.ModuleTest):
    catalog = ODD

    def test_any_name_can_be_had(self):
        output, errors = self.run_program("""
            m.class_.labels(class_="None", self_="s", more_="m").set(1)
            m.class_.labels(**{"class": 'a "quote"', "self": "s", "more": "m"}).set(2)
            m.metric("class").labels("two\\nlines", "s", "m").set(3)
            getattr(m, "class").labels("back\\\\slash", "s", "m").set(4)
            m.None_.set(5)
            m.metric_.set(6)
            m.metric("a:b").set(7)
            assert m.metric("a_b") is not m.metric("a:b")
            m.metric("_private").set(8)
            m.metric("_writer").set(9)
            m.len_.set(10)
            m.print.set(11)
            m.match.set(12)
        """)
        self.assertEqual(errors, "")
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(sorted(line["value"] for line in series.values()), [float(n) for n in range(1, 13)])


class HostileTests(support.ModuleTest):
    def test_a_training_goes_on_and_is_told_once_of_each_kind(self):
        output, errors = self.run_program("""
            class Odd:
                def __str__(self): raise RuntimeError("no text")
                def __float__(self): raise RuntimeError("no number")
            for _ in range(3):
                m.images_total.labels(status="bad").inc()
                m.images_total.labels(stat="success").inc()
                m.images_total.labels("success", "more").inc()
                m.images_total.labels().inc()
                m.images_total.labels(status=Odd()).inc()
                m.images_total.labels(status=["success"]).inc()
                m.images_total.inc()
                m.loss.labels(run="x" * 5000, model="a").set(1)
                m.plain_total.inc(-1)
                m.plain_total.inc(float("nan"))
                m.plain_total.inc(float("inf"))
                m.plain_total.inc(10**400)
                m.plain_total.inc("many")
                m.plain_total.inc(Odd())
                m.wait_seconds.observe(None)
                m.level.set("high")
                m.phase.state("sleeping")
                m.phase.state(["running"])
                m.build_info.info({"run": "r", "other": "x"})
                m.build_info.info({})
                for run in range(10): m.few.labels(run=str(run)).set(1)
            assert m.images_total.labels(status="bad") is m.images_total.labels(status="worse")
            assert m.rejected()["images_total", "status", "label_value"] == 3 * 2 + 2, m.rejected()
            assert m.rejected()["few", "", "metric_max_series"] == 21
            m.plain_total.inc(1)
            print(sorted(m.rejected().items()))
        """)
        kinds = [line.split(":")[1][:40] for line in errors.splitlines()]
        self.assertEqual(len(kinds), len(set(kinds)), errors)
        self.assertLessEqual(len(kinds), 10, errors)
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(series["plain_total", ()]["value"], 1)
        self.assertEqual([line["metric"] for line in series.values()].count("few"), 3)
        self.assertFalse(any(metric == "images_total" for metric, _ in series))
        self.assertEqual(self.left_out(), dict(eval(output)))

    def left_out(self):
        """What the processes say that they left out."""
        newest = {}
        for path in self.events.glob("*.jsonl"):
            for line in path.read_text().splitlines():
                line = json.loads(line)
                if "rejected" in line:
                    newest[path, line["metric"], line["label"], line["rejected"]] = line["value"]
        counts = {}
        for (_, *key), count in newest.items():
            counts[tuple(key)] = counts.get(tuple(key), 0) + count
        return counts

    def test_what_was_left_out_is_said_of_each_process_and_bounded(self):
        output, errors = self.run_program("""
            import os, sys
            for _ in range(3): m.images_total.labels(status="bad")
            m.flush()
            if os.fork() == 0:
                m.images_total.labels(status="bad")
                sys.exit(0)
            os.wait()
            for number in range(3000): m.images_total.labels(**{f"l{number}\\udc80" + "x" * 500: 1})
            m.images_total.labels(status="bad")
        """)
        counts = self.left_out()
        self.assertEqual(counts["images_total", "status", "label_value"], 5)
        self.assertEqual(sum(counts.values()), 3005)
        self.assertLess(len(counts), 1010)
        self.assertEqual(len(errors.splitlines()), 2, errors)
        catalog = pathlib.Path(self.folder.name, "metrics.yaml")
        catalog.write_text(support.CATALOG + "watchers:\n  app: { files: 'events/*', format: events }\n")
        shown = subprocess.run([support.BINARY, "once", "--config.file", catalog],
                               capture_output=True, text=True, timeout=60).stdout  # fmt: skip
        own = [line for line in shown.splitlines() if line.startswith("training_exporter_rejections_total{")]
        self.assertLess(len(own), 110)
        self.assertEqual(sum(float(line.split()[-1]) for line in own), 3005)

    def test_strict_is_an_error(self):
        for call in ['m.images_total.labels(status="bad")', 'm.images_total.labels(stat="success")', "m.plain_total.inc(-1)",
                     "m.images_total.labels()", 'm.phase.state("sleeping")', "m.images_total.inc()", 'm.level.set("x")',
                     'm.build_info.info({})']:  # fmt: skip
            with self.subTest(call=call):
                _, errors = self.run_program(call, 1, TRAINING_EXPORTER_STRICT="1")
                self.assertIn("ValueError", errors)

    def test_values_of_other_types(self):
        self.run_program("""
            import fractions, decimal
            class Tensor:
                def __float__(self): return 0.5
                def __add__(self, other): raise RuntimeError
                __radd__ = __ge__ = __le__ = __lt__ = __add__
            m.plain_total.inc(Tensor()); m.plain_total.inc(True); m.plain_total.inc(fractions.Fraction(1, 2))
            m.level.set(Tensor()); m.level.inc(Tensor()); m.level.dec(Tensor())
            m.wait_seconds.observe(Tensor())
            m.temperature.labels(3).set(1); m.temperature.labels("3.0").set(2); m.temperature.labels(device=True).set(3)
            import enum
            class Status(str, enum.Enum): FAILED = "failed"
            m.images_total.labels(Status.FAILED).inc()
            m.loss.labels("r", "B").set(1); m.loss.labels("r", "unknown").set(2)
            m.flush()
            assert type(m.plain_total._value) is float and m.plain_total._value == 2.0
        """)
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(series["level", ()]["value"], 0.5)
        self.assertEqual(series["images_total", (("status", "failed"),)]["value"], 1)
        self.assertEqual(series["temperature", (("device", "3"),)]["value"], 2)
        self.assertEqual(series["loss", (("run", "r"), ("model", "b"))]["value"], 1)
        self.assertEqual(series["loss", (("run", "r"), ("model", "other"))]["value"], 2)

    def test_what_makes_room_stays_bounded(self):
        self.run_program("""
            for epoch in range(1000): m.accuracy.labels(epoch=epoch).set(epoch)
            assert len(m.accuracy._series) == 5
        """)
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(series["accuracy", (("epoch", "999"),)]["value"], 999)

    def test_handles_are_copied_and_pickled_as_what_they_stand_for(self):
        self.run_program("""
            import copy, pickle
            handle = m.images_total.labels(status="success")
            for value in [handle, m.images_total, m.plain_total]:
                assert copy.deepcopy(value) is value and pickle.loads(pickle.dumps(value)) is value
        """)

    def test_a_folder_that_cannot_be_written(self):
        for make in [lambda path: path.write_text("a file"), lambda path: path.symlink_to("nowhere/else"),
                     lambda path: path.symlink_to(path)]:  # fmt: skip
            self.setUp()
            make(self.events)
            _, errors = self.run_program("""
                import time
                for _ in range(20):
                    m.plain_total.inc()
                    m.flush()
                assert len(m._writer.changed) <= 2
            """)
            self.assertEqual(len(errors.splitlines()), 1, errors)
            self.assertIn("metrics cannot be written to", errors)

    def test_a_full_disk_that_gets_room_again(self):
        # RLIMIT_FSIZE is a disk of its own: writes beyond it are short, or fail.
        _, errors = self.run_program(
            """
            import os, resource, signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            m.plain_total.inc(); m.flush()
            size = os.path.getsize(m._writer.path)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))
            for step in range(50):
                for run in range(100): m.loss.labels(f"r{run}", "a").set(step)
                m.plain_total.inc(); m.flush()
                assert len(m._writer.changed) <= 101
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            m.plain_total.inc(); m.flush()
            """,
            TRAINING_EXPORTER_EVENTS_INTERVAL="3600",
        )
        self.assertEqual(len(errors.splitlines()), 1, errors)
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(len(series), 101)
        self.assertEqual(series["plain_total", ()]["value"], 52)

    def test_a_folder_that_is_removed_while_it_runs(self):
        _, errors = self.run_program("""
            import shutil
            m.plain_total.inc(); m.images_total.labels("success").inc(); m.flush()
            shutil.rmtree("events")
            m.plain_total.inc(); m.flush()
            import os
            os.rename("events", "elsewhere")
            m.plain_total.inc()
        """)
        self.assertEqual(errors, "")
        (series,) = support.read(self.events)[0].values()
        self.assertEqual(series["plain_total", ()]["value"], 3)
        self.assertEqual(series["images_total", (("status", "success"),)]["value"], 1)

    def test_a_program_that_goes_elsewhere_and_clocks_that_jump(self):
        self.run_program("""
            import os, time
            os.mkdir("work"); os.chdir("work")
            m.plain_total.inc(); m.flush()
            real, m._now = m._now, lambda: real() - 1e9
            m.plain_total.inc(); m.level.set(1); m.flush()
            m._now = lambda: real() + 1e9
            m.plain_total.inc(); m.flush()
        """)
        self.assertEqual(support.totals(self.events, "plain_total"), 3)

    def test_nothing_is_written_where_the_folder_is_empty(self):
        self.run_program("m.plain_total.inc(); m.flush(); assert not m._writer.changed", TRAINING_EXPORTER_EVENTS="")
        self.assertEqual({path.name for path in pathlib.Path(self.folder.name).iterdir()} - {"__pycache__"},
                         {"metrics.py", "program.py"})  # fmt: skip

    @unittest.skipIf(os.geteuid() == 0 and not pathlib.Path("/usr/bin/setpriv").exists(), "everything can be written")
    def test_a_folder_without_permission(self):
        self.events.mkdir(mode=0o555)
        os.chmod(self.folder.name, 0o755)
        pathlib.Path(self.folder.name, "program.py").write_text("import metrics as m\nm.plain_total.inc()\n")
        os.chmod(self.made.name, 0o755)
        as_other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        result = subprocess.run([*as_other, "/usr/bin/python3", "-B", "program.py"], cwd=self.folder.name, text=True,
                                capture_output=True, timeout=60)  # fmt: skip
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("Permission denied", result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


if __name__ == "__main__":
    unittest.main()
