"""The comparison of a replay: unchanged rules differ in nothing, whatever the stories went through."""

from hypothesis import given, settings
from support.story_sequences import PARAMS_WITH_LINKS, Sequence, run, sequences

from streams.model.records import Command, Item
from streams.replay.diff import Comparison
from streams.replay.shadow import Shadow, item_of


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_a_replay_with_unchanged_rules_differs_in_nothing(sequence: Sequence) -> None:
    shadow, comparison = Shadow(PARAMS_WITH_LINKS), Comparison()
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
