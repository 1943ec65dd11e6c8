"""XML documents for tests of the formats: opened, read to stories, or refused."""

from contextlib import suppress
from pathlib import Path

from support.raw_records import document

from streams.model.errors import Reject
from streams.model.records import Story
from streams.prepare.formats.registry import find_format

WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = {name: sorted((WIRES / name).glob("*.xml")) for name in ("newsml-g2", "newsml-1.2", "nitf")}


def stories(body: bytes | str) -> tuple[Story | Reject, ...]:
    """The stories by whichever format matches. Raises `Reject`."""
    opened = document(body)
    return find_format(opened).parse(opened)


def only_rejects(body: bytes) -> None:
    """Reads the bytes: at least one story, or a `Reject`, and nothing else is raised."""
    with suppress(Reject):
        assert stories(body)
