"""Validates events against the unmodified ninjs 3.1 schema, with format checks and without network access."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas" / "ninjs"
GEOJSON_ID = "https://geojson.org/schema/GeoJSON.json"


def errors(event: Mapping[str, object]) -> list[str]:
    """Returns one line for each error, with its JSON path; an empty list for a valid event."""
    found = sorted(_validator().iter_errors(event), key=lambda error: (error.json_path, error.message))
    return [f"{error.json_path}: {error.message}" for error in found]


@cache
def _validator() -> Draft202012Validator:
    geojson = DRAFT202012.create_resource(_read("GeoJSON-schema.json"))
    return Draft202012Validator(
        _read("ninjs-schema_3.1.json"),
        registry=Registry().with_resource(GEOJSON_ID, geojson),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def _read(name: str) -> dict[str, object]:
    schema: dict[str, object] = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return schema
