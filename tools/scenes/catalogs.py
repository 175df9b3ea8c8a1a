"""Random catalogs, in pairs: the second is the first with some metrics dropped, added or changed. A catalog is a plain
dictionary, which is the YAML file when it is written as JSON, and what `world.py` reads."""
import copy
from . import formats

# The fields that logs have. What they hold is said by `make_record` in `writers.py`.
NUMBERS = ["step", "time", "n", "x", "loss_box", "loss_cls", "loss_dfl"]
TEXTS = ["model", "phase"]
PHASES = ["train", "eval", "test"]
MODELS = ["resnet", "resnet50", "vit", "yolo", "mamba"]


class Shape:
    """A watcher as its writers need it."""

    def __init__(self, name, format, layout, columns, evicts):
        self.name, self.format, self.layout, self.columns, self.evicts = name, format, layout, columns, evicts

    def path(self, run, number=None):
        """Where a run's log lies, below the scene's folder; `number` tells logs of one run apart."""
        tail = "" if number is None else f"-{number}"
        if self.layout == "checkpoints":
            return f"{self.name}/{run}/checkpoint{tail}/state.{self.format.suffix}"
        if self.layout == "folders":
            return f"{self.name}/{run}/log{tail}.{self.format.suffix}"
        return f"{self.name}/{run}.{self.format.suffix}"

    def pattern(self):
        if self.layout == "checkpoints":
            return f"{self.name}/{{run}}/checkpoint*/state.{self.format.suffix}"
        if self.layout == "folders":
            return f"{self.name}/{{run}}/log*.{self.format.suffix}"
        return f"{self.name}/{{run}}.{self.format.suffix}"


def make(chance, without=()):
    """Two catalogs and the shapes of their watchers, which are the same in both. Formats and types in `without` are left
    out."""
    evicts = chance.random() < 0.3 and "evict" not in without
    labels = {
        "run": {"max_values": chance.choice([3, 5]), "evict": "oldest"} if evicts else {"max_values": 200},
        "component": chance.choice([
            {"values": ["box", "cls", "other"], "otherwise": "other"},
            {"values": ["box", "class"], "named": {"cls": "class"}},
            {"values": ["box", "cls", "dfl"]}]),
        "model": chance.choice([
            {"max_values": 50}, {"values": ["resnet", "vit", "other"], "otherwise": "other"}, {"values": MODELS[:3]}]),
        "phase": chance.choice([{"values": PHASES}, {"values": ["train", "other"], "otherwise": "other"}]),
    }
    maker = Maker(chance, labels, without)
    for index in range(chance.choice([1, 2, 2, 3])):
        maker.watcher(f"w{index}", evicts)
    first = {"version": 1, "state": {"interval": "50ms"}, "labels": labels, "metrics": maker.metrics,
             "watchers": maker.watchers}
    second = maker.change(first)
    return first, second, maker.shapes


