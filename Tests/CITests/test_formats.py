"""What `validate --format` writes, read by programs that others wrote."""

import csv

from support import BAD, GOOD, PACKAGE, Repository, json, unittest

# As GitLab's own schema of a code quality report has it (codeclimate.json), with what its documentation requires besides.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


class FormatTests(Repository):
    def setUp(self):
        super().setUp()
        self.write("runs/good.yaml", GOOD)
        self.write("runs/bad.yaml", BAD)
        (self.folder / "runs/latin-1.yaml").write_bytes(b"a: \xe9\xff")

    CASES = (("good.yaml",), ("good.yaml", "bad.yaml", "latin-1.yaml", "missing.yaml"))

    def documents(self, form):
        """A document where nothing is wrong, and one of much that is."""
        for number, files in enumerate(self.CASES):
            text = self.validate(form, *files, status=number, folder=self.folder / "runs")
            yield self.write(f"{form}-{number}.json", text)

    def check_schema(self, schema, *files):
        self.run_in("check-jsonschema", "--schemafile", schema, *files)

    def test_json_is_as_its_schema_says(self):
        schema = PACKAGE / "schemas/diagnostics.schema.json"
        self.run_in("check-jsonschema", "--check-metaschema", schema)
        documents = list(self.documents("json"))
        self.check_schema(schema, *documents)
        good, bad = [json.loads(path.read_text()) for path in documents]
        self.assertEqual((good["errors"], good["diagnostics"]), (0, []))
        for severity in ("error", "warning", "note"):
            self.assertEqual(
                bad[severity + "s"], sum(each["severity"] == severity for each in bad["diagnostics"])
            )  # fmt: skip
        # The schema names every member that there is, and another version is no document of this one.
        known = json.loads(schema.read_text())
        self.assertEqual(set(bad), set(known["properties"]))
        self.assertEqual(
            {name for each in bad["diagnostics"] for name in each},
            set(known["definitions"]["diagnostic"]["properties"]),
        )
        other = self.write("other.json", json.dumps(bad | {"version": 2}))
        self.run_in("check-jsonschema", "--schemafile", schema, other, status=1)

    def test_gitlab_takes_the_report(self):
        schema = self.write("codequality.schema.json", json.dumps(GITLAB))
        documents = list(self.documents("gitlab"))
        self.check_schema(schema, *documents)
        issues = json.loads(documents[1].read_text())
        fingerprints = [issue["fingerprint"] for issue in issues]
        self.assertEqual(len(set(fingerprints)), len(fingerprints))
        self.assertIn(("runs/bad.yaml", 5), [(each["location"]["path"], each["location"]["lines"]["begin"])
                                             for each in issues])  # fmt: skip

    def test_sarif_tools_reads_the_same(self):
        documents = list(self.documents("sarif"))
        self.assertIn("error: 0", self.run_in("sarif", "summary", documents[0])[0])
        found = json.loads((list(self.documents("json"))[1]).read_text())["diagnostics"]
        table = self.folder / "table.csv"
        self.run_in("sarif", "csv", "--output", table, documents[1])
        with table.open() as file:
            rows = [(row["Severity"], row["Code"], row["Location"], int(row["Line"] or 1))
                    for row in csv.DictReader(file)]  # fmt: skip
        expected = [(each["severity"], each["id"], "runs/" + each["file"], each.get("range", {"start": {"line": 1}})["start"]["line"])
                    for each in found]  # fmt: skip
        # What is not there has no path in a repository.
        expected = [(a, b, "missing.yaml" if c == "runs/missing.yaml" else c, d) for a, b, c, d in expected]
        self.assertEqual(sorted(rows), sorted(expected))

    def test_fingerprints_stay_when_lines_move(self):
        def sarif():
            run = json.loads(self.validate("sarif", "runs/bad.yaml"))["runs"][0]
            return [each["partialFingerprints"] for each in run["results"]], [
                each["locations"][0]["physicalLocation"]["region"]["startLine"] for each in run["results"]
            ]

        before, lines = sarif()
        self.write("runs/bad.yaml", "# A comment.\n\n" + BAD)
        after, moved = sarif()
        self.assertEqual(before, after)
        self.assertEqual([line + 2 for line in lines], moved)


if __name__ == "__main__":
    unittest.main()
