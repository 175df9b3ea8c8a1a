"""What a registry shows, by the rules of the catalog's language alone: labels, types, and who makes room for whom.

It knows nothing of files and of histories (`world.py`), and is written to be read, not to be fast.
"""
import math, re


class Refused(Exception):
    """A sample that the catalog does not allow."""


class Labels:
    """The values of one label that are live, each with the time of the log that fed it last."""

    def __init__(self, declaration):
        self.declaration = declaration
        self.live = {}
        self.users = {}

    def canonical(self, text):
        text = text.strip()
        if not text:
            raise Refused("missing")
        declared = self.declaration
        text = declared.get("named", {}).get(text, text)
        values = declared.get("values")
        if values is None or text in closed_values(values):
            return text
        if "otherwise" in declared:
            return declared["otherwise"]
        raise Refused("value")

    def victim(self, value, age):
        """Who makes room for a value: None where there is room."""
        most = self.declaration.get("max_values", math.inf)
        if value in self.live or len(self.live) < most:
            return None
        if self.declaration.get("evict") != "oldest":
            raise Refused("max_values")
        oldest = min(self.live, key=self.live.get)
        if self.live[oldest] > age:
            raise Refused("older than all that is live")
        return oldest


def closed_values(values):
    if isinstance(values, str):
        low, high = values.split("..")
        return [str(number) for number in range(int(low), int(high) + 1)]
    return values


class Registry:
    def __init__(self, catalog):
        self.catalog = catalog
        self.labels = {name: Labels(declaration) for name, declaration in catalog["labels"].items()}
        self.series = {name: {} for name in catalog["metrics"]}
        # Of gauges that ended because the log that said them last says them no more: what others have said.
        self.ended = {name: {} for name in catalog["metrics"]}

    def start(self):
        """What exists at 0 before anything is read."""
        late = {target["metric"] for target in all_targets(self.catalog) if settled_late(target, self.catalog)}
        for name, metric in self.catalog["metrics"].items():
            if metric["type"] not in ("counter", "histogram"):
                continue
            combinations = [()]
            for label in metric.get("labels", []):
                values = self.catalog["labels"][label].get("values")
                if values is None or name in late:
                    combinations = []
                    break
                combinations = [some + (value,) for some in combinations for value in closed_values(values)]
            for combination in combinations if len(combinations) <= 100 else []:
                self.cell(name, combination, -math.inf)

    def cell(self, name, texts, age):
        """The series for what a source says of each label, made where there is room."""
        names = self.catalog["metrics"][name].get("labels", [])
        key = tuple(self.labels[label].canonical(text) for label, text in zip(names, texts))
        if key not in self.series[name]:
            victims = [(label, self.labels[label].victim(value, age)) for label, value in zip(names, key)]
            for label, value in victims:
                if value is not None:
                    self.evict(label, value)
            self.series[name][key] = Cell(self.catalog["metrics"][name])
            for label, value in zip(names, key):
                self.labels[label].users.setdefault(value, set()).add((name, key))
        for label, value in zip(names, key):
            live = self.labels[label].live
            live[value] = max(live.get(value, -math.inf), age)
        return key, self.series[name][key]

    def evict(self, label, value):
        for name, key in list(self.labels[label].users.get(value, ())):
            self.drop(name, key)

    def drop(self, name, key):
        if self.series[name].pop(key, None) is None:
            return
        for label, value in zip(self.catalog["metrics"][name].get("labels", []), key):
            users = self.labels[label].users[value]
            users.discard((name, key))
            if not users:
                del self.labels[label].users[value], self.labels[label].live[value]

    def lines(self):
        """Series as the text format names them, with their values. Quantiles are left out: they may be approximate."""
        shown = {}
        for name, metric in self.catalog["metrics"].items():
            for key, cell in self.series[name].items():
                pairs = list(zip(metric.get("labels", []), key)) + list(metric.get("constant", {}).items())
                for suffix, more, value in cell.samples(name):
                    shown[name + suffix + label_text(pairs + more)] = value
        return shown


    def choices(self, name):
        """What each series of a gauge may show where several logs feed it. A line has its file's time when it is read, which
        is that of any later change of the file: nobody knows the line's own."""
        for key, cell in self.series[name].items():
            pairs = list(zip(self.catalog["metrics"][name].get("labels", []), key))
            said = list(cell.said.values())
            yield (name + label_text(pairs), [number for number, _, log in said if all(log.age >= age for _, age, _ in said)],
                   cell.may_be_gone)
        for key, said in self.ended[name].items():
            if key not in self.series[name]:
                pairs = list(zip(self.catalog["metrics"][name].get("labels", []), key))
                yield name + label_text(pairs), [number for number, _, _ in said], True


class Cell:
    """One series' value."""

    def __init__(self, metric):
        self.metric = metric
        self.number = 0.0
        self.count = 0
        self.buckets = [0] * len(metric.get("buckets", []))
        self.state = None
        self.users = set()
        # Of each log that feeds it: what it said last, when, and the log.
        self.said = {}
        # Who said it last, and whether another who may have been the last says it no more.
        self.feeder = None
        self.may_be_gone = False

    def take(self, number, text=None):
        kind = self.metric["type"]
        if kind == "counter":
            self.number += number
        elif kind in ("histogram", "summary"):
            self.number += number
            self.count += 1
            for index, bound in enumerate(self.metric.get("buckets", [])):
                self.buckets[index] += number <= bound
        elif kind == "stateset":
            self.state = text
        else:
            self.number = number

    def samples(self, name):
        kind = self.metric["type"]
        if kind == "histogram":
            for bound, count in zip(self.metric.get("buckets", []), self.buckets):
                yield "_bucket", [("le", number_text(bound))], count
            yield "_bucket", [("le", "+Inf")], self.count
        if kind in ("histogram", "summary"):
            yield "_sum", [], self.number
            yield "_count", [], self.count
        elif kind == "stateset":
            for state in self.metric["states"]:
                yield "", [(name, state)], float(state == self.state)
        else:
            yield "", [], 1.0 if kind == "info" else self.number


def is_countable(number, kind):
    """Whether what adds up can take a number."""
    return math.isfinite(number) and (number >= 0 or kind != "counter")


def number_text(number):
    return re.sub(r"\.0$", "", repr(float(number))) if number != int(number) else f"{float(number):.1f}"


def label_text(pairs):
    return "{" + ",".join(f'{name}="{value}"' for name, value in pairs) + "}" if pairs else ""


def all_targets(catalog):
    for watcher in catalog["watchers"].values():
        yield from watcher.get("each_record", [])
        for targets in watcher.get("fields", {}).values():
            yield from targets


def settled_late(target, catalog):
    """Whether some label needs a path or a record."""
    watchers = [watcher for watcher in catalog["watchers"].values() if target in list(all_targets({"watchers": {"": watcher}}))]
    for label in catalog["metrics"][target["metric"]].get("labels", []):
        for watcher in watchers:
            text = target.get("labels", {}).get(label, watcher.get("labels", {}).get(label))
            own = any("{" + label + "}" in field for field in watcher.get("fields", {}))
            if text is None and not own or text is not None and "{" in text:
                return True
    return False
