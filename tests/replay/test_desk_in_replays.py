"""A replay honours what persons set: with the log, without it, with other rules, and when its result is applied."""

import msgspec
from hypothesis import given, settings
from replay.test_diff import build_reclassification, fold_in_shadow
from support.builders import FoldRunner, build_item
from support.desk_sequences import DeskRun, build_change, desk_sequences
from support.story_sequences import PARAMS_WITH_LINKS, Sequence

from streams.decide.pins import file_labels
from streams.decide.state_entries import StoryEntry, StoryStatus
from streams.replay.diff import Comparison
from streams.replay.missing_log import MissingRecord
from streams.replay.shadow import Shadow

URI = "urn:newswire:alphawire:A1"


@settings(max_examples=60, deadline=None)
@given(desk_sequences())
def test_a_replay_with_unchanged_rules_differs_in_nothing(sequence: Sequence) -> None:
    shadow, comparison = Shadow(PARAMS_WITH_LINKS), Comparison()
    for offset, (record, published) in enumerate(DeskRun().steps(sequence)):
        recorded, folded = fold_in_shadow(shadow, record, offset, published, other_rules=False)
        comparison.add(published.decision, recorded, folded)
        assert folded.effects == published.all or published.outcome == "none"
    assert (comparison.outcomes, comparison.reclassified()) == ([], [])


@settings(max_examples=60, deadline=None)
@given(desk_sequences())
def test_other_rules_that_are_applied_leave_what_the_shadow_has(sequence: Sequence) -> None:
    """So what a person filed stays filed, and all else is as if the rules had always been."""
    run, shadow, comparison = DeskRun(), Shadow(PARAMS_WITH_LINKS), Comparison()
    for offset, (record, published) in enumerate(run.steps(sequence)):
        recorded, folded = fold_in_shadow(shadow, record, offset, published, other_rules=True)
        comparison.add(published.decision, recorded, folded)
    for found in comparison.reclassified():
        done = run.fold.fold_record(build_reclassification(found))
        assert done.outcome in ("revised", "withheld"), done.decision.evidence
    for story in _list_live(run.fold):
        again = shadow.story(story.uri)
        assert again is not None
        assert [each.category for each in file_labels(story.pinned, story.labels)] == [
            each.category for each in file_labels(again.pinned, again.labels)
        ]
        assert story.topics == tuple(sorted({label.category for label in file_labels(story.pinned, story.labels)}))


def _list_live(fold: FoldRunner) -> list[StoryEntry]:
    stories = [entry for entry in fold.state.entries().values() if isinstance(entry, StoryEntry)]
    return [story for story in stories if story.status is StoryStatus.LIVE]


def test_without_the_log_the_decision_stands_for_the_command() -> None:
    fold, commands = FoldRunner(), []
    fold.fold_new(build_item())
    for number, (action, detail) in enumerate(
        (
            ("refile", {"add": ["markets"], "drop": ["companies"]}),
            ("refile", {"add": ["markets"], "drop": []}),
            ("retitle", {"title": "Brookvale plans", "ticker": "Brookvale plans"}),
            ("undo", {"command": "c0", "action": "refile"}),
        )
    ):
        given_ = build_change(action, URI, detail, f"c{number}", number)
        commands.append((given_, fold.fold_record(given_)))
    for given_, decided in commands:
        row = MissingRecord(0, "", 0, 0, "", 0, decided.decision)
        assert row.command == msgspec.structs.replace(given_, format=2)
