#!/usr/bin/env python3
"""Reads expositions back with other people's parsers and holds them to the truth.

usage: judge.py FRAMES [PROMTOOL]

FRAMES holds frames: a line of JSON with `format`, `bytes` and `families`, then so many bytes. The truth has each family
as the text format shows it, samples with their full names, and values and bounds as 16 hexadecimal digits of their bits;
a fourth part of a sample is what not every format has: an exemplar, when a series began, and what a histogram with
native buckets has observed, whose buckets are counted here by whole numbers alone.
Judges: client_python's text parser, its strict OpenMetrics parser, a decoder of the protobuf wire format that shares
nothing with the encoder, and promtool on some of the texts. Prints a line a problem and ends with 1 where there are any.
"""
import json, math, struct, subprocess, sys
from fractions import Fraction

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

PROMTOOL_EVERY = 25


def number(bits):
    return struct.unpack(">d", bytes.fromhex(bits))[0]


def key(value):
    """Equal for the same bits, and for every NaN."""
    return "nan" if math.isnan(value) else struct.pack(">d", value)


def sample(name, labels, value, exemplar=None, has_sign=False):
    """Bounds are numbers: their texts may differ. client_python's parsers read `-0` as an integer."""
    if value == 0 and not has_sign:
        value = 0.0
    shown = {k: key(float(v)) if k in ("le", "quantile") else v for k, v in labels.items()}
    return name, tuple(sorted(shown.items(), key=lambda item: item[0])), key(value), exemplar


def expected(families, form):
    for family in families:
        name, kind, unit = family["name"], family["type"], ""
        if form == "openmetrics":
            unit = family["unit"]
            if kind == "counter":
                name = name.removesuffix("_total")
            if kind == "info":
                name = name.removesuffix("_info")
        elif kind in ("info", "stateset"):
            kind = "gauge"
        if form == "protobuf":
            unit = family["unit"]
        samples = [shown for wanted in family["samples"] for shown in expected_sample(family, form, *wanted)]
        yield name, kind, unit, family["help"], samples


def expected_sample(family, form, name, labels, bits, more={}):
    """The sample as this format has it, if it does."""
    if form == "openmetrics" and family["negative"] and name.endswith(("_sum", "_count")):
        return
    if form == "protobuf" and more.get("isTextOnly"):
        return
    labels = {k: number(v) if k in ("le", "quantile") and family["type"] in ("histogram", "summary") else v
              for k, v in labels}
    if "native" in more:
        if form == "protobuf":
            yield sample(name, labels, 0, native_buckets(more["native"]))
    elif "created" in more:
        if form == "protobuf":
            yield sample(name, labels, 0, more["created"])
        elif form == "openmetrics" and family["showsCreated"]:
            yield sample(name, labels, milliseconds(more["created"]) / 1000)
    else:
        exemplar = more.get("exemplar") if form != "text" else None
        yield sample(name, labels, number(bits), exemplar and expected_exemplar(exemplar, form), form == "protobuf")


def milliseconds(nanoseconds):
    return (nanoseconds + 500_000) // 1_000_000


def expected_exemplar(exemplar, form):
    time = exemplar["time"] if form == "protobuf" else milliseconds(exemplar["time"]) * 1_000_000
    return sample("", dict(exemplar["labels"]), number(exemplar["value"]), time, form == "protobuf")


# Native histograms, as prometheus.io defines them. Bucket i of schema s ends at 2^(i/2^s).

ZERO_THRESHOLD = 2.0 ** -128


def bucket(magnitude, schema):
    """The least i with magnitude <= 2^(i/2^schema)."""
    if math.isinf(magnitude):
        return bucket(sys.float_info.max, schema) + 1
    top, bottom = magnitude.as_integer_ratio()
    if schema > 0:
        top, bottom = top ** (1 << schema), bottom ** (1 << schema)
    # `bottom` is a power of two.
    index = (top - 1).bit_length() - (bottom.bit_length() - 1)
    return index if schema >= 0 else -(-index >> -schema)


