"""Forks, kills, threads and signals: what each process counted stands in its file, and nothing counts twice."""

import os
import pathlib
import shutil
import signal
import sys
import time
import unittest

import support


class ProcessTests(support.ModuleTest):
    def test_the_end_is_written_and_totals_are_right(self):
        output, errors = self.run_program("for _ in range(1000): m.plain_total.inc()")
        self.assertEqual(output + errors, "")
        processes, ended = support.read(self.events)
        self.assertEqual(support.totals(self.events, "plain_total"), 1000)
        self.assertEqual(len(ended), 1)

    def test_a_program_that_updates_nothing_leaves_no_file(self):
        self.run_program("pass")
        self.assertFalse(self.events.exists())

    def test_a_forked_child_counts_from_zero_into_a_file_of_its_own(self):
        # Warnings are errors here: from 3.12 on a fork beside a thread would be one.
        output, errors = self.run_program("""
            import os, sys, time
            handle = m.images_total.labels(status="success")
            handle.inc(5)
            m.level.set(3)
            time.sleep(0.7)
            for child in range(3):
                if os.fork() == 0:
                    handle.inc()
                    m.wait_seconds.observe(0.2)
                    sys.exit(0)
            handle.inc(2)
            for child in range(3): os.wait()
        """)
        self.assertEqual(errors, "")
        processes, ended = support.read(self.events)
        self.assertEqual(len(processes), 4)
        self.assertEqual(len(ended), 4)
        self.assertEqual(support.totals(self.events, "images_total"), 10)
        self.assertEqual(support.totals(self.events, "wait_seconds", "count"), 3)
        self.assertEqual(support.totals(self.events, "level"), 3, "a child does not repeat its parent's gauge")

    def test_children_of_multiprocessing(self):
        for method in ["fork", "spawn", "forkserver"]:
            with self.subTest(method=method):
                self.setUp()
                output, errors = self.run_program(f"""
                    import multiprocessing

                    def work(count):
                        for _ in range(count): m.plain_total.inc()

                    if __name__ == "__main__":
                        context = multiprocessing.get_context("{method}")
                        m.plain_total.inc()
                        children = [context.Process(target=work, args=(100,)) for _ in range(3)]
                        for child in children: child.start()
                        for child in children: child.join()
                        with context.Pool(2) as pool:
                            pool.map(work, [10] * 6)
                            pool.close()
                            pool.join()
                """)
                self.assertEqual(support.totals(self.events, "plain_total"), 361)

    def test_forks_while_threads_update_and_the_writer_flushes(self):
        self.run_program(
            """
            import os, threading, time
            stop = False
            def work():
                while not stop:
                    for run in range(50): m.loss.labels(f"r{run}", "a").set(1)
                    m.images_total.labels("success").inc()
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads: thread.start()
            children = []
            for _ in range(30):
                child = os.fork()
                if child == 0:
                    m.images_total.labels("failed").inc()
                    m.flush()
                    os._exit(0)
                children.append(child)
                time.sleep(0.01)
            for child in children: assert os.waitpid(child, 0)[1] == 0
            stop = True
            for thread in threads: thread.join()
            """,
            TRAINING_EXPORTER_EVENTS_INTERVAL="0.01",
        )
        processes, _ = support.read(self.events)
        failed = [line["value"] for series in processes.values() for line in series.values()
                  if line["labels"].get("status") == "failed"]  # fmt: skip
        self.assertEqual(failed, [1.0] * 30)

    def test_threads_lose_no_update(self):
        self.run_program("""
            import sys, threading
            sys.setswitchinterval(1e-5)
            barrier = threading.Barrier(8)
            def work():
                barrier.wait()
                for step in range(20_000):
                    m.plain_total.inc()
                    m.images_total.labels(status="success").inc()
                    m.time_seconds.labels(model="a").observe(0.3)
            threads = [threading.Thread(target=work) for _ in range(8)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
        """)
        self.assertEqual(support.totals(self.events, "plain_total"), 160_000)
        self.assertEqual(support.totals(self.events, "images_total"), 160_000)
        self.assertEqual(support.totals(self.events, "time_seconds", "count"), 160_000)
        self.assertAlmostEqual(support.totals(self.events, "time_seconds", "sum"), 48_000, places=3)

    def test_what_is_written_of_a_histogram_is_of_one_moment(self):
        self.run_program("for _ in range(400_000): m.wait_seconds.observe(0.5)", TRAINING_EXPORTER_EVENTS_INTERVAL="0.01")
        for path in self.events.glob("*"):
            for line in path.read_text().splitlines():
                if '"count"' in line:
                    line = support.json.loads(line)
                    self.assertEqual(line["count"] * 0.5, line["sum"])
                    self.assertEqual(line["count"], line["buckets"]["+Inf"])

    def test_a_killed_process_loses_an_interval_at_most(self):
        process = self.start(
            """
            import time
            for count in range(10**9):
                m.plain_total.inc()
                if count % 1000 == 0: print(count, flush=True)
            """,
            TRAINING_EXPORTER_EVENTS_INTERVAL="0.05",
        )
        deadline = time.monotonic() + 30
        while not any(self.events.glob("*")) and time.monotonic() < deadline:
            process.stdout.readline()
        for _ in range(200):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        output, _ = process.communicate(timeout=30)
        processes, ended = support.read(self.events)
        self.assertEqual(ended, set())
        self.assertGreater(support.totals(self.events, "plain_total"), 0)

    def test_signal_handlers_that_update(self):
        self.run_program("""
            import os, signal, threading
            def handle(number, frame):
                m.images_total.labels(status="failed").inc()
                m.plain_total.inc()
                m.wait_seconds.observe(1)
            signal.signal(signal.SIGALRM, handle)
            signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
            handled = 0
            for step in range(200_000):
                m.plain_total.inc()
                m.wait_seconds.observe(1)
                m.images_total.labels(status="success").inc()
            signal.setitimer(signal.ITIMER_REAL, 0)
            failed = m.images_total.labels(status="failed")._value
            assert failed > 100, failed
            assert m.plain_total._value == 200_000 + failed
            assert m.wait_seconds._sum == 200_000 + failed
        """)

    def test_updates_at_the_very_end(self):
        output, errors = self.run_program("""
            import atexit, threading, time
            @atexit.register
            def late(): m.plain_total.inc()
            m.level.set(1)
            class Late:
                def __del__(self): m.level.set(2)
            keep = Late()
            def work():
                while True: m.images_total.labels("success").inc()
            threading.Thread(target=work, daemon=True).start()
            # Registered before the module's own: it comes after it.
            atexit._run_exitfuncs()
            m.plain_total.inc()
        """)
        self.assertEqual(errors, "")
        self.assertEqual(support.totals(self.events, "plain_total"), 2)

    def test_the_file_stays_small(self):
        self.run_program(
            """
            import time
            for step in range(300):
                for run in range(100): m.loss.labels(f"r{run}", "a").set(step)
                m.flush()
            """,
            TRAINING_EXPORTER_EVENTS_INTERVAL="3600",
        )
        (path,) = self.events.glob("*")
        self.assertLess(path.stat().st_size, (1 << 20) + 20_000)
        processes, _ = support.read(self.events)
        (series,) = processes.values()
        self.assertEqual({line["value"] for line in series.values()}, {299})
        self.assertEqual(len(series), 100)
        self.assertEqual(list(self.events.glob(".*")), [])


