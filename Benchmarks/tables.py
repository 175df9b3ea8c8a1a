"""Markdown tables, and their place in a document."""

OPENING, CLOSING = "<!-- benchmark -->", "<!-- /benchmark -->"


def factor(ours, theirs):
    """How many times ours theirs is, to two digits."""
    times = theirs / ours if ours else 0.0
    return f"{times:,.0f}" if times >= 10 else f"{times:.1f}"


def table(head, rows):
    """Lines of a table whose first column is text and whose others are numbers."""
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def put(text, path):
    """Replaces what stands between the marks."""
    with open(path) as file:
        before, rest = file.read().split(OPENING)
    with open(path, "w") as file:
        file.write(f"{before}{OPENING}\n{text}{CLOSING}{rest.split(CLOSING)[1]}")
