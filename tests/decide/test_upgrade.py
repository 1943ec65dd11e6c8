"""A state of format 1 is brought to format 2, and then it is what the fold of the whole log makes."""

import sqlite3

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import (
    LATER,
    NOON,
    STORY,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
)
from support.consumer_suite import load_client
from support.format_1 import fold_all, list_stood, list_stories, make_format_1, place
from support.story_sequences import Sequence, run, sequences

from streams.decide import upgrade
from streams.decide.state import State
from streams.decide.state_entries import PROGRESS, StoredFingerprint, StoryEntry
from streams.model import codec
from streams.model.command_details import MAX_CLEARED
from streams.model.records import LogRecord, Status


def bring_to_format_2(old: FoldRunner, folded: State) -> None:
    """Does what the worker does, in memory: adds what the stories get, and the format."""
    assert upgrade.needs_upgrade(old.state.progress)
    for story in list_stories(old.state):
        old.state.merge(upgrade.upgrade_story(story, folded))
    old.state.merge({PROGRESS: msgspec.structs.replace(old.state.progress, format=2)})
    assert not upgrade.needs_upgrade(old.state.progress)


@settings(max_examples=40, deadline=None)
@given(sequences(), st.integers(1, 14))
def test_an_upgraded_state_is_that_of_the_whole_log_and_all_that_follows_is_the_same(
    sequence: Sequence, at: int
) -> None:
    records = [record for record, _ in run(sequence)]
    replayed, results = fold_all(records[:at])
    old = make_format_1(replayed, results)
    commands = upgrade.build_clear_commands(list_stories(old.state), old.state.progress)
    assert upgrade.build_clear_commands(reversed(list_stories(old.state)), old.state.progress) == commands

    bring_to_format_2(old, replayed.state)
    waiting = {
        key
        for key, entry in replayed.state.entries().items()
        if isinstance(entry, StoredFingerprint) and not entry.version  # a release of format 1 has none of these
    }
    assert old.state.entries() == {key: row for key, row in replayed.state.entries().items() if key not in waiting}

    left = {(effect.topic, effect.key.decode()) for each in commands for effect in old.fold_record(each).effects}
    now = {story.uri: set(story.topics) for story in list_stories(replayed.state)}
    assert left == {(topic, uri) for uri, topics in list_stood(results).items() for topic in topics - now[uri]}
    for each in commands:
        replayed.fold_record(each)

    for number, record in enumerate(records[at:], at):
        again, there = old.fold_record(place(record, number)), replayed.fold_record(place(record, number))
        assert (again.decision, again.all) == (there.decision, there.all)


def build_refiled() -> tuple[FoldRunner, FoldRunner]:
    """Builds a story that was filed elsewhere, and one that was withdrawn: the fold of today, and a state of format 1.

    The story has a note to editors too, which had no text.
    """
    fold, results = fold_all(
        [
            build_item(categories=("companies", "companies.rumors")),
            build_item(version="2", created=NOON, categories=("companies", "companies.ipos")),
            build_item("N", text="Note: see 5.", headline="ADVISORY", status=Status.ADVISORY, replaces=("A1",)),
            build_item("B1", headline="Salton Tools opens a yard in Porto", text="Salton Tools opens it in May."),
            build_kill("B1"),
        ]
    )
    return fold, make_format_1(fold, results)


def test_a_command_clear_sends_a_tombstone_to_each_topic_where_a_story_stands_no_more_and_only_once() -> None:
    fold, old = build_refiled()
    (command,) = upgrade.build_clear_commands(list_stories(old.state), old.state.progress)
    bring_to_format_2(old, fold.state)
    cleared = old.fold_record(command)
    other = "urn:newswire:alphawire:B1"
    assert [(each.topic, each.key.decode(), each.value, dict(each.headers)["ce_type"]) for each in cleared.effects] == [
        ("companies.rumors", STORY, None, b"news.item.moved"),
        ("companies", other, None, b"news.item.withdrawn"),
        ("companies.new-contracts", other, None, b"news.item.withdrawn"),
    ]
    assert [dict(each.headers)["ce_id"].decode() for each in cleared.effects] == [f"{STORY}/4", *2 * [f"{other}/3"]]
    assert (cleared.outcome, cleared.decision.action, cleared.decision.evidence["stories"]) == (
        "none",
        "clear",
        [
            {"uri": STORY, "version": "4", "left": ("companies.rumors",)},
            {"uri": other, "version": "3", "left": ("companies", "companies.new-contracts")},
        ],
    )
    client = load_client("follow")
    connection = sqlite3.connect(":memory:")
    store = client.Store(connection)
    client.take(store, "companies.rumors", client.Record(STORY, 3, {"uri": STORY}, "", False))
    headers = {name: value.decode() for name, value in cleared.effects[0].headers}
    change = client.take(store, "companies.rumors", client.parse_record(STORY.encode(), None, headers))
    assert change.kind == "moved"
    connection.close()

    again = old.fold_record(command)
    assert (again.effects, again.decision.evidence["passed over"]) == ((), [STORY, other])


