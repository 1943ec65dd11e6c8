"""The newest record of a key is the whole story: sequences of outcomes, read whole or by their newest records only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import FoldedRecord, FoldRunner, build_command, build_item

from streams.model import codec
from streams.model.records import Item, JsonObject, Status
from streams.model.topics import CATEGORIES, LATEST

START = datetime(2031, 3, 4, 12, tzinfo=UTC)
HEADLINES = ["Brookvale Mills to build a mill at Ostrava", "Salton Tools names Maria Devlin as the head of its yard"]
TEXTS = [
    "Brookvale Mills said on Tuesday that it would build a second paper mill at Ostrava by the end of 2033.",
    "Salton Tools said that Maria Devlin, who ran its yard in Porto for nine years, would lead all of its sites.",
]
KINDS = ["full", "note", "title", "reclassify", "kill", "desk-kill", "embargoed", "embargoed-note", "release", "copy"]
Table = dict[bytes, JsonObject]


def time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def build_step(number: int, kind: str, which: int, categories: tuple[str, ...]) -> Item:
    """Builds the item number `number` of one of two stories."""
    at, id_ = time(number), f"A{which}"
    text = f"{TEXTS[which]} It is take {number}." if kind in ("full", "embargoed", "copy") else ""
    notice: dict[str, Any] = {}
    if "note" in kind:
        notice = {"text": f"Note {number}: please read the second sentence with care.", "status": Status.ADVISORY}
    elif kind == "kill":
        notice = {"status": Status.WITHDRAWN}
    return build_item(
        id_,
        version=str(number + 1),
        created=at,
        received=at,
        headline=f"{HEADLINES[which]}, take {number}",
        categories=categories,
        embargo=time(number + 600) if "embargoed" in kind else "",
        **{"text": text, **notice},
    )


@st.composite
def sequences(draw: st.DrawFn) -> list[tuple[str, int, tuple[str, ...]]]:
    some = st.lists(st.sampled_from(sorted(CATEGORIES)[:5]), max_size=3, unique=True).map(tuple)
    steps = st.tuples(st.sampled_from(["full", "full", *KINDS]), st.integers(0, 1), some)
    return draw(st.lists(steps, min_size=1, max_size=14))


def run(sequence: list[tuple[str, int, tuple[str, ...]]]) -> list[FoldedRecord]:
    fold = FoldRunner()
    results: list[FoldedRecord] = []
    last = [(0, "full"), (0, "full")]
    for number, (kind, which, categories) in enumerate(sequence):
        uri = f"urn:newswire:alphawire:A{which}"
        if kind == "copy":
            results.append(fold.fold_new(build_step(*last[which], which, categories)))
        elif kind in ("desk-kill", "release"):
            results.append(fold.fold_record(build_command(kind.removeprefix("desk-"), uri, at=time(number))))
        elif kind == "reclassify":
            story = fold.state.get(f"story {uri}")
            again = build_step(*last[which], which, categories)
            detail = {
                "job": f"r{number}",
                "version": str(getattr(story, "version", 0)),
                "item": codec.encode(again).decode(),
                "labels": msgspec.to_builtins(again.labels),
            }
            results.append(fold.fold_record(build_command("reclassify", uri, detail=detail)))
        else:
            last[which] = (number, kind) if kind in ("full", "title", "note") else last[which]
            results.append(fold.fold_new(build_step(number, kind, which, categories)))
    return results


def read_all(results: list[FoldedRecord], topic: str) -> Table:
    """Folds every record of a topic: a value replaces, null deletes."""
    table: Table = {}
    for result in results:
        for effect in result.effects:
            if effect.topic == topic:
                table.pop(effect.key, None)
                if effect.value is not None:
                    table[effect.key] = result.event(topic)
    return table


def read_newest(results: list[FoldedRecord], topic: str) -> Table:
    """Reads only the newest record of each key, as a reader does after the broker compacted the topic."""
    newest = {
        effect.key: (effect.value, result) for result in results for effect in result.effects if effect.topic == topic
    }
    return {key: result.event(topic) for key, (value, result) in newest.items() if value is not None}


def categories_of(event: JsonObject) -> set[str]:
    return {row["literal"] for row in event.get("subjects", ()) if row["rel"] == "category"}


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_all_records_and_the_newest_records_give_the_same_tables_and_each_category_is_what_latest_files_there(
    sequence: list[tuple[str, int, tuple[str, ...]]],
) -> None:
    results = run(sequence)
    latest = read_newest(results, LATEST)
    assert read_all(results, LATEST) == latest
    for topic in CATEGORIES:
        filed = {
            key: event
            for key, event in latest.items()
            if event["pubStatus"] == "usable" and topic in categories_of(event)
        }
        assert read_newest(results, topic) == read_all(results, topic) == filed


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_a_story_that_had_a_text_has_one_in_every_later_version_until_it_is_withdrawn(
    sequence: list[tuple[str, int, tuple[str, ...]]],
) -> None:
    with_text: set[str] = set()
    for result in run(sequence):
        if LATEST not in result.shown:
            continue
        event = result.event()
        if event["pubStatus"] == "canceled":
            assert not {"headlines", "bodies", "descriptions", "subjects", "associations"} & event.keys()
            with_text.discard(event["uri"])
            continue
        assert event["representationType"] == "full"
        assert bool(event["bodies"]) or event["uri"] not in with_text
        if event["bodies"]:
            with_text.add(event["uri"])
