"""Properties of every log with commands of the desk: tables, undo, embargoes, restarts."""

import json
from typing import Any

from hypothesis import given, settings
from support.builders import FoldedRecord, FoldRunner, rebuild_state
from support.desk_sequences import DESK_KINDS, DeskRun, desk_sequences
from support.ninjs_schema import errors
from support.story_sequences import PARAMS_WITH_LINKS, Sequence

from streams.decide.fold import apply
from streams.decide.state import Batch
from streams.decide.state_entries import decode_waiting_item
from streams.model.codec import decode, encode
from streams.model.records import DESK_CHANGES, Command, JsonObject, split_by_story
from streams.model.topics import CATEGORIES, LATEST

Table = dict[bytes, JsonObject]
Tables = dict[str, Table]
TOPICS = (LATEST, *CATEGORIES)
CHANGED_BY_UNDO = ("version", "versionCreated", "edNote")
LAWS = settings(max_examples=60, deadline=None)


def put(tables: Tables, result: FoldedRecord) -> None:
    for effect in result.effects:
        if effect.topic in tables:
            tables[effect.topic].pop(effect.key, None)
            if effect.value is not None:
                tables[effect.topic][effect.key] = json.loads(effect.value)


def copy(tables: Tables) -> Tables:
    return {topic: dict(table) for topic, table in tables.items()}


def live(tables: Tables) -> dict[str, dict[bytes, JsonObject]]:
    """The stories that readers see, without the fields that an undo may change."""
    return {
        topic: {
            key: {name: value for name, value in event.items() if name not in CHANGED_BY_UNDO}
            for key, event in table.items()
            if event["pubStatus"] == "usable"
        }
        for topic, table in tables.items()
    }


def categories_of(event: JsonObject) -> set[str]:
    return {row["literal"] for row in event.get("subjects", ()) if row["rel"] == "category"}


def is_undone(command: Command) -> bool:
    return bool(command.id) and command.action in (*DESK_CHANGES, "kill") and command.action != "undo"


@LAWS
@given(desk_sequences())
def test_each_category_is_what_latest_files_there_and_each_event_is_ninjs(sequence: Sequence) -> None:
    tables: Tables = {topic: {} for topic in TOPICS}
    for _, result in DeskRun().steps(sequence):
        put(tables, result)
        for topic in CATEGORIES:
            assert tables[topic] == {
                key: event
                for key, event in tables[LATEST].items()
                if event["pubStatus"] == "usable" and topic in categories_of(event)
            }
        for effect in result.effects:
            assert effect.value is None or errors(json.loads(effect.value)) == []


@LAWS
@given(desk_sequences())
def test_a_command_that_is_undone_at_once_leaves_the_tables_as_they_were(sequence: Sequence) -> None:
    run, tables = DeskRun(), {topic: {} for topic in TOPICS}
    before: Tables = copy(tables)
    for record, result in run.steps(sequence):
        put(tables, result)
        if isinstance(record, Command) and is_undone(record):
            after = copy(tables)
            batch = Batch(run.fold.state)
            put(after, FoldedRecord(*apply(batch, run.build_undo(record, 99), 99, run.fold.params)))
            assert live(after) == live(before)
        before = copy(tables)


@LAWS
@given(desk_sequences())
def test_no_word_of_a_version_that_waits_is_in_a_record_of_a_command(sequence: Sequence) -> None:
    run = DeskRun()
    for record, result in run.steps(sequence):
        if not isinstance(record, Command) or record.action not in DESK_CHANGES:
            continue
        for story in run.fold.state.withheld():
            words = decode_waiting_item(story).headline.rpartition(", ")[2].encode()
            assert words.startswith(b"take ")
            shown = [effect.value or b"" for effect in result.all if effect.topic != "withheld"]
            assert not [value for value in shown if words + b'"' in value or words + b"." in value]


@LAWS
@given(desk_sequences())
def test_the_state_is_the_one_rebuilt_from_its_changelog_and_decides_the_same(sequence: Sequence) -> None:
    run = DeskRun()
    steps = list(run.steps(sequence))
    assert rebuild_state(run.fold.changelog).entries() == run.fold.state.entries()
    again = FoldRunner(PARAMS_WITH_LINKS)
    for record, result in steps:
        there = again.fold_record(decode(encode(record)))
        assert (there.decision, there.all) == (result.decision, result.all)


@LAWS
@given(desk_sequences())
def test_each_sent_record_is_in_the_decision_of_its_command(sequence: Sequence) -> None:
    for record, result in DeskRun().steps(sequence):
        if isinstance(record, Command) and record.action in DESK_CHANGES:
            parts = split_by_story(result.decision)
            assert [*result.shown] == [topic for part in parts for topic in part.topics]
            assert [*result.left] == [topic for part in parts for topic in part.left]
            assert bool(result.topics) == (result.outcome != "none")
            for effect in result.effects:
                headers: dict[str, Any] = dict(effect.headers)
                part = parts[int(headers["origin-index"])]
                assert headers["ce_id"].decode() == f"{part.uri}/{part.version}"
                assert ("desk-action" in headers) == (result.outcome == "revised")


def test_the_commands_of_the_sequences_are_those_of_the_desk() -> None:
    assert {kind.partition("-")[0] for kind in DESK_KINDS} == {*DESK_CHANGES, "kill"}
