"""The bill of materials, read by the validator of those who made SPDX."""

import json
import subprocess
import sys
import tempfile

from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
from support import BINARY, PACKAGE, pathlib, unittest


class BillTests(unittest.TestCase):
    def test_it_is_valid_and_names_what_was_built(self):
        with tempfile.TemporaryDirectory() as folder:
            bill = pathlib.Path(folder) / "bill.spdx.json"
            make = [sys.executable, PACKAGE / "tools/sbom.py", BINARY]
            bill.write_bytes(subprocess.run(make, check=True, capture_output=True).stdout)
            document = parse_file(str(bill))
            self.assertEqual(validate_full_spdx_document(document, "SPDX-2.3"), [])
            self.assertEqual(bill.read_bytes(), subprocess.run(make, check=True, capture_output=True).stdout)
        packages = {package.name: package.version for package in document.packages}
        said = subprocess.run([BINARY, "--version"], check=True, capture_output=True, text=True).stdout.split()
        self.assertEqual(packages["training-exporter"], said[1])
        pins = json.loads((PACKAGE / "Package.resolved").read_text())["pins"]
        for pin in pins:
            if pin["identity"] != "swift-system":
                self.assertEqual(packages[pin["identity"]], pin["state"]["version"])
        self.assertIn("libyaml-0.so.2", packages)
        self.assertRegex(packages["dygraphs"], r"^\d+[.]\d+[.]\d+$")


if __name__ == "__main__":
    unittest.main()
