"""A story whose usage rights end is withdrawn by a command of the clock, and only then."""

from datetime import UTC, datetime

import pytest
from support.builders import (
    DAY,
    EMBARGO,
    LATER,
    NOON,
    OTHER_TEXT,
    STORY,
    STORY_TOPICS,
    FoldedRecord,
    FoldRunner,
    build_item,
    build_kill,
    rebuild_state,
)

from streams.model.records import Item, Status
from streams.worker.embargo_timer import build_command, list_due

END = "2031-03-10T00:00:00Z"
AFTER = "2031-03-10T00:00:00.250Z"


def find_ended(fold: FoldRunner, now: str) -> list[str]:
    return [story.uri for story in fold.state.find_ended_rights(now)]


def run_clock(fold: FoldRunner, now: str) -> list[FoldedRecord]:
    """Folds what the timer appends to the log at this time."""
    due = list_due(fold.state, datetime.fromisoformat(now).astimezone(UTC))
    return [fold.fold_record(build_command(each, now)) for each in due]


def test_a_story_is_withdrawn_when_its_rights_have_ended_and_not_before(fold: FoldRunner) -> None:
    fold.fold_new(build_item(rights_end=END))
    assert run_clock(fold, "2031-03-09T23:59:59Z") == []
    [gone] = run_clock(fold, AFTER)
    assert (gone.outcome, gone.shown, gone.left) == ("withdrawn", ["latest"], STORY_TOPICS[1:])
    event = gone.event()
    assert (event["pubStatus"], event["version"], event["edNote"]) == ("canceled", "2", "Withdrawn by its source")
    assert not {"headlines", "bodies", "descriptions", "subjects", "associations"} & event.keys()
    assert gone.decision.evidence == {"by": "releaser", "why": "usage rights ended", "rightsEnd": END}
    assert run_clock(fold, AFTER) == []
    assert fold.fold_new(build_item(version="2", created=LATER, text=OTHER_TEXT)).outcome == "withdrawn"


def test_the_timer_finds_the_same_stories_in_a_state_that_was_read_back(fold: FoldRunner) -> None:
    fold.fold_all_new(build_item(rights_end=END), build_item("B2", text=OTHER_TEXT, headline="Salton Tools opens"))
    assert [story.uri for story in rebuild_state(fold.changelog).find_ended_rights(AFTER)] == [STORY]


@pytest.mark.parametrize(
    ("update", "end"),
    [
        (build_item(version="2", created=LATER, text=OTHER_TEXT), ""),
        (build_item(version="2", created=LATER, text=OTHER_TEXT, rights_end="2031-04-01T00:00:00Z"), "2031-04-01"),
        (build_item(version="2", created=LATER, text="", rights_end="2031-04-01T00:00:00Z"), END),
        (build_item(version="2", created=LATER, text="", rights_end="2031-03-05T00:00:00Z"), "2031-03-05"),
        (build_item(version="2", created=LATER, text="Read 5.", status=Status.ADVISORY), END),
        (build_item("C3", source="betawire", rights_end="2031-03-05T00:00:00Z"), END),
        (build_item(version="2", created=LATER, text=OTHER_TEXT, embargo="2031-09-09T00:00:00Z"), END),
        (build_kill(created=LATER), ""),
    ],
    ids=["new text", "new end", "later headline", "earlier headline", "advisory", "copy", "waiting version", "kill"],
)
def test_the_rights_are_those_of_the_words_that_readers_see(fold: FoldRunner, update: Item, end: str) -> None:
    fold.fold_all_new(build_item(rights_end=END), update)
    ends = [key for key, _ in fold.state.rows() if key.startswith("ends ")]
    assert ends == ([f"ends {end.rstrip('Z')[:10]}T00:00:00 {STORY}"] if end else [])


def test_a_command_that_comes_after_a_version_with_other_rights_does_nothing(fold: FoldRunner) -> None:
    fold.fold_new(build_item(rights_end=END))
    [due] = list_due(fold.state, datetime.fromisoformat(AFTER))
    fold.fold_new(build_item(version="2", created=LATER, text=OTHER_TEXT, rights_end="2031-04-01T00:00:00Z"))
    stale = fold.fold_record(build_command(due, AFTER))
    assert (stale.outcome, stale.effects) == ("none", ())
    assert find_ended(fold, "2031-04-01T00:00:00Z") == [STORY]


def test_an_item_under_embargo_whose_rights_end_before_its_release_is_withdrawn_after_it(fold: FoldRunner) -> None:
    fold.fold_new(build_item(embargo=EMBARGO, rights_end=LATER))
    assert run_clock(fold, LATER) == []
    assert [out.outcome for out in run_clock(fold, EMBARGO)] == ["published"]
    assert [out.outcome for out in run_clock(fold, EMBARGO)] == ["withdrawn"]


def test_what_lists_the_end_of_rights_leaves_the_state_with_its_story(fold: FoldRunner) -> None:
    fold.fold_new(build_item(rights_end="2035-01-01T00:00:00Z"))
    for day in range(1, 6):
        later = datetime.fromtimestamp((datetime.fromisoformat(NOON).timestamp() * 1000 + day * 20 * DAY) / 1000, UTC)
        for number in range(3):
            fold.fold_new(build_item(f"D{day}{number}", text="", received=later.isoformat()[:19] + "Z"))
    assert fold.state.get(f"story {STORY}") is None
    assert find_ended(fold, "2040-01-01T00:00:00Z") == []
    assert [key for key, _ in fold.state.rows() if key.startswith("ends ")] == []
