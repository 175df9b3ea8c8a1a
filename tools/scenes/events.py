"""Programs that write events, what they do to their files, and what has to be shown of it: of each process and series the
newest total counts once, whatever became of the files (docs/events.md).

It has chance of its own, so that a seed's logs are what they were before there were events.
"""
import json, os, random, shutil
from .registry import label_text, number_text

WATCHER = "events"
LABELS = {"kind": {"values": ["a", "b", "other"], "otherwise": "other"}, "part": {"max_values": 200}}
BOUNDS = [1, 2.5]
STATES = ["load", "train"]
METRICS = {
    "events_total": {"type": "counter", "labels": ["kind"]},
    "events_seconds": {"type": "histogram", "labels": ["part"], "buckets": BOUNDS},
    "events_gap": {"type": "histogram", "native": {"factor": 2, "max_buckets": 20}},
    "events_bytes": {"type": "summary"},
    "events_level": {"type": "gauge", "labels": ["part"]},
    "events_busy": {"type": "gauge"},
    "events_peak": {"type": "gauge"},
    "events_phase": {"type": "stateset", "states": STATES},
}
ACROSS = {"events_busy": "sum", "events_peak": "max"}
SERIES_MAX = 12


class Process:
    """One that writes events, and what it has counted."""

    def __init__(self, number):
        self.name, self.number = f"p{number}", 0
        # By metric and label value: its members in a line.
        self.totals = {}
        self.path = None
        # What is left of a line that was begun.
        self.rest = None
        self.is_over = False

    def header(self):
        return json.dumps({"events": 1, "process": self.name}) + "\n"

    def line(self, members):
        self.number += 1
        return json.dumps({"n": self.number, **members}) + "\n"

    def said(self, key):
        name, value = key
        labels = METRICS[name].get("labels", [])
        return self.line({"metric": name, "labels": {label: value for label in labels}, **self.totals[key]})

    def whole(self):
        """The file as it is written anew."""
        return self.header() + "".join(self.said(key) for key in self.totals)


