"""Native histograms: each value is in its bucket, and all of a line agrees, whoever updates meanwhile."""

import decimal
import json
import math
import random

import support

decimal.getcontext().prec = 60
# By metric: the schema that its factor gives, the most buckets, classic bounds.
METRICS = {"gap_seconds": (3, 40, [0.0, 0.5]), "pause_seconds": (8, 1000, []), "coarse_seconds": (-2, 160, [])}


def bound(index, schema):
    """The upper bound of a bucket."""
    return float(decimal.Decimal(2) ** (decimal.Decimal(index) / decimal.Decimal(2) ** schema))


def index(value, schema):
    """The bucket of a value above 0."""
    guess = math.ceil(math.log2(value) * 2.0**schema) - 2
    while value > bound(guess, schema):
        guess += 1
    return guess


def lines(folder, metric):
    for path in folder.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            line = json.loads(line)
            if line.get("metric") == metric:
                yield line


class NativeTests(support.ModuleTest):
    def check(self, line, values, schema, max_buckets, bounds):
        self.assertEqual(line["count"], len(values))
        self.assertAlmostEqual(line["sum"], sum(values), delta=1e-9 * sum(map(abs, values)))
        for place, classic in enumerate(line.get("buckets", {}).items()):
            self.assertEqual(float(classic[0].replace("Inf", "inf")), [*bounds, float("inf")][place])
            self.assertEqual(classic[1], sum(value <= float(classic[0].replace("Inf", "inf")) for value in values))
        self.assertEqual(line["zero"], sum(abs(value) <= 2.0**-128 for value in values))
        for name, sign in [("positive", 1), ("negative", -1)]:
            own = sorted(sign * value for value in values if sign * value > 2.0**-128)
            for index, count in line[name].items():
                low, high = bound(int(index) - 1, line["schema"]), bound(int(index), line["schema"])
                self.assertEqual(count, sum(low < value <= high for value in own), f"{index} of {line}")
            self.assertEqual(sum(line[name].values()), len(own))
        used = len(line["positive"]) + len(line["negative"])
        self.assertTrue(used <= max_buckets or line["schema"] == -4, line)
        return used

    def test_each_value_is_in_its_bucket(self):
        module = self.load()
        for seed in range(40):
            dice = random.Random(seed)
            metric, (schema, max_buckets, bounds) = dice.choice(list(METRICS.items()))
            module._after_fork_in_child()
            series = module.metric(metric)
            series = series.labels(run="a") if metric == "gap_seconds" else series
            values, spread = [], dice.choice([0.5, 3, 30, 300])
            for _ in range(dice.randrange(1, 6)):
                for _ in range(dice.randrange(1, 150)):
                    exact = bound(dice.randrange(-300, 300), dice.choice([8, max(schema, 0)]))
                    value = dice.choice([exact, 2.0 ** dice.uniform(-spread, spread), 0, 5e-324, dice.random()])
                    values.append(dice.choice([-1, 1, 1]) * value)
                    series.observe(values[-1])
                module.flush()
            newest = list(lines(self.events, metric))[-1]
            self.check(newest, values, schema, max_buckets, bounds)
            # The finest at which they fit.
            if newest["schema"] < schema:
                finer = {(value > 0, index(abs(value), newest["schema"] + 1)) for value in values if abs(value) > 2.0**-128}
                self.assertGreater(len(finer), max_buckets)
            for path in self.events.glob("*"):
                path.unlink()

    def test_threads_lose_nothing_and_every_line_agrees(self):
        self.run_program(
            """
            import random, sys, threading
            sys.setswitchinterval(1e-6)
            def work(seed):
                dice = random.Random(seed)
                for _ in range(20_000): m.gap_seconds.labels(run="a").observe(dice.lognormvariate(0, 4) - 1)
            threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            """,
            TRAINING_EXPORTER_EVENTS_INTERVAL="0.01",
        )
        seen = list(lines(self.events, "gap_seconds"))
        self.assertGreater(len(seen), 3)
        before = 0
        for line in seen:
            found = line["zero"] + sum(line["positive"].values()) + sum(line["negative"].values())
            self.assertEqual({line["count"], line["buckets"]["+Inf"]}, {found})
            self.assertGreaterEqual(found, before)
            before = found
        values = []
        for seed in range(4):
            dice = random.Random(seed)
            values += [dice.lognormvariate(0, 4) - 1 for _ in range(20_000)]
        self.check(seen[-1], values, *METRICS["gap_seconds"])


if __name__ == "__main__":
    support.unittest.main()
