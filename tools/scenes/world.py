"""The rule: what an exporter has to show of logs that were written, whatever happened to it meanwhile.

With O the records that a log had, N those it has now and P their longest common prefix, the log contributes O and the
records of N after P. While N is a prefix of O nothing changes; otherwise gauges, infos and statesets show what N says,
and those end that the log has said last and N does not say.
A metric that a change of the catalog touches starts anew, from the logs that are there.
"""
import math, re
from .registry import Refused, Registry, all_targets, is_countable


class Log:
    """One log: what it holds now, and for each metric the records that it is known to have had."""

    def __init__(self, watcher, captures, age=0):
        self.watcher, self.captures, self.age = watcher, captures, age
        self.content = []
        self.had = {}
        # By which series know it; a log of another name is another one to them.
        self.feeder = object()
        # Of each info that it feeds, by what feeds it: the label texts it said last and the series that shows them.
        self.infos = {}
        # Of a document of one record: totals go on from document to document.
        self.totals = {}

    def twin(self):
        """A log that goes on from the same records, and has none yet."""
        other = Log(self.watcher, self.captures, self.age)
        other.had = {metric: list(had) for metric, had in self.had.items()}
        return other


class World:
    def __init__(self, catalog):
        self.catalog = catalog
        self.registry = Registry(catalog)
        self.registry.start()
        self.logs = []
        # By watcher and outcome; a record is counted whatever becomes of the catalog's metrics.
        self.records = {}

    def add(self, log):
        self.logs.append(log)
        return log

    def write(self, log, content, age):
        """The log holds these records now, and was read to its end."""
        log.content, log.age = list(content), age
        for metric in self.fed_by(log.watcher):
            self.count(metric, log)
        self.count_records(log)
        self.say_labels(log)

    def say_labels(self, log):
        """Whatever its records are, a log that changed says the labels of its path."""
        watcher = self.catalog["watchers"][log.watcher]
        for target in all_targets({"watchers": {"": watcher}}):
            for label in self.catalog["metrics"][target["metric"]].get("labels", []):
                text = target.get("labels", {}).get(label, watcher.get("labels", {}).get(label, "{" + label + "}"))
                if all(name in log.captures for name in re.findall(r"\{([^}]*)\}", text)):
                    live, value = self.registry.labels[label].live, fill(text, log.captures, {})
                    if value in live:
                        live[value] = max(live[value], log.age)

    def lines(self):
        """All that an exposition shows, by the series' names."""
        shown = self.registry.lines()
        for (watcher, outcome), number in self.records.items():
            shown[f'training_exporter_records_total{{watcher="{watcher}",outcome="{outcome}"}}'] = number
        return shown

    def fed_by(self, watcher):
        return {target["metric"] for target in all_targets({"watchers": {"": self.catalog["watchers"][watcher]}})}

    # MARK: One metric and one log

    def compare(self, metric, log):
        """How many records the log still has in common with what it had, or None where it has no more than those; and
        whether it is another from there on."""
        had, now = log.had.setdefault(metric, []), log.content
        common = 0
        while common < min(len(had), len(now)) and same(had[common], now[common]):
            common += 1
        if common == len(now):
            return None, False
        log.had[metric] = list(now)
        return common, common < len(had)

    def count_records(self, log):
        common, _ = self.compare(None, log)
        where = self.catalog["watchers"][log.watcher].get("where", {})
        for record in [] if common is None else log.content[common:]:
            key = log.watcher, "mapped" if keeps(where, record) else "filtered"
            self.records[key] = self.records.get(key, 0) + 1

    def count(self, metric, log):
        common, differs = self.compare(metric, log)
        if common is None:
            return
        now = log.content
        watcher = self.catalog["watchers"][log.watcher]
        is_status = watcher["format"] == "yaml" or watcher["format"] == "json" and "records" not in watcher
        totals = log.totals.setdefault(metric, {}) if is_status else {}
        self.said = set()
        for index, record in enumerate(now):
            if keeps(watcher.get("where", {}), record):
                for source, target, value, captured in self.samples(metric, watcher, record):
                    self.sample(log, source, target, value, captured, record, totals, index >= common, differs)
        self.begin(log, metric)
        if differs:
            self.end_unsaid(log, metric)

    def begin(self, log, name):
        """A log with new records has the counters whose labels its path settles, whether or not they have counted."""
        watcher = self.catalog["watchers"][log.watcher]
        if self.catalog["metrics"][name]["type"] != "counter":
            return
        fed = [(None, target) for target in watcher.get("each_record", [])]
        fed += [(field, target) for field, targets in watcher.get("fields", {}).items() for target in targets]
        for field, target in fed:
            if target["metric"] == name and self.is_of_path(log, field, target):
                try:
                    self.registry.cell(name, self.texts(log, target, {}, {}), log.age)
                except Refused:
                    pass

    def is_of_path(self, log, field, target):
        own, watchers = target.get("labels", {}), self.catalog["watchers"][log.watcher].get("labels", {})
        for label in self.catalog["metrics"][target["metric"]].get("labels", []):
            text = own.get(label)
            if text is None and field is not None and "{" + label + "}" in field:
                return False
            text = text if text is not None else watchers.get(label, "{" + label + "}")
            if any(name not in log.captures for name in re.findall(r"\{([^}]*)\}", text)):
                return False
        return True

    def end_unsaid(self, log, name):
        """Ends what a log has said last and does not say any more."""
        kind = self.catalog["metrics"][name]["type"]
        if kind in ("gauge", "stateset"):
            for key, cell in list(self.registry.series[name].items()):
                if key in self.said:
                    continue
                was_said = cell.said.pop(id(log), None)
                if cell.feeder is log.feeder:
                    self.registry.ended[name][key] = list(cell.said.values())
                    self.registry.drop(name, key)
                elif was_said:
                    cell.may_be_gone = True
        if kind == "info":
            for (metric, source), (_, key) in list(log.infos.items()):
                if metric == name and source not in self.said:
                    del log.infos[metric, source]
                    self.end_info(log, name, source, key)

    def end_info(self, log, name, source, key):
        """The log does not show an info's series any more; without any that does it ends."""
        cell = self.registry.series[name].get(key)
        if cell is not None:
            cell.users.discard((id(log), source))
            if not cell.users:
                self.registry.drop(name, key)

    def samples(self, metric, watcher, record):
        """What a record says to a metric, in the record's own order."""
        for field, value in record.items():
            if value is None:
                continue
            for pattern, captured in self.pattern(watcher, field):
                for place, target in enumerate(watcher["fields"][pattern]):
                    if target["metric"] == metric:
                        yield (field, place), target, value, captured
        for place, target in enumerate(watcher.get("each_record", [])):
            if target["metric"] == metric:
                yield (None, place), target, None, {}

    def pattern(self, watcher, field):
        """The field pattern that takes a field, with what it captured: exact, allowed, else by its shape."""
        fields = watcher.get("fields", {})
        if field in fields:
            return [(field, {})]
        shapes = []
        for pattern in fields:
            found = match(pattern, field)
            if found is None:
                continue
            if all(self.allows(target["metric"], found) for target in fields[pattern]):
                return [(pattern, found)]
            shapes.append((pattern, found))
        return shapes[:1]

    def allows(self, metric, captured):
        for label in self.catalog["metrics"][metric].get("labels", []):
            if label in captured:
                try:
                    self.registry.labels[label].canonical(captured[label])
                except Refused:
                    return False
        return True

    def sample(self, log, source, target, value, captured, record, totals, is_new, differs):
        metric = self.catalog["metrics"][target["metric"]]
        kind = metric["type"]
        texts = self.texts(log, target, captured, record)
        if kind in ("info", "stateset"):
            if is_new or differs:
                self.show(log, source, target["metric"], texts, None if value is None else text_of(value))
            return
        number = quantity(source, target, value, texts, totals)
        if number is None:
            return
        shows = kind == "gauge"
        if not (is_new or shows and differs) or not shows and not is_countable(number, kind):
            return
        try:
            key, cell = self.registry.cell(target["metric"], texts, log.age)
            cell.take(number)
            cell.said[id(log)] = number, log.age, log
            cell.feeder = log.feeder
            self.said.add(key)
        except Refused:
            pass

    def show(self, log, source, name, texts, text):
        metric = self.catalog["metrics"][name]
        try:
            if metric["type"] == "stateset":
                if text in metric["states"]:
                    key, cell = self.registry.cell(name, texts, log.age)
                    cell.take(1, text)
                    cell.feeder = log.feeder
                    self.said.add(key)
                return
            before, shown = log.infos.get((name, source), (texts, None))
            texts = [new or old for new, old in zip(texts, before)]
            key, cell = self.registry.cell(name, texts, log.age)
            cell.take(1)
            cell.users.add((id(log), source))
            if shown is not None and shown != key:
                self.end_info(log, name, source, shown)
            log.infos[name, source] = (texts, key)
            self.said.add(source)
        except Refused:
            pass

    def texts(self, log, target, captured, record):
        own, watchers = target.get("labels", {}), self.catalog["watchers"][log.watcher].get("labels", {})
        texts = []
        for label in self.catalog["metrics"][target["metric"]].get("labels", []):
            template = own.get(label)
            if template is None and label in captured:
                template = captured[label].replace("{", "{{")
            if template is None:
                template = watchers.get(label, "{" + label + "}")
            texts.append(fill(template, {**log.captures, **captured}, record))
        return texts

    # MARK: Another catalog

    def change(self, catalog, contents):
        """Another catalog takes over: what it touches starts anew, from what lies there, which is given oldest first."""
        before, self.catalog = self.catalog, catalog
        old = self.registry
        self.registry = Registry(catalog)
        self.registry.start()
        kept = {name for name in catalog["metrics"] if meaning(catalog, name) == meaning(before, name)}
        ages = {label: values.live for label, values in old.labels.items()}
        for name in catalog["metrics"]:
            for key, cell in old.series.get(name, {}).items() if name in kept else ():
                cell.metric = catalog["metrics"][name]
                self.registry.series[name][key] = cell
                for label, value in zip(cell.metric.get("labels", []), key):
                    self.registry.labels[label].users.setdefault(value, set()).add((name, key))
                    self.registry.labels[label].live[value] = ages[label][value]
        again = set(catalog["metrics"]) - kept
        fresh = {name for name, watcher in catalog["watchers"].items()
                 if reading(catalog, watcher) != reading(before, before["watchers"][name])}
        self.records = {key: number for key, number in self.records.items() if key[0] not in fresh}
        for log in self.logs:
            for metric in again | ({None} if log.watcher in fresh else set()):
                log.had.pop(metric, None)
                log.totals.pop(metric, None)
            log.infos = {key: state for key, state in log.infos.items() if key[0] not in again}
        # The newest has the last word. Of a log's several documents each says what is new in it, when it was written.
        for log, records, age in contents:
            log.content, log.age = records, age
            for metric in again & self.fed_by(log.watcher):
                self.count(metric, log)
            self.count_records(log)


