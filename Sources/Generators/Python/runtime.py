"""The metrics that this project's catalog declares, to be updated by a Python program.

    import metrics as m

    m.images_processed_total.labels(stage="inference", status="success").inc()

Values live in memory. A background thread writes the running totals of what changed, twice a second and at the end, to
a file of this process alone in the folder that TRAINING_EXPORTER_EVENTS names, or else in `events`; training-exporter
reads it and serves the metrics. Nothing listens here. Nothing here raises, blocks, or says anything twice, unless
TRAINING_EXPORTER_STRICT=1 asks for an error where a label or a value is not what the catalog declares.
"""

# Nothing may raise into a training: what goes wrong is caught, whatever it is. `Self` came with Python 3.11.
# ruff: noqa: BLE001, PYI019, S110

from __future__ import annotations

import atexit as _atexit
import bisect as _bisect
import functools as _functools
import inspect as _inspect
import itertools as _itertools
import json as _json
import logging as _logging
import math as _math
import os as _os
import sys as _sys
import threading as _threading
import time as _time
import typing as _t
from collections import defaultdict as _defaultdict
from collections import deque as _deque
from importlib import import_module as _import_module

_logger = _logging.getLogger("training_exporter")
_perf = _time.perf_counter
_now = _time.time

# Up to 3.9 another thread may come between the reading and the writing of `+=`, as without a global lock, and as in
# PyPy. From 3.10 on CPython changes threads, and runs signal handlers, only at calls and at the end of loops: never
# within an update.
_LOCKED = (
    _sys.version_info < (3, 10)
    or _sys.implementation.name != "cpython"
    or not getattr(_sys, "_is_gil_enabled", lambda: True)()
)
_PLAIN = frozenset((float, int))
_LARGEST = _sys.float_info.max
_LABEL_BYTES_MAX = 4096
_LINE_BYTES_MAX = 60_000
_REWRITE_BYTES = 1 << 20
_ALIVE_SECONDS = 10.0
# A thread that updates gets the interpreter after this much time of the writer's at the latest.
_SLICE_SECONDS = 0.0003
# What changes when the end is written already may take this long, all together.
_LATE_SECONDS = 0.2
_REJECTED_KEYS_MAX = 1_000
_CONTROLS = {code: "\ufffd" for code in (*range(32), 127) if code not in (9, 10)}

_F = _t.TypeVar("_F", bound=_t.Callable[..., _t.Any])
_S = _t.TypeVar("_S", bound="_Series")
_Text = _t.TypeVar("_Text", bound=str)

_rejected: dict[tuple[str, str, str], int] = _defaultdict(int)
_warned: dict[str, object] = {}


def _warn(kind: str, message: str) -> None:
    """Says it, if nothing of that kind was said before."""
    if _is_first(kind):
        try:
            _logger.warning("training-exporter: %s", message)
        except Exception:
            pass


def _is_first(kind: str) -> bool:
    """Also where several threads ask at once, it is so for one of them."""
    mine = object()
    return _warned.setdefault(kind, mine) is mine


def _refuse(reason: str, metric: str, label: str, message: str) -> None:
    """Counts what cannot be taken; raises it where TRAINING_EXPORTER_STRICT=1. The reasons are the exporter's."""
    if _os.environ.get("TRAINING_EXPORTER_STRICT") == "1":
        raise ValueError(message)
    # The exporter takes names up to so many bytes.
    key = (metric, _clean(label).encode()[:128].decode("utf-8", "ignore"), reason)
    if key not in _rejected and len(_rejected) >= _REJECTED_KEYS_MAX:
        key = (metric, "other", reason)
    with _rejecting:
        _rejected[key] += 1
        _writer.has_rejections = True
    if not _writer.running:
        _writer.start()
    _warn(reason, f"{message} (left out; the next ones are only counted)")


def rejected() -> dict[tuple[str, str, str], int]:
    """How often something was left out, by metric, label (or "") and reason."""
    return dict(_rejected)


