"""Lists the packages of a CycloneDX file with their licences: `python deploy/licences.py sbom.json`."""

import json
import sys
from pathlib import Path
from typing import Any


def list_licences(sbom: dict[str, Any]) -> list[str]:
    """Returns a line `name version: licence, licence` for each package, in the order of the names.

    A package that states none has `not stated`.
    """
    lines = []
    for package in sorted(sbom["components"], key=lambda package: package["name"].lower()):
        stated = [_format_licence(entry) for entry in package.get("licenses", ())]
        lines.append(f"{package['name']} {package['version']}: {', '.join(dict.fromkeys(stated)) or 'not stated'}")
    return lines


def _format_licence(entry: dict[str, Any]) -> str:
    if "expression" in entry:
        return str(entry["expression"])
    licence = entry["license"]
    return str(licence.get("id") or licence["name"])


if __name__ == "__main__":
    print("\n".join(list_licences(json.loads(Path(sys.argv[1]).read_text()))))
