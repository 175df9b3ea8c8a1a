#!/usr/bin/env python3
"""Writes a bill of materials, SPDX 2.3 as JSON: the packages that were resolved for the build, the library that draws
curves, and the libraries of the system that the binary asks for. The same build gives the same bill.

usage: sbom.py BINARY > training-exporter.spdx.json
"""
import hashlib, json, os, re, subprocess, sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Resolved, since a package names it, and not part of the binary.
UNUSED = {"swift-system"}
CURVES = Path("/usr/share/javascript/dygraphs/dygraph.min.js")


def main():
    binary = Path(sys.argv[1])
    version = subprocess.run([binary, "--version"], check=True, capture_output=True, text=True).stdout
    program = package("training-exporter", version.splitlines()[0].split()[-1], licence="Apache-2.0")
    program["checksums"] = [{"algorithm": "SHA256", "checksumValue": hashlib.sha256(binary.read_bytes()).hexdigest()}]
    program["primaryPackagePurpose"] = "APPLICATION"
    parts = [package("Swift runtime", re.search(r"^  Swift (\S+)", version, re.M)[1], licence="Apache-2.0")]
    linked = {"Swift runtime": "STATIC_LINK"}
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        if pin["identity"] in UNUSED:
            continue
        address = pin["location"].removesuffix(".git")
        part = package(pin["identity"], pin["state"]["version"], f'git+{address}.git@{pin["state"]["version"]}', "Apache-2.0")
        part["comment"] = f'commit {pin["state"]["revision"]}'
        purl = f'pkg:swift/{address.removeprefix("https://")}@{pin["state"]["version"]}'
        part["externalRefs"] = [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
        ]
        parts.append(part)
        linked[pin["identity"]] = "STATIC_LINK"
    # It is embedded as it stands there, with its version in it.
    curves = re.search(rb'VERSION="([0-9.]+)"', CURVES.read_bytes())[1].decode()
    assert CURVES.read_bytes() in binary.read_bytes(), "the binary was built with other dygraphs than are installed"
    parts.append(package("dygraphs", curves, f"git+https://github.com/danvk/dygraphs.git@v{curves}", "MIT"))
    linked["dygraphs"] = "CONTAINS"
    # Its folder has the version of the compiler that it belongs to.
    static = (ROOT / ".build/static/libstdc++.a").resolve()
    if static.exists() and "libstdc++.so.6" not in libraries(binary):
        parts.append(package("libstdc++", static.parent.name, licence="GPL-3.0-or-later WITH GCC-exception-3.1"))
        linked["libstdc++"] = "STATIC_LINK"
    for library in libraries(binary):
        parts.append(package(library))
        linked[library] = "DYNAMIC_LINK"
    relationships = [relation("SPDXRef-DOCUMENT", "DESCRIBES", program["SPDXID"])]
    relationships += [relation(program["SPDXID"], linked[part["name"]], part["SPDXID"]) for part in parts]
    content = [program, *sorted(parts, key=lambda part: part["name"])]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    # What SOURCE_DATE_EPOCH is, every tool for builds that can be repeated knows.
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or binary.stat().st_mtime)
    bill = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f'training-exporter-{program["versionInfo"]}',
        "documentNamespace": f"https://spdx.org/spdxdocs/training-exporter-{digest[:32]}",
        "creationInfo": {
            "created": datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: training-exporter-tools-sbom.py"],
        },
        "packages": content,
        "relationships": relationships,
    }
    json.dump(bill, sys.stdout, indent=2)
    print()


def package(name, version=None, address="NOASSERTION", licence="NOASSERTION"):
    found = {
        "name": name,
        "SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "downloadLocation": address,
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    }
    return found | ({"versionInfo": version} if version else {})


def relation(first, kind, second):
    return {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}


def libraries(binary):
    said = subprocess.run(["readelf", "-d", binary], check=True, capture_output=True, text=True).stdout
    return sorted(re.findall(r"\(NEEDED\).*\[(.+)\]", said))


main()
