"""The same calls on the generated module and on prometheus_client come to the same families, samples and values."""

import json
import os
import random

import prometheus_client as client
import support
from prometheus_client.parser import text_string_to_metric_families

PROGRAMS = int(os.environ.get("PROGRAMS", "1000"))
RUNS = ["r1", "r 2", 'a "quote"', "back\\slash", "two\nlines", "grün 🚀", "class", "None"]
# client_python's own rules for names: without the suffix of a counter and of an info.
MAKERS = {
    "images_total": lambda r: client.Counter("images", "Images", ["status"], registry=r),
    "plain_total": lambda r: client.Counter("plain", "Plain", registry=r),
    "loss": lambda r: client.Gauge("loss", "Loss", ["run", "model"], registry=r),
    "level": lambda r: client.Gauge("level", "Level", registry=r),
    "temperature": lambda r: client.Gauge("temperature", "Temperature", ["device"], registry=r),
    "time_seconds": lambda r: client.Histogram("time_seconds", "Time", ["model"], buckets=[0.1, 0.5, 1, 2], registry=r),
    "wait_seconds": lambda r: client.Histogram(
        "wait_seconds", "Waiting", buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10], registry=r
    ),
    "size_bytes": lambda r: client.Summary("size_bytes", "Size", ["run"], registry=r),
    "answer_bytes": lambda r: client.Summary("answer_bytes", "Answers", registry=r),
    "build_info": lambda r: client.Info("build", "Build", registry=r),
    "phase": lambda r: client.Enum("phase", "Phase", states=["starting", "running", "done"], registry=r),
    "job": lambda r: client.Enum("job", "Job", ["run"], states=["up", "down"], registry=r),
}
LABELS = {
    "status": ["success", "failed"], "run": RUNS, "model": ["a", "b", "other"], "device": [str(n) for n in range(8)],
}  # fmt: skip


class AgreementTests(support.ModuleTest):
    def test_a_thousand_programs_of_calls(self):
        module, self.compared = self.load(), 0
        for seed in range(PROGRAMS):
            with self.subTest(seed=seed):
                self.program(module, random.Random(seed))
        self.assertGreater(self.compared, 30 * PROGRAMS)

    def program(self, module, dice):
        # As a forked child does it: all from 0, and a file of its own.
        module._after_fork_in_child()
        for definition in module._definitions.values():
            if definition.labels:
                definition.series.clear()
        registry = client.CollectorRegistry()
        theirs = {name: maker(registry) for name, maker in MAKERS.items()}
        touched = set()
        for _ in range(dice.randrange(1, 60)):
            name = dice.choice(list(MAKERS))
            our, their = getattr(module, name), theirs[name]
            names = [label.name for label in module._definitions[name].labels]
            values = {label: dice.choice(LABELS[label]) for label in names}
            if values:
                if dice.random() < 0.5:
                    our, their = our.labels(**values), their.labels(**values)
                else:
                    our, their = our.labels(*values.values()), their.labels(*values.values())
            self.call(dice, our, their, module._definitions[name], touched)
            if dice.random() < 0.05:
                module.flush()
        module.flush()
        processes, _ = support.read(self.events)
        ours = {}
        for series in processes.get(self.process(module), {}).values():
            ours.update(support.samples(series))
        expected = self.shown(registry, touched)
        self.assertEqual(set(ours), set(expected))
        for key, value in expected.items():
            self.assertTrue(support.is_close(ours[key], value), f"{key}: {ours[key]} is not {value}")
        # What the module itself shows of it, read by the client's parser.
        text = {}
        for family in text_string_to_metric_families(module.get_metrics_text()):
            for sample in family.samples:
                labels = tuple(sorted(pair for pair in sample.labels.items() if pair != ("version", "1.0")))
                text[sample.name, labels] = sample.value
        self.assertLessEqual(set(expected), set(text))
        for key, value in text.items():
            # A state that is not the active one is shown, too.
            self.assertTrue(support.is_close(value, expected.get(key, 0)), f"{key}: {value}")
        self.compared += len(expected)
        os.unlink(module._writer.path)

    def process(self, module):
        return json.loads(module._writer.header)["process"]

    def call(self, dice, our, their, definition, touched):
        kind, amount = definition.kind.__name__, dice.choice([0, 1, 2.5, dice.random() * 3, dice.lognormvariate(0, 9)])
        action = {"Counter": "inc", "Gauge": dice.choice(["set", "inc", "dec"])}.get(kind, "observe")
        if kind == "Gauge" and dice.random() < 0.1:
            action, amount = "set", dice.choice([float("inf"), float("-inf"), float("nan"), -7, 1e300])
        if kind == "Info":
            facts = {"run": dice.choice(RUNS)}
            our.info(facts), their.info(facts)
        elif kind == "StateSet":
            state = dice.choice(definition.states)
            our.state(state), their.state(state)
        elif action == "inc" and dice.random() < 0.3:
            our.inc(), their.inc()
        else:
            getattr(our, action)(amount), getattr(their, action)(amount)
        touched.add((definition.name, our._values))

    def shown(self, registry, touched):
        """What the client shows of what was called: it shows unlabelled metrics and all states from the start, too."""
        names = {name.removesuffix("_total").removesuffix("_info"): name for name in MAKERS}
        expected = {}
        for family in registry.collect():
            name = names[family.name]
            for sample in family.samples:
                own = {label: text for label, text in sample.labels.items() if label not in ("le", name)}
                values = () if name == "build_info" else tuple(own.values())
                if sample.name.endswith("_created") or (name, values) not in touched:
                    continue
                if family.type == "stateset" and not sample.value:
                    continue
                expected[sample.name, tuple(sorted(sample.labels.items()))] = sample.value
        return expected


if __name__ == "__main__":
    support.unittest.main()