def _clean(text: str) -> str:
    """The text as the exporter takes it: UTF-8, without control characters."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode()


def _json_text(value: object) -> str:
    return _json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _number_text(value: float) -> str:
    """A float as JSON has it, or the texts that stand for what JSON has not."""
    if value - value == 0.0:
        return repr(value)
    return '"+Inf"' if value > 0 else '"-Inf"' if value < 0 else '"NaN"'


class _Nothing:
    """Stands for a lock where none is needed."""

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None: ...


_nothing: _t.Any = _Nothing()
_rejecting: _t.Any = _threading.RLock() if _LOCKED else _nothing


class _Label:
    """A label as the catalog declares it."""

    __slots__ = ("name", "named", "otherwise", "range", "values")

    def __init__(
        self,
        name: str,
        values: tuple[str, ...] | None = None,
        range: tuple[int, int] | None = None,
        otherwise: str | None = None,
        named: dict[str, str] | None = None,
    ) -> None:
        self.name, self.values, self.range, self.otherwise = name, values, range, otherwise
        self.named = named or {}

    def value(self, given: object) -> str | None:
        """The value that stands in the series; None for a text that is not allowed."""
        # Of an enum of texts its text, and not its name.
        text = _clean(str.__str__(given) if isinstance(given, str) else str(given))
        if text in self.named:
            return self.named[text]
        if self.range is not None:
            number = _integer(text)
            return self.otherwise if number is None or not self.range[0] <= number <= self.range[1] else str(number)
        if self.values is None or text in self.values:
            return text
        # True is "True" to Python, and "true" to most catalogs.
        if isinstance(given, bool) and text.lower() in self.values:
            return text.lower()
        return self.otherwise


def _integer(text: str) -> int | None:
    """`7`, `7.0` and `007` are the integer 7."""
    try:
        number = float(text)
        return int(number) if number == int(number) and abs(number) < 2**53 else None
    except (ValueError, OverflowError):
        return None


class _Definition:
    """A metric as the catalog declares it, and its series in this process."""

    __slots__ = (
        "buckets",
        "constant",
        "evicts",
        "facts",
        "help",
        "kind",
        "labels",
        "max_series",
        "name",
        "native",
        "series",
        "states",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        kind: type[_Series],
        help: str,
        labels: tuple[_Label, ...] = (),
        buckets: tuple[float, ...] = (),
        facts: tuple[_Label, ...] = (),
        constant: dict[str, str] | None = None,
        states: tuple[str, ...] = (),
        max_series: int = 10_000,
        evicts: bool = False,
        native: _Native | None = None,
    ) -> None:
        self.name, self.kind, self.help, self.labels, self.buckets = name, kind, help, labels, buckets
        self.facts, self.constant, self.states, self.max_series = facts, constant or {}, states, max_series
        self.evicts, self.native = evicts, native
        self.series: dict[tuple[str, ...], _Series] = {}
        _definitions[name] = self

    def find(self, given: _t.Sequence[object]) -> _Series | None:
        """The series of these label values, made where it is new; None where the catalog does not allow it."""
        values = []
        for label, value in zip(self.labels, given):
            text = None if value == "" else label.value(value)
            if not text:
                why = "is missing" if value == "" else f"may not be {str(value)[:100]!r}"
                reason = "label_missing" if value == "" else "label_value"
                _refuse(reason, self.name, label.name, f"label `{label.name}` of `{self.name}` {why}")
                return None
            if len(text.encode()) > _LABEL_BYTES_MAX:
                _refuse("label_too_long", self.name, label.name, f"label `{label.name}` of `{self.name}` is too long")
                return None
            values.append(text)
        key = tuple(values)
        series = self.series.get(key)
        if series is not None:
            return series
        if len(self.series) >= self.max_series:
            if not self.evicts:
                _refuse("metric_max_series", self.name, "", f"`{self.name}` has {self.max_series} series, the most it may have")
                return None
            self.drop_oldest()
        made = self.kind(self, key)
        if len(made._head) > _LINE_BYTES_MAX:
            _refuse("label_too_long", self.name, "", f"the labels of `{self.name}` are too long")
            return None
        series = self.series.setdefault(key, made)
        if series is made and series._exists_at_once:
            series._touch()
        return series

    def drop_oldest(self) -> None:
        try:
            _writer.used.pop(self.series.pop(next(iter(self.series))), None)
        except (StopIteration, KeyError, RuntimeError):  # another thread did
            pass


_definitions: dict[str, _Definition] = {}
_attributes: dict[str, _t.Any] = {}


def _updates(method: _F) -> _F:
    """An update: where the interpreter does not keep others out meanwhile, a lock does."""
    if not _LOCKED:
        return method

    @_functools.wraps(method)
    def locked(self: _Series, *given: _t.Any, **named: _t.Any) -> None:
        with self._lock:
            # A signal handler may have come in between: what it wants follows, when the update is done.
            if self._busy:
                self._later.append((given, named))
                return
            self._busy = True
            try:
                method(self, *given, **named)
                while self._later:
                    given, named = self._later.popleft()
                    method(self, *given, **named)
            finally:
                self._busy = False

    return _t.cast(_F, locked)


class _Series:
    """One series: a metric with its label values. A handle that can be kept."""

    __slots__ = ("_busy", "_definition", "_head", "_later", "_lock", "_settled", "_values")
    _exists_at_once = False

    def __init__(self, definition: _Definition, values: tuple[str, ...] = (), detached: bool = False) -> None:
        names = (label.name for label in definition.labels)
        labels = _json_text(dict(zip(names, values)))
        self._definition, self._values = definition, values
        self._head = f',"metric":{_json_text(definition.name)},"labels":{labels}'
        self._unlock()
        # Whether all of it has been handed to the writer. A detached series is never handed over.
        self._settled = not detached
        self._clear()
        if not definition.labels and not detached:
            definition.series[()] = self
            _attributes[definition.name] = self

    def _unlock(self) -> None:
        self._lock: _t.Any = _threading.RLock() if _LOCKED else _nothing
        self._busy = False
        self._later: _t.Any = _deque() if _LOCKED else ()

    def _clear(self) -> None:
        raise NotImplementedError

    def _members(self) -> str:
        """What stands in its line behind the labels. It is asked for by one thread at a time."""
        raise NotImplementedError

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        """What it shows: suffix, further labels, value."""
        raise NotImplementedError

    def _touch(self) -> None:
        """Hands it to the writer."""
        self._settled = False
        _writer.changed.append(self)
        if not _writer.running:
            _writer.start()

    def labels(self: _S) -> _S:
        """The series itself: this metric has no labels."""
        return self

    def __reduce__(self) -> tuple[_t.Any, ...]:
        return _restored, (self._definition.name, self._values)


def _restored(name: str, values: tuple[str, ...]) -> _Series | None:
    definition = _definitions[name]
    return definition.find(values) if values else definition.series.get(())


def _as_float(series: _Series, value: object) -> float | None:
    """A number of any kind, such as NumPy's or a tensor, as a float."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except Exception:
        name = series._definition.name
        _refuse("not_a_number", name, "", f"`{name}` cannot take a value of type {type(value).__name__}")
        return None
    return number


def _not_taken(series: _Series, value: float) -> None:
    name = series._definition.name
    if -_LARGEST <= value < 0:
        _refuse("negative_increment", name, "", f"`{name}` is a counter, and cannot grow by {value}")
    else:
        _refuse("not_finite" if abs(value) > _LARGEST else "not_a_number", name, "", f"`{name}` cannot take {value}")