def native_buckets(native):
    """The buckets that the observations fall in, at the finest resolution that is allowed and has room for them."""
    factor, observed = Fraction(number(native["factor"])), [number(bits) for bits in native["observed"]]
    for schema in range(-4, 9):
        if factor >= 1 << (1 << -schema) if schema <= 0 else factor ** (1 << schema) >= 2:
            break
    while True:
        sides = {1: {}, -1: {}}
        for value in observed:
            if abs(value) > ZERO_THRESHOLD:
                side, index = sides[1 if value > 0 else -1], bucket(abs(value), schema)
                side[index] = side.get(index, 0) + 1
        if len(sides[1]) + len(sides[-1]) <= native["maxBuckets"] or schema == -4:
            break
        schema -= 1
    zeros = sum(abs(value) <= ZERO_THRESHOLD for value in observed)
    exemplars = [expected_exemplar(exemplar, "protobuf") for exemplar in native["exemplars"]]
    return schema, ZERO_THRESHOLD, zeros, sorted(sides[1].items()), sorted(sides[-1].items()), exemplars


def text_families(body):
    # The parser's families are in order; it names a counter's without `_total`.
    for family in read_text(body):
        name = family.name + ("_total" if family.type == "counter" else "")
        yield name, family.type, "", family.documentation, [sample(s.name, s.labels, s.value) for s in family.samples]


def openmetrics_families(body):
    for family in read_openmetrics(body):
        yield (family.name, family.type, family.unit, family.documentation,
               [sample(s.name, s.labels, s.value, s.exemplar and openmetrics_exemplar(s.exemplar))
                for s in family.samples])


def openmetrics_exemplar(exemplar):
    time = exemplar.timestamp
    return sample("", exemplar.labels, exemplar.value, time and time.sec * 1_000_000_000 + time.nsec)


# The wire format of protocol buffers.

