"""Ids, uris and hashes never depend on lists that people edit: what is sent again after a change is known."""

import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import orjson
import pytest
from support.builders import FoldRunner, build_item, rebuild_state

from streams.config.loader import load
from streams.model.records import Item, Raw, RecordRef, StampedRef
from streams.prepare.loading import load_knowledge
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import prepare
from streams.prepare.text import boilerplate, fingerprint, release_copy

KNOWLEDGE = load_knowledge(load(environ={}))
COUNT = 500
"""With 5,000 it holds too, and takes half a minute."""
TOWNS = ("Bergen", "Norwick", "Hallow", "Tessel", "Ostrava", "Marlow", "Denby", "Keld")
MAKERS = ("Pumps", "Cement", "Kilns", "Valves", "Ferries", "Mills", "Glass", "Salt")


def build_raw(number: int) -> Raw:
    """Builds an item with a dateline, boilerplate and links; every third without an id, every fifth without a text."""
    maker = f"{TOWNS[number % 8]} {MAKERS[number // 8 % 8]}"
    words = {
        "title": f"{maker} favours a plant for {number} workers in the harbour of {TOWNS[number // 64 % 8]}",
        "body": f"{TOWNS[number % 7].upper()}, March 4, 2031 /PRNewswire/ -- {maker} said its order {number} came.\n\n"
        f"Read more here: https://{number}.example/a\n\nAbout {maker}\n\n{maker} makes goods.\n\n"
        "Media contact: press@maker.example",
        **({"id": f"n{number}", "date": "2031-03-04T11:00:00Z"} if number % 3 else {}),
    }
    if not number % 5:
        del words["body"]
    headers = (("source", b"prnewswire"), ("received-at", b"2031-03-04T12:00:00Z"))
    at = StampedRef(RecordRef("news.raw", 0, number), 1_930_392_000_000)
    return accept_raw_record(at, headers, orjson.dumps(words))


def prepare_all(count: int) -> Iterator[Item]:
    for number in range(count):
        [item] = prepare(build_raw(number), KNOWLEDGE)
        assert isinstance(item, Item)
        yield item


def change_lists(patch: pytest.MonkeyPatch) -> None:
    """Empties lists of boilerplate, of lines that are no copy, of datelines, and of words of the fingerprint."""
    nothing = re.compile(r"(?!)")
    for module, name in (
        (boilerplate, "_HEADING"),
        (boilerplate, "_RUN_IN"),
        (release_copy, "_NOISE"),
        (release_copy, "_ORIGINAL"),
    ):
        patch.setattr(module, name, nothing)
    patch.setattr(release_copy, "read_dateline", lambda _: None)
    patch.setattr(fingerprint, "DIRECTIONS", {})
    patch.setattr(fingerprint, "NUMBER_WORDS", {})


def test_all_items_that_are_sent_again_after_a_change_of_lists_are_duplicates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fold = FoldRunner()
    first = list(prepare_all(COUNT))
    outcomes = Counter(fold.fold_all_new(*first))
    assert outcomes == {"published": COUNT}
    change_lists(monkeypatch)
    again = list(prepare_all(COUNT))
    assert all(one.text_hash == other.text_hash for one, other in zip(first, again, strict=True))
    assert sum(one.event != other.event for one, other in zip(first, again, strict=True)) >= COUNT * 4 // 5
    results = [fold.fold_new(item) for item in again]
    assert Counter(result.outcome for result in results) == {"duplicate": COUNT}
    assert {result.decision.match_kind for result in results} == {"same-version"}


def as_format_1(item: Item) -> Item:
    return msgspec.structs.replace(item, format=1, text_hash=item.old_text_hash, old_text_hash="")


@pytest.mark.parametrize("id", ["A1", ""])
def test_the_hash_of_before_is_read(id: str) -> None:
    item = build_item(id)
    fold = FoldRunner()
    uri = fold.fold_new(as_format_1(item)).decision.uri
    for expected in ("duplicate", "duplicate"):
        result = fold.fold_new(item)
        assert (result.outcome, result.decision.uri) == (expected, uri)
    other = fold.fold_new(build_item("B7" if id else "", source="betawire"))
    assert (other.outcome, other.decision.match_kind, other.decision.duplicate_of) == ("duplicate", "same-text", uri)
    fold.state = rebuild_state(fold.changelog)
    assert fold.fold_new(item).outcome == "duplicate"


def test_another_text_under_a_known_id_is_still_a_revision_beside_the_hash_of_before() -> None:
    fold = FoldRunner()
    fold.fold_new(as_format_1(build_item()))
    fold.fold_new(build_item())
    result = fold.fold_new(build_item(version="2", created="2031-03-04T12:30:00Z", text="The mill burned down."))
    assert result.outcome == "revised"