# Those of pyenv, and those in the path, also without a global lock, but not pyenv's stand-ins, which may lead nowhere.
OTHERS = [
    path for path in pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv")).glob("versions/3.*/bin/python")
    if int(path.parts[-3].split(".")[1]) >= 9
]  # fmt: skip
for name in [*(f"python3.{minor}{build}" for minor in range(9, 20) for build in ("", "t")), "pypy3"]:
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if not folder.endswith("/shims")]
    if path := shutil.which(name, path=os.pathsep.join(folders)):
        OTHERS.append(pathlib.Path(path))


class LockTests(support.ModuleTest):
    def test_without_a_global_lock(self):
        """A Python that only says that it has none does not try it as hard, but takes the same way."""
        pathlib.Path(self.folder.name, "sitecustomize.py").write_text("import sys\nsys._is_gil_enabled = lambda: False\n")
        free = [python for python in OTHERS if python.name.endswith("t")]
        for python in [sys.executable, *map(str, free)]:
            self.finish(self.start(
                """
                import itertools, random, sys, threading
                assert m._LOCKED
                sys.setswitchinterval(1e-6)
                rounds = 3_000
                barrier = threading.Barrier(6)
                def work(number):
                    barrier.wait()
                    for step in range(rounds):
                        m.plain_total.inc()
                        m.level.inc()
                        m.images_total.labels(status="success").inc(2)
                        m.time_seconds.labels(model="a").observe(step % 3)
                        m.gap_seconds.labels(run=f"r{step % 50}").observe(step)
                        m.answer_bytes.observe(1)
                        m.images_total.labels(status="bad").inc()
                        m.build_info.info({"run": f"r{number}"})
                        m.phase.state("running" if step + 1 < rounds else "done")
                threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
                for thread in threads: thread.start()
                for thread in threads: thread.join()
                # Of each series the last update is told, with no other behind it.
                m._writer.stop.wait(0.3)
                m._writer.pause(5)
                assert all(series._settled for series in m._writer.used), "something was not handed over"
                """,
                python=python, TRAINING_EXPORTER_EVENTS_INTERVAL="0.01", PYTHONPATH=self.folder.name,
            ))  # fmt: skip
            for metric, member, total in [("plain_total", "value", 1), ("level", "value", 1), ("images_total", "value", 2),
                                          ("time_seconds", "count", 1), ("gap_seconds", "count", 1),
                                          ("answer_bytes", "count", 1)]:  # fmt: skip
                self.assertEqual(support.totals(self.events, metric, member), 6 * 3_000 * total, metric)
            (path,) = self.events.glob("*.jsonl")
            self.assertIn('"rejected":"label_value","metric":"images_total","label":"status","value":18000}', path.read_text())
            path.unlink()


class VersionTests(support.ModuleTest):
    @unittest.skipUnless(OTHERS, "there is no other Python")
    def test_every_python_from_3_9_on(self):
        for python in OTHERS:
            with self.subTest(python=python):
                self.setUp()
                program = self.start(
                    """
                    import os, sys, threading
                    def work():
                        for _ in range(20_000): m.plain_total.inc(); m.time_seconds.labels(model="a").observe(1)
                    sys.setswitchinterval(1e-5)
                    threads = [threading.Thread(target=work) for _ in range(4)]
                    for thread in threads: thread.start()
                    for thread in threads: thread.join()
                    if os.fork() == 0:
                        # The first update of the process comes when no thread can be started any more.
                        import atexit
                        atexit.register(m.plain_total.inc)
                        sys.exit(0)
                    os.wait()
                    @m.track_time(m.time_seconds, {"model": "b"})
                    def generator():
                        yield 1
                    assert list(generator()) == [1]
                    try: m.plain_totl
                    except AttributeError as error: assert "did you mean `plain_total`?" in str(error)
                    """,
                    python=str(python),
                )
                self.assertEqual(self.finish(program), ("", ""))
                self.assertEqual(support.totals(self.events, "plain_total"), 80_001)
                self.assertEqual(support.totals(self.events, "time_seconds", "count"), 80_001)


if __name__ == "__main__":
    unittest.main()
