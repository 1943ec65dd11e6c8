"""Reads the fields of an enriched item that may hold anything: what has another type counts as missing (pure)."""

from collections.abc import Mapping


def read_text(value: object) -> str:
    """Returns a text; empty where the value is none."""
    return value if isinstance(value, str) else ""


def list_objects(value: object) -> list[dict[str, object]]:
    """Lists the objects of a list; none where the value is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def find_text(item: Mapping[str, object], name: str, role: str, field: str = "value") -> str:
    """Finds a text of the list `name` by its role; empty where there is none."""
    return next((read_text(each.get(field)) for each in list_objects(item.get(name)) if each.get("role") == role), "")
