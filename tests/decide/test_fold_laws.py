"""Properties of every log: determinism, restarts, batches, one outcome for each item."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import (
    HOUR,
    OTHER_TEXT,
    PARAMS,
    TEXT,
    FoldedRecord,
    FoldRunner,
    build_command,
    build_item,
    build_origin,
    build_refusal,
    rebuild_state,
)
from support.ninjs_schema import errors

from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.model.codec import decode, encode
from streams.model.records import Command, Item, LogRecord, Refusal, Status
from streams.model.timestamps import HOLD
from streams.model.topics import CATEGORIES
from streams.worker.rocksdb_store import DiskStore

START = datetime(2031, 3, 4, 12, tzinfo=UTC)
SHORT = DecideParams(
    window=3 * HOUR, memory=24 * HOUR, log_topic="news.internal.items", clock_items=2, translation=2 * HOUR
)
"""Short windows, so that a few records reach past them."""
OF_THE_FOLD = settings(max_examples=80, deadline=None)

GERMAN = (
    "Brookvale Mills baut in Ostrava eine zweite Papierfabrik. Das sagte Jane Roe, die sie leiten soll, in Bergen. "
    "Salton Tools liefert die Maschinen, die aus Denby kommen."
)
ENGLISH = (
    "Brookvale Mills will build a second mill at Ostrava. So said Jane Roe, who is to lead it, in Bergen. The "
    "machines, which come from Denby, are made by Salton Tools."
)
TEXTS = [
    ("Net Asset Value(s)", "", ""),
    ("Brookvale Mills to build a second paper mill at Ostrava by 2033", "", ""),
    ("Brookvale Mills to build a mill", TEXT, "en"),
    ("Brookvale Mills to build a mill", OTHER_TEXT, "en"),
    ("Brookvale Mills to build a mill", f"{TEXT} {ENGLISH} {OTHER_TEXT}", "en"),
    ("Brookvale Mills to build a mill", f"{TEXT} (Reporting by A. Quill)", "en"),
    (
        "ALERT-BROOKVALE MILLS TO BUILD A MILL",
        "BROOKVALE MILLS SAYS TO BUILD A MILL AT OSTRAVA, SAYS IT IS ITS SECOND",
        "en",
    ),
    ("Brookvale Mills builds", ENGLISH, "en"),
    ("Brookvale Mills baut", GERMAN, "de"),
]
"""Headline, text and language: alerts, a flash, a text that was cut and its whole, a copy, a translation."""
SYMBOLS: list[tuple[str, ...]] = [(), ("XNAS:BRKV",), ("XNYS:SLTN",), ("XNAS:BRKV", "XNYS:SLTN")]
URIS = [f"urn:newswire:{source}:{name}" for source in ("alphawire", "betawire") for name in ("A1", "A2")]


def time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@st.composite
def items(draw: st.DrawFn, minutes: int, group: str = "") -> Item:
    headline, text, language = draw(st.sampled_from(TEXTS[:4] if group else TEXTS))
    if group == "west-":
        text = " ".join(reversed(text.split()))
    created = draw(st.sampled_from([None, -30, -20, -10]))
    embargo = draw(st.sampled_from(["", "", "", time(minutes - 60), time(minutes + 600), HOLD]))
    status = draw(st.sampled_from([*[Status.USABLE] * 6, Status.CORRECTION, Status.WITHDRAWN]))
    return build_item(
        draw(st.sampled_from(["A1", "A2"] if status is Status.WITHDRAWN else ["A1", "A2", ""])),
        source=group + draw(st.sampled_from(["alphawire", "betawire"])),
        version=draw(st.sampled_from(["", "1", "2", "3"])),
        created="" if created is None else time(created),
        received=time(minutes),
        headline=f"{headline} {group}" if group else headline,
        text=text,
        symbols=draw(st.sampled_from(SYMBOLS)),
        categories=tuple(draw(st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=3, unique=True))),
        status=status,
        first_created=draw(st.sampled_from(["", time(-40)])),
        embargo=embargo,
        event=draw(st.sampled_from([*[None] * 9, b"[1]"])),
        language="" if group else language,
    )


@st.composite
def logs(draw: st.DrawFn, most_minutes: int = 15 * 60, most: int = 24) -> list[LogRecord]:
    """A log: items, refusals, commands, and positions that prepare appended twice."""
    found: list[LogRecord] = []
    minutes = 0
    for number in range(draw(st.integers(1, most))):
        minutes = max(0, minutes + draw(st.integers(-most_minutes // 4, most_minutes)))
        kind = draw(st.sampled_from(["item"] * 8 + ["refusal", "repeat", "repeat", "kill", "release", "release"]))
        record: LogRecord
        if kind in ("kill", "release"):
            record = build_command(kind, uri=draw(st.sampled_from(URIS)), at=time(minutes))
        elif kind == "refusal":
            record = build_refusal(received=time(minutes), origin=build_origin(number))
        elif kind == "repeat" and found:
            record = draw(st.sampled_from(found))
        else:
            record = msgspec.structs.replace(draw(items(minutes)), origin=build_origin(number, partition=number % 2))
        found.append(record)
    return found


def decisions_and_effects(results: list[FoldedRecord]) -> list[tuple[Any, Any]]:
    return [(result.decision, result.all) for result in results]


def one_by_one(log: list[LogRecord], params: DecideParams = SHORT) -> tuple[FoldRunner, list[FoldedRecord]]:
    fold = FoldRunner(params)
    return fold, [fold.fold_record(record) for record in log]


@OF_THE_FOLD
@given(logs(), st.data())
def test_the_size_of_batches_changes_no_decision(log: list[LogRecord], data: st.DataObject) -> None:
    """Nor does, with it, when the expired are removed: that happens between batches."""
    single, expected = one_by_one(log)
    for fold, cuts in (
        (FoldRunner(SHORT), []),
        (FoldRunner(SHORT), sorted(data.draw(st.sets(st.integers(1, max(1, len(log) - 1)))))),
    ):
        edges = [0, *cuts, len(log)]
        results = [result for first, last in pairwise(edges) for result in fold.fold_batch(log[first:last])]
        assert decisions_and_effects(results) == decisions_and_effects(expected)
        assert fold.state.entries() == single.state.entries()


@OF_THE_FOLD
@given(logs())
def test_a_state_that_never_removes_expired_entries_decides_the_same(log: list[LogRecord]) -> None:
    _, expected = one_by_one(log)
    hoarder = FoldRunner(SHORT, removes=False)
    assert decisions_and_effects([hoarder.fold_record(record) for record in log]) == decisions_and_effects(expected)


@OF_THE_FOLD
@given(logs(), st.data())
def test_a_restart_at_any_record_changes_nothing(log: list[LogRecord], data: st.DataObject) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    fold, results = one_by_one(log[:stop])
    fold.state = rebuild_state(fold.changelog)
    assert fold.state.progress.next_offset == stop
    results += [fold.fold_record(record) for record in log[stop:]]
    assert decisions_and_effects(results) == decisions_and_effects(expected)
    assert fold.state.entries() == whole.state.entries()


@OF_THE_FOLD
@given(logs())
def test_the_state_is_the_one_rebuilt_from_its_changelog(log: list[LogRecord]) -> None:
    fold, _ = one_by_one(log)
    again = rebuild_state(fold.changelog)
    assert again.entries() == fold.state.entries()
    assert again.stories == fold.state.stories
    assert {story.uri for story in again.withheld()} == {story.uri for story in fold.state.withheld()}
    assert again.progress.next_offset == len(log)


@settings(max_examples=25, deadline=None)
@given(logs(), st.data())
def test_a_state_on_disk_that_is_closed_and_opened_at_any_record_equals_one_in_memory(
    log: list[LogRecord], data: st.DataObject
) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    with TemporaryDirectory() as folder:
        fold = FoldRunner(SHORT, store=DiskStore(Path(folder) / "store", "a changelog"))
        results = [fold.fold_record(record) for record in log[:stop]]
        fold.state.close()
        fold.state = State(DiskStore(Path(folder) / "store", "a changelog"))
        assert fold.state.progress.next_offset == stop
        results += [fold.fold_record(record) for record in log[stop:]]
        assert decisions_and_effects(results) == decisions_and_effects(expected)
        assert fold.state.entries() == whole.state.entries()
        assert fold.state.stories == whole.state.stories
        assert fold.state.withheld() == whole.state.withheld()
        fold.state.close()


@OF_THE_FOLD
@given(logs(), st.data())
def test_a_spare_that_followed_the_changelog_continues_like_the_owner(
    log: list[LogRecord], data: st.DataObject
) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    fold, results = one_by_one(log[:stop])
    spare = State()
    for position, rows in enumerate(fold.changelog):
        spare.apply_rows(rows, position + 1)
        spare.drop_expired()
    fold.state = spare
    results += [fold.fold_record(record) for record in log[stop:]]
    assert decisions_and_effects(results) == decisions_and_effects(expected)
    assert fold.state.entries() == whole.state.entries()
    for state in (fold.state, whole.state):
        for _ in range(2):  # the spare's first batch may leave removals to its second
            state.merge(state.remove_expired())
    assert dict(fold.state._store.rows()).keys() == dict(whole.state._store.rows()).keys()


@OF_THE_FOLD
@given(logs())
def test_a_log_that_is_encoded_and_decoded_decides_the_same(log: list[LogRecord]) -> None:
    _, expected = one_by_one(log)
    _, again = one_by_one([decode(encode(record)) for record in log])
    assert decisions_and_effects(again) == decisions_and_effects(expected)


def test_the_texts_of_these_laws_meet_the_rules_for_alerts_cut_texts_copies_and_translations() -> None:
    told = {
        (text, language): build_item(str(number), headline=headline, text=text, language=language)
        for number, (headline, text, language) in enumerate(TEXTS)
    }
    pairs = [(6, 2, "revised"), (2, 4, "revised"), (2, 5, "duplicate"), (7, 8, "published")]
    for old, new, outcome in pairs:
        fold = FoldRunner(SHORT)
        fold.fold_new(told[TEXTS[old][1:]])
        result = fold.fold_new(told[TEXTS[new][1:]])
        assert (result.outcome, "translationOf" in result.decision.evidence) == (outcome, old == 7)


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_the_same_log_again_gives_only_repeats(log: list[LogRecord]) -> None:
    fold, _ = one_by_one(log, PARAMS)
    again = [fold.fold_record(record).outcome for record in log if not isinstance(record, Command)]
    assert set(again) <= {"repeat"}


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_the_same_items_in_other_raw_records_are_all_duplicates(log: list[LogRecord]) -> None:
    fold, first = one_by_one(log, PARAMS)
    for offset, (record, before) in enumerate(zip(log, first, strict=True)):
        if isinstance(record, Item) and before.outcome not in ("repeat", "rejected"):
            again = fold.fold_record(msgspec.structs.replace(record, origin=build_origin(offset, partition=7)))
            assert (again.outcome, again.topics) == ("duplicate", ["duplicates"])


@OF_THE_FOLD
@given(logs())
def test_each_record_has_one_decision_and_each_raw_item_one_outcome(log: list[LogRecord]) -> None:
    _, results = one_by_one(log)
    assert [result.decision.log_offset for result in results] == list(range(len(log)))
    settled = [result.decision.origin for result in results if result.decision.origin and result.outcome != "repeat"]
    positions = {record.origin for record in log if isinstance(record, Item | Refusal)}
    assert len(settled) == len(positions)
    assert set(settled) == positions


@OF_THE_FOLD
@given(logs())
def test_each_sent_record_is_in_a_decision_and_each_topic_of_a_decision_gets_one(log: list[LogRecord]) -> None:
    _, results = one_by_one(log)
    for result in results:
        topics = result.shown
        tombstones = [effect.topic for effect in result.effects if effect.value is None]
        assert tuple(topics) == result.decision.topics
        assert tuple(result.left) == result.decision.left
        assert tombstones in (result.left, [*result.left, "withheld"])
        assert [effect.topic for effect in result.all if effect.topic == "decisions"] == ["decisions"]
        assert bool(topics) == (result.outcome not in ("repeat", "none"))
        if "latest" in topics:
            assert topics == ["latest", *sorted(set(topics) - {"latest"})]


@OF_THE_FOLD
@given(logs())
def test_every_event_is_valid_ninjs(log: list[LogRecord]) -> None:
    _, results = one_by_one(log)
    for result in results:
        for effect in result.effects:
            if effect.value is not None and effect.topic != "dead-letters":
                assert errors(result.event(effect.topic)) == []


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_versions_of_a_story_count_up_by_one_and_only_withdrawals_follow_one_that_is_no_hold(
    log: list[LogRecord],
) -> None:
    _, results = one_by_one(log, PARAMS)
    shown: dict[str, list[FoldedRecord]] = {}
    for result in results:
        if result.outcome in ("published", "revised", "withdrawn"):
            shown.setdefault(result.decision.uri, []).append(result)
    for story in shown.values():
        assert [result.decision.version for result in story] == [str(n + 1) for n in range(len(story))]
        story_outcomes = [result.outcome for result in story]
        assert "published" not in story_outcomes[1:]
        for_good = [result.outcome == "withdrawn" and "withheld" not in result.shown for result in story]
        gone = for_good.index(True) if True in for_good else len(story)
        assert set(story_outcomes[gone:]) <= {"withdrawn"}
        for before, after in pairwise(story):
            assert set(after.left) == set(before.shown) - set(after.shown) - {"withheld"}


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_an_embargoed_text_is_in_no_public_topic_before_its_release(log: list[LogRecord]) -> None:
    _, results = one_by_one(log, PARAMS)
    for record, result in zip(log, results, strict=True):
        embargoed = isinstance(record, Item) and record.embargoed_until > record.received
        if embargoed and "latest" in result.topics:
            assert result.outcome == "withdrawn"
            assert "bodies" not in result.event()
        if embargoed and "duplicates" in result.topics:
            assert "differing-words" not in result.headers("duplicates")


@OF_THE_FOLD
@given(st.data())
def test_the_interleaving_of_independent_stories_changes_no_outcome(data: st.DataObject) -> None:
    """Two groups of sources and texts of their own, within the window: whose record comes first is all the same."""
    groups = {
        name: [
            msgspec.structs.replace(
                data.draw(items(5 * number, group=name)), origin=build_origin(number, partition=partition)
            )
            for number in range(data.draw(st.integers(1, 8)))
        ]
        for partition, name in enumerate(("east-", "west-"))
    }
    alone = {name: described(one_by_one(list(group), PARAMS)[1]) for name, group in groups.items()}
    turns = data.draw(st.permutations([name for name, group in groups.items() for _ in group]))
    waiting = {name: iter(group) for name, group in groups.items()}
    fold = FoldRunner(PARAMS)
    mixed: dict[str, list[FoldedRecord]] = {name: [] for name in groups}
    for name in turns:
        mixed[name].append(fold.fold_record(next(waiting[name])))
    assert {name: described(results) for name, results in mixed.items()} == alone


def described(results: list[FoldedRecord]) -> list[tuple[Any, Any]]:
    """Decisions and effects, but for where in the log the records stood."""
    return [(msgspec.structs.replace(result.decision, log_offset=0), result.effects) for result in results]
