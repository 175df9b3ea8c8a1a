#!/usr/bin/env python3
"""Asks two other parsers about queries, and prints where they disagree with ours.

    judges.py BINARY [FILE…]

BINARY is `promql-fuzz`, and each FILE a list of queries in JSON, to which those of the folder `Cases` are added. The
others are promql-parser of PyPI (Rust) and `promtool check rules` (Debian has that of Prometheus 2.42). What is known
stands in disagreements.txt: a judge, an expression that finds the query, and why the judge is wrong or another
version. Exits with 1 if there is a disagreement that no line there explains, or a line that explains none.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import promql_parser

HERE = pathlib.Path(__file__).parent


def cases():
    """The queries of the folder Cases, without those that have variables."""
    for name in ["taken.txt", "refused.txt"]:
        lines = []
        for line in (HERE / "Cases" / name).read_text().splitlines() + [""]:
            if line.startswith(">"):
                lines.append(line[2:])
            elif lines:
                yield "\n".join(lines)
                lines = []


def of_ours(binary, queries):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(queries, file)
        file.flush()
        answer = subprocess.run([binary, "verdicts", file.name], check=True, capture_output=True, text=True, errors="replace")
    return [line == "taken" for line in answer.stdout.splitlines()]


def of_promql_parser(queries):
    def takes(query):
        try:
            promql_parser.parse(query)
            return True
        except (KeyboardInterrupt, SystemExit):
            raise
        # It panics on some numbers, which PyO3 raises as no Exception.
        except BaseException:
            return False

    return [takes(query) for query in queries]


def of_promtool(queries):
    """One rule a query: promtool names each whose expression it refuses."""
    rules = [{"record": f"rule{index}", "expr": query} for index, query in enumerate(queries)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"groups": [{"name": "all", "rules": rules}]}, file)
        file.flush()
        answer = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, errors="replace")
    output = answer.stdout + answer.stderr
    refused = {int(number) for number in re.findall(r'rule \d+, "rule(\d+)"', output)}
    # A rule without expression has no parse error of its own.
    return [bool(query.strip()) and index not in refused for index, query in enumerate(queries)]


def main(binary, *files):
    queries = list(dict.fromkeys([*cases(), *(query for file in files for query in json.load(open(file)))]))
    ours = of_ours(binary, queries)
    known = []
    for line in (HERE / "disagreements.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            judge, verdict, expression, why = line.split(" | ")
            known.append((judge, verdict, re.compile(expression, re.IGNORECASE | re.DOTALL), why))
    used = set()
    unexplained = 0
    for judge, verdicts in {"promql-parser": of_promql_parser(queries), "promtool": of_promtool(queries)}.items():
        explained = 0
        for query, our, theirs in zip(queries, ours, verdicts):
            if our == theirs:
                continue
            verdict = "takes" if theirs else "refuses"
            lines = [line for line in known if line[:2] == (judge, verdict) and line[2].search(query)]
            used.update(lines[:1])
            explained += bool(lines)
            if not lines:
                unexplained += 1
                print(f"{judge} {verdict}: {query!r}")
        print(f"{judge}: {len(queries)} queries, {explained} disagreements that are explained")
    unused = [line for line in known if line not in used]
    for judge, verdict, expression, _ in unused:
        print(f"no query needs the line: {judge} | {verdict} | {expression.pattern}")
    return 1 if unexplained or (unused and files) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
