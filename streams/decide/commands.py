"""Commands: what people and the clock do to a story."""

from typing import Any

import msgspec

from streams.decide import output_records
from streams.decide.outcomes import Verdict
from streams.decide.output_records import Outcome
from streams.decide.parameters import Rulebook
from streams.decide.reclassify import reclassify
from streams.decide.state import Overlay
from streams.decide.state_entries import StoryEntry, story_key
from streams.decide.stories import Case, show, version_of
from streams.model.codec import decode
from streams.model.records import Command, CommandAction, Effect, Fate, Item
from streams.model.topics import DEAD_LETTERS

RELEASER = "releaser"
"""Who the clock's releases are `by`; a release by anyone else may end an embargo early."""
LETTER_ACTIONS = (CommandAction.RETRIED, CommandAction.DISCARDED)
"""What people did about a dead letter, whose id stands in the place of a uri: noted behind it in its topic."""


def obey(state: Overlay, command: Command, log_offset: int, rules: Rulebook) -> Outcome:
    """The outcome of a command; `none` where it finds nothing to do."""
    if command.action in LETTER_ACTIONS:
        noted = output_records.letter_note(command, output_records.command_place(rules.log_topic, log_offset))
        return output_records.of_command(command, log_offset, Fate.NONE, topics=(DEAD_LETTERS,)), (noted,)
    story = state.story(command.uri)
    if story is None:
        return output_records.of_command(command, log_offset, Fate.NONE, evidence={"note": "no such story"}), ()
    if command.action == CommandAction.RELEASE and story.pending:
        if command.by == RELEASER and command.at.rstrip("Z") < story.release_at.rstrip("Z"):
            note = f"under embargo until {story.release_at} since this release was due"
            return output_records.of_command(command, log_offset, Fate.NONE, story, evidence={"note": note}), ()
        return _release(state, command, story, log_offset, rules)
    if command.action == CommandAction.RECLASSIFY:
        return reclassify(state, command, story, log_offset, rules)
    if command.action == CommandAction.KILL and story.status != "withdrawn":
        return _kill(state, command, story, log_offset, rules)
    note = f"{command.action} finds the story {story.status}"
    return output_records.of_command(command, log_offset, Fate.NONE, story, evidence={"note": note}), ()


def _release(state: Overlay, command: Command, story: StoryEntry, log_offset: int, rules: Rulebook) -> Outcome:
    item = decode(story.pending)
    assert isinstance(item, Item)
    verdict = Verdict(
        Fate.REVISED if story.version else Fate.PUBLISHED, evidence={"matched": CommandAction.RELEASE.value}
    )
    case = Case(state, item, version_of(item), story.uri, log_offset, rules)
    shown, effects = show(case, story, verdict)
    place = output_records.command_place(rules.log_topic, log_offset, item.traceparent)
    topics = shown.topics
    value = effects[0].value
    assert value is not None
    effects = (
        *output_records.item_effects(topics, story.uri, shown.version, verdict.fate.value, value, item, place),
        output_records.withheld_tombstone(
            story.uri, place, item.source, item.received, shown.version, verdict.fate.value
        ),
    )
    decision = output_records.of_command(
        command, log_offset, verdict.fate, story, version=shown.version, topics=topics, labels=shown.labels
    )
    return decision, effects


def _kill(state: Overlay, command: Command, story: StoryEntry, log_offset: int, rules: Rulebook) -> Outcome:
    place = output_records.command_place(rules.log_topic, log_offset)
    number = str(story.version + 1)
    topics = output_records.public_topics(story.topics)
    document: dict[str, Any] = {"type": "text", "versionCreated": command.at, "edNote": command.why}
    document["headlines"] = [{"role": role, "value": story.headline} for role in ("main", "ticker")]
    value = output_records.finished(
        msgspec.json.encode({name: part for name, part in document.items() if part}),
        uri=story.uri,
        version=number,
        pubStatus="canceled",
        representationType="full",
    )
    named = output_records.headers(
        place,
        kind="withdrawn",
        ce_id=f"{story.uri}/{number}",
        source=story.source,
        time=command.at,
        content_type=output_records.JSON,
        time_source="received",
    )
    effects = tuple(Effect(topic, story.uri.encode(), value, named) for topic in topics)
    if story.pending:
        tombstone = output_records.withheld_tombstone(
            story.uri, place, story.source, command.at, number, Fate.WITHDRAWN.value
        )
        effects = (*effects, tombstone)
    state.put(
        story_key(story.uri),
        msgspec.structs.replace(
            story,
            expires=state.progress.clock + rules.memory,
            version=story.version + 1,
            status="withdrawn",
            labels=(),
            pending=b"",
            release_at="",
        ),
    )
    return output_records.of_command(command, log_offset, Fate.WITHDRAWN, story, version=number, topics=topics), effects
