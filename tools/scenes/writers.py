"""Writers that treat their logs as training tools do, and tell the world what they wrote.

Each way of writing is a method of the writer named in `WAYS`, with what has to hold for it. What it does to the files
is done at once; `scene.tell` says what a log holds now.
"""
import math, os
from . import catalogs

# A writer's log stays small: what matters is how it is written.
RECORDS_MAX = 60
REST_SECONDS = 2.6
BLOCK_BYTES = 4096


class Writer:
    """The logs of one run."""

    def __init__(self, scene, shape, run):
        self.scene, self.shape, self.run = scene, shape, run
        self.chance = scene.chance
        self.base = scene.new_base()
        self.step = self.base
        self.time = 0.0
        self.content = []
        self.is_over = False
        # Whether it was written anew, got another name, or is a document that took another way, since all was last seen.
        self.was_destroyed = self.was_renamed = self.was_resumed = False

    def make_record(self):
        """The next record, unlike any before in its `step`."""
        chance, columns = self.chance, self.shape.columns
        self.step += 1
        self.time = 0.0 if chance.random() < 0.03 else self.time + chance.randint(0, 16) / 8
        eighth = lambda low, high: chance.randint(low, high) / 8
        values = {
            "step": self.step, "time": self.time, "n": chance.choice([chance.randint(0, 9), eighth(0, 40)]),
            "x": eighth(-20, 20), "loss_box": eighth(0, 20), "loss_cls": eighth(0, 20), "loss_dfl": eighth(0, 20),
            "model": chance.choice(catalogs.MODELS), "phase": chance.choice(catalogs.PHASES),
        }
        if chance.random() < 0.08:
            odd = chance.choice([math.nan, math.inf, -math.inf])
            if math.isnan(odd) or "inf" not in self.scene.without:
                values[chance.choice(["n", "x", "loss_box", "time"])] = odd
        if chance.random() < 0.05:
            values["n"] = -1
        record = {field: values[field] for field in columns}
        format = self.shape.format
        if getattr(format, "is_sparse", True):
            if self.scene.more.random() < 0.03 and "words" not in self.scene.without:
                # No number, and yet a value for what only counts.
                record[self.scene.more.choice([field for field in columns if field in ("n", "x")] or ["step"])] = "oops"
            for field in columns[1:]:
                if chance.random() < 0.06:
                    record[field] = None
            return record
        _, fields = chance.choice(format.shapes(columns))
        return {field: record[field] for field in fields}

    def room(self):
        return len(self.content) < RECORDS_MAX

    def rename_folder(self):
        """Some rename the folder that a log lies in."""


