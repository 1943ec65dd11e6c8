"""Publishes the next version of a story with the text that it has, because a person changed what stands around it.

Nothing happened in the world, so the version carries the header `desk-action`, and no ticker marks it.
"""

from typing import NamedTuple

import msgspec

from streams.decide import output_records
from streams.decide.documents import finalize_document, pack, unpack
from streams.decide.output_records import Cause, FoldResult
from streams.decide.pins import file_labels, pin_document
from streams.decide.state import Batch
from streams.decide.state_entries import StoryDocument, StoryEntry, StoryStatus, document_key, story_key
from streams.model.command_details import StoryText
from streams.model.records import Command, Effect, JsonObject, Label, Outcome, PubStatus


class ShownAgain(NamedTuple):
    """A version that a person made of a story, and its records."""

    number: str
    topics: tuple[str, ...]
    left: tuple[str, ...]
    labels: tuple[Label, ...]
    effects: tuple[Effect, ...]


def render(story: StoryEntry, known: StoryDocument) -> tuple[bytes, tuple[Label, ...]]:
    """Renders what readers see of a story: its document with what persons set, and its categories."""
    labels = file_labels(story.pinned, story.labels)
    return pin_document(story.pinned, unpack(known.packed), labels), labels


def show_again(
    state: Batch, command: Command, before: StoryEntry, changed: StoryEntry, known: StoryDocument, cause: Cause
) -> ShownAgain:
    """Puts the next version of a story into the state. `before` is the story as it was, `changed` as it is now."""
    document, labels = render(changed, known)
    uri, number = before.uri, str(before.version + 1)
    topics = output_records.list_public_topics(tuple(label.category for label in labels))
    left = output_records.list_left_topics(before.topics, topics)
    value = finalize_document(document, uri=uri, version=number, pubStatus=PubStatus.USABLE, representationType="full")
    headers = output_records.build_headers(
        cause,
        kind=Outcome.REVISED.value,
        ce_id=f"{uri}/{number}",
        source=before.source,
        time=command.at,
        content_type=output_records.JSON,
        time_source=known.time_source,
        rights=known.rights,
        desk_action=command.action,
    )
    entry = msgspec.structs.replace(changed, version=before.version + 1, topics=topics[1:], replay_job="")
    state.put(story_key(uri), entry)
    effects = output_records.build_item_effects(topics, left, uri, Outcome.REVISED, value, headers)
    return ShownAgain(number, topics, left, labels, effects)


def put_text(state: Batch, text: StoryText) -> StoryDocument:
    """Puts the document of a text that a command carries into the state."""
    document = StoryDocument(rights=text.rights, packed=pack(text.event.encode()), time_source=text.time_source)
    state.put(document_key(text.uri), document)
    return document


def with_text(story: StoryEntry, text: StoryText) -> StoryEntry:
    """Returns a live story with a text that a command carries."""
    return msgspec.structs.replace(
        story,
        status=StoryStatus.LIVE,
        labels=tuple(msgspec.structs.replace(label, matched=()) for label in text.labels),
        headline=text.headline,
        has_body=text.has_body,
        rights_end=text.rights_end,
        killed_by="",
    )


def build_shown(
    command: Command, log_offset: int, story: StoryEntry, shown: ShownAgain, *, brief: bool = False
) -> FoldResult:
    """Builds the result of a command about one story. A replay without the log takes the command from its evidence.

    Of a command that carries a text, only the names are in the evidence.
    """
    detail = (
        {name: value for name, value in command.detail.items() if isinstance(value, str)} if brief else command.detail
    )
    decision = output_records.build_command_decision(
        command,
        log_offset,
        Outcome.REVISED,
        story,
        version=shown.number,
        topics=shown.topics,
        left=shown.left,
        labels=shown.labels,
        evidence={"detail": detail},
    )
    return decision, shown.effects


def build_nothing(
    command: Command, log_offset: int, story: StoryEntry | None, note: str, evidence: JsonObject | None = None
) -> FoldResult:
    """Builds the result of a command that does nothing, and says why."""
    found = {"note": note, **(evidence or {})}
    return output_records.build_command_decision(command, log_offset, Outcome.NONE, story, evidence=found), ()
