"""Parses XML documents for tests of the formats, and names the XML samples."""

from contextlib import suppress
from pathlib import Path

from support.raw_records import document

from streams.model.errors import Reject
from streams.model.records import Story
from streams.prepare.formats.registry import find_format

WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = {name: sorted((WIRES / name).glob("*.xml")) for name in ("newsml-g2", "newsml-1.2", "nitf")}


def parse_stories(body: bytes | str) -> tuple[Story | Reject, ...]:
    """Parses the document in the format that matches it. Raises `Reject`."""
    opened = document(body)
    return find_format(opened).parse(opened)


def assert_read_or_refused(body: bytes) -> None:
    """Asserts that the document gives at least one story, or that `Reject` is raised and nothing else."""
    with suppress(Reject):
        assert parse_stories(body)