class Maker:
    def __init__(self, chance, labels, without):
        self.chance, self.labels, self.without = chance, labels, without
        self.metrics, self.watchers, self.shapes = {}, {}, []

    def watcher(self, name, evicts):
        chance = self.chance
        if chance.random() < 0.3:
            format = chance.choice(formats.DOCUMENTS)
            if format.is_status and "status" in self.without:
                format = formats.DOCUMENTS[0]
            layout = "flat" if format.is_status else "checkpoints"
        else:
            format = chance.choice(formats.LINES)
            layout = chance.choice(["flat", "folders"])
        columns = ["step"] + [field for field in NUMBERS[1:] + TEXTS if chance.random() < 0.8]
        shape = Shape(name, format, layout, columns, evicts)
        self.shapes.append(shape)
        declared = {"files": shape.pattern(), "format": format.name, **format.options(columns), "each_record": [],
                    "fields": {}}
        self.watchers[name] = declared
        if chance.random() < 0.15 and "phase" in columns:
            declared["where"] = {"phase": chance.choice([["train", "eval"], ["train"], "present"])}
        elif chance.random() < 0.05 and format.is_sparse if isinstance(format, formats.Format) else False:
            declared["where"] = {"x": chance.choice(["present", "absent"])}
        if chance.random() < 0.2 and "model" in columns:
            declared["labels"] = {"model": "{.model}"}
        for feed in self.feeds(declared, columns):
            if chance.random() < 0.6:
                feed()
        if not declared["each_record"]:
            self.counter(declared, None, "rows_total", ["run"])

    def feeds(self, declared, columns):
        """What may be declared of the fields that there are."""
        add, chance = self.target, self.chance
        has = lambda *fields: all(field in columns for field in fields)
        model = {} if "labels" in declared else {"model": "{.model}"}
        yield lambda: add(declared, None, "rows_total", "counter", ["run"])
        yield lambda: add(declared, "step", "step", "gauge", ["run"])
        yield lambda: add(declared, "step", "newest_step", "gauge", [])
        yield lambda: add(declared, "step", "stride", "gauge", ["run"], {"from": "difference"})
        yield lambda: add(declared, "step", "steps", "histogram", ["run"], buckets=[10, 100, 1000])
        yield lambda: add(declared, "step", "all_steps", "histogram", [], buckets=[10, 50])
        if has("time"):
            yield lambda: add(declared, "time", "time_seconds_total", "counter", ["run"], {"from": "running_total"})
            yield lambda: add(declared, "time", "pause_seconds", "histogram", ["run"], {"from": "difference"}, buckets=[1, 2])
            yield lambda: add(declared, "time", "turn_seconds", "summary", ["run"], {"from": "running_total"})
        if has("time", "model"):
            yield lambda: add(declared, "time", "model_seconds_total", "counter", ["run", "model"], {"from": "running_total", "labels": model})
        if has("n"):
            yield lambda: add(declared, "n", "items_total", "counter", ["run"])
            yield lambda: add(declared, "n", "all_items_total", "counter", [], {"scale": chance.choice([1, 0.5, 2])})
            yield lambda: add(declared, "n", "with_items_total", "counter", ["run"], {"from": "count"})
            yield lambda: add(declared, "n", "item_sizes", "summary", ["run"], {"scale": 0.5}, quantiles=chance.choice([[], [0.5]]))
        if has("x"):
            yield lambda: add(declared, "x", "x", "gauge", ["run"], {"scale": -1, "offset": 3})
            yield lambda: add(declared, "x", "xs", "histogram", [], buckets=[-1, 0, 1])
        if any(column.startswith("loss_") for column in columns):
            yield lambda: add(declared, "loss_{component}", "loss", "gauge", ["run", "component"])
            yield lambda: add(declared, "loss_{component}", "losses", "histogram", ["component"], buckets=[0.5, 1])
            yield lambda: add(declared, "loss_{component}", "newest_loss", "gauge", ["run"])
        if has("model"):
            yield lambda: add(declared, "model", "model_info", "info", ["run", "model"], {"labels": model}, constant={"origin": "log"})
            yield lambda: add(declared, None, "model_rows_total", "counter", ["model"], {"labels": model})
            yield lambda: add(declared, "step", "model_step", "gauge", ["model"], {"labels": model})
        if has("phase"):
            yield lambda: add(declared, "phase", "phase", "stateset", ["run"], states=PHASES[:2] + ["idle"])
            yield lambda: add(declared, None, "phase_rows_total", "counter", ["run", "phase"], {"labels": {"phase": "{.phase}"}})
            yield lambda: add(declared, "step", "phase_step", "gauge", ["run", "phase"], {"labels": {"phase": "{.phase}"}})

    def counter(self, declared, field, name, labels):
        self.target(declared, field, name, "counter", labels)

    def target(self, declared, field, name, type, labels, target={}, **more):
        if type in self.without or name in self.without:
            return
        if name not in self.metrics:
            self.metrics[name] = {"type": type, "help": name, "labels": labels, **more}
        target = {"metric": name, **target}
        targets = declared["each_record"] if field is None else declared["fields"].setdefault(field, [])
        targets.append({key: value for key, value in target.items() if value != {}})

    # MARK: The other catalog

    def change(self, first):
        chance = self.chance
        second = copy.deepcopy(first)
        names = list(first["metrics"])
        for name in chance.sample(names, min(len(names), chance.choice([1, 1, 2, 3]))):
            metric = second["metrics"][name]
            way = chance.choice(["drop", "buckets", "scale", "help"])
            if way == "buckets" and "buckets" in metric:
                metric["buckets"] = metric["buckets"] + [5000]
            elif way == "scale" and metric["type"] in ("gauge", "counter", "summary"):
                for watcher in second["watchers"].values():
                    for targets in watcher["fields"].values():
                        for target in targets:
                            if target["metric"] == name and target.get("from") != "count":
                                target["scale"] = 4
            elif way == "drop" and len(second["metrics"]) > 1:
                self.drop(second, name)
            metric["help"] = "Something else."
        for watcher in second["watchers"].values():
            if not watcher["each_record"] and not watcher["fields"]:
                return first
        return second

    def drop(self, catalog, name):
        del catalog["metrics"][name]
        for watcher in catalog["watchers"].values():
            for targets in [watcher["each_record"], *watcher["fields"].values()]:
                targets[:] = [target for target in targets if target["metric"] != name]
            watcher["fields"] = {field: targets for field, targets in watcher["fields"].items() if targets}
