"""Records as the bytes of each format. A record is a dictionary of its fields in their order: numbers, texts, None."""
import json, math


class Format:
    """One format of logs of lines. `columns` are the fields that a log of it has."""

    name = suffix = ""
    # Whether a line may lack fields.
    is_sparse = True
    # Whether a line can be cut so that what is left looks whole, and only its newline says otherwise.
    can_be_torn = True

    def options(self, columns):
        """What a watcher says of the format besides its name."""
        return {}

    def head(self, columns):
        return ""

    def line(self, record, columns):
        raise NotImplementedError

    def rubbish(self, chance):
        """A line that is no record."""
        return ""


class CSV(Format):
    name, suffix = "csv", "csv"

    def head(self, columns):
        return ",".join(columns) + "\n"

    def line(self, record, columns):
        return ",".join("" if record.get(column) is None else plain(record[column]) for column in columns) + "\n"

    def rubbish(self, chance):
        return chance.choice(["1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3\n", "\n"])


class JSONLines(Format):
    name, suffix = "jsonl", "jsonl"
    can_be_torn = False

    def line(self, record, columns):
        return json.dumps({field: value for field, value in record.items() if value is not None}) + "\n"

    def rubbish(self, chance):
        return chance.choice(["{\"step\": 1, \n", "not json\n", "\n", "[1, 2]\n"])


class Dicts(Format):
    name, suffix = "pydict", "log"
    can_be_torn = False

    def line(self, record, columns):
        items = ", ".join(f"'{field}': {value if not isinstance(value, str) else repr(value)}"
                          for field, value in record.items())
        return "INFO: {" + items + "}\n"

    def rubbish(self, chance):
        return chance.choice(["  3%|#         | 3/100\n", "{'loss': 1\n", "\n"])


class Pairs(Format):
    name, suffix = "text", "txt"

    def options(self, columns):
        return {"pairs": "{key}={value}"}

    def line(self, record, columns):
        return " ".join(f"{field}={plain(value)}" for field, value in record.items() if value is not None) + "\n"

    def rubbish(self, chance):
        return chance.choice(["nothing here\n", "\n"])


class Lines(Format):
    """Console lines of two shapes: a record has the fields of one of them."""

    name, suffix = "text", "out"
    is_sparse = False

    def shapes(self, columns):
        half = (len(columns) + 1) // 2
        return [("A", columns[:half]), ("B", ["step"] + columns[half:])]

    def options(self, columns):
        patterns = [" ".join([f"kind {kind}"] + [f"{field} {{{field}}}" for field in fields]) + " end"
                    for kind, fields in self.shapes(columns)]
        return {"lines": patterns}

    def line(self, record, columns):
        kind = next(kind for kind, fields in self.shapes(columns) if set(fields) == set(record))
        return f"12:00 kind {kind} " + " ".join(f"{field} {plain(value)}" for field, value in record.items()) + " end\n"

    def rubbish(self, chance):
        return chance.choice(["12:00 kind C step 1\n", "\n"])


class Document:
    """One format of documents, written whole: of many records, or a status of one."""

    def __init__(self, name, is_status):
        self.name, self.suffix, self.is_status = name, name, is_status

    def options(self, columns):
        return {} if self.is_status else {"records": "log_history"}

    def text(self, records):
        kept = [{field: value for field, value in record.items() if value is not None} for record in records]
        if self.name == "yaml":
            return "".join(f"{field}: {dot(value)}\n" for field, value in kept[-1].items())
        return json.dumps(kept[-1] if self.is_status else {"best": None, "log_history": kept}, indent=1)


LINES = [CSV(), JSONLines(), Dicts(), Pairs(), Lines()]
DOCUMENTS = [Document("json", False), Document("json", True), Document("yaml", True)]


def plain(value):
    return str(value)


def dot(value):
    """A value in YAML."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    return str(value)
