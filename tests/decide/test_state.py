import msgspec
import pytest
from support.builders import (
    DAY,
    HOUR,
    OTHER_TEXT,
    PARAMS,
    FoldRunner,
    build_command,
    build_item,
    build_kill,
    rebuild_state,
)

from streams.decide.state import Batch, State
from streams.decide.state_entries import (
    PROGRESS,
    Alias,
    Entry,
    Progress,
    StoredFingerprint,
    encode_changes,
    fingerprint_key,
    index_keys,
)

EMBARGO = "2031-03-04T14:00:00Z"


def alias(expires: int, *uris: str) -> Alias:
    return Alias(expires=expires, uris=uris or ("u:1",))


def build_fingerprint() -> StoredFingerprint:
    text = build_item(text=OTHER_TEXT).fingerprint
    return StoredFingerprint(
        expires=9, uri="u:1", source="alphawire", received=5, version=1, fingerprint=text, keys=index_keys(text)
    )


def at(clock: int, **entries: Entry) -> State:
    state = State()
    state.merge({"progress": Progress(clock=clock), **entries})
    return state


def test_a_batch_shows_its_changes_and_otherwise_what_is_below() -> None:
    state = at(0, a=alias(9, "u:a"), b=alias(9, "u:b"))
    batch = Batch(state)
    batch.put("a", alias(9, "u:new"))
    batch.put("b", None)
    assert (batch.alias("a"), batch.alias("b"), batch.alias("c")) == (("u:new",), (), ())
    assert state.get("a") == alias(9, "u:a")


def test_a_batch_takes_back_what_a_record_changed_and_nothing_else() -> None:
    batch = Batch(at(5, a=alias(9, "u:a")))
    kept, more = build_fingerprint(), build_fingerprint()
    batch.begin_record()
    batch.put("a", alias(9, "u:first"))
    batch.put(fingerprint_key(1), kept)
    before = dict(batch.changes)
    batch.begin_record()
    batch.put("a", None)
    batch.put("a", alias(9, "u:second"))
    batch.put("b", alias(9, "u:b"))
    batch.put(fingerprint_key(2), more)
    batch.renew(fingerprint_key(1), msgspec.structs.replace(kept, expires=99))
    batch.put(PROGRESS, Progress(clock=8))
    keys = memoryview(kept.keys).cast("I")
    assert batch.find(keys) == [[2, 1]] * len(keys)
    batch.roll_back_record()
    assert batch.changes == before
    assert (batch.alias("a"), batch.alias("b"), batch.progress.clock) == (("u:first",), (), 5)
    assert (batch.sketch(1), batch.sketch(2)) == ((kept.expires, kept.sketch), None)
    assert batch.find(keys) == [[1]] * len(keys)


@pytest.mark.parametrize(("clock", "found"), [(8, ("u:1",)), (9, ()), (10, ())])
def test_an_entry_is_hidden_from_the_moment_it_expires(clock: int, found: tuple[str, ...]) -> None:
    assert Batch(at(clock, a=alias(9))).alias("a") == found


def test_an_expired_story_is_hidden() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    uri = "urn:newswire:alphawire:A1"
    assert Batch(fold.state).story(uri) is not None
    clock = fold.state.progress.clock
    fold.state.merge({"progress": Progress(clock=clock + 30 * DAY)})
    assert Batch(fold.state).story(uri) is None


def test_entries_that_expired_in_a_past_hour_are_removed() -> None:
    state = at(5 * HOUR, a=alias(4 * HOUR), b=alias(5 * HOUR - 1), c=alias(5 * HOUR), d=alias(6 * HOUR))
    assert state.remove_expired() == {"a": None, "b": None}


def test_a_renewed_entry_is_not_removed() -> None:
    state = at(0, a=alias(HOUR))
    state.merge({"a": alias(9 * HOUR), "progress": Progress(clock=5 * HOUR)})
    assert state.remove_expired() == {}
    state.merge({"progress": Progress(clock=11 * HOUR)})
    assert state.remove_expired() == {"a": None}


def test_a_spare_that_takes_over_removes_expired_entries_with_its_first_batch() -> None:
    spare = State()
    spare.apply_rows(encode_changes({"renewed": alias(HOUR)}), 1)
    changes: dict[str, Entry | None] = {"renewed": alias(9 * HOUR), "expired": alias(3 * HOUR)}
    spare.apply_rows(encode_changes({**changes, "progress": Progress(clock=5 * HOUR)}), 2)
    spare.drop_expired()  # drops the bucket of the renewed entry; the store removes it with the next batch
    assert spare.remove_expired() == {"expired": None}


