"""Reads the headers of Kafka records."""

from collections.abc import Iterable
from urllib.parse import unquote

SOURCE_URN = "urn:newswire:source:"
"""What stands before the id of a source in `ce_source`."""


def source_id(headers: Iterable[tuple[str, bytes | None]]) -> str:
    """The id of the source of a record of a public topic, by its `ce_source`; empty where it has none."""
    named = next((content or b"" for name, content in headers if name == "ce_source"), b"")
    return unquote(named.decode("utf-8", "replace").removeprefix(SOURCE_URN))