def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """Field numbers with their values: integers, floats or bytes."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            value, at = varint(data, at)
        elif tag & 7 == 1:
            value, at = struct.unpack("<d", data[at:at + 8])[0], at + 8
        elif tag & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
            if len(value) != length:
                raise ValueError("cut")
        else:
            raise ValueError(f"wire type {tag & 7}")
        yield tag >> 3, value


def one(message, wanted, default=None):
    found = [value for field, value in fields(message) if field == wanted]
    if len(found) > 1:
        raise ValueError(f"field {wanted} comes {len(found)} times")
    return found[0] if found else default


def protobuf_families(data):
    at = 0
    while at < len(data):
        length, at = varint(data, at)
        message, at = data[at:at + length], at + length
        if len(message) != length:
            raise ValueError("a family is cut")
        name = one(message, 1).decode()
        kind = {0: "counter", 1: "gauge", 2: "summary", 4: "histogram"}[one(message, 3)]
        samples = []
        for field, metric in fields(message):
            if field != 4:
                continue
            labels = {one(pair, 1).decode(): one(pair, 2, b"").decode() for f, pair in fields(metric) if f == 1}
            samples += metric_samples(name, kind, labels, metric)
        yield name, kind, one(message, 5, b"").decode(), one(message, 2, b"").decode(), samples


def metric_samples(name, kind, labels, metric):
    if kind == "gauge":
        yield sample(name, labels, one(one(metric, 2), 1), None, True)
    elif kind == "counter":
        value = one(metric, 3)
        exemplar = one(value, 2)
        yield sample(name, labels, one(value, 1), exemplar and protobuf_exemplar(exemplar), True)
        yield sample(name.removesuffix("_total") + "_created", labels, 0, time(one(value, 3)))
    else:
        yield from distribution_samples(name, kind, labels, one(metric, 4 if kind == "summary" else 7))


def distribution_samples(name, kind, labels, value):
    for field, part in fields(value):
        if field == 3 and kind == "summary":
            yield sample(name, {**labels, "quantile": one(part, 1)}, one(part, 2), None, True)
        elif field == 3:
            exemplar = one(part, 3)
            yield sample(name + "_bucket", {**labels, "le": one(part, 2)}, float(one(part, 1, 0)),
                         exemplar and protobuf_exemplar(exemplar))
    yield sample(name + "_sum", labels, one(value, 2), None, True)
    yield sample(name + "_count", labels, float(one(value, 1)))
    yield sample(name + "_created", labels, 0, time(one(value, 4 if kind == "summary" else 15)))
    if kind == "histogram" and one(value, 5) is not None:
        exemplars = [protobuf_exemplar(part) for field, part in fields(value) if field == 16]
        yield sample(name, labels, 0, (zigzag(one(value, 5)), one(value, 6), one(value, 7, 0),
                                       buckets(value, 12, 13), buckets(value, 9, 10), exemplars))


def zigzag(value):
    return value >> 1 ^ -(value & 1)


def time(message):
    seconds = one(message, 1, 0)
    return (seconds - (1 << 64) if seconds >> 63 else seconds) * 1_000_000_000 + one(message, 2, 0)


def protobuf_exemplar(message):
    labels = {one(pair, 1).decode(): one(pair, 2, b"").decode() for field, pair in fields(message) if field == 1}
    return sample("", labels, one(message, 2), time(one(message, 3)), True)


def buckets(histogram, span_field, delta_field):
    """Index and count of each bucket: spans say where they are, deltas how many more each has than the one before."""
    index, found, count = 0, [], 0
    deltas = [zigzag(value) for field, value in fields(histogram) if field == delta_field]
    for field, span in fields(histogram):
        if field == span_field:
            index += zigzag(one(span, 1, 0))
            for _ in range(one(span, 2, 0)):
                count += deltas.pop(0)
                found.append((index, count))
                index += 1
    if deltas:
        raise ValueError("deltas without buckets")
    return found


def compare(found, wanted):
    if len(found) != len(wanted):
        return f"{len(found)} families, wanted {len(wanted)}: {[f[0] for f in found]}"
    for (name, kind, unit, text, samples), (wname, wkind, wunit, wtext, wsamples) in zip(found, wanted):
        if (name, kind, unit, text) != (wname, wkind, wunit, wtext):
            return f"{(name, kind, unit, text)}, wanted {(wname, wkind, wunit, wtext)}"
        for one_found, one_wanted in zip(samples, wsamples):
            if one_found != one_wanted:
                return f"{one_found}, wanted {one_wanted}"
        if len(samples) != len(wsamples):
            return f"{name}: {len(samples)} samples, wanted {len(wsamples)}"
    return None


def judge(form, body, families):
    try:
        if form == "text":
            found = text_families(body.decode())
        elif form == "openmetrics":
            if not body.endswith(b"# EOF\n"):
                return "no # EOF"
            found = openmetrics_families(body.decode())
        else:
            found = protobuf_families(body)
        return compare(list(found), list(expected(families, form)))
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def main():
    problems = count = texts = 0
    with open(sys.argv[1], "rb") as frames:
        while head := frames.readline():
            head = json.loads(head)
            body = frames.read(head["bytes"])
            count += 1
            problem = judge(head["format"], body, head["families"])
            if head["format"] == "text" and len(sys.argv) > 2:
                texts += 1
                if texts % PROMTOOL_EVERY == 1:
                    done = subprocess.run([sys.argv[2], "check", "metrics"], input=body, capture_output=True)
                    # 3 is about style: the names here are made up.
                    if done.returncode not in (0, 3):
                        problem = problem or done.stderr.decode()
            if problem:
                problems += 1
                print(f"{head['name']} {head['format']}: {problem}"[:2000])
    print(f"{count} expositions, {problems} problems")
    return 1 if problems or not count else 0


if __name__ == "__main__":
    sys.exit(main())