class Counter(_Series):
    """A total that only grows."""

    __slots__ = ("_value",)
    _exists_at_once = True

    def _clear(self) -> None:
        self._value = 0.0

    @_updates
    def inc(self, amount: float = 1.0) -> None:
        """Adds to it. The amount may not be negative or infinite."""
        if amount.__class__ not in _PLAIN:
            amount = _as_float(self, amount)  # type: ignore[assignment]
            if amount is None:
                return
        if not 0.0 <= amount <= _LARGEST:
            return _not_taken(self, amount)
        self._value += amount
        if self._settled:
            self._touch()

    def count_exceptions(self, exception: type[BaseException] = Exception) -> _Counting:
        """A context manager that adds 1 if its body raises such an exception."""
        return _Counting(self, exception)

    def _members(self) -> str:
        return f',"value":{_number_text(self._value)}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        yield "", {}, self._value


class Gauge(_Series):
    """A value that goes up and down."""

    __slots__ = ("_at", "_value")

    def _clear(self) -> None:
        self._value, self._at = 0.0, 0.0

    @_updates
    def set(self, value: float) -> None:
        """Sets it, to any number."""
        if value.__class__ is not float:
            value = _as_float(self, value)  # type: ignore[assignment]
            if value is None:
                return
        self._at = _now()
        self._value = value
        if self._settled:
            self._touch()

    @_updates
    def inc(self, amount: float = 1.0) -> None:
        """Adds to it."""
        if amount.__class__ is not float:
            amount = _as_float(self, amount)  # type: ignore[assignment]
            if amount is None:
                return
        self._at = _now()
        self._value += amount
        if self._settled:
            self._touch()

    def dec(self, amount: float = 1.0) -> None:
        """Subtracts from it."""
        number = _as_float(self, amount)
        if number is not None:
            self.inc(-number)

    def set_to_current_time(self) -> None:
        """Sets it to the Unix time."""
        self.set(_now())

    def time(self) -> _Timing:
        """A context manager and decorator that sets it to the seconds that its body takes."""
        return _Timing(self.set)

    def track_inprogress(self) -> _InProgress:
        """A context manager that adds 1 while its body runs."""
        return _InProgress(self)

    def _members(self) -> str:
        return f',"value":{_number_text(self._value)},"at":{self._at!r}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        yield "", {}, self._value


class Histogram(_Series):
    """Observations, counted in buckets."""

    __slots__ = ("_bounds", "_counts", "_format", "_sum")
    _exists_at_once = True

    def _clear(self) -> None:
        self._bounds = self._definition.buckets
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        bounds = (_json_text(_bound_text(bound)) for bound in (*self._bounds, float("inf")))
        self._format = ",".join(f"{bound}:%d" for bound in bounds)

    @_updates
    def observe(self, amount: float, _bucket: _t.Any = _bisect.bisect_left) -> None:
        """Counts a value."""
        if amount.__class__ not in _PLAIN:
            amount = _as_float(self, amount)  # type: ignore[assignment]
            if amount is None:
                return
        if not -_LARGEST <= amount <= _LARGEST:
            return _not_taken(self, amount)
        bucket = _bucket(self._bounds, amount)
        self._counts[bucket] += 1
        self._sum += amount
        if self._settled:
            self._touch()

    def time(self) -> _Timing:
        """A context manager and decorator that observes the seconds that its body takes."""
        return _Timing(self.observe)

    def _members(self) -> str:
        # In this order nothing comes in between from 3.10 on: the sum is read, and the counts are copied.
        with self._lock:
            total = self._sum
            counts = self._counts.copy()
        buckets = tuple(_itertools.accumulate(counts))
        return f',"count":{buckets[-1]},"sum":{_number_text(total)},"buckets":{{{self._format % buckets}}}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        total = 0
        for bound, count in zip((*self._bounds, float("inf")), self._counts):
            total += count
            yield "_bucket", {"le": _bound_text(bound)}, total
        yield "_sum", {}, self._sum
        yield "_count", {}, total


class _Native:
    """How native buckets are cut: at schema s bucket i reaches up to 2^(i/2^s). As Prometheus and the exporter do it."""

    __slots__ = ("coarser", "fractions", "max_buckets", "parts", "schema")

    def __init__(self, factor: float, max_buckets: int) -> None:
        # More would not fit into a line.
        self.max_buckets = min(max_buckets, 2_000)
        # 2^(1/2^s) for s from 0 on, times 2^160: integers divide to the nearest float.
        roots = [2 << 160]
        for _ in range(8):
            roots.append(_math.isqrt(roots[-1] << 160))
        growths = {s: 2.0 ** (1 << -s) if s < 0 else roots[s] / (1 << 160) for s in range(-4, 9)}
        self.schema = next((s for s, growth in growths.items() if growth <= factor), 8)
        # Buckets of one doubling, and how many doublings make one where they are wider.
        self.parts, self.coarser = 1 << max(self.schema, 0), max(-self.schema, 0)
        bounds = [1 << 159]
        for _ in range(self.parts - 1):
            bounds.append(bounds[-1] * roots[max(self.schema, 0)] >> 160)
        # What is behind the exponent, from 1/2 up to 1, at their upper bounds.
        self.fractions = [bound / (1 << 160) for bound in bounds]


# What is not farther from 0 counts as 0, and has a bucket that is no other.
_NATIVE_ZERO = 2.0**-128
_NATIVE_ZERO_INDEX = -(1 << 20)