class LineWriter(Writer):
    """A log of lines, which is appended to, written anew, rotated, renamed, copied and removed."""

    WAYS = {"append": 60, "tear": 12, "rubbish": 3, "rewrite": 4, "resume": 5, "replace": 5, "widen": 5, "empty": 2,
            "rotate": 4, "rename": 2, "remove": 2, "copy_and_truncate": 2, "tear_and_cut": 1, "touch": 2}
    DESTROYING = {"rewrite", "resume", "replace", "empty", "rename", "remove", "copy_and_truncate", "tear_and_cut"}
    # What would lose a line that was begun.
    FINISHING = {"rename", "remove", "copy_and_truncate", "tear_and_cut"}

    def __init__(self, scene, shape, run):
        super().__init__(scene, shape, run)
        self.has_rubbish = False
        self.rotations = 0
        self.columns = list(shape.columns)
        # The rest of a line that was begun, and its record.
        self.rest = None
        self.log = None
        self.path = scene.path(shape.path(run))

    def begin(self):
        self.log = self.scene.new_log(self.shape.name, self.run)
        self.content = []
        os.makedirs(os.path.dirname(self.path), exist_ok=True)

    # MARK: Text

    def lines(self, records):
        return "".join(self.shape.format.line(record, self.columns) for record in records)

    def text(self, records):
        return self.shape.format.head(self.columns) + self.lines(records)

    def put(self, text, mode="a"):
        with open(self.path, mode, newline="") as file:
            file.write(text)

    def put_in_pieces(self, text, mode):
        cut = self.chance.randint(0, len(text)) if self.chance.random() < 0.5 else len(text)
        with open(self.path, mode, newline="") as file:
            file.write(text[:cut])
            file.flush()
            self.scene.breathe()
            file.write(text[cut:])

    def tell(self):
        self.scene.tell(self.log, self.content, self.path)

    def finish(self):
        """Ends a line that was begun."""
        if self.rest is None:
            return
        text, record = self.rest
        self.rest = None
        self.put(text)
        self.content.append(record)
        self.tell()

    # MARK: Ways

    def append(self):
        self.finish()
        more = [self.make_record() for _ in range(self.chance.choice([1, 1, 2, 5]))]
        if self.log is None:
            self.begin()
        is_new = not os.path.exists(self.path)
        self.content += more
        if is_new or os.path.getsize(self.path) == 0:
            self.put_in_pieces(self.text(more), "a")
        else:
            self.put_in_pieces(self.lines(more), "a")
        self.tell()

    def tear(self):
        self.append()
        record = self.make_record()
        line = self.lines([record])
        cut = self.chance.randint(1, len(line) - 1)
        self.put(line[:cut])
        self.rest = line[cut:], record
        self.tell()

    def rubbish(self):
        self.append()
        self.has_rubbish = True
        self.put(self.shape.format.rubbish(self.chance))
        if self.shape.format.name == "csv" and self.scene.more.random() < 0.3 and "quote" not in self.scene.without:
            # A row that was torn behind a quote, as a crash leaves it.
            self.put(f'{self.step},"to\n')
        self.tell()

    def rewrite(self):
        """Truncated, and a new run written in its place."""
        self.rest = None
        self.time = 0.0
        self.content = [self.make_record() for _ in range(self.chance.randint(1, max(1, 2 * len(self.content))))]
        self.put_in_pieces(self.text(self.content), "w")
        self.tell()

    def resume(self):
        """Truncated, and written again up to a checkpoint, from where the run takes another way."""
        self.rest = None
        kept = self.content[:self.chance.randint(0, len(self.content))]
        self.content = kept + [self.make_record() for _ in range(self.chance.randint(0, 5) or self.shape.evicts)]
        self.put_in_pieces(self.text(self.content), "w")
        self.tell()

    def replace(self):
        """Written beside and renamed over, with all that it had or from a checkpoint. A line that was begun is whole in
        it, or is not there."""
        records = list(self.content)
        if self.rest is not None and self.chance.random() < 0.7:
            records.append(self.rest[1])
        elif self.chance.random() < 0.4:
            records = records[:self.chance.randint(0, len(records))]
        # What takes its place does not have what was no record: nothing tells then that it goes on with the begun line.
        if self.rest is not None and (len(records) <= len(self.content) or self.has_rubbish):
            self.finish()
            records = list(self.content)
        self.rest = None
        # How old a run is whose log was emptied is nobody's to say.
        more = self.chance.randint(0, 3) or (self.shape.evicts and not records)
        self.content = records + [self.make_record() for _ in range(more)]
        path, self.path = self.path, self.path + ".tmp"
        self.put(self.text(self.content), "w")
        os.rename(self.path, path)
        self.has_rubbish = False
        self.path = path
        self.tell()

    def widen(self):
        """All rows again with one more column, which the old rows do not have."""
        self.finish()
        if self.shape.format.name != "csv" or len(self.columns) > len(self.shape.columns) + 6:
            return self.append()
        self.columns.append(f"extra_{len(self.columns)}")
        new = self.make_record()
        new[self.columns[-1]] = 1
        self.content.append(new)
        self.put_in_pieces(self.text(self.content), "w")
        self.tell()

    def empty(self):
        """Truncated; what comes may be the same rows again."""
        self.rest = None
        self.content = []
        self.put("", "w")
        self.tell()

    def rotate(self):
        """Renamed within the pattern; the run goes on in a new file."""
        self.finish()
        if self.shape.layout != "folders":
            return self.append()
        self.rotations += 1
        path = self.scene.path(self.shape.path(self.run, self.rotations))
        os.rename(self.path, path)
        self.scene.moved(self.log, path)
        self.log = None
        self.append()

    def rename(self):
        """Another name, which says another run."""
        self.finish()
        if self.shape.layout != "flat" or self.shape.evicts:
            return self.append()
        self.run = self.scene.new_run(self.shape)
        path = self.scene.path(self.shape.path(self.run))
        os.rename(self.path, path)
        self.path = path
        self.log.captures = {"run": self.run}
        self.log.feeder = object()
        self.scene.moved(self.log, path)

    def remove(self):
        self.finish()
        os.remove(self.path)
        self.scene.gone(self.log)
        self.content = []
        if self.chance.random() < 0.4:
            # A file beside it that no pattern names, perhaps with the same inode.
            with open(self.path + ".notes", "w") as file:
                file.write(self.text([self.make_record() for _ in range(3)]))

    def copy_and_truncate(self):
        """As logrotate does it, the copy within the pattern."""
        self.finish()
        if self.shape.layout != "folders" or not self.scene.is_up or not self.content:
            return self.append()
        self.rotations += 1
        path = self.scene.path(self.shape.path(self.run, f"copy{self.rotations}"))
        with open(self.path, "rb") as log, open(path, "wb") as copy:
            copy.write(log.read())
        self.scene.breathe()
        self.put("", "w")
        old = self.log
        self.scene.moved(old, path)
        self.log = self.scene.twin(old)
        self.content = []
        self.scene.tell(old, old.content, path)
        self.tell()
        if self.chance.random() < 0.5:
            self.scene.reload()
        self.append()
        # Only who has seen both can know that one is the other's copy.
        self.scene.settle()

    def tear_and_cut(self):
        """A torn line that rests long enough to be shown, and is cut off again."""
        self.finish()
        if self.shape.format.can_be_torn and self.scene.more.random() < 0.5 and "block" not in self.scene.without:
            return self.block()
        size = os.path.getsize(self.path)
        record = self.make_record()
        line = self.lines([record])
        self.put(line[:self.chance.randint(1, len(line) - 1)])
        self.scene.rest(REST_SECONDS)
        os.truncate(self.path, size)
        self.tell()

    def block(self):
        """As a writer with a buffer does it: what is written ends where a block ends, and rests there. What is torn like
        that is never shown."""
        room = BLOCK_BYTES - os.path.getsize(self.path) % BLOCK_BYTES
        while len(text := self.lines([record := self.make_record()]).encode()) <= room:
            self.put(text.decode())
            self.content.append(record)
            room -= len(text)
        self.put(text[:room].decode())
        self.rest = text[room:].decode(), record
        self.tell()
        self.scene.rest(REST_SECONDS)
        if not any(writer.rest for writer in self.scene.writers if writer is not self and hasattr(writer, "rest")):
            self.scene.settle(shows_torn=False)
        self.finish()

    def touch(self):
        self.finish()
        os.utime(self.path)
        self.tell()


