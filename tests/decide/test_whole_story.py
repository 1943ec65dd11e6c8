"""The newest record of a key is the whole story: sequences of outcomes, read whole or by their newest records only."""

from hypothesis import given, settings
from support.builders import FoldedRecord
from support.story_sequences import Sequence, run, sequences

from streams.model.records import JsonObject
from streams.model.topics import CATEGORIES, LATEST

Table = dict[bytes, JsonObject]


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
    sequence: Sequence,
) -> None:
    results = [result for _, result in run(sequence)]
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
    sequence: Sequence,
) -> None:
    with_text: set[str] = set()
    for _, result in run(sequence):
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
