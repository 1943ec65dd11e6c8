"""The comparison of a replay: unchanged rules differ in nothing, whatever the stories went through."""

from hypothesis import given, settings
from support.builders import PARAMS, STORY, FoldRunner, build_command, build_item
from support.story_sequences import Sequence, run, sequences

from streams.model.records import Command, Item
from streams.replay.diff import Comparison, PublishedStories
from streams.replay.shadow import Shadow, item_of


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_a_replay_with_unchanged_rules_differs_in_nothing(sequence: Sequence) -> None:
    shadow, comparison = Shadow(PARAMS), Comparison()
    for offset, (record, published) in enumerate(run(sequence)):
        if isinstance(record, Command):
            folded = shadow.fold_command(record, offset, published.decision, None)
            recorded = item_of(record)
        else:
            folded = shadow.fold(record, offset)
            recorded = record if isinstance(record, Item) else None
        shadow.flush()
        comparison.add(published.decision, recorded, folded)
        assert folded.effects == published.all or published.outcome == "none"
    assert (comparison.outcomes, comparison.reclassified()) == ([], [])


def test_a_story_that_was_cleared_from_a_topic_can_be_filed_anew_under_the_version_that_it_then_has() -> None:
    fold, stories, item = FoldRunner(), PublishedStories(), build_item()
    stories.add(fold.fold_new(item).decision, item)
    detail = {"stories": [{"uri": STORY, "topics": ["companies.rumors"]}]}
    stories.add(fold.fold_record(build_command("clear", uri="", detail=detail)).decision, None)
    assert stories.live[STORY].version == str(fold.state.entries()[f"story {STORY}"].version) == "2"  # type: ignore[union-attr]
