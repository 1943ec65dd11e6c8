"""The comparison of a replay: unchanged rules differ in nothing, and a withdrawn story is never brought back."""

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.builders import STORY, FoldedRecord, FoldRunner, build_command, build_item, build_label
from support.story_sequences import PARAMS_WITH_LINKS, Sequence, run, sequences

from streams.decide.state_entries import StoryEntry, StoryStatus
from streams.model.command_details import Reclassification
from streams.model.records import Command, Effect, Item, LogRecord, Status
from streams.model.topics import LATEST
from streams.replay.diff import Comparison, PublishedStories, Reclassified
from streams.replay.shadow import Folded, Shadow, item_of

OTHER_LABELS = (build_label("interest-rates"), build_label("markets"))


def fold_in_shadow(
    shadow: Shadow, record: LogRecord, offset: int, published: FoldedRecord, *, other_rules: bool
) -> tuple[Item | None, Folded]:
    """Folds a record as a replay does; returns the recorded item too. Other rules file each item elsewhere."""
    recorded = item_of(record) if isinstance(record, Command) else record if isinstance(record, Item) else None
    again = msgspec.structs.replace(recorded, labels=OTHER_LABELS) if recorded and other_rules else None
    if isinstance(record, Command):
        folded = shadow.fold_command(record, offset, published.decision, again)
    else:
        folded = shadow.fold(again or record, offset)
    shadow.flush()
    return recorded, folded


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_a_replay_with_unchanged_rules_differs_in_nothing(sequence: Sequence) -> None:
    shadow, comparison = Shadow(PARAMS_WITH_LINKS), Comparison()
    for offset, (record, published) in enumerate(run(sequence)):
        recorded, folded = fold_in_shadow(shadow, record, offset, published, other_rules=False)
        comparison.add(published.decision, recorded, folded)
        assert folded.effects == published.all or published.outcome == "none"
    assert (comparison.outcomes, comparison.reclassified()) == ([], [])


def build_reclassification(found: Reclassified) -> Command:
    """Builds the command of `replay --apply` about one story."""
    detail = Reclassification(
        job="r9",
        version=found.difference.version,
        item=found.item.decode(),
        waits=found.waits,
        labels=found.labels,
        symbols=found.symbols,
    )
    return build_command("reclassify", found.difference.uri, detail=msgspec.to_builtins(detail))


def list_withdrawn(fold: FoldRunner) -> set[str]:
    stories = [entry for entry in fold.state.entries().values() if isinstance(entry, StoryEntry)]
    return {story.uri for story in stories if story.status is StoryStatus.WITHDRAWN}


def list_shown(effects: list[Effect]) -> set[str]:
    """Lists the stories that a reader of the newest records has, as `<topic> <uri>`."""
    newest = {(each.topic, each.key.decode()): each.value for each in effects}
    return {
        f"{topic} {uri}"
        for (topic, uri), value in newest.items()
        if value is not None and topic not in ("duplicates", "decisions", "dead-letters", "withheld")
        if topic != LATEST or b'"canceled"' not in value
    }


@settings(max_examples=60, deadline=None)
@given(sequences(), st.integers(1, 8))
@example(sequence=[("full", 0, ("companies",)), ("kill", 0, ())], read=1)
@example(sequence=[("full", 0, ("companies",)), ("desk-kill", 0, ())], read=1)
@example(sequence=[("full", 0, ("companies",)), ("expire", 0, ())], read=1)
@example(sequence=[("embargoed", 0, ("companies",)), ("desk-kill", 0, ())], read=1)
def test_a_replay_with_other_rules_brings_no_withdrawn_story_back(sequence: Sequence, read: int) -> None:
    """It read the log up to some record, and its commands come after the last: the live stories may have moved on."""
    live, shadow, comparison = FoldRunner(PARAMS_WITH_LINKS), Shadow(PARAMS_WITH_LINKS), Comparison()
    sent: list[Effect] = []
    shadowed: list[Effect] = []
    for offset, (record, _) in enumerate(run(sequence)):
        published = live.fold_record(record)
        sent += published.effects
        recorded, folded = fold_in_shadow(shadow, record, offset, published, other_rules=True)
        shadowed += folded.effects
        if offset < read:
            comparison.add(published.decision, recorded, folded)
    withdrawn = list_withdrawn(live)
    for found in comparison.reclassified():
        done = live.fold_record(build_reclassification(found))
        assert found.difference.uri not in withdrawn or done.effects == ()
        sent += done.effects
    assert list_withdrawn(live) == withdrawn
    for effects in (sent, shadowed):
        assert withdrawn.isdisjoint(shown.split(" ", 1)[1] for shown in list_shown(effects))


@settings(max_examples=60, deadline=None)
@given(sequences())
def test_a_story_whose_kill_reads_as_something_else_with_other_rules_is_not_brought_back(sequence: Sequence) -> None:
    live, shadow, comparison = FoldRunner(PARAMS_WITH_LINKS), Shadow(PARAMS_WITH_LINKS), Comparison()
    for offset, (record, _) in enumerate(run(sequence)):
        published = live.fold_record(record)
        if isinstance(record, Item) and record.status is Status.WITHDRAWN:
            record = msgspec.structs.replace(record, status=Status.USABLE)
        recorded, folded = fold_in_shadow(shadow, record, offset, published, other_rules=True)
        comparison.add(published.decision, recorded, folded)
    assert list_withdrawn(live).isdisjoint(found.difference.uri for found in comparison.reclassified())


def test_a_story_that_was_cleared_from_a_topic_can_be_filed_anew_under_the_version_that_it_then_has() -> None:
    fold, stories, item = FoldRunner(), PublishedStories(), build_item()
    stories.add(fold.fold_new(item).decision, item)
    detail = {"stories": [{"uri": STORY, "topics": ["companies.rumors"]}]}
    stories.add(fold.fold_record(build_command("clear", uri="", detail=detail)).decision, None)
    assert stories.live[STORY].version == str(fold.state.entries()[f"story {STORY}"].version) == "2"  # type: ignore[union-attr]
