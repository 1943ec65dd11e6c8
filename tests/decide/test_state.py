import msgspec
import pytest
from make import DAY, HOUR, OTHER, Desk, command, encoded, item, rebuilt

from streams.decide.entries import (
    Alias,
    Entry,
    Progress,
    RawSeen,
    decode_entry,
    encode_entry,
    id_key,
    story_key,
    text_key,
)
from streams.decide.state import Overlay, State

EMBARGO = "2031-03-04T14:00:00Z"


def alias(expires: int, *uris: str) -> Alias:
    return Alias(expires=expires, uris=uris or ("u:1",))


def at(clock: int, **entries: Entry) -> State:
    state = State()
    state.merge({"progress": Progress(clock=clock), **entries})
    return state


@pytest.mark.parametrize(
    "entry",
    [
        alias(5, "u:1", "u:2"),
        RawSeen(intervals=((0, 3), (5, 9)), partial=((10, 1),), timestamp=12),
        Progress(next_offset=7, clock=8),
    ],
)
def test_an_entry_comes_back_as_it_went(entry: Entry) -> None:
    assert decode_entry(encode_entry(entry)) == entry


def test_a_story_comes_back_as_it_went() -> None:
    desk = Desk()
    desk.take(item(symbols=("XNAS:BRKV",), embargo=EMBARGO))
    story = desk.state.get("story urn:newswire:alphawire:A1")
    assert story is not None
    assert decode_entry(encode_entry(story)) == story


def test_state_of_another_format_is_refused_with_its_number() -> None:
    with pytest.raises(ValueError, match="state of format 2; this release reads format 1"):
        decode_entry(encode_entry(Progress(format=2)))


@pytest.mark.parametrize("value", [b"", b"\xff", b"nonsense", msgspec.msgpack.encode({"type": "tribe"})])
def test_what_is_no_state_entry_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="a state entry that this release cannot read"):
        decode_entry(value)


def test_an_overlay_shows_its_changes_and_else_what_is_below() -> None:
    state = at(0, a=alias(9, "u:a"), b=alias(9, "u:b"))
    overlay = Overlay(state)
    overlay.put("a", alias(9, "u:new"))
    overlay.put("b", None)
    assert (overlay.alias("a"), overlay.alias("b"), overlay.alias("c")) == (("u:new",), (), ())
    assert state.get("a") == alias(9, "u:a")


def test_an_overlay_upon_an_overlay_changes_it_only_when_absorbed() -> None:
    batch = Overlay(State())
    step = Overlay(batch)
    step.put("a", alias(9))
    assert batch.changes == {}
    batch.absorb(step)
    assert batch.changes == {"a": alias(9)}


@pytest.mark.parametrize(("clock", "found"), [(8, ("u:1",)), (9, ()), (10, ())])
def test_an_entry_is_not_shown_from_the_moment_it_expires(clock: int, found: tuple[str, ...]) -> None:
    assert Overlay(at(clock, a=alias(9))).alias("a") == found


def test_an_expired_story_is_not_shown() -> None:
    desk = Desk()
    desk.take(item())
    uri = "urn:newswire:alphawire:A1"
    assert Overlay(desk.state).story(uri) is not None
    clock = desk.state.progress.clock
    desk.state.merge({"progress": Progress(clock=clock + 30 * DAY)})
    assert Overlay(desk.state).story(uri) is None


def test_what_expired_in_an_hour_that_is_over_is_removed() -> None:
    state = at(5 * HOUR, a=alias(4 * HOUR), b=alias(5 * HOUR - 1), c=alias(5 * HOUR), d=alias(6 * HOUR))
    assert state.expired() == {"a": None, "b": None}


def test_what_was_renewed_is_not_removed() -> None:
    state = at(0, a=alias(HOUR))
    state.merge({"a": alias(9 * HOUR), "progress": Progress(clock=5 * HOUR)})
    assert state.expired() == {}
    state.merge({"progress": Progress(clock=11 * HOUR)})
    assert state.expired() == {"a": None}


def test_a_spare_that_takes_over_removes_what_is_over_with_its_second_batch_at_the_latest() -> None:
    spare = State()
    spare.take(encoded({"renewed": alias(HOUR)}), 1)
    changes: dict[str, Entry | None] = {"renewed": alias(9 * HOUR), "over": alias(3 * HOUR)}
    spare.take(encoded({**changes, "progress": Progress(clock=5 * HOUR)}), 2)
    spare.tidy()  # drops the reminder of what was renewed: in the store, with the next batch
    assert spare.expired() == {}
    spare.merge({})
    assert spare.expired() == {"over": None}


def test_progress_never_expires() -> None:
    state = at(1 << 60)
    assert state.expired() == {}
    assert "progress" in state.entries()


def test_the_state_stays_small_while_items_pass() -> None:
    desk = Desk(rules=msgspec.structs.replace(Desk().rules, window=HOUR, memory=2 * HOUR))
    sizes = []
    for minute in range(0, 24 * 60, 10):
        received = f"2031-03-04T{minute // 60:02}:{minute % 60:02}:00Z"
        desk.take(item(f"A{minute}", text=f"{OTHER} {minute}", received=received))
        sizes.append(len(desk.state))
    assert max(sizes[30:]) <= max(sizes[:30])
    assert desk.state.stories <= 6 * 3 + 1


def test_stories_are_counted() -> None:
    desk = Desk()
    desk.taken(item(), item(), item("A2", text=OTHER))
    assert desk.state.stories == 2
    desk.state.merge({"story urn:newswire:alphawire:A2": None})
    assert desk.state.stories == 1


def test_a_rebuilt_state_knows_what_is_withheld() -> None:
    desk = Desk()
    desk.take(item(embargo=EMBARGO))
    desk.take(item("E2", text=OTHER, embargo=EMBARGO))
    desk.put(command("release"))
    again = rebuilt(desk.changelog)
    assert [story.uri for story in again.withheld()] == ["urn:newswire:alphawire:E2"]
    assert again.withheld() == desk.state.withheld()
    assert again.stories == 2


def test_keys_of_different_things_differ() -> None:
    assert id_key("alpha", "wire A1") != id_key("alpha wire", "A1")
    assert len({id_key("a", "x"), story_key("x"), text_key("x"), "progress"}) == 4
