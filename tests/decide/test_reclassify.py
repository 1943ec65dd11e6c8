"""A replay reclassifies a story."""

import msgspec
from support.builders import TEXT, FoldedRecord, FoldRunner, build_command, build_item, build_kill

from streams.model import codec
from streams.model.records import Item, Status

URI = "urn:newswire:alphawire:A1"
NEW = ("business-leaders",)


def reclassify(
    fold: FoldRunner, prepared_again: Item, version: str = "1", job: str = "r1", **more: object
) -> FoldedRecord:
    detail = {"job": job, "version": version, "item": codec.encode(prepared_again).decode(), **more}
    return fold.fold_record(build_command("reclassify", URI, detail=detail))


def test_a_reclassification_is_one_more_version_that_leaves_the_old_topics() -> None:
    fold = FoldRunner()
    first = fold.fold_new(build_item())
    done = reclassify(fold, build_item(categories=NEW))
    assert (done.outcome, done.decision.version) == ("revised", "2")
    assert done.shown == ["latest", "business-leaders"]
    assert done.left == list(done.decision.left) == ["companies", "companies.new-contracts"]
    headers = done.headers("latest")
    assert headers["replay-job"] == "r1"
    assert "revision" not in headers
    assert headers["ce_id"] == f"{URI}/2"
    assert (headers["origin-topic"], headers["origin-offset"]) == ("news.internal.items", "1")
    before, now = first.event(), done.event()
    assert [each["literal"] for each in now["subjects"] if each["rel"] == "category"] == list(NEW)
    assert {**before, "version": 0, "subjects": 0} == {**now, "version": 0, "subjects": 0}


def test_the_next_version_of_a_wire_follows_and_names_no_replay_job() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    reclassify(fold, build_item(categories=NEW))
    revised = fold.fold_new(
        build_item(version="2", created="2031-03-04T11:59:00Z", text="It will build no second mill at all.")
    )
    assert (revised.outcome, revised.decision.version) == ("revised", "3")
    assert "replay-job" not in revised.headers("latest")


def test_the_same_command_again_does_nothing_because_it_was_done_before() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    reclassify(fold, build_item(categories=NEW))
    again = reclassify(fold, build_item(categories=NEW))
    assert (again.outcome, again.effects) == ("none", ())
    assert again.decision.evidence["note"] == "done before"


def test_a_story_that_changed_since_the_replay_stays_as_it_is() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    fold.fold_new(build_item(version="2", created="2031-03-04T11:59:00Z", text="It will build no second mill at all."))
    dropped = reclassify(fold, build_item(categories=NEW))
    assert (dropped.outcome, dropped.effects) == ("none", ())
    assert dropped.decision.evidence["note"] == "moved on: version 2 is live"
    fold.fold_new(build_kill())
    assert reclassify(fold, build_item(), "3").decision.evidence["note"] == "moved on: version 3 is withdrawn"


def test_an_update_gets_the_categories_that_the_replay_names_and_keeps_the_text_of_its_story() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    partial = build_item(version="2", created="2031-03-04T11:59:00Z", text="", categories=())
    assert fold.fold_new(partial).event()["bodies"][0]["value"] == TEXT
    labels = msgspec.to_builtins(build_item(categories=NEW).labels)
    done = reclassify(fold, partial, "2", labels=labels)
    event = done.event()
    assert (event["representationType"], event["bodies"][0]["value"]) == ("full", TEXT)
    assert [each["literal"] for each in event["subjects"] if each["rel"] == "category"] == list(NEW)


def test_a_withheld_item_is_released_with_its_new_categories() -> None:
    fold = FoldRunner()
    held = fold.fold_new(build_item(embargo="2031-03-04T14:00:00Z"))
    assert held.outcome == "withheld"
    waiting = codec.decode(fold.state.withheld()[0].pending)
    assert isinstance(waiting, Item)
    prepared_again = msgspec.structs.replace(
        build_item(embargo="2031-03-04T14:00:00Z", categories=NEW), origin=waiting.origin
    )
    done = reclassify(fold, prepared_again, "1", waits=True)
    assert (done.outcome, done.topics) == ("withheld", ["withheld"])
    released = fold.fold_record(build_command("release", URI))
    assert released.topics == ["latest", "business-leaders", "withheld"]
    assert reclassify(fold, prepared_again, "1", waits=True).decision.evidence["note"] == "moved on: it waits no more"


def test_a_command_without_an_item_does_nothing() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    broken = fold.fold_record(build_command("reclassify", URI, detail={"job": "r1", "version": "1", "item": "no JSON"}))
    assert broken.outcome == "none"
    assert "error" in broken.decision.evidence


def test_a_waiting_version_keeps_the_notes_that_joined_it() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item(embargo="2031-03-04T14:00:00Z"))
    fold.fold_new(build_item("N9", text="Please read 5.", status=Status.ADVISORY, replaces=("A1",)))
    waiting = codec.decode(fold.state.withheld()[0].pending)
    assert isinstance(waiting, Item)
    again = msgspec.structs.replace(build_item(embargo="2031-03-04T14:00:00Z", categories=NEW), origin=waiting.origin)
    reclassify(fold, again, "1", waits=True)
    event = fold.fold_record(build_command("release", URI)).event()
    assert (event["edNote"], event["bodies"][0]["value"]) == ("Please read 5.", TEXT)


def test_a_version_that_is_shown_with_a_note_keeps_its_text_in_its_new_categories() -> None:
    fold = FoldRunner()
    fold.fold_new(build_item())
    note = build_item("N9", text="Please read 5.", headline="ADVISORY", status=Status.ADVISORY, replaces=("A1",))
    fold.fold_new(note)
    done = reclassify(fold, note, "2", labels=msgspec.to_builtins(build_item(categories=NEW).labels))
    event = done.event()
    assert (event["edNote"], event["bodies"][0]["value"]) == ("Please read 5.", TEXT)
    assert (done.shown, done.left) == (["latest", "business-leaders"], ["companies", "companies.new-contracts"])