def meaning(catalog, name):
    """All that decides about a metric's values; where it is equal they hold on."""
    metric = catalog["metrics"].get(name)
    if metric is None:
        return None
    said = {key: metric.get(key) for key in ("type", "unit", "labels", "buckets", "quantiles", "states")}
    decides = lambda label: [(key, catalog["labels"][label].get(key)) for key in ("values", "otherwise", "named")]
    said["labels"] = [(label, decides(label)) for label in metric.get("labels", [])]
    for watcher, declared in sorted(catalog["watchers"].items()):
        fields = declared.get("fields", {})
        own = [(field, place, target, declared.get("labels"), takes_durations(targets))
               for field, targets in [(None, declared.get("each_record", [])), *fields.items()]
               for place, target in enumerate(targets) if target["metric"] == name]
        if own:
            said[watcher] = own, reading(catalog, declared)
        if any(field and "{" in field for field, *_ in own):
            # A pattern takes what the others leave: fields that are named, and those whose captures others allow.
            said[watcher, "patterns"] = [
                (field, [decides(label) for target in targets
                         for label in catalog["metrics"][target["metric"]].get("labels", []) if "{%s}" % label in field])
                for field, targets in fields.items()]
    return said


def reading(catalog, watcher):
    """What decides how a watcher's logs become records. A line of text matches only where what feeds numbers is one."""
    said = [watcher["format"], watcher.get("where"), watcher.get("lines")]
    for field, targets in watcher.get("fields", {}).items() if "lines" in watcher else ():
        numeric = [target for target in targets if target.get("from") != "count"
                   and catalog["metrics"][target["metric"]]["type"] not in ("info", "stateset")]
        if numeric:
            said.append((field, takes_durations(numeric)))
    return said


