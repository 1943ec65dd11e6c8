"""Refusals, records that raise in the fold, and records that the log has twice."""

import pytest
from support.builders import NOON, OTHER_TEXT, TEXT, FoldRunner, build_item, build_origin, build_refusal

from streams.model.codec import decode_record
from streams.model.records import RecordRef, StampedRef, Status


@pytest.mark.parametrize("event", [b"[1,2]", b'"text"', b"7", b"null"])
@pytest.mark.parametrize("status", [Status.USABLE, Status.WITHDRAWN])
def test_an_item_that_breaks_the_fold_is_dead_lettered_as_internal_and_changes_nothing(
    fold: FoldRunner, event: bytes, status: Status
) -> None:
    fold.fold_new(build_item())
    before = kept(fold)
    out = fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT, event=event, status=status))
    assert (out.outcome, out.topics, out.decision.error_code) == ("rejected", ["dead-letters"], "internal")
    headers = out.headers("dead-letters")
    assert (headers["error-code"], headers["error-stage"]) == ("internal", "decide")
    assert out.effect("dead-letters").value == event
    assert kept(fold) == before
    assert fold.fold_new(build_item(version="2", created=NOON, text=OTHER_TEXT)).decision.version == "2"


def test_an_item_that_breaks_the_fold_is_dead_lettered_once(fold: FoldRunner) -> None:
    broken = build_item(event=b"[1,2]", at=build_origin(5))
    assert [fold.fold_record(broken).outcome, fold.fold_record(broken).outcome] == ["rejected", "repeat"]


def test_an_item_with_an_unreadable_received_time_breaks_nothing_else(fold: FoldRunner) -> None:
    broken = build_item(received="", at=build_origin(5))
    assert [fold.fold_record(broken).outcome, fold.fold_record(broken).outcome] == ["rejected", "repeat"]
    assert fold.fold_record(build_item(at=build_origin(6))).outcome == "published"


def test_one_item_that_breaks_does_not_affect_the_others_of_its_batch(fold: FoldRunner) -> None:
    results = fold.fold_batch(
        [
            build_item(at=build_origin(1)),
            build_item("A2", event=b"[]", at=build_origin(2)),
            build_item("A3", at=build_origin(3)),
        ]
    )
    assert [result.outcome for result in results] == ["published", "rejected", "duplicate"]


def test_bytes_that_are_no_log_record_are_dead_lettered_and_the_fold_goes_on(fold: FoldRunner) -> None:
    fold.fold_new(build_item())
    before, clock = kept(fold), fold.state.progress.clock
    place = StampedRef(RecordRef("news.internal.items", 0, fold.log_offset), 4_000_000_000_000)
    out = fold.fold_record(decode_record(b"hello \xff", place))
    assert (out.outcome, out.topics, out.decision.error_code) == ("rejected", ["dead-letters"], "malformed")
    headers = out.headers("dead-letters")
    assert (headers["error-stage"], headers["origin-topic"], headers["origin-offset"]) == (
        "decide",
        "news.internal.items",
        str(place.record.offset),
    )
    assert out.effect("dead-letters").value == b"hello \xff"
    assert (kept(fold), fold.state.progress.clock) == (before, clock)
    assert fold.state.progress.next_offset == place.record.offset + 1
    assert fold.fold_new(build_item("A2", text=OTHER_TEXT)).outcome == "published"


def kept(fold: FoldRunner) -> dict[str, object]:
    """The state but for how far it is: positions and progress move on with any record."""
    return {key: value for key, value in fold.state.entries().items() if not key.startswith(("raw ", "progress"))}


def test_a_refusal_goes_to_the_dead_letters(fold: FoldRunner) -> None:
    out = fold.fold_new(build_refusal())
    assert (out.outcome, out.topics, out.decision.topics) == ("rejected", ["dead-letters"], ("dead-letters",))
    assert (out.decision.error_code, out.decision.error_message) == ("malformed", "no end of <body> — line 3")
    assert out.effect("dead-letters").value == b"<nitf><body>\xff"


def test_the_same_raw_position_again_is_a_repeat_and_has_no_effect(fold: FoldRunner) -> None:
    first = build_item(at=build_origin(17))
    assert fold.fold_record(first).outcome == "published"
    before = kept(fold)
    again = fold.fold_record(first)
    assert (again.outcome, again.effects, again.decision.topics) == ("repeat", (), ())
    assert kept(fold) == before


def test_a_refusal_at_the_same_raw_position_again_is_a_repeat(fold: FoldRunner) -> None:
    assert [fold.fold_record(build_refusal(origin=build_origin(3))).outcome for _ in range(2)] == ["rejected", "repeat"]


def test_items_of_one_raw_record_are_distinguished_by_their_index(fold: FoldRunner) -> None:
    items = [build_item(f"A{n}", text=f"{TEXT} {n}", at=build_origin(4, index=n, count=3)) for n in range(3)]
    assert [fold.fold_record(each).outcome for each in items] == ["published"] * 3
    assert [fold.fold_record(each).outcome for each in items] == ["repeat"] * 3


def test_raw_partitions_are_distinguished(fold: FoldRunner) -> None:
    assert fold.fold_record(build_item(at=build_origin(4, partition=0))).outcome == "published"
    assert fold.fold_record(build_item("A2", text=OTHER_TEXT, at=build_origin(4, partition=1))).outcome == "published"


def test_items_of_a_recreated_raw_topic_are_not_dropped_as_repeats(fold: FoldRunner) -> None:
    for offset in range(5):
        fold.fold_record(build_item(f"A{offset}", text=f"{TEXT} {offset}", at=build_origin(offset)))
    later = [
        build_item(f"N{n}", text=f"{OTHER_TEXT} {n}", at=build_origin(n, time=1_930_000_900_000 + n)) for n in range(5)
    ]
    assert [fold.fold_record(each).outcome for each in later] == ["published"] * 5
    assert [fold.fold_record(each).outcome for each in later] == ["repeat"] * 5