class NativeHistogram(Histogram):
    """Observations, counted in native buckets, and in classic ones where the catalog declares some."""

    __slots__ = ("_found", "_native", "_steps", "_width")

    def _clear(self) -> None:
        super()._clear()
        self._native = _t.cast("_Native", self._definition.native)
        self._width = len(self._bounds) + 1
        # How many observations have a native and a classic bucket, both in one key: only so all of a line agrees. It is
        # `((index * 2 + side) * 16 + steps) * width + bucket`, of buckets that are so many steps coarser than the schema.
        self._found: dict[int, int] = _defaultdict(int)
        # How much coarser than the schema buckets are by now.
        self._steps = 0

    @_updates
    def observe(self, amount: float, _bucket: _t.Any = _bisect.bisect_left, _parts: _t.Any = _math.frexp) -> None:
        """Counts a value."""
        if amount.__class__ not in _PLAIN:
            amount = _as_float(self, amount)  # type: ignore[assignment]
            if amount is None:
                return
        if not -_LARGEST <= amount <= _LARGEST:
            return _not_taken(self, amount)
        native, steps, bucket = self._native, self._steps, _bucket(self._bounds, amount)
        if amount > _NATIVE_ZERO:
            fraction, exponent = _parts(amount)
            index = (exponent - 1) * native.parts + _bucket(native.fractions, fraction)
            key = ((-(-index >> native.coarser + steps) * 2 + 1) * 16 + steps) * self._width + bucket
        elif amount < -_NATIVE_ZERO:
            fraction, exponent = _parts(-amount)
            index = (exponent - 1) * native.parts + _bucket(native.fractions, fraction)
            key = (-(-index >> native.coarser + steps) * 32 + steps) * self._width + bucket
        else:
            key = _NATIVE_ZERO_INDEX * 32 * self._width + bucket
        self._found[key] += 1
        self._sum += amount
        if self._settled:
            self._touch()

    def _parts(self, key: int) -> tuple[int, int, int, int]:
        """Side, index, steps and classic bucket of a key."""
        rest, bucket = divmod(key, self._width)
        rest, steps = divmod(rest, 16)
        return rest & 1, rest >> 1, steps, bucket

    def _coarsen(self, found: dict[int, int]) -> dict[tuple[int, int], int]:
        """How many there are by side and index, at the finest resolution at which they are few enough."""
        steps, steps_max = self._steps, self._native.schema + 4
        parts = [(*self._parts(key), count) for key, count in found.items()]
        zero = (0, _NATIVE_ZERO_INDEX)
        while True:
            counts: dict[tuple[int, int], int] = _defaultdict(int)
            for side, index, done, _, count in parts:
                counts[side, index if index == _NATIVE_ZERO_INDEX else -(-index >> steps - done)] += count
            if len(counts) - (zero in counts) <= self._native.max_buckets or steps == steps_max:
                self._steps = steps
                return counts
            steps += 1

    def _members(self) -> str:
        # As of a classic one.
        with self._lock:
            total = self._sum
            found = self._found.copy()
        native, steps = self._coarsen(found), self._steps
        counts = [0] * self._width
        for key, count in found.items():
            side, index, done, bucket = self._parts(key)
            counts[bucket] += count
            if done < steps and index != _NATIVE_ZERO_INDEX:
                # Whoever comes in between finds one of the two, and what it counts is not lost.
                with self._lock:
                    moved = self._found.pop(key)
                    self._found[((-(-index >> steps - done) * 2 + side) * 16 + steps) * self._width + bucket] += moved
        buckets = tuple(_itertools.accumulate(counts))
        members = [f',"count":{buckets[-1]},"sum":{_number_text(total)}']
        if self._bounds:
            members.append(f'"buckets":{{{self._format % buckets}}}')
        zero = native.pop((0, _NATIVE_ZERO_INDEX), 0)
        members.append(f'"schema":{self._native.schema - steps},"zero":{zero}')
        for name, here in [("positive", 1), ("negative", 0)]:
            own = sorted((index, count) for (side, index), count in native.items() if side == here)
            texts = ",".join(f'"{index}":{count}' for index, count in own)
            members.append(f'"{name}":{{{texts}}}')
        return ",".join(members)

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        counts = [0] * self._width
        for key, count in self._found.copy().items():
            counts[key % self._width] += count
        self._counts = counts
        return super()._samples()


def _bound_text(bound: float) -> str:
    return "+Inf" if bound == float("inf") else repr(bound)


class Summary(_Series):
    """Observations: their count and sum."""

    __slots__ = ("_count", "_sum")
    _exists_at_once = True

    def _clear(self) -> None:
        self._count, self._sum = 0, 0.0

    @_updates
    def observe(self, amount: float) -> None:
        """Counts a value."""
        if amount.__class__ not in _PLAIN:
            amount = _as_float(self, amount)  # type: ignore[assignment]
            if amount is None:
                return
        if not -_LARGEST <= amount <= _LARGEST:
            return _not_taken(self, amount)
        self._count += 1
        self._sum += amount
        if self._settled:
            self._touch()

    def time(self) -> _Timing:
        """A context manager and decorator that observes the seconds that its body takes."""
        return _Timing(self.observe)

    def _members(self) -> str:
        with self._lock:
            count, total = self._count, self._sum
        return f',"count":{count},"sum":{_number_text(total)}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        yield "_sum", {}, self._sum
        yield "_count", {}, self._count


class Info(_Series):
    """Facts that are texts."""

    __slots__ = ("_at", "_facts")

    def _clear(self) -> None:
        self._facts: dict[str, str] = {}
        self._at = 0.0

    @_updates
    def info(self, facts: _t.Mapping[str, object]) -> None:
        """Says the facts, all of them at once. The catalog declares their names, as the metric's labels."""
        definition, name, known = self._definition, self._definition.name, {}
        for fact in definition.facts:
            value = fact.value(facts[fact.name]) if fact.name in facts else None
            if not value:
                why = "may not be that text" if fact.name in facts else "is missing"
                reason = "label_value" if fact.name in facts else "label_missing"
                return _refuse(reason, name, fact.name, f"fact `{fact.name}` of `{name}` {why}")
            known[fact.name] = value
        for other in facts:
            if other not in known and definition.constant.get(other) != str(facts[other]):
                why = "is constant in the catalog, as another text" if other in definition.constant else "is not declared"
                _refuse("label_undeclared", name, str(other), f"fact `{_clean(str(other))[:100]}` of `{name}` {why}")
        self._at = _now()
        self._facts = known
        if self._settled:
            self._touch()

    def _members(self) -> str:
        return f',"info":{_json_text(self._facts)},"at":{self._at!r}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        yield "", {**self._facts, **self._definition.constant}, 1.0


