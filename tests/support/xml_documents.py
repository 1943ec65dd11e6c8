"""XML documents for tests of the formats: opened, read to stories, or refused."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from streams.model import Position, Raw, Story
from streams.prepare.document import Document
from streams.prepare.formats.table import find_format
from streams.reasons import Reject

WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = {name: sorted((WIRES / name).glob("*.xml")) for name in ("newsml-g2", "newsml-1.2", "nitf")}


def document(body: bytes) -> Document:
    """A raw record of these bytes, opened."""
    position = Position(topic="news.raw", partition=0, offset=0, timestamp=0)
    return Document(Raw(source="x", received=datetime(2026, 3, 2, tzinfo=UTC), body=body, position=position))


def stories(body: bytes | str) -> tuple[Story | Reject, ...]:
    """The stories by whichever format matches. Raises `Reject`."""
    opened = document(body.encode() if isinstance(body, str) else body)
    return find_format(opened).parse(opened)


def only_rejects(body: bytes) -> None:
    """Reads the bytes: at least one story, or a `Reject`, and nothing else is raised."""
    with suppress(Reject):
        assert stories(body)
