"""Refusals, records that break the fold, and records that come again."""

import pytest
from support.builders import LONG, NOON, OTHER, Desk, item, origin, refusal

from streams.model.records import Status


@pytest.mark.parametrize("event", [b"[1,2]", b'"text"', b"7", b"null"])
@pytest.mark.parametrize("status", [Status.USABLE, Status.WITHDRAWN])
def test_an_item_that_breaks_the_fold_is_dead_lettered_as_internal_and_changes_nothing(
    desk: Desk, event: bytes, status: Status
) -> None:
    desk.take(item())
    before = kept(desk)
    out = desk.take(item(version="2", created=NOON, text=OTHER, event=event, status=status))
    assert (out.outcome, out.topics, out.decision.error_code) == ("rejected", ["dead-letters"], "internal")
    headers = out.headers("dead-letters")
    assert (headers["error-code"], headers["error-stage"]) == ("internal", "decide")
    assert out.effect("dead-letters").value == event
    assert kept(desk) == before
    assert desk.take(item(version="2", created=NOON, text=OTHER)).decision.version == "2"


def test_an_item_that_breaks_the_fold_is_dead_lettered_once(desk: Desk) -> None:
    broken = item(event=b"[1,2]", at=origin(5))
    assert [desk.put(broken).outcome, desk.put(broken).outcome] == ["rejected", "repeat"]


def test_an_item_whose_received_time_is_none_breaks_nothing_else(desk: Desk) -> None:
    broken = item(received="", at=origin(5))
    assert [desk.put(broken).outcome, desk.put(broken).outcome] == ["rejected", "repeat"]
    assert desk.put(item(at=origin(6))).outcome == "published"


def test_the_others_of_a_batch_go_on_beside_one_that_breaks(desk: Desk) -> None:
    outcomes = desk.batch([item(at=origin(1)), item("A2", event=b"[]", at=origin(2)), item("A3", at=origin(3))])
    assert [outcome.outcome for outcome in outcomes] == ["published", "rejected", "duplicate"]


def kept(desk: Desk) -> dict[str, object]:
    """The state but for how far it is: positions and progress move on with any record."""
    return {key: value for key, value in desk.state.entries().items() if not key.startswith(("raw ", "progress"))}


def test_a_refusal_goes_to_the_dead_letters(desk: Desk) -> None:
    out = desk.take(refusal())
    assert (out.outcome, out.topics, out.decision.topics) == ("rejected", ["dead-letters"], ("dead-letters",))
    assert (out.decision.error_code, out.decision.error_message) == ("malformed", "no end of <body> — line 3")
    assert out.effect("dead-letters").value == b"<nitf><body>\xff"


def test_the_same_raw_position_again_is_a_repeat_and_has_no_effect(desk: Desk) -> None:
    first = item(at=origin(17))
    assert desk.put(first).outcome == "published"
    before = kept(desk)
    again = desk.put(first)
    assert (again.outcome, again.effects, again.decision.topics) == ("repeat", (), ())
    assert kept(desk) == before


def test_a_refusal_at_the_same_raw_position_again_is_a_repeat(desk: Desk) -> None:
    assert [desk.put(refusal(origin=origin(3))).outcome for _ in range(2)] == ["rejected", "repeat"]


def test_items_of_one_raw_record_are_told_apart_by_their_index(desk: Desk) -> None:
    items = [item(f"A{n}", text=f"{LONG} {n}", at=origin(4, index=n, count=3)) for n in range(3)]
    assert [desk.put(each).outcome for each in items] == ["published"] * 3
    assert [desk.put(each).outcome for each in items] == ["repeat"] * 3


def test_partitions_are_told_apart(desk: Desk) -> None:
    assert desk.put(item(at=origin(4, partition=0))).outcome == "published"
    assert desk.put(item("A2", text=OTHER, at=origin(4, partition=1))).outcome == "published"


def test_items_of_a_recreated_raw_topic_are_not_dropped_as_repeats(desk: Desk) -> None:
    for offset in range(5):
        desk.put(item(f"A{offset}", text=f"{LONG} {offset}", at=origin(offset)))
    later = [item(f"N{n}", text=f"{OTHER} {n}", at=origin(n, time=1_930_000_900_000 + n)) for n in range(5)]
    assert [desk.put(each).outcome for each in later] == ["published"] * 5
    assert [desk.put(each).outcome for each in later] == ["repeat"] * 5
