"""What the fold remembers, how long, and its clock."""

from support.builders import NOON, OTHER, STORY, Desk, command, item, kill, origin


def day(n: int, hour: int = 12) -> str:
    """March has 31 days; n counts from its first."""
    return f"2031-{3 + (n - 1) // 31:02}-{(n - 1) % 31 + 1:02}T{hour:02}:00:00Z"


def test_a_text_is_forgotten_after_the_window(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    assert desk.take(item("B1", source="betawire", received=day(4, 12))).outcome == "duplicate"
    desk = Desk()
    desk.take(item(received=day(1)))
    assert desk.take(item("B1", source="betawire", received=day(4, 13))).outcome == "published"


def test_an_id_is_remembered_longer_than_a_text(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    assert desk.take(item(received=day(30))).decision.match_kind == "same-version"


def test_an_id_is_forgotten_after_the_memory(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    again = desk.take(item(received=day(31)))
    assert (again.outcome, again.decision.version) == ("published", "1")


def test_a_kill_is_remembered_as_long_as_ids(desk: Desk) -> None:
    desk.take(kill(received=day(1)))
    assert desk.take(item(received=day(30))).outcome == "withdrawn"


def test_the_clock_of_the_fold_never_goes_backwards(desk: Desk) -> None:
    desk.take(item("A0", text=OTHER, received=day(4)))
    clock = desk.state.progress.clock
    desk.take(item(received=day(1)))
    assert desk.state.progress.clock == clock
    # Remembered from the clock on, not from the item's own time: three days before it is not forgotten at once.
    assert desk.take(item("B1", source="betawire", received=day(4))).outcome == "duplicate"


def test_commands_move_no_clock(desk: Desk) -> None:
    desk.take(item(received=day(1)))
    clock = desk.state.progress.clock
    desk.put(command("kill", uri="urn:newswire:alphawire:none", at="2041-01-01T00:00:00Z"))
    assert desk.state.progress.clock == clock
    assert desk.take(item("B1", source="betawire", received=day(1))).outcome == "duplicate"


def test_a_repeat_is_a_repeat_however_far_the_clock_went_on_meanwhile(desk: Desk) -> None:
    """An archive fed with its own times passes years in seconds; prepare may append its first item again."""
    old = item(at=origin(1, partition=3), received="2011-03-04T12:00:00Z")
    desk.put(old)
    desk.put(item("A2", text=OTHER, at=origin(1), received=NOON))
    desk.put(item("A3", text=f"{OTHER} 3", at=origin(2), received=NOON))
    assert desk.put(old).outcome == "repeat"


def test_an_item_under_embargo_is_kept_for_its_release_beyond_the_memory(desk: Desk) -> None:
    desk.take(item(received=day(1), embargo=day(61)))
    for number in range(2, 62):
        desk.take(item(f"D{number}", text=f"{OTHER} {number}", received=day(number)))
    assert [story.uri for story in desk.state.withheld()] == [STORY]
    assert desk.put(command("release", by="releaser", at=day(61))).outcome == "published"


def test_an_embargo_until_further_notice_is_not_kept_for_ever(desk: Desk) -> None:
    desk.take(item(embargo="9999-12-31T23:59:59Z"))
    desk.take(item("A2", text=OTHER, received="2032-04-30T12:00:00Z"))
    desk.take(item("A3", text=f"{OTHER} 3", received="2032-04-30T13:00:00Z"))
    assert desk.state.withheld() == []