class StateSet(_Series, _t.Generic[_Text]):
    """One active state of several."""

    __slots__ = ("_at", "_state")

    def _clear(self) -> None:
        self._state, self._at = "", 0.0

    @_updates
    def state(self, state: _Text) -> None:
        """Says which state is the active one."""
        if state not in self._definition.states:
            name = self._definition.name
            return _refuse("label_value", name, name, f"`{name}` has no state {str(state)[:100]!r}")
        self._at = _now()
        self._state = str(state)
        if self._settled:
            self._touch()

    def _members(self) -> str:
        return f',"state":{_json_text(self._state)},"at":{self._at!r}'

    def _samples(self) -> _t.Iterator[tuple[str, dict[str, str], float]]:
        for state in self._definition.states:
            yield "", {self._definition.name: state}, float(state == self._state)


class _Family(_t.Generic[_S]):
    """A metric with labels. What is generated below gives each a `labels` with the labels that it has."""

    __slots__ = ("_definition", "_detached", "_series")

    def __init__(self, definition: _Definition) -> None:
        self._definition = definition
        self._series = definition.series
        self._detached = definition.kind(definition, detached=True)
        _attributes[definition.name] = self

    def _find(self, values: tuple[object, ...], more: tuple[object, ...], others: dict[str, object]) -> _S:
        """The series, or one that leads nowhere where the catalog does not allow it."""
        definition = self._definition
        try:
            given = list(values)
            for name, value in others.items():
                places = [place for place, label in enumerate(definition.labels) if label.name == name]
                if not places:
                    hint = _hint(name, [label.name for label in definition.labels])
                    message = f"`{definition.name}` has no label `{_clean(name)[:100]}`{hint}"
                    _refuse("label_undeclared", definition.name, name, message)
                    return _t.cast(_S, self._detached)
                given[places[0]] = value
            if more:
                count = len(definition.labels)
                _refuse("label_undeclared", definition.name, "", f"`{definition.name}` has {count} labels, not more")
                return _t.cast(_S, self._detached)
            return _t.cast(_S, definition.find(given) or self._detached)
        except Exception:
            if _os.environ.get("TRAINING_EXPORTER_STRICT") == "1":
                raise
            _warn("labels", f"the labels of `{definition.name}` cannot be texts")
            return _t.cast(_S, self._detached)

    if not _t.TYPE_CHECKING:

        def __getattr__(self, name):
            """An update without labels leads nowhere."""
            if name.startswith("_") or not hasattr(self._detached, name):
                raise AttributeError(f"{self._definition.name!r} has no {name!r}")
            labels = ", ".join(label.name for label in self._definition.labels)
            message = f"`{self._definition.name}` has labels: say labels({labels}) before .{name}"
            _refuse("label_missing", self._definition.name, "", message)
            return getattr(self._detached, name)

    def __reduce__(self) -> tuple[_t.Any, ...]:
        return metric, (self._definition.name,)


def _hint(name: str, among: _t.Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, list(among), 1)
    return f": did you mean `{close[0]}`?" if close else ""


def metric(name: str) -> _t.Any:
    """The metric by the name that it has in the catalog, also where that is no name in Python."""
    try:
        return _attributes[name]
    except KeyError:
        raise AttributeError(f"no metric `{name}` is declared{_hint(name, _attributes)}") from None


# Writing