def test_a_story_that_came_back_to_a_topic_before_its_command_stays_there() -> None:
    fold, old = build_refiled()
    (command,) = upgrade.build_clear_commands(list_stories(old.state), old.state.progress)
    bring_to_format_2(old, fold.state)
    back = build_item(version="3", created=LATER, text="A new text.", categories=("companies", "companies.rumors"))
    assert old.fold_new(back).left == ["companies.ipos"]
    assert "companies.rumors" not in old.fold_record(command).left


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"stories": [{"uri": "urn:newswire:alphawire:none", "topics": ["companies"]}]},
        {"stories": [{"uri": STORY, "topics": ["latest", "internal.state", "no topic"]}]},
        {"stories": [{"uri": STORY, "topics": ["companies"]}]},
        {"stories": "all"},
    ],
)
def test_a_command_clear_that_names_no_topic_to_leave_sends_nothing(
    detail: dict[str, object], fold: FoldRunner
) -> None:
    fold.fold_new(build_item())
    assert fold.fold_record(build_command("clear", uri="", detail=detail)).effects == ()


def test_more_stories_than_one_transaction_takes_are_cleared_by_several_commands(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    (story,) = list_stories(fold.state)
    many = [msgspec.structs.replace(story, uri=f"{STORY}{n}", labels=()) for n in range(MAX_CLEARED + 1)]
    commands = upgrade.build_clear_commands(many, fold.state.progress)
    assert [len(each.detail["stories"]) for each in commands] == [MAX_CLEARED, 1]


def test_a_story_whose_text_the_log_no_longer_holds_gets_none_and_its_next_update_is_partial() -> None:
    whole, results = fold_all([build_item(), build_item(version="2", created=NOON, text="", headline="Mill delayed")])
    rest, _ = fold_all([build_item(version="2", created=NOON, text="", headline="Mill delayed")])
    old = make_format_1(whole, results)
    bring_to_format_2(old, rest.state)
    update = old.fold_new(build_item(version="3", created=LATER, text="", headline="Mill delayed again"))
    assert (update.event()["representationType"], update.decision.evidence["text"]) == ("partial", "not in the state")


@pytest.mark.parametrize(
    "other",
    [
        build_item(text="Another text than readers saw."),
        build_item(first_created="2031-03-01T00:00:00Z"),
        build_kill(),
    ],
    ids=["another version", "another opening", "withdrawn"],
)
def test_the_text_of_another_version_than_readers_saw_is_not_taken(other: LogRecord) -> None:
    seen, results = fold_all([build_item()])
    there, _ = fold_all([other])
    old = make_format_1(seen, results)
    bring_to_format_2(old, there.state)
    assert old.state.get(f"document {STORY}") is None


def test_a_state_for_an_older_release_has_what_it_knows_and_what_waits_is_a_record_of_format_1(
    fold: FoldRunner,
) -> None:
    fold.fold_new(build_item(rights_end="2031-03-10T00:00:00Z"))
    fold.fold_new(build_item("B1", text="Salton Tools opens a yard.", embargo="2031-03-09T00:00:00Z"))
    entries = fold.state.entries()
    found = {key: upgrade.to_format_1(entry) for key, entry in entries.items()}
    unknown = {key for key, entry in found.items() if entry is None}
    assert unknown == {f"document {STORY}", f"ends 2031-03-10T00:00:00 {STORY}", "near 1"}
    waiting = found["story urn:newswire:alphawire:B1"]
    assert isinstance(waiting, StoryEntry)
    item = codec.decode(waiting.pending)
    assert item.format == 1
    changed = {key for key, entry in found.items() if entry != entries[key]} - unknown
    assert changed == {"story urn:newswire:alphawire:B1"}
