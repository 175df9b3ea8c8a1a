"""Another validator reads the schema of catalogs as editors do, and is of one mind with `validate` about its form."""

from support import BAD, GOOD, PACKAGE, Repository, unittest

SCHEMA = PACKAGE / "schemas/metrics.schema.json"
WRONG = {
    "an unknown key": GOOD.replace("help:", "halp:"),
    "a text for a list": GOOD.replace("labels: [phase]", "labels: phase"),
    "a key of another type": GOOD.replace("type: gauge,", "type: gauge, buckets: [1],"),
    "a key of another format": GOOD.replace("format: csv", "format: jsonl\n    separator: ','"),
    "an unknown collector": GOOD + "collectors: { sistem: }\n",
    "no version": GOOD.replace("version: 1\n", ""),
}


class SchemaTests(Repository):
    def check(self, *files, status=0):
        self.run_in("check-jsonschema", "--schemafile", SCHEMA, *files, status=status)

    def test_it_is_a_schema_and_takes_every_catalog_that_is_valid(self):
        self.run_in("check-jsonschema", "--check-metaschema", SCHEMA)
        fixtures = PACKAGE / "Tests/MetricCatalogTests/Fixtures"
        shipped = [PACKAGE / "metrics.yaml", *PACKAGE.glob("examples/*/metrics.yaml")]
        self.check(*shipped, fixtures / "every-key.yaml", fixtures / "design.yaml", self.write("good.yaml", GOOD))
        # What rules find is not for a schema.
        self.check(self.write("bad.yaml", BAD))

    def test_what_validate_refuses_for_its_form_is_refused(self):
        for number, (what, text) in enumerate(WRONG.items()):
            with self.subTest(what):
                file = self.write(f"wrong-{number}.yaml", text)
                self.validate("text", file)
                self.check(file, status=1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