class _Writer:
    """Writes what changed to a file of this process alone. Of the file, whoever has `writing` writes."""

    def __init__(self) -> None:
        self.changed: _deque[_Series] = _deque()
        self.used: dict[_Series, None] = {}
        self.thread: _threading.Thread | None = None
        # Whether somebody sees to what is changed: a thread, or nobody any more.
        self.running = False
        self.ended = False
        self.starting = _threading.Lock()
        self.writing = _threading.RLock()
        self.is_writing = False
        self.ends_with_multiprocessing = False
        self.stop = _threading.Event()
        self.folder: str | None = None
        self.path = ""
        self.header = ""
        self.descriptor = -1
        self.inode: tuple[int, int] | None = None
        self.size = self.size_rewritten = 0
        self.number = 0
        self.has_rejections = False
        self.written_at = 0.0
        self.slice_began = 0.0
        self.late_seconds = 0.0
        self.started = _now()
        try:
            self.interval = max(float(_os.environ.get("TRAINING_EXPORTER_EVENTS_INTERVAL", "0.5")), 0.01)
        except ValueError:
            self.interval = 0.5
        if self.interval != self.interval:
            self.interval = 0.5

    # The thread

    def start(self) -> None:
        """Has a thread see to it. Whoever comes while another starts it does not wait."""
        if self.ended:
            return self.write_late()
        if not self.starting.acquire(False):
            return
        try:
            if not self.running:
                self.thread = _threading.Thread(target=self.run, args=(self.stop,), name="training-exporter", daemon=True)
                self.running = True
                self.thread.start()
                self.end_with_multiprocessing()
        except Exception as error:
            self.thread = None
            # Asking each time would be slow; the end writes what is left, and when it is near there is no thread.
            if "shutdown" not in str(error):
                _warn("thread", f"no thread can be started ({error}): metrics are written at the end alone")
        finally:
            self.starting.release()

    def end_with_multiprocessing(self) -> None:
        """Children of multiprocessing that were forked end without what atexit has."""
        process, util = (_sys.modules.get(f"multiprocessing.{name}") for name in ("process", "util"))
        if process is None or util is None or process.parent_process() is None or self.ends_with_multiprocessing:
            return
        self.ends_with_multiprocessing = True
        util.Finalize(None, _end_of, (self,), exitpriority=-100)

    def run(self, stop: _threading.Event) -> None:
        while not stop.wait(self.interval):
            self.write_changes(stop)

    def pause(self, seconds: float) -> bool:
        """Stops the thread between two pieces of its work; false if that takes longer."""
        thread, self.thread = self.thread, None
        self.stop.set()
        self.stop = _threading.Event()
        self.running = False
        if thread is None or thread is _threading.current_thread():
            return True
        thread.join(seconds)
        return not thread.is_alive()

    def write_changes(self, stop: _threading.Event | None = None) -> None:
        """Writes what is changed now, by whoever calls."""
        if not self.writing.acquire(timeout=2.0):
            return
        try:
            # A signal handler that asks for it in the middle of it has it when that goes on.
            if not self.is_writing:
                self.is_writing = True
                try:
                    self.flush(stop)
                except Exception as error:
                    _warn("writing", f"metrics cannot be written: {error!r}")
                finally:
                    self.is_writing = False
        finally:
            self.writing.release()

    def write_late(self) -> None:
        """Writes what is changed when the end was written: the file anew, since nothing may follow the end."""
        if self.late_seconds > _LATE_SECONDS or not self.starting.acquire(False):
            return
        begun = _perf()
        try:
            self.close()
            self.write_changes()
            self.write_end()
        finally:
            self.late_seconds += _perf() - begun
            self.starting.release()

    def write_end(self) -> None:
        if self.descriptor >= 0:
            self.number += 1
            try:
                self.write([f'{{"n":{self.number},"end":{_now():.3f}}}\n'])
            except OSError as error:
                self.say(error)

    def end(self) -> None:
        """The process ends: writes the rest, and that it has ended."""
        if self.ended:
            return
        self.ended = True
        if not self.pause(2.0):
            return _warn("writing", "metrics cannot be written: the disk does not answer")
        self.write_changes()
        self.write_end()

    # The file

    def flush(self, stop: _threading.Event | None) -> None:
        """Appends a line for each series that changed, or a sign of life if there was none for long."""
        changed = self.changed
        if self.folder is None:
            self.folder = _folder()
        if not self.folder:
            while changed:
                changed.popleft()._settled = True
            return
        with _rejecting:
            rejects, self.has_rejections = self.has_rejections, False
        if not changed and not rejects and (self.descriptor < 0 or _perf() - self.written_at < _ALIVE_SECONDS):
            return
        self.slice_began = _perf()
        if not self.is_in_place() and not self.rewrite(stop):
            self.has_rejections |= rejects
            return
        lines = self.rejections() if rejects else []
        batch: list[_Series] = []
        try:
            # What changes meanwhile is for the next time.
            for _ in range(len(changed)):
                if stop is not None and stop.is_set():
                    break
                try:
                    series = changed.popleft()
                except IndexError:
                    break
                batch.append(series)
                # From here on a change hands it over again: none is lost. Without a global lock each could miss
                # what the other does.
                if _LOCKED:
                    with series._lock:
                        series._settled = True
                else:
                    series._settled = True
                self.used[series] = None
                self.number += 1
                lines.append(f'{{"n":{self.number}{series._head}{series._members()}}}\n')
                if len(lines) & 15 == 0:
                    self.give_way(stop)
                    if len(lines) >= 512:
                        self.write(lines)
                        lines, batch = [], []
            if not lines and _perf() - self.written_at >= _ALIVE_SECONDS:
                self.number += 1
                lines.append(f'{{"n":{self.number},"alive":{_now():.3f}}}\n')
            if lines:
                self.write(lines)
                batch = []
        except BaseException as error:
            # They are changed still.
            self.has_rejections |= rejects
            for series in batch:
                if series._settled:
                    series._settled = False
                    changed.append(series)
            if not isinstance(error, OSError):
                raise
            return self.say(error)
        if self.size > max(_REWRITE_BYTES, 2 * self.size_rewritten):
            self.rewrite(stop)

    def rejections(self) -> list[str]:
        """A line for each kind of what was left out."""
        lines = []
        for (name, label, reason), count in list(_rejected.items()):
            self.number += 1
            about = f'"rejected":"{reason}","metric":{_json_text(name)},"label":{_json_text(label)}'
            lines.append(f'{{"n":{self.number},{about},"value":{count}}}\n')
        return lines

    def give_way(self, stop: _threading.Event | None) -> None:
        """Lets others have the interpreter, which they would wait 5 ms for."""
        if stop is not None and _perf() - self.slice_began > _SLICE_SECONDS:
            _time.sleep(0.0002)
            self.slice_began = _perf()

    def is_in_place(self) -> bool:
        """Whether the file is still there under its name."""
        if self.descriptor < 0:
            return False
        try:
            status = _os.stat(self.path)
            return (status.st_dev, status.st_ino) == self.inode
        except OSError:
            return False

    def write(self, lines: list[str]) -> None:
        """Appends lines whole, or not at all."""
        try:
            self.size += _write_whole(self.descriptor, lines)
        except OSError:
            try:
                _os.ftruncate(self.descriptor, self.size)
            except OSError:
                self.close()
            raise
        self.written_at = _perf()

    def rewrite(self, stop: _threading.Event | None) -> bool:
        """Writes the file anew, with the newest line of every series, and puts it in the other's place."""
        folder = self.folder or "."
        if not self.header:
            pid, host = _os.getpid(), _host()
            process = f"{host}-{pid}-{int(self.started)}-{_os.urandom(4).hex()}"
            self.path = _os.path.join(folder, f"{process}.jsonl")
            header = {"events": 1, "process": process, "host": host, "pid": pid, "started": round(self.started, 3)}
            self.header = _json_text(header) + "\n"
        draft = _os.path.join(folder, f".{_os.path.basename(self.path)}.tmp")
        descriptor = -1
        try:
            _os.makedirs(folder, exist_ok=True)
            flags = _os.O_WRONLY | _os.O_CREAT | _os.O_TRUNC | _os.O_APPEND | _os.O_CLOEXEC | _os.O_NOFOLLOW
            descriptor = _os.open(draft, flags, 0o644)
            size = 0
            lines = [self.header, *self.rejections()]
            for series in list(self.used):
                self.number += 1
                lines.append(f'{{"n":{self.number}{series._head}{series._members()}}}\n')
                if len(lines) & 15 == 0:
                    self.give_way(stop)
                    if len(lines) >= 512:
                        size += _write_whole(descriptor, lines)
                        lines = []
            size += _write_whole(descriptor, lines)
            _os.rename(draft, self.path)
            status = _os.fstat(descriptor)
        except OSError as error:
            if descriptor >= 0:
                _close(descriptor)
                try:
                    _os.unlink(draft)
                except OSError:
                    pass
            self.say(error)
            return False
        self.close()
        self.descriptor, self.inode = descriptor, (status.st_dev, status.st_ino)
        self.size = self.size_rewritten = size
        self.written_at = _perf()
        return True

    def close(self) -> None:
        if self.descriptor >= 0:
            _close(self.descriptor)
        self.descriptor = -1

    def say(self, error: OSError) -> None:
        _warn("writing", f"metrics cannot be written to {self.folder}: {error.strerror}. It is tried again")


