"""What holds of any log: determinism, restarts, batches, one fate (design, "Must hold")."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from make import HOUR, LONG, OTHER, RULES, Desk, Outcome, command, item, origin, rebuilt, refusal
from support.ninjs_schema import errors

from streams.decide.rulebook import Rulebook
from streams.decide.state import State
from streams.log import decode, encode
from streams.model import Command, Item, LogRecord, Refusal, Status
from streams.shell.diskstore import DiskStore
from streams.topics import CATEGORIES

START = datetime(2031, 3, 4, 12, tzinfo=UTC)
SHORT = Rulebook(window=3 * HOUR, memory=24 * HOUR, log_topic="news.internal.items", clock_items=2)
"""Short windows, so that a few records reach past them."""
OF_THE_FOLD = settings(max_examples=80, deadline=None)

TEXTS = [
    ("Net Asset Value(s)", ""),
    ("Brookvale Mills to build a second paper mill at Ostrava by 2033", ""),
    ("Brookvale Mills to build a mill", LONG),
    ("Brookvale Mills to build a mill", OTHER),
]
SYMBOLS: list[tuple[str, ...]] = [(), ("XNAS:BRKV",), ("XNYS:SLTN",), ("XNAS:BRKV", "XNYS:SLTN")]
URIS = [f"urn:newswire:{source}:{name}" for source in ("alphawire", "betawire") for name in ("A1", "A2")]


def time(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


@st.composite
def items(draw: st.DrawFn, minutes: int, group: str = "") -> Item:
    headline, text = draw(st.sampled_from(TEXTS))
    if group == "west-":
        text = " ".join(reversed(text.split()))
    created = draw(st.sampled_from([None, -30, -20, -10]))
    embargo = draw(st.sampled_from([None, None, None, -60, 600]))
    status = draw(st.sampled_from([*[Status.USABLE] * 6, Status.CORRECTION, Status.WITHDRAWN]))
    return item(
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
        embargo="" if embargo is None else time(minutes + embargo),
        event=draw(st.sampled_from([*[None] * 9, b"[1]"])),
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
            record = command(kind, uri=draw(st.sampled_from(URIS)), at=time(minutes))
        elif kind == "refusal":
            record = refusal(received=time(minutes), origin=origin(number))
        elif kind == "repeat" and found:
            record = draw(st.sampled_from(found))
        else:
            record = msgspec.structs.replace(draw(items(minutes)), origin=origin(number, partition=number % 2))
        found.append(record)
    return found


def told(outcomes: list[Outcome]) -> list[tuple[Any, Any]]:
    return [(outcome.decision, outcome.all) for outcome in outcomes]


def one_by_one(log: list[LogRecord], rules: Rulebook = SHORT) -> tuple[Desk, list[Outcome]]:
    desk = Desk(rules)
    return desk, [desk.put(record) for record in log]


@OF_THE_FOLD
@given(logs(), st.data())
def test_where_batches_end_changes_nothing(log: list[LogRecord], data: st.DataObject) -> None:
    """Nor does, with it, when the expired are removed: that happens between batches."""
    single, expected = one_by_one(log)
    for desk, cuts in (
        (Desk(SHORT), []),
        (Desk(SHORT), sorted(data.draw(st.sets(st.integers(1, max(1, len(log) - 1)))))),
    ):
        edges = [0, *cuts, len(log)]
        outcomes = [outcome for first, last in pairwise(edges) for outcome in desk.batch(log[first:last])]
        assert told(outcomes) == told(expected)
        assert desk.state.entries() == single.state.entries()


@OF_THE_FOLD
@given(logs())
def test_a_state_that_never_removes_the_expired_decides_the_same(log: list[LogRecord]) -> None:
    _, expected = one_by_one(log)
    hoarder = Desk(SHORT, removes=False)
    assert told([hoarder.put(record) for record in log]) == told(expected)


@OF_THE_FOLD
@given(logs(), st.data())
def test_a_restart_at_any_record_changes_nothing(log: list[LogRecord], data: st.DataObject) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    desk, outcomes = one_by_one(log[:stop])
    desk.state = rebuilt(desk.changelog)
    assert desk.state.progress.next_offset == stop
    outcomes += [desk.put(record) for record in log[stop:]]
    assert told(outcomes) == told(expected)
    assert desk.state.entries() == whole.state.entries()


@OF_THE_FOLD
@given(logs())
def test_the_state_is_the_one_rebuilt_from_its_changelog(log: list[LogRecord]) -> None:
    desk, _ = one_by_one(log)
    again = rebuilt(desk.changelog)
    assert again.entries() == desk.state.entries()
    assert again.stories == desk.state.stories
    assert {story.uri for story in again.withheld()} == {story.uri for story in desk.state.withheld()}
    assert again.progress.next_offset == len(log)


@settings(max_examples=25, deadline=None)
@given(logs(), st.data())
def test_a_state_on_disk_closed_and_opened_at_any_record_is_that_in_memory(
    log: list[LogRecord], data: st.DataObject
) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    with TemporaryDirectory() as folder:
        desk = Desk(SHORT, store=DiskStore(Path(folder) / "store", "a changelog"))
        outcomes = [desk.put(record) for record in log[:stop]]
        desk.state.close()
        desk.state = State(DiskStore(Path(folder) / "store", "a changelog"))
        assert desk.state.progress.next_offset == stop
        outcomes += [desk.put(record) for record in log[stop:]]
        assert told(outcomes) == told(expected)
        assert desk.state.entries() == whole.state.entries()
        assert desk.state.stories == whole.state.stories
        assert desk.state.withheld() == whole.state.withheld()
        desk.state.close()


@OF_THE_FOLD
@given(logs(), st.data())
def test_a_spare_that_followed_the_changelog_goes_on_as_the_owner_would(
    log: list[LogRecord], data: st.DataObject
) -> None:
    whole, expected = one_by_one(log)
    stop = data.draw(st.integers(0, len(log)))
    desk, outcomes = one_by_one(log[:stop])
    spare = State()
    for position, rows in enumerate(desk.changelog):
        spare.take(rows, position + 1)
        spare.tidy()
    desk.state = spare
    outcomes += [desk.put(record) for record in log[stop:]]
    assert told(outcomes) == told(expected)
    assert desk.state.entries() == whole.state.entries()
    for state in (desk.state, whole.state):
        for _ in range(2):  # what a spare's first batch may leave to the second
            state.merge(state.expired())
    assert dict(desk.state._store.rows()).keys() == dict(whole.state._store.rows()).keys()


@OF_THE_FOLD
@given(logs())
def test_the_log_as_bytes_decides_the_same(log: list[LogRecord]) -> None:
    _, expected = one_by_one(log)
    _, again = one_by_one([decode(encode(record)) for record in log])
    assert told(again) == told(expected)


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_the_same_log_again_is_all_repeats(log: list[LogRecord]) -> None:
    desk, _ = one_by_one(log, RULES)
    again = [desk.put(record).fate for record in log if not isinstance(record, Command)]
    assert set(again) <= {"repeat"}


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_the_same_items_in_other_raw_records_are_all_duplicates(log: list[LogRecord]) -> None:
    desk, first = one_by_one(log, RULES)
    for offset, (record, before) in enumerate(zip(log, first, strict=True)):
        if isinstance(record, Item) and before.fate not in ("repeat", "rejected"):
            again = desk.put(msgspec.structs.replace(record, origin=origin(offset, partition=7)))
            assert (again.fate, again.topics) == ("duplicate", ["duplicates"])


@OF_THE_FOLD
@given(logs())
def test_each_record_has_one_decision_and_each_raw_position_one_fate(log: list[LogRecord]) -> None:
    _, outcomes = one_by_one(log)
    assert [outcome.decision.log_offset for outcome in outcomes] == list(range(len(log)))
    settled = [outcome.decision.origin for outcome in outcomes if outcome.decision.origin and outcome.fate != "repeat"]
    positions = {record.origin for record in log if isinstance(record, Item | Refusal)}
    assert len(settled) == len(positions)
    assert set(settled) == positions


@OF_THE_FOLD
@given(logs())
def test_each_effect_is_decided_and_each_topic_of_a_decision_has_one(log: list[LogRecord]) -> None:
    _, outcomes = one_by_one(log)
    for outcome in outcomes:
        topics = [effect.topic for effect in outcome.effects if effect.value is not None]
        tombstones = [effect.topic for effect in outcome.effects if effect.value is None]
        assert tuple(topics) == outcome.decision.topics
        assert tombstones in ([], ["withheld"])
        assert [effect.topic for effect in outcome.all if effect.topic == "decisions"] == ["decisions"]
        assert bool(topics) == (outcome.fate not in ("repeat", "none"))
        if "latest" in topics:
            assert topics == ["latest", *sorted(set(topics) - {"latest"})]


@OF_THE_FOLD
@given(logs())
def test_every_event_is_valid_ninjs(log: list[LogRecord]) -> None:
    _, outcomes = one_by_one(log)
    for outcome in outcomes:
        for effect in outcome.effects:
            if effect.value is not None and effect.topic != "dead-letters":
                assert errors(outcome.event(effect.topic)) == []


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_versions_of_a_story_count_up_by_one_and_nothing_follows_a_withdrawal_but_withdrawals(
    log: list[LogRecord],
) -> None:
    _, outcomes = one_by_one(log, RULES)
    shown: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.fate in ("published", "revised", "withdrawn"):
            shown.setdefault(outcome.decision.uri, []).append(outcome)
    for story in shown.values():
        assert [outcome.decision.version for outcome in story] == [str(n + 1) for n in range(len(story))]
        fates = [outcome.fate for outcome in story]
        assert "published" not in fates[1:]
        gone = fates.index("withdrawn") if "withdrawn" in fates else len(fates)
        assert set(fates[gone:]) <= {"withdrawn"}
        for before, after in pairwise(story):
            assert set(before.decision.topics) <= set(after.decision.topics)


@OF_THE_FOLD
@given(logs(most_minutes=30))
def test_an_embargoed_text_is_nowhere_public_before_its_release(log: list[LogRecord]) -> None:
    _, outcomes = one_by_one(log, RULES)
    for record, outcome in zip(log, outcomes, strict=True):
        embargoed = isinstance(record, Item) and record.embargoed_until > record.received
        if embargoed and "latest" in outcome.topics:
            assert outcome.fate == "withdrawn"
            assert "bodies" not in outcome.event()


@OF_THE_FOLD
@given(st.data())
def test_how_independent_stories_are_interleaved_changes_no_outcome_of_theirs(data: st.DataObject) -> None:
    """Two groups of sources and texts of their own, within the window: whose record comes first is all the same."""
    groups = {
        name: [
            msgspec.structs.replace(
                data.draw(items(5 * number, group=name)), origin=origin(number, partition=partition)
            )
            for number in range(data.draw(st.integers(1, 8)))
        ]
        for partition, name in enumerate(("east-", "west-"))
    }
    alone = {name: described(one_by_one(list(group), RULES)[1]) for name, group in groups.items()}
    turns = data.draw(st.permutations([name for name, group in groups.items() for _ in group]))
    waiting = {name: iter(group) for name, group in groups.items()}
    desk = Desk(RULES)
    mixed: dict[str, list[Outcome]] = {name: [] for name in groups}
    for name in turns:
        mixed[name].append(desk.put(next(waiting[name])))
    assert {name: described(outcomes) for name, outcomes in mixed.items()} == alone


def described(outcomes: list[Outcome]) -> list[tuple[Any, Any]]:
    """Decisions and effects, but for where in the log the records stood."""
    return [(msgspec.structs.replace(outcome.decision, log_offset=0), outcome.effects) for outcome in outcomes]