def test_progress_never_expires() -> None:
    state = at(1 << 60)
    assert state.remove_expired() == {}
    assert "progress" in state.entries()


def test_the_state_stays_small_while_items_pass() -> None:
    fold = FoldRunner(params=msgspec.structs.replace(PARAMS, window=HOUR, memory=2 * HOUR))
    sizes = []
    for minute in range(0, 24 * 60, 10):
        received = f"2031-03-04T{minute // 60:02}:{minute % 60:02}:00Z"
        fold.fold_new(build_item(f"A{minute}", text=f"{OTHER_TEXT} {minute}", received=received))
        sizes.append(len(fold.state))
    assert max(sizes[30:]) <= max(sizes[:30])
    assert fold.state.stories <= 6 * 3 + 1


def test_stories_are_counted() -> None:
    fold = FoldRunner()
    fold.fold_all_new(build_item(), build_item(), build_item("A2", text=OTHER_TEXT))
    assert fold.state.stories == 2
    fold.state.merge({"story urn:newswire:alphawire:A2": None})
    assert fold.state.stories == 1


def test_a_rebuilt_state_knows_what_is_withheld() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item(embargo=EMBARGO))
    fold.fold_new(build_item("E2", text=OTHER_TEXT, embargo=EMBARGO))
    fold.fold_record(build_command("release"))
    again = rebuild_state(fold.changelog)
    assert [story.uri for story in again.withheld()] == ["urn:newswire:alphawire:E2"]
    assert again.withheld() == fold.state.withheld()
    assert again.stories == 2


def test_the_document_of_a_story_leaves_with_it() -> None:
    fold = FoldRunner(params=msgspec.structs.replace(PARAMS, window=HOUR, memory=2 * HOUR))
    fold.fold_new(build_item())
    key = "document urn:newswire:alphawire:A1"
    fold.fold_new(build_item("A2", text=OTHER_TEXT, received="2031-03-04T13:30:00Z"))
    assert fold.state.get(key) is not None
    for minute in (14, 15, 16):
        fold.fold_new(build_item(f"A{minute}", text=f"{OTHER_TEXT} {minute}", received=f"2031-03-04T{minute}:30:00Z"))
    assert fold.state.get("story urn:newswire:alphawire:A1") is None
    assert fold.state.get(key) is None
    assert key not in rebuild_state(fold.changelog).entries()


def test_a_duplicate_prolongs_the_life_of_the_document_with_that_of_its_story() -> None:
    fold = FoldRunner(params=msgspec.structs.replace(PARAMS, window=HOUR, memory=2 * HOUR))
    fold.fold_new(build_item())
    for hour in range(13, 18):
        fold.fold_new(build_item(received=f"2031-03-04T{hour}:30:00Z"))
    title = build_item(version="2", created="2031-03-04T17:00:00Z", received="2031-03-04T18:00:00Z", text="")
    assert fold.fold_new(title).event()["representationType"] == "full"


@pytest.mark.parametrize("action", ["kill", "wire"])
def test_a_withdrawn_story_has_no_document(action: str) -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    fold.fold_record(build_command("kill")) if action == "kill" else fold.fold_new(build_kill())
    assert fold.state.get("document urn:newswire:alphawire:A1") is None


@pytest.mark.parametrize("removes", [True, False])
def test_a_kill_after_its_story_expired_tells_nothing_of_it(removes: bool) -> None:
    """Whether or not the expired entries were removed meanwhile."""
    fold = FoldRunner(msgspec.structs.replace(PARAMS, window=HOUR, memory=2 * HOUR), removes=removes)
    fold.fold_new(build_item(guid="first id"))
    for hour in (13, 14, 15, 16):
        fold.fold_new(build_item(f"A{hour}", text=f"{OTHER_TEXT} {hour}", received=f"2031-03-04T{hour}:00:00Z"))
    gone = fold.fold_new(build_kill(received="2031-03-04T16:30:00Z")).event()
    assert (gone["version"], gone["altIds"]) == ("1", [{"role": "provider-guid", "value": "A1:9"}])