def _write_whole(descriptor: int, lines: list[str]) -> int:
    data = "".join(lines).encode()
    if _os.write(descriptor, data) != len(data):
        raise OSError(28, "No space left on device")
    return len(data)


def _close(descriptor: int) -> None:
    try:
        _os.close(descriptor)
    except OSError:
        pass


def _host() -> str:
    try:
        name = _os.uname().nodename
    except Exception:
        name = ""
    return "".join(character if character.isalnum() or character in ".-" else "_" for character in name)[:64] or "host"


def _working_folder() -> str:
    try:
        return _os.getcwd()
    except OSError:
        return "."


# A program may go to another folder later.
_begun_in = _working_folder()


def _folder() -> str:
    """The folder of the files: empty where TRAINING_EXPORTER_EVENTS is, and then nothing is written."""
    named = _os.environ.get("TRAINING_EXPORTER_EVENTS", "events")
    return _os.path.join(_begun_in, named) if named else ""


_writer = _Writer()
_paused_for_fork = False


def flush() -> None:
    """Writes what has changed now, without waiting for the next half second."""
    _writer.write_changes()


def _end_of(writer: _Writer) -> None:
    if writer is _writer:
        writer.end()


def _before_fork() -> None:
    """The file is left at the end of a line, and the child has no lock that a thread held which it does not have."""
    global _paused_for_fork
    _paused_for_fork = _writer.thread is not None and not _writer.ended
    if _paused_for_fork:
        _writer.pause(0.1)


def _after_fork_in_parent() -> None:
    if _paused_for_fork:
        _writer.start()


def _after_fork_in_child() -> None:
    """The child counts from 0, into a file of its own."""
    global _writer, _rejecting
    _writer.close()
    _rejecting = _threading.RLock() if _LOCKED else _nothing
    _rejected.clear()
    for definition in _definitions.values():
        for series in list(definition.series.values()):
            series._unlock()
            series._settled = True
            series._clear()
    _writer = _Writer()


_atexit.register(lambda: _writer.end())
if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
    )


# Decorators and context managers


class _Timing:
    """Hands the seconds of a body, or of a function's calls, to somebody."""

    def __init__(self, report: _t.Callable[[float], None]) -> None:
        self._report, self._begun = report, _t.cast("list[float]", [])

    def __enter__(self) -> None:
        self._begun.append(_perf())

    def __exit__(self, *error: object) -> None:
        self._report(_perf() - self._begun.pop())

    def __call__(self, function: _F) -> _F:
        return _around(function, lambda seconds, error: self._report(seconds))


class _Counting:
    def __init__(self, counter: Counter, exception: type[BaseException]) -> None:
        self._counter, self._exception = counter, exception

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, self._exception):
            self._counter.inc()


class _InProgress:
    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge

    def __enter__(self) -> None:
        self._gauge.inc()

    def __exit__(self, *error: object) -> None:
        self._gauge.dec()


