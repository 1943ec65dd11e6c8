"""How long the fold remembers texts, ids, kills and repeats."""

from support.builders import NOON, OTHER_TEXT, STORY, FoldRunner, build_command, build_item, build_kill, build_origin


def day(n: int, hour: int = 12) -> str:
    """March has 31 days; n counts from its first."""
    return f"2031-{3 + (n - 1) // 31:02}-{(n - 1) % 31 + 1:02}T{hour:02}:00:00Z"


def test_a_text_is_forgotten_after_the_window(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received=day(1)))
    assert fold.fold_new(build_item("B1", source="betawire", received=day(4, 12))).outcome == "duplicate"
    fold = FoldRunner()
    fold.fold_new(build_item(received=day(1)))
    assert fold.fold_new(build_item("B1", source="betawire", received=day(4, 13))).outcome == "published"


def test_an_id_is_remembered_longer_than_a_text(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received=day(1)))
    assert fold.fold_new(build_item(received=day(30))).decision.match_kind == "same-version"


def test_an_id_is_forgotten_after_the_memory(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received=day(1)))
    again = fold.fold_new(build_item(received=day(31)))
    assert (again.outcome, again.decision.version) == ("published", "1")


def test_a_kill_is_remembered_as_long_as_an_id(fold: FoldRunner) -> None:
    fold.fold_new(build_kill(received=day(1)))
    assert fold.fold_new(build_item(received=day(30))).outcome == "withdrawn"


def test_the_clock_of_the_fold_never_goes_backwards(fold: FoldRunner) -> None:
    fold.fold_new(build_item("A0", text=OTHER_TEXT, received=day(4)))
    clock = fold.state.progress.clock
    fold.fold_new(build_item(received=day(1)))
    assert fold.state.progress.clock == clock
    # Remembered from the clock on, not from the item's own time: three days before it is not forgotten at once.
    assert fold.fold_new(build_item("B1", source="betawire", received=day(4))).outcome == "duplicate"


def test_a_command_does_not_move_the_clock(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received=day(1)))
    clock = fold.state.progress.clock
    fold.fold_record(build_command("kill", uri="urn:newswire:alphawire:none", at="2041-01-01T00:00:00Z"))
    assert fold.state.progress.clock == clock
    assert fold.fold_new(build_item("B1", source="betawire", received=day(1))).outcome == "duplicate"


def test_a_repeat_is_recognised_however_far_the_clock_moved_meanwhile(fold: FoldRunner) -> None:
    """An archive fed with its own times passes years in seconds; prepare may append its first item again."""
    old = build_item(at=build_origin(1, partition=3), received="2011-03-04T12:00:00Z")
    fold.fold_record(old)
    fold.fold_record(build_item("A2", text=OTHER_TEXT, at=build_origin(1), received=NOON))
    fold.fold_record(build_item("A3", text=f"{OTHER_TEXT} 3", at=build_origin(2), received=NOON))
    assert fold.fold_record(old).outcome == "repeat"


def test_an_item_under_embargo_is_kept_for_its_release_beyond_the_memory(fold: FoldRunner) -> None:
    fold.fold_new(build_item(received=day(1), embargo=day(61)))
    for number in range(2, 62):
        fold.fold_new(build_item(f"D{number}", text=f"{OTHER_TEXT} {number}", received=day(number)))
    assert [story.uri for story in fold.state.withheld()] == [STORY]
    assert fold.fold_record(build_command("release", by="releaser", at=day(61))).outcome == "published"


def test_an_embargo_until_further_notice_is_not_kept_forever(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo="9999-12-31T23:59:59Z"))
    fold.fold_new(build_item("A2", text=OTHER_TEXT, received="2032-04-30T12:00:00Z"))
    fold.fold_new(build_item("A3", text=f"{OTHER_TEXT} 3", received="2032-04-30T13:00:00Z"))
    assert fold.state.withheld() == []
