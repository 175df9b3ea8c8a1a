"""One seed: random logs under a random catalog, an exporter that is killed, restarted and told to reload meanwhile, and
in the end every series held against the rule (`world.py`) and against `once`."""
import json, os, random, signal, time
from . import catalogs, events, exporter as programs, writers
from .exporter import Failure, equal
from .world import Log, World

# How long the exporter may take to show what was written: copies wait 2 s, a busy machine more.
SETTLE_SECONDS = 15
# After so long without another save, several times the catalog's interval, nothing is left to save.
SAVE_SECONDS = 0.35
# CLOCK_REALTIME_COARSE: what a file system takes its times from. Python has no name for it.
COARSE_CLOCK = 5
OWN = "training_exporter_records_total"
LAST_WRITE = "training_exporter_state_last_write_timestamp_seconds"
LAST_RELOAD = "training_exporter_config_last_reload_success_timestamp_seconds"


class Scene:
    def __init__(self, binary, folder, seed, steps, without=()):
        self.binary, self.folder, self.seed, self.steps, self.without = binary, folder, seed, steps, without
        self.chance = random.Random(seed)
        # For what came later: seeds that were found before stay what they were.
        self.more = random.Random(~seed)
        self.later = random.Random(f"later {seed}")
        # The counts of the last look; they never fall.
        self.seen = {}
        self.catalogs = catalogs.make(self.chance, without)
        self.shapes = self.catalogs[2]
        self.at = 0
        self.events = None if "events" in without else events.Events(self, seed)
        self.world = World(self.catalogs[0])
        self.writers, self.exporter, self.is_up = [], None, False
        # How often another catalog took over since a state was saved.
        self.unsaved_catalogs = 0
        self.bases = self.runs = 0
        # What lies in the folder: by path, the log and its records.
        self.files = {}
        # What was written while nobody looked: by log, its records.
        self.pending = {}
        self.age = 0
        self.history = []

    # MARK: For writers

    def path(self, path):
        return os.path.join(self.folder, path)

    def new_base(self):
        self.bases += 1
        return 100 * self.bases

    def new_run(self, shape):
        self.runs += 1
        return f"r{self.runs}"

    def breathe(self):
        if self.chance.random() < 0.4:
            time.sleep(self.chance.uniform(0, 0.006))

    def rest(self, seconds):
        if self.is_up:
            time.sleep(seconds)

    def new_log(self, watcher, run):
        log = self.world.add(Log(watcher, {"run": run}))
        # Whether all that it holds was seen and saved; of what was written while nobody looked nobody knows.
        log.is_sure = not self.is_up
        return log

    def twin(self, log):
        twin = self.world.add(log.twin())
        twin.is_sure = False
        return twin

    def tell(self, log, records, path):
        """A log holds these records now."""
        self.age = max(self.age, age := os.stat(path).st_mtime_ns)
        self.files[path] = log, list(records), age
        if self.is_up:
            log.is_sure = False
            self.world.write(log, records, age)
        else:
            self.pending[log] = list(records), age

    def moved(self, log, path):
        before = next(other for other, entry in self.files.items() if entry[0] is log)
        self.files[path] = self.files.pop(before)

    def forget_path(self, path):
        del self.files[path]

    def gone(self, log):
        """A log's files are gone; what it contributed stays, and what is made under its name again is the same log."""
        for path in [path for path, entry in self.files.items() if entry[0] is log]:
            del self.files[path]
        self.pending.pop(log, None)
        log.content = []

    # MARK: The exporter

    def put_catalog(self):
        declared = {**self.catalogs[self.at], "watchers": {
            name: {key: value for key, value in watcher.items() if value or key == "format"}
            for name, watcher in self.catalogs[self.at]["watchers"].items()}}
        with open(self.path("metrics.yaml.new"), "w") as file:
            json.dump(declared, file, indent=1)
        os.rename(self.path("metrics.yaml.new"), self.path("metrics.yaml"))

    def start(self, other=False):
        # What starts anew under another catalog starts from what is there now.
        for log, (records, age) in self.pending.items():
            log.content, log.age = records, age
        # A state that was saved under the catalog before knows nothing of the one since.
        if other and not self.unsaved_catalogs and "other" not in self.without:
            self.note("with the other catalog")
            self.take_other_catalog()
            # What starts anew is of what is there now, and has to be saved before that may go.
            for log in self.world.logs:
                log.is_sure = False
        self.exporter = programs.Exporter(self.binary, self.folder)
        self.is_up = True
        for log, (records, age) in sorted(self.pending.items(), key=lambda entry: entry[1][1]):
            log.is_sure = False
            self.world.write(log, records, age)
        self.pending = {}

    def stop(self, number):
        self.exporter.end(number)
        self.is_up = False
        for writer in self.writers:
            # A line that was begun counts as it is if its file goes meanwhile.
            if getattr(writer, "rest", None):
                writer.log.is_sure = False

    def reload(self):
        if not self.is_up:
            return
        self.note("reload")
        before = programs.values(self.exporter.scrape()).get(LAST_RELOAD)
        self.take_other_catalog()
        self.exporter.signal(signal.SIGHUP)
        for log in self.world.logs:
            log.is_sure = False
        end = time.monotonic() + SETTLE_SECONDS
        while programs.values(self.exporter.scrape()).get(LAST_RELOAD) == before:
            if time.monotonic() > end:
                raise Failure("a reload was not done")
            time.sleep(0.004)

    def take_other_catalog(self):
        self.unsaved_catalogs += 1
        if self.events:
            self.events.change(self.catalogs[self.at], self.catalogs[1 - self.at])
        self.at = 1 - self.at
        self.put_catalog()
        self.seen = {}
        self.world.change(self.catalogs[self.at], self.contents())

    def contents(self):
        """What lies in the folder, oldest first: log, records and age of each file. A log may have several."""
        return [entry for _, entry in sorted(self.files.items(), key=lambda entry: (entry[1][2], entry[0]))]

    # MARK: Comparing

    def differences(self, shown, expected, only_counts=False):
        """What is wrong, a line for each series."""
        wrong = []
        for series in sorted(shown.keys() | expected.keys()):
            name = series.partition("{")[0]
            is_own = name.startswith(("training_exporter_", "process_"))
            if "quantile=" in series or is_own and (name != OWN or 'outcome="m' not in series and 'outcome="f' not in series):
                continue
            if is_own and ("malformed" in series or f'"{events.WATCHER}"' in series):
                continue
            if only_counts and not self.counts(name):
                continue
            have, want = shown.get(series), expected.get(series)
            if is_own and not want and not have:
                continue
            if not equal(have, want):
                wrong.append(f"{series}: {have}, not {want}")
        return wrong

    def look(self):
        """Between writes counts are never more than what was written, and never less than at a look before."""
        shown, expected = programs.values(self.exporter.scrape()), self.expected()
        evicts = any(shape.evicts for shape in self.shapes)
        for series, value in shown.items():
            name = series.partition("{")[0]
            if not name.endswith(("_total", "_count", "_bucket")) or name.startswith(("training_exporter_", "process_")):
                continue
            if not evicts and value > expected.get(series, 0):
                raise Failure(f"too much was counted: {series}: {value}, and only {expected.get(series)} was written")
            if not evicts and value < self.seen.get(series, 0):
                raise Failure(f"a count fell: {series}: {value}, and {self.seen[series]} before")
            self.seen[series] = value

    def counts(self, name):
        return name.endswith(("_total", "_count", "_sum", "_bucket"))

    def settle(self, saved=True, shows_torn=True):
        """Waits until what is shown is what it has to be, and, unless it is not to be, saved. Where lines without their
        ends may be shown, only what counts is compared."""
        if not self.is_up:
            return False
        end = time.monotonic() + SETTLE_SECONDS
        expected = self.expected()
        is_torn = shows_torn and any(getattr(writer, "rest", None) for writer in self.writers)
        while True:
            shown = programs.values(self.exporter.scrape())
            wrong = self.differences(shown, expected, only_counts=is_torn)
            if wrong:
                wrong = self.differences(shown, self.with_other_gauges(shown, expected), only_counts=is_torn)
            if not wrong:
                break
            # What was counted too often is never taken back.
            if time.monotonic() > end or self.is_too_much(shown, expected):
                raise Failure("the exporter shows something else:\n" + "\n".join(wrong))
            time.sleep(0.008)
        if saved:
            self.wait_until_saved(shown)
        return True

    def with_other_gauges(self, shown, expected):
        """Where several logs feed one gauge, it may show what any of them said that may have been the last, and what it would
        show if all were read now. Returns what is expected then."""
        other, alone = dict(expected), self.fresh().lines()
        for name, metric in self.world.catalog["metrics"].items():
            if metric["type"] != "gauge" or "run" in metric.get("labels", []):
                continue
            for series, choices, may_be_gone in self.world.registry.choices(name):
                choices += [alone[series]] if series in alone else []
                if may_be_gone and series not in shown:
                    other.pop(series, None)
                elif series in shown or series in expected:
                    values = (value for value in choices if equal(shown.get(series), value))
                    other[series] = next(values, expected.get(series))
        return other

    def is_too_much(self, shown, expected):
        return any(series.endswith('"mapped"}') and value > expected.get(series, 0)
                   for series, value in shown.items() if series.startswith(OWN) and f'"{events.WATCHER}"' not in series)

    def wait_until_saved(self, shown):
        # A save that was under way may be of what was before: another one has to follow, or none for a while.
        begin, last, saves = time.time(), shown.get(LAST_WRITE, 0), 0
        end = time.monotonic() + SAVE_SECONDS
        while saves < 2 and time.monotonic() < end:
            time.sleep(0.02)
            newest = programs.values(self.exporter.scrape()).get(LAST_WRITE, 0)
            if newest > max(last, begin):
                saves, last, end = saves + 1, newest, time.monotonic() + SAVE_SECONDS
        for log in self.world.logs:
            log.is_sure = True
        for writer in self.writers:
            writer.was_destroyed = writer.was_renamed = writer.was_resumed = False
        self.unsaved_catalogs = 0
        if self.events:
            self.events.unsaved.clear()

    def expected(self):
        """What has to be shown."""
        expected = self.world.lines()
        if self.events:
            expected.update(self.events.lines(self.world.catalog, self.events.counted, self.events.ended))
        return expected

    def fresh(self):
        """The world of who reads what there is and knows of nothing before."""
        fresh = World(self.catalogs[self.at])
        logs = {}
        for log, records, age in self.contents():
            if log not in logs:
                logs[log] = fresh.add(Log(log.watcher, log.captures))
            fresh.write(logs[log], records, age)
        return fresh

    def compare_once(self):
        shown = programs.values(programs.once(self.binary, self.folder))
        expected = self.fresh().lines()
        if self.events:
            expected.update(self.events.lines(self.catalogs[self.at], *self.events.in_files()))
        wrong = self.differences(shown, expected)
        if wrong:
            raise Failure("`once` shows something else:\n" + "\n".join(wrong))

    # MARK: What happens

    def run(self):
        for name, catalog in zip(("first", "second"), self.catalogs):
            with open(self.path(f"{name}.json"), "w") as file:
                json.dump(catalog, file, indent=1)
        self.put_catalog()
        try:
            if self.chance.random() < 0.5:
                self.start()
            for step in range(self.steps):
                self.act()
                if not self.is_up and self.chance.random() < 0.4 or step == self.steps - 1 and not self.is_up:
                    self.note("start")
                    self.start(other=self.chance.random() < 0.3)
            for writer in self.writers:
                if writer.shape.evicts and getattr(writer, "rest", None):
                    # A run that made room comes back: what was before has to be seen, as where a new one begins.
                    self.settle()
                self.tick()
                writer.finish()
            self.note("the end")
            self.settle()
            self.note("killed and started once more")
            self.stop(signal.SIGKILL)
            self.start()
            self.settle(saved=False)
            self.note("once")
            self.compare_once()
        finally:
            if self.exporter:
                self.exporter.end(signal.SIGKILL)

    def note(self, text):
        self.history.append(text)

    def tick(self):
        """Lets the file system's clock go on, so that no two logs changed at the same moment."""
        while time.clock_gettime_ns(COARSE_CLOCK) <= self.age:
            time.sleep(0.001)

    def act(self):
        chance = self.chance
        if self.events and self.events.chance.random() < 0.6:
            self.events.act()
        if self.is_up and self.more.random() < 0.2 and "look" not in self.without:
            self.look()
        what = chance.choices(["write", "kill", "end", "reload", "settle", "pause"], [100, 5, 2, 6, 3, 4])[0]
        if what in self.without:
            return
        if what == "write" or not self.is_up:
            self.write()
        elif what in ("kill", "end"):
            # The state of the catalog before last would be taken for one of this catalog.
            if what == "kill" and self.unsaved_catalogs > 1:
                self.settle()
            self.note(what)
            self.stop(signal.SIGKILL if what == "kill" else signal.SIGTERM)
        elif what == "reload":
            self.reload()
        elif what == "settle":
            self.note(what)
            self.settle()
        else:
            time.sleep(chance.uniform(0, 0.15))

    def write(self):
        writer = self.writer()
        if writer is None:
            return
        way = self.chance.choices(list(writer.WAYS), writer.WAYS.values())[0]
        if not writer.room() and way in ("append", "save", "tear", "rubbish"):
            way = "rotate" if "rotate" in writer.WAYS else "remove"
        # How old a value is whose log was written without a new record is nobody's to say.
        is_idle = writer.shape.evicts and (
            way in ("touch", "empty", "tear_and_cut")
            or way == "save_again" and writer.shape.format.is_status)
        if writer.log is None or not writer.content or way in self.without or is_idle:
            way = next(iter(writer.WAYS))
        # Records that go again count only if they were seen, and a log that was written anew is known under another
        # name only if it was seen under the old one.
        destroys = way in writer.DESTROYING and writer.log is not None
        if destroys or way == "rotate" and writer.was_destroyed or way == "widen" and writer.was_renamed:
            if way in writer.FINISHING:
                writer.finish()
            if self.is_up:
                self.settle()
            elif not writer.log.is_sure or writer.was_destroyed or writer.was_renamed:
                return
        # One that was written with a further column is another by its bytes, too, and so is one that is made anew while
        # nobody looks.
        is_anew = writer.log is not None and not writer.content and not self.is_up
        writer.was_destroyed = destroys or is_anew or way == "widen" or writer.was_destroyed
        writer.was_renamed = way == "rename" or writer.was_renamed
        self.tick()
        self.note(f"{way} {writer.shape.name}/{writer.run}")
        getattr(writer, way)()
        if "rename_folder" not in self.without and self.later.random() < 0.15:
            writer.rename_folder()
        self.breathe()

    def writer(self):
        """One of the logs at hand, or a new one. Where runs make room for each other, those that did are over, and a new
        one begins only when all that was before has been seen."""
        shape = self.chance.choice(self.shapes)
        own = [writer for writer in self.writers if writer.shape is shape and not writer.is_over]
        if shape.evicts:
            live = self.world.registry.labels["run"].live
            own = [writer for writer in own if writer.log is None or writer.run in live or writer.log in self.pending]
        limit = 8 if shape.evicts else 3
        if own and (len(own) >= limit or self.chance.random() < 0.8):
            return self.chance.choice(own)
        if shape.evicts:
            if not self.is_up:
                return None
            self.settle()
        kind = writers.DocumentWriter if hasattr(shape.format, "is_status") else writers.LineWriter
        writer = kind(self, shape, self.new_run(shape))
        self.writers.append(writer)
        return writer
