"""Applies commands: what an editor, a replay or the embargo timer does to a story."""

import msgspec

from streams.decide import output_records
from streams.decide.outcomes import Ruling
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.reclassify import reclassify
from streams.decide.state import Batch
from streams.decide.state_entries import StoryEntry, StoryStatus, story_key
from streams.decide.stories import ItemCase, publish, seen_version
from streams.model.codec import decode
from streams.model.records import Command, CommandAction, Effect, Item, JsonObject, Outcome, PubStatus
from streams.model.topics import DEAD_LETTERS

EMBARGO_TIMER = "releaser"
"""The `by` of releases of the embargo timer. A release by anyone else may end an embargo early."""
DEAD_LETTER_ACTIONS = (CommandAction.RETRIED, CommandAction.DISCARDED)
"""Actions on a dead letter, whose id stands in the place of a uri. They are noted in the topic of dead letters."""


def apply_command(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Applies a command. Its outcome is `none` if it has nothing to do."""
    if command.action in DEAD_LETTER_ACTIONS:
        note = output_records.build_dead_letter_note(
            command, output_records.command_cause(params.log_topic, log_offset)
        )
        return _nothing(command, log_offset, topics=(DEAD_LETTERS,))[0], (note,)
    story = state.story(command.uri)
    if story is None:
        return _nothing(command, log_offset, evidence={"note": "no such story"})
    if command.action == CommandAction.RELEASE and story.pending:
        if command.by == EMBARGO_TIMER and command.at.rstrip("Z") < story.release_at.rstrip("Z"):
            reason = f"under embargo until {story.release_at} since this release was due"
            return _nothing(command, log_offset, story, evidence={"note": reason})
        return _release(state, command, story, log_offset, params)
    if command.action == CommandAction.RECLASSIFY:
        return reclassify(state, command, story, log_offset, params)
    if command.action == CommandAction.KILL and story.status is not StoryStatus.WITHDRAWN:
        return _kill(state, command, story, log_offset, params)
    return _nothing(command, log_offset, story, evidence={"note": f"{command.action} finds the story {story.status}"})


def _nothing(
    command: Command,
    log_offset: int,
    story: StoryEntry | None = None,
    *,
    topics: tuple[str, ...] = (),
    evidence: JsonObject | None = None,
) -> FoldResult:
    decision = output_records.build_command_decision(
        command, log_offset, Outcome.NONE, story, topics=topics, evidence=evidence
    )
    return decision, ()


def _release(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    item = decode(story.pending)
    assert isinstance(item, Item)
    outcome = Outcome.REVISED if story.version else Outcome.PUBLISHED
    case = ItemCase(state, item, seen_version(item), story.uri, log_offset, params)
    published, effects = publish(case, story, Ruling(outcome, evidence={"matched": CommandAction.RELEASE.value}))
    cause = output_records.command_cause(params.log_topic, log_offset, item.traceparent)
    topics, number = published.topics, published.version
    value = effects[0].value
    assert value is not None
    effects = (
        *output_records.build_item_effects(topics, story.uri, number, outcome, value, item, cause),
        output_records.build_withheld_tombstone(story.uri, cause, item.source, item.received, number, outcome),
    )
    decision = output_records.build_command_decision(
        command, log_offset, outcome, story, version=number, topics=topics, labels=published.labels
    )
    return decision, effects


def _kill(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    cause = output_records.command_cause(params.log_topic, log_offset)
    number = str(story.version + 1)
    topics = output_records.list_public_topics(story.topics)
    headlines = [{"role": role, "value": story.headline} for role in ("main", "ticker")]
    document = {"type": "text", "versionCreated": command.at, "edNote": command.why, "headlines": headlines}
    value = output_records.finalize_document(
        msgspec.json.encode({name: part for name, part in document.items() if part}),
        uri=story.uri,
        version=number,
        pubStatus=PubStatus.CANCELED,
        representationType="full",
    )
    headers = output_records.build_headers(
        cause,
        kind=Outcome.WITHDRAWN.value,
        ce_id=f"{story.uri}/{number}",
        source=story.source,
        time=command.at,
        content_type=output_records.JSON,
        time_source="received",
    )
    effects = tuple(Effect(topic, story.uri.encode(), value, headers) for topic in topics)
    if story.pending:
        tombstone = output_records.build_withheld_tombstone(
            story.uri, cause, story.source, command.at, number, Outcome.WITHDRAWN
        )
        effects = (*effects, tombstone)
    state.put(
        story_key(story.uri),
        msgspec.structs.replace(
            story,
            expires=state.progress.clock + params.memory,
            version=story.version + 1,
            status=StoryStatus.WITHDRAWN,
            labels=(),
            pending=b"",
            release_at="",
        ),
    )
    decision = output_records.build_command_decision(
        command, log_offset, Outcome.WITHDRAWN, story, version=number, topics=topics
    )
    return decision, effects