def _around(function: _F, after: _t.Callable[[float, BaseException | None], None]) -> _F:
    """The function, with a look at each call: how long its body ran, and what it raised.

    A coroutine's body runs until it is awaited to its end. A generator's body is its own work alone, without what is
    done between two of its values.
    """
    if isinstance(function, (staticmethod, classmethod)):
        return _t.cast(_F, type(function)(_around(function.__func__, after)))
    if _inspect.iscoroutinefunction(function):

        async def coroutine(*given: _t.Any, **named: _t.Any) -> _t.Any:
            begun = _perf()
            try:
                result = await function(*given, **named)
            except BaseException as error:
                after(_perf() - begun, error)
                raise
            after(_perf() - begun, None)
            return result

        wrapper: _t.Any = coroutine
    elif _inspect.isasyncgenfunction(function):

        async def async_generator(*given: _t.Any, **named: _t.Any) -> _t.Any:
            body = function(*given, **named)
            spent, step, failure = 0.0, body.asend(None), None
            try:
                while True:
                    begun = _perf()
                    try:
                        value = await step
                    finally:
                        spent += _perf() - begun
                    try:
                        step = body.asend((yield value))
                    except GeneratorExit:
                        await body.aclose()
                        raise
                    except BaseException as error:
                        step = body.athrow(error)
            except StopAsyncIteration:
                pass
            except GeneratorExit:
                raise
            except BaseException as error:
                failure = error
                raise
            finally:
                after(spent, failure)

        wrapper = async_generator
    elif _inspect.isgeneratorfunction(function):

        def generator(*given: _t.Any, **named: _t.Any) -> _t.Any:
            body = function(*given, **named)
            spent, step, argument, failure = 0.0, body.send, None, None
            try:
                while True:
                    begun = _perf()
                    try:
                        value = step(argument)
                    except StopIteration as end:
                        return end.value
                    finally:
                        spent += _perf() - begun
                    try:
                        step, argument = body.send, (yield value)
                    except GeneratorExit:
                        body.close()
                        raise
                    except BaseException as error:
                        step, argument = body.throw, error
            except GeneratorExit:
                raise
            except BaseException as error:
                failure = error
                raise
            finally:
                after(spent, failure)

        wrapper = generator
    else:

        def plain(*given: _t.Any, **named: _t.Any) -> _t.Any:
            begun = _perf()
            try:
                result = function(*given, **named)
            except BaseException as error:
                after(_perf() - begun, error)
                raise
            after(_perf() - begun, None)
            return result

        wrapper = plain
    return _t.cast(_F, _functools.wraps(function)(wrapper))


def _bound(metric: _t.Any, labels: _t.Mapping[str, object] | None) -> _t.Any:
    return metric.labels(**labels) if labels else metric


def track_time(metric: _t.Any, labels: _t.Mapping[str, object] | None = None) -> _t.Callable[[_F], _F]:
    """A decorator: each call's seconds go to a histogram or summary."""
    return lambda function: _around(function, lambda seconds, error: _bound(metric, labels).observe(seconds))


def count_calls(
    metric: _t.Any, labels: _t.Mapping[str, object] | None = None, count_exceptions: bool = False
) -> _t.Callable[[_F], _F]:
    """A decorator: a counter grows by 1 for each call that returns; for those that raise, too, if it is told so."""

    def after(seconds: float, error: BaseException | None) -> None:
        if error is None or (count_exceptions and isinstance(error, Exception)):
            _bound(metric, labels).inc()

    return lambda function: _around(function, after)


def track_exceptions(error_metric: _t.Any, labels: _t.Mapping[str, object] | None = None) -> _t.Callable[[_F], _F]:
    """A decorator: a counter grows by 1 for each call that raises. Its label `error_type` is the exception's class."""

    def after(seconds: float, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            _bound(error_metric, {**(labels or {}), "error_type": type(error).__name__}).inc()

    return lambda function: _around(function, after)


def track_time_context(metric: _t.Any, labels: _t.Mapping[str, object] | None = None) -> _Timing:
    """A context manager: the seconds of its body go to a histogram or summary."""
    return _Timing(lambda seconds: _bound(metric, labels).observe(seconds))


# For programs that were written for prometheus_client


class MetricsServer:
    """In the place of a server in this process: training-exporter serves what is written here."""

    def __init__(self, port: int = 8000, addr: str = "0.0.0.0") -> None:
        self.port, self.addr, self._started = port, addr, False

    def start(self) -> None:
        """Begins to write."""
        if self._started:
            return _warn("server", "the metrics are being written already")
        self._started = True
        if not _writer.running:
            _writer.start()
        if _is_first("serves"):
            _logger.info("training-exporter: nothing listens here; training-exporter serves what is in %s", _folder())

    def stop(self) -> None:
        """Writes what is left."""
        if self._started:
            flush()
        self._started = False

    def is_running(self) -> bool:
        return self._started


_server: MetricsServer | None = None


def get_metrics_server(port: int = 8000, addr: str = "0.0.0.0") -> MetricsServer:
    """The server that stands for all."""
    global _server
    if _server is None:
        _server = MetricsServer(port, addr)
    return _server


def start_metrics_server(port: int = 8000) -> None:
    """Begins to write. Nothing listens here, on no port: training-exporter serves what is written."""
    get_metrics_server(port).start()


def start_system_metrics_collector(interval: float = 15) -> None:
    """Does nothing: training-exporter reads the machine itself, by `collectors:` of the catalog."""


def stop_system_metrics_collector() -> None:
    """Does nothing, as `start_system_metrics_collector`."""


def get_metrics_text() -> str:
    """What this process alone has counted, in Prometheus' text format."""
    pieces: list[str] = []
    for definition in list(_definitions.values()):
        shown = [series for series in list(definition.series.values()) if series in _writer.used or not series._settled]
        if not shown:
            continue
        kinds = {"Info": "gauge", "StateSet": "gauge", "NativeHistogram": "histogram"}
        kind = kinds.get(definition.kind.__name__, definition.kind.__name__.lower())
        help = definition.help.replace("\\", "\\\\").replace("\n", "\\n")
        pieces.append(f"# HELP {definition.name} {help}\n# TYPE {definition.name} {kind}\n")
        for series in shown:
            own = dict(zip((label.name for label in definition.labels), series._values))
            for suffix, more, value in series._samples():
                labels = ",".join(f"{name}={_quoted(text)}" for name, text in {**own, **more}.items())
                shown_value = _number_text(float(value)).strip('"')
                pieces.append(f"{definition.name}{suffix}{{{labels}}} {shown_value}\n".replace("{} ", " "))
    return "".join(pieces)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"') + '"'
