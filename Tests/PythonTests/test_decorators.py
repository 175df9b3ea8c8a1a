"""The decorators and context managers, on everything that can be called."""

import asyncio
import time

import support


class DecoratorTests(support.ModuleTest):
    def setUp(self):
        super().setUp()
        self.m = self.load()
        self.m._after_fork_in_child()

    def observed(self):
        series = self.m.time_seconds.labels(model="a")
        return sum(series._counts), series._sum

    def timed(self, function):
        return self.m.track_time(self.m.time_seconds, labels={"model": "a"})(function)

    def expect(self, count, seconds):
        found, total = self.observed()
        self.assertEqual(found, count)
        self.assertGreaterEqual(total, seconds)

    def test_functions_and_methods(self):
        @self.timed
        def function(a, *, b):
            """Says."""
            time.sleep(0.02)
            return a + b

        class Model:
            @self.timed
            def method(self, x):
                return self, x

            @classmethod
            @self.timed
            def of_class(cls):
                return cls

            @self.timed
            @staticmethod
            def static(x):
                return x

        self.assertEqual((function(1, b=2), function.__name__, function.__doc__), (3, "function", "Says."))
        self.expect(1, 0.02)
        model = Model()
        self.assertEqual((model.method(1), Model.of_class(), Model.static(3), model.static(4)), ((model, 1), Model, 3, 4))
        self.expect(5, 0.02)

        @self.timed
        def fails():
            raise KeyError("x")

        with self.assertRaises(KeyError):
            fails()
        self.expect(6, 0.02)

    def test_async_functions(self):
        @self.timed
        async def work():
            await asyncio.sleep(0.05)
            return 7

        self.assertEqual(asyncio.run(work()), 7)
        self.expect(1, 0.049)
        self.assertTrue(asyncio.iscoroutinefunction(work))

    def test_generators_are_timed_by_their_own_work(self):
        @self.timed
        def numbers():
            got = []
            for number in range(3):
                time.sleep(0.02)
                got.append((yield number))
            return got

        body = numbers()
        self.assertEqual(next(body), 0)
        time.sleep(0.2)
        self.assertEqual((body.send("a"), body.send("b")), (1, 2))
        with self.assertRaises(StopIteration) as end:
            body.send("c")
        self.assertEqual(end.exception.value, ["a", "b", "c"])
        self.expect(1, 0.059)
        self.assertLess(self.observed()[1], 0.2)

        @self.timed
        def catches():
            try:
                yield 1
            except KeyError:
                yield 2
            finally:
                closed.append(1)

        closed = []
        body = catches()
        next(body)
        self.assertEqual(body.throw(KeyError("x")), 2)
        body.close()
        self.assertEqual(closed, [1])
        self.expect(2, 0.059)

    def test_async_generators(self):
        @self.timed
        async def numbers():
            for number in range(3):
                await asyncio.sleep(0.02)
                try:
                    got.append((yield number))
                except KeyError:
                    got.append("caught")

        async def use():
            found = [number async for number in numbers()]
            body = numbers()
            found.append(await body.asend(None))
            found.append(await body.athrow(KeyError("x")))
            await body.aclose()
            return found

        got = []
        self.assertEqual(asyncio.run(use()), [0, 1, 2, 0, 1])
        self.assertEqual(got, [None, None, None, "caught"])
        self.expect(2, 0.09)

    def test_calls_and_exceptions_are_counted(self):
        m = self.m
        success, failed = ({"status": status} for status in ("success", "failed"))

        def work(fails, interrupts=False):
            if fails:
                raise KeyboardInterrupt if interrupts else KeyError("x")
            return 1

        counted = m.count_calls(m.images_total, labels=success)(work)
        counted_all = m.count_calls(m.images_total, labels=failed, count_exceptions=True)(work)
        watched = m.track_exceptions(m.errors_total)(work)
        for function in (counted, counted_all, watched):
            self.assertEqual(function(False), 1)
            self.assertRaises(KeyError, function, True)
            self.assertRaises(KeyboardInterrupt, function, True, True)
        self.assertEqual(m.images_total.labels("success")._value, 1)
        self.assertEqual(m.images_total.labels("failed")._value, 2)
        self.assertEqual(m.errors_total.labels("KeyError")._value, 1)

        @m.count_calls(m.images_total, labels=success)
        async def later():
            await asyncio.sleep(0)

        asyncio.run(later())
        self.assertEqual(m.images_total.labels("success")._value, 2)

    def test_an_undeclared_label_does_not_stop_a_function(self):
        with self.assertLogs("training_exporter", "WARNING"):
            self.assertEqual(self.m.count_calls(self.m.images_total, {"stat": "x"})(lambda: 5)(), 5)

    def test_context_managers(self):
        m = self.m
        with m.track_time_context(m.time_seconds, labels={"model": "a"}):
            time.sleep(0.02)
        with self.assertRaises(KeyError), m.time_seconds.labels(model="a").time():
            raise KeyError
        self.expect(2, 0.02)
        with m.level.track_inprogress():
            self.assertEqual(m.level._value, 1)
        self.assertEqual(m.level._value, 0)
        with self.assertRaises(KeyError), m.plain_total.count_exceptions(KeyError):
            raise KeyError
        self.assertEqual(m.plain_total._value, 1)


if __name__ == "__main__":
    support.unittest.main()