class DocumentWriter(Writer):
    """A document of many records, whole in each checkpoint's folder, or a status of one record."""

    WAYS = {"save": 80, "save_again": 8, "resume": 6, "touch": 2, "remove": 4}
    FINISHING = frozenset()

    def __init__(self, scene, shape, run):
        super().__init__(scene, shape, run)
        self.log = None
        self.paths = []

    @property
    def DESTROYING(self):
        # A status that was not seen before the next is never known.
        return {"save", "resume", "remove"} if self.shape.format.is_status else {"resume", "remove"}

    def finish(self):
        pass

    def write(self, path, records, way=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        text = self.shape.format.text(records)
        way = way or self.chance.choice(["atomic", "atomic", "pieces"])
        if way == "atomic" or self.shape.format.name == "yaml":
            with open(path + ".tmp", "w") as file:
                file.write(text)
            os.rename(path + ".tmp", path)
        else:
            with open(path, "w") as file:
                file.write(text[:self.chance.randint(0, len(text) - 2)])
                file.flush()
                self.scene.breathe()
                file.seek(0)
                file.write(text)
        if path not in self.paths:
            self.paths.append(path)
        if self.log is None:
            self.log = self.scene.new_log(self.shape.name, self.run)
        self.scene.tell(self.log, records, path)

    def save(self):
        if self.shape.format.is_status:
            self.content = [self.make_record()]
        else:
            self.content += [self.make_record() for _ in range(self.chance.choice([1, 2, 4]))]
        number = None if self.shape.layout == "flat" else self.step
        self.write(self.scene.path(self.shape.path(self.run, number)), self.content)
        if len(self.paths) > 3 and self.scene.settle():
            os.remove(path := self.paths.pop(0))
            self.scene.forget_path(path)

    def save_again(self):
        if not self.paths:
            return self.save()
        if not self.shape.format.is_status:
            self.content += [self.make_record()]
        self.write(self.paths[-1], self.content)

    def resume(self):
        """Written again in its place, from a checkpoint on; the other folders of the run are gone by then."""
        # Between a document that nobody saw and its next state nothing tells that they are one log.
        if not self.paths or self.shape.format.is_status or self.log in self.scene.pending:
            return self.save()
        while len(self.paths) > 1:
            os.remove(path := self.paths.pop(0))
            self.scene.forget_path(path)
        self.scene.settle()
        self.content = self.content[:self.chance.randint(0, len(self.content))] + [self.make_record()]
        self.write(self.paths[-1], self.content)
        self.was_resumed = True

    def rename_folder(self):
        """As who puts a checkpoint aside: its folder has another name within the pattern."""
        if not self.paths or self.shape.layout != "checkpoints":
            return
        # What was written anew is known under another name only if it was seen under the old one.
        if (self.was_destroyed or self.was_resumed) and not self.scene.settle():
            return
        self.was_renamed = True
        place = self.scene.later.randrange(len(self.paths))
        path = self.paths[place]
        folder, name = os.path.split(path)
        self.scene.note(f"rename {os.path.basename(folder)} of {self.shape.name}/{self.run}")
        os.rename(folder, folder + "x")
        self.paths[place] = os.path.join(folder + "x", name)
        self.scene.files[self.paths[place]] = self.scene.files.pop(path)

    def touch(self):
        if not self.paths:
            return self.save()
        os.utime(self.paths[-1])
        self.scene.tell(self.log, self.content, self.paths[-1])

    def remove(self):
        if not self.paths:
            return self.save()
        for path in self.paths:
            os.remove(path)
            self.scene.forget_path(path)
        self.paths = []
        self.scene.gone(self.log)
        self.log = None
        self.is_over = True
        self.content = []
