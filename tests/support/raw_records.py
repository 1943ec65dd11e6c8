"""Builds raw records and opened documents for tests that need no Kafka."""

from datetime import UTC, datetime

from streams.model.records import Raw, RecordRef, StampedRef
from streams.prepare.formats.document import Document

AT = StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_000)
RECEIVED = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""The time of `AT` as a datetime."""


def raw(body: bytes | str, *, source: str = "x", **fields: str | int) -> Raw:
    """Builds a raw record with this body, received at noon. Further fields by name."""
    value = body.encode() if isinstance(body, str) else body
    return Raw(source=source, received=RECEIVED, body=value, position=AT, **fields)


def document(body: bytes | str, content_type: str = "", **fields: str | int) -> Document:
    """Builds a raw record with this body and opens it as a `Document`."""
    return Document(raw(body, content_type=content_type, **fields))
