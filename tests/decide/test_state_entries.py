"""Entries of the state: encoding, format, keys."""

import base64
import json
from pathlib import Path

import msgspec
import pytest
from support.builders import EMBARGO, FoldRunner, build_item

from streams.decide.state_entries import (
    Alias,
    Entry,
    Progress,
    SeenOffsets,
    StoredFingerprint,
    StoryEntry,
    decode_entry,
    decode_head,
    encode_entry,
    id_key,
    story_key,
    text_key,
)

FORMAT_1 = [json.loads(line) for line in Path(__file__).with_name("state_format_1.jsonl").read_text().splitlines()]
"""One entry of each type that version 1.0 wrote: its key and its bytes (base64)."""


@pytest.mark.parametrize(
    "entry",
    [
        Alias(expires=5, uris=("u:1", "u:2")),
        SeenOffsets(intervals=((0, 3), (5, 9)), partial=((10, 1),), timestamp=12),
        Progress(next_offset=7, clock=8),
    ],
)
def test_an_entry_is_equal_after_encoding_and_decoding(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == entry


def test_a_story_entry_is_equal_after_encoding_and_decoding() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item(symbols=("XNAS:BRKV",), embargo=EMBARGO))
    story = fold.state.get("story urn:newswire:alphawire:A1")
    assert story is not None
    assert decode_entry(encode_entry(story)) == story


def test_state_of_another_format_is_refused_with_its_number() -> None:
    with pytest.raises(ValueError, match="state of format 4; this release reads format 1 or 2 or 3"):
        decode_entry(encode_entry(Progress(format=4)))


@pytest.mark.parametrize("value", [b"", b"\xff", b"nonsense", msgspec.msgpack.encode({"type": "tribe"})])
def test_bytes_that_are_no_state_entry_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="a state entry that this release cannot read"):
        decode_entry(value)


def test_entries_that_an_earlier_release_wrote_are_read() -> None:
    types = set()
    for row in FORMAT_1:
        value = base64.b64decode(row["value"])
        entry = decode_entry(value)
        assert decode_entry(encode_entry(entry)) == entry, row["key"]
        assert isinstance(entry, StoryEntry) or encode_entry(entry) == value, row["key"]
        assert decode_head(value).expires == entry.expires
        types.add(type(entry))
    assert types == {StoryEntry, Alias, StoredFingerprint, SeenOffsets, Progress}


def test_keys_of_different_entries_differ() -> None:
    assert id_key("alpha", "wire A1") != id_key("alpha wire", "A1")
    assert len({id_key("a", "x"), story_key("x"), text_key("x"), "progress"}) == 4