class Events:
    WAYS = {"write": 60, "begin": 8, "tear": 6, "rewrite": 8, "end": 4, "die": 4, "copy": 4, "rename": 4, "remove": 4, "rubbish": 2}

    def __init__(self, scene, seed):
        self.scene = scene
        self.chance = random.Random(f"events {seed}")
        self.folder = scene.path("events")
        os.makedirs(self.folder, exist_ok=True)
        self.processes, self.names, self.at = [], 0, 1764400000
        # By metric, process and label value: the newest members that count.
        self.counted = {name: {} for name in METRICS}
        self.ended = set()
        # Whose files hold something that may not be saved.
        self.unsaved = set()
        for catalog, left in zip(scene.catalogs, self.left_out()):
            self.declare(catalog, left)

    def left_out(self):
        """What one of the catalogs does not declare; where both are one, nothing."""
        names = list(METRICS)
        first, second = self.scene.catalogs[:2]
        return (set(), set()) if first is second else (set(), set(self.chance.sample(names, self.chance.choice([0, 1, 3]))))

    def declare(self, catalog, left):
        catalog["labels"].update(LABELS)
        catalog["metrics"].update({name: {"help": name, **metric} for name, metric in METRICS.items() if name not in left})
        across = {name: how for name, how in ACROSS.items() if name not in left}
        catalog["watchers"][WATCHER] = {"files": "events/*", "format": "events", "across": across, "alive": "1h"}

    # MARK: What has to be shown

    def change(self, before, after):
        """Another catalog takes over: metrics that are new start from what the files hold. Until that is saved, no file
        that holds something of them may go."""
        fresh, _ = self.in_files()
        for name in METRICS:
            if name not in before["metrics"]:
                self.counted[name] = fresh[name]
                self.unsaved.update(process for process, _ in fresh[name])

    def in_files(self):
        """What the files hold that are there, as `counted` and `ended` have it."""
        newest, found, ended = {}, {name: {} for name in METRICS}, set()
        for path in sorted(os.listdir(self.folder)):
            if path.startswith("."):
                continue
            with open(os.path.join(self.folder, path)) as file:
                header, *lines = file.read().rpartition("\n")[0].split("\n")
            process = json.loads(header)["process"]
            for text in lines:
                try:
                    line = dict(json.loads(text))
                except (ValueError, TypeError):
                    continue
                if "end" in line:
                    ended.add(process)
                key = line.get("metric"), process, next(iter(line.get("labels", {}).values()), "")
                if "metric" in line and line["n"] > newest.get(key, 0):
                    newest[key] = line["n"]
                    found[key[0]][key[1:]] = line
        return found, ended

    def lines(self, catalog, counted, ended):
        """Series with their values; the first that are there from the start are the registry's."""
        shown = {}
        for name, metric in METRICS.items():
            if name not in catalog["metrics"]:
                continue
            series = {}
            for (process, value), members in counted[name].items():
                if name == "events_total" and value not in ("a", "b"):
                    value = "other"
                if name not in ACROSS or process not in ended:
                    series.setdefault(value, []).append(members)
            for value, all_members in series.items():
                pairs = [(label, value) for label in metric.get("labels", [])]
                for suffix, more, number in self.samples(name, metric, all_members):
                    shown[name + suffix + label_text(pairs + more)] = number
        return shown

    def samples(self, name, metric, all_members):
        add = lambda member: sum(members[member] for members in all_members)
        if metric["type"] in ("histogram", "summary"):
            for bound in metric.get("buckets", []):
                count = sum(members["buckets"][str(bound)] for members in all_members)
                yield "_bucket", [("le", number_text(bound))], count
            if metric["type"] == "histogram":
                yield "_bucket", [("le", "+Inf")], add("count")
            yield "_sum", [], add("sum")
            yield "_count", [], add("count")
        elif metric["type"] == "stateset":
            newest = max(all_members, key=lambda members: members["at"])["state"]
            for state in STATES:
                yield "", [(name, state)], float(state == newest)
        elif name in ACROSS:
            yield "", [], (max if ACROSS[name] == "max" else sum)(members["value"] for members in all_members)
        elif metric["type"] == "gauge":
            yield "", [], max(all_members, key=lambda members: members["at"])["value"]
        else:
            yield "", [], add("value")

    # MARK: What happens

    def act(self):
        way = self.chance.choices(list(self.WAYS), self.WAYS.values())[0]
        living = [process for process in self.processes if not process.is_over]
        if not living or way == "begin" and len(living) < 5:
            self.names += 1
            living = [Process(self.names)]
            self.processes += living
            way = "write"
        process = self.chance.choice(living)
        if way == "begin" or process.path is None:
            way = "write"
        self.scene.note(f"{way} events {process.name}")
        getattr(self, way)(process)

    def told(self, process):
        """All that it has counted stands in a file."""
        for (name, value), members in process.totals.items():
            self.counted[name][process.name, value] = dict(members)
        self.unsaved.add(process.name)

    def put(self, process, text):
        if process.rest is not None:
            text, process.rest = process.rest + text, None
        if process.path is None or not os.path.exists(process.path):
            # A file that is gone is made anew, with all that there is.
            process.path = process.path or os.path.join(self.folder, f"{process.name}.jsonl")
            return self.replace(process)
        with open(process.path, "a") as file:
            file.write(text)

    def replace(self, process):
        process.rest = None
        draft = os.path.join(self.folder, f".{process.name}.tmp")
        with open(draft, "w") as file:
            file.write(process.whole())
        os.rename(draft, process.path)

    def count(self, process):
        """Updates a series, and returns its key."""
        chance = self.chance
        name = chance.choice(list(METRICS))
        value = {"kind": ["a", "b", "c", "d"], "part": ["x", "y"]}.get(next(iter(METRICS[name].get("labels", [])), ""), [""])
        key = name, chance.choice(value)
        number, self.at = chance.randint(0, 40) / 8, self.at + 1
        old = process.totals.get(key, {})
        kind = METRICS[name]["type"]
        if kind in ("histogram", "summary"):
            members = {"count": old.get("count", 0) + 1, "sum": old.get("sum", 0.0) + number}
            if "buckets" in METRICS[name]:
                buckets = old.get("buckets", {})
                members["buckets"] = {bound: buckets.get(bound, 0) + (number <= float(bound.replace("Inf", "inf")))
                                      for bound in [*map(str, BOUNDS), "+Inf"]}
            elif kind == "histogram":
                self.count_native(members, old, number)
        elif kind == "stateset":
            members = {"state": chance.choice(STATES), "at": self.at}
        elif kind == "gauge":
            members = {"value": number, **({} if name in ACROSS else {"at": self.at})}
        else:
            members = {"value": old.get("value", 0) + number}
        process.totals[key] = members
        return key

    def count_native(self, members, old, number):
        """At schema 0 bucket i reaches up to 2^i."""
        members.update(schema=0, zero=old.get("zero", 0) + (number == 0), positive=dict(old.get("positive", {})))
        if number:
            index = next(index for index in range(-3, 4) if number <= 2.0**index)
            members["positive"][str(index)] = members["positive"].get(str(index), 0) + 1

    def write(self, process):
        keys = [self.count(process) for _ in range(self.chance.choice([1, 1, 3, 10]))]
        self.put(process, "".join(process.said(key) for key in dict.fromkeys(keys)))
        self.told(process)

    def tear(self, process):
        """A line of which only a part is there. What it says counts when its end is written, or a file of it all."""
        self.write(process)
        key = self.count(process)
        line = process.said(key)
        cut = self.chance.randint(1, len(line) - 1)
        self.put(process, line[:cut])
        process.rest = line[cut:]

    def rewrite(self, process):
        self.replace(process)
        self.told(process)

    def end(self, process):
        if not os.path.exists(process.path):
            self.replace(process)
        self.put(process, process.line({"end": 1764400099}))
        self.told(process)
        self.ended.add(process.name)
        process.is_over = True

    def die(self, process):
        """Killed, perhaps within a line."""
        process.is_over = True

    def copy(self, process):
        if os.path.exists(process.path):
            shutil.copy(process.path, os.path.join(self.folder, f"copy{process.number}-{process.name}"))

    def rename(self, process):
        if os.path.exists(process.path):
            path = os.path.join(self.folder, f"{process.name}-{process.number}.jsonl")
            os.rename(process.path, path)
            process.path = path

    def remove(self, process):
        """The file of one that lives, or of one that is over. What was not seen of it before is lost for good."""
        process = self.chance.choice(self.processes)
        if process.path is None or not os.path.exists(process.path):
            return
        if self.scene.is_up:
            self.scene.settle()
        elif process.name in self.unsaved:
            return
        if process.rest is not None and process.is_over:
            process.rest = None
        os.remove(process.path)

    def rubbish(self, process):
        self.put(process, self.chance.choice(["not json\n", "{\"n\":\n", "\n", "[1]\n"]))
        self.told(process)
