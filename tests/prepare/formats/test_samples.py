"""Runs every sample of tests/wires. tests/wires/README.md says how samples are written."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.model.errors import Reject
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import FORMATS, find_format
from streams.prepare.text.plain import sanitise_html

WIRES = Path(__file__).resolve().parents[2] / "wires"
SIDE_FILES = (".expected.json", ".headers.json")
SAMPLES = sorted(
    path for path in WIRES.glob("*/*") if path.is_file() and not path.name.endswith(SIDE_FILES) and path.suffix != ".md"
)
UNSAFE = re.compile(r"<(?:script|style|iframe|object|form)\b|\son\w+=|(?:javascript|data):", re.I)
RECEIVED = datetime(2026, 3, 2, 12, tzinfo=UTC)


def read_side_file(sample: Path, kind: str) -> Any:
    """Reads the JSON file of this kind beside a sample; None if there is none."""
    path = sample.with_name(f"{sample.stem}.{kind}.json")
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def open_sample(sample: Path) -> Document:
    """Opens a sample with the headers that stand beside it."""
    headers = read_side_file(sample, "headers") or {}
    unknown = headers.keys() - {"content-type", "source", "origin", "guid", "received-at"}
    assert not unknown, f"{sample.stem}.headers.json: unknown headers {sorted(unknown)}"
    raw = Raw(
        source=headers.get("source", "unknown"),
        received=datetime.fromisoformat(headers["received-at"]) if "received-at" in headers else RECEIVED,
        body=sample.read_bytes(),
        content_type=headers.get("content-type", ""),
        origin=headers.get("origin", sample.name),
        guid=headers.get("guid", ""),
        position=StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_000),
    )
    return Document(raw)


def select_fields(story: Story, expected: dict[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Returns the fields that `expected` names, of the story and as expected. Every name must be a field."""
    unknown = expected.keys() - set(Story.__struct_fields__)
    assert not unknown, f"no fields of Story: {sorted(unknown)}"
    wanted = msgspec.to_builtins(msgspec.convert(expected, Story))
    actual = msgspec.to_builtins(story)
    return {name: actual[name] for name in expected}, {name: wanted[name] for name in expected}


def assert_refused_as(story: Story | Reject, expected: dict[str, object]) -> None:
    assert isinstance(story, Reject)
    assert story.reason == expected["error"]
    assert expected.get("message", "") in story.message


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{path.parent.name}/{path.stem}" for path in SAMPLES])
def test_a_sample_gives_what_its_expectation_says(sample: Path) -> None:
    expected = read_side_file(sample, "expected")
    assert expected is not None, f"{sample.name} has no .expected.json"
    document = open_sample(sample)
    if isinstance(expected, dict):
        try:
            (refusal,) = find_format(document).parse(document)
        except Reject as whole:
            refusal = whole
        assert_refused_as(refusal, expected)
        return
    found = find_format(document)
    assert found.name == sample.parent.name
    stories = found.parse(document)
    assert len(stories) == len(expected)
    for story, fields in zip(stories, expected, strict=True):
        if "error" in fields or isinstance(story, Reject):
            assert_refused_as(story, fields)
            continue
        actual, wanted = select_fields(story, fields)
        assert actual == wanted


def read_samples(name: str) -> Iterator[tuple[Story, dict[str, object]]]:
    """Iterates over the stories of a format's samples, each with its expected fields."""
    for sample in SAMPLES:
        expected = read_side_file(sample, "expected")
        if sample.parent.name == name and isinstance(expected, list):
            document = open_sample(sample)
            found = zip(find_format(document).parse(document), expected, strict=True)
            yield from ((story, fields) for story, fields in found if isinstance(story, Story))


@pytest.mark.parametrize("name", [row.name for row in FORMATS])
def test_every_field_that_the_samples_of_a_format_fill_is_asserted_by_one_of_them(name: str) -> None:
    nothing = msgspec.to_builtins(Story())
    carried: set[str] = set()
    asserted: set[str] = set()
    for story, fields in read_samples(name):
        carried |= {field for field, value in msgspec.to_builtins(story).items() if value != nothing[field]}
        asserted |= {field for field, value in fields.items() if value != nothing.get(field)}
    assert carried - asserted == set()


@pytest.mark.parametrize("name", [row.name for row in FORMATS])
def test_the_html_of_every_sample_is_made_safe(name: str) -> None:
    for story, _ in read_samples(name):
        assert not UNSAFE.search(sanitise_html(story.html))


def test_every_format_has_a_folder_of_samples_and_every_folder_a_format() -> None:
    folders = {path.name for path in WIRES.iterdir() if path.is_dir()}
    assert folders == {row.name for row in FORMATS}


def test_no_file_beside_a_sample_is_orphaned() -> None:
    stems = {path.with_suffix("") for path in SAMPLES}
    orphans = [
        path.name
        for kind in SIDE_FILES
        for path in WIRES.glob(f"*/*{kind}")
        if path.with_name(path.name.removesuffix(kind)) not in stems
    ]
    assert orphans == []