def takes_durations(targets):
    """Whether a text such as `1:30` is a value, which depends on all that take the field."""
    return all(target.get("scale", 1) == 1 and target["metric"].endswith(("_seconds", "_seconds_total")) for target in targets)


def same(one, other):
    """Whether two records are one: by the values that they have."""
    trim = lambda record: {field: repr(value) for field, value in record.items() if value is not None}
    return trim(one) == trim(other)


def keeps(where, record):
    for field, wanted in where.items():
        value = record.get(field)
        if wanted in ("present", "absent"):
            if (value is not None) != (wanted == "present"):
                return False
        elif value is None or text_of(value) not in wanted:
            return False
    return True


def match(pattern, field):
    """What a field pattern with at most one capture takes; None: it does not match."""
    head, brace, rest = pattern.partition("{")
    if not brace:
        return {} if pattern == field else None
    name, _, tail = rest.partition("}")
    if len(field) <= len(head) + len(tail) or not field.startswith(head) or not field.endswith(tail):
        return None
    return {name: field[len(head):len(field) - len(tail)]}


def fill(template, captures, record):
    """A label's text; empty where the record lacks a field of it."""
    for name in re.findall(r"\{\.(\w+)\}", template):
        if record.get(name) is None:
            return ""
    text = re.sub(r"\{\.(\w+)\}", lambda found: text_of(record[found[1]]), template)
    return re.sub(r"(?<!\{)\{(\w+)\}", lambda found: captures[found[1]], text).replace("{{", "{").replace("}}", "}")


def text_of(value):
    """A value as a label: a number without a fraction is an integer."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)


def quantity(source, target, value, texts, totals):
    """What a value means by the target's `from`; None: nothing."""
    how = target.get("from", "value")
    if value is None or how == "count":
        return 1.0
    if isinstance(value, str):
        return None
    number = value * target.get("scale", 1) + target.get("offset", 0)
    if how == "value":
        return number
    # A total that is no number is none: the next is compared with the one before.
    if not math.isfinite(number):
        return None
    key = source + tuple(texts)
    before = totals.get(key)
    totals[key] = number
    if how == "difference":
        return number - before if before is not None and number >= before else None
    return number - before if before is not None and number >= before else number
