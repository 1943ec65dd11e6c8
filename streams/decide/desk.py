"""Obeys the commands by which persons change what readers see of a story, and takes them back.

Each makes a version of the story with the same text. Nothing happened in the world, so it carries the header
`desk-action`, and no ticker marks it.
"""

import msgspec
import orjson

from streams.decide import output_records
from streams.decide.documents import finalize_document, unpack
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.pins import MAX_PINS, build_pin, file_labels, pin_document
from streams.decide.state import Batch
from streams.decide.state_entries import Pin, StoryDocument, StoryEntry, StoryStatus, story_key
from streams.model.command_details import Undoing
from streams.model.records import Command, CommandAction, JsonObject, Label, Outcome, PubStatus

NO_TEXT = "the text of the story is not in the state"
CHANGES_NOTHING = "readers see this already; it holds for later versions too"


def change_story(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Obeys a command of `DESK_CHANGES`. Its outcome is `none` if it has nothing to do."""
    story = state.story(command.uri)
    if story is None:
        return _nothing(command, log_offset, None, "no such story")
    if command.action == CommandAction.UNDO:
        return _undo(state, command, story, log_offset, params)
    return _pin(state, command, story, log_offset, params)


def _pin(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Keeps what a person sets on a live story, and shows it."""
    made = build_pin(command)
    if any(each.command == command.id for each in story.pinned):
        return _nothing(command, log_offset, story, "done before")
    if len(story.pinned) >= MAX_PINS:
        return _nothing(command, log_offset, story, f"{MAX_PINS} settings stand on it: undo some")
    return _show(state, command, story, (*story.pinned, made), log_offset, params)


def _undo(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Removes what a command set. What others set later stays."""
    wanted = msgspec.convert(command.detail, Undoing)
    left = tuple(each for each in story.pinned if each.command != wanted.command)
    if len(left) == len(story.pinned):
        return _nothing(command, log_offset, story, f"nothing of {wanted.command} stands on it")
    return _show(state, command, story, left, log_offset, params)


def _show(
    state: Batch,
    command: Command,
    story: StoryEntry,
    pinned: tuple[Pin, ...],
    log_offset: int,
    params: DecideParams,
) -> FoldResult:
    known = state.document(story.uri)
    if story.status is not StoryStatus.LIVE or known is None:
        reason = NO_TEXT if story.status is StoryStatus.LIVE else f"{command.action} finds the story {story.status}"
        return _nothing(command, log_offset, story, reason)
    changed = msgspec.structs.replace(story, pinned=pinned)
    if orjson.loads(_render(changed, known)[0]) == orjson.loads(_render(story, known)[0]):
        state.put(story_key(story.uri), changed)
        return _nothing(command, log_offset, story, CHANGES_NOTHING)
    return show_again(state, command, story, changed, known, log_offset, params)


def _render(story: StoryEntry, known: StoryDocument) -> tuple[bytes, tuple[Label, ...]]:
    labels = file_labels(story.pinned, story.labels)
    return pin_document(story.pinned, unpack(known.packed), labels), labels


def show_again(
    state: Batch,
    command: Command,
    story: StoryEntry,
    changed: StoryEntry,
    known: StoryDocument,
    log_offset: int,
    params: DecideParams,
) -> FoldResult:
    """Publishes the next version of a story, with the text that it has; `changed` is the story as it is from now on."""
    document, labels = _render(changed, known)
    number = str(story.version + 1)
    topics = output_records.list_public_topics(tuple(label.category for label in labels))
    left = output_records.list_left_topics(story.topics, topics)
    value = finalize_document(
        document, uri=story.uri, version=number, pubStatus=PubStatus.USABLE, representationType="full"
    )
    headers = output_records.build_headers(
        output_records.command_cause(params.log_topic, log_offset),
        kind=Outcome.REVISED.value,
        ce_id=f"{story.uri}/{number}",
        source=story.source,
        time=command.at,
        content_type=output_records.JSON,
        time_source=known.time_source,
        rights=known.rights,
        desk_action=command.action,
    )
    state.put(
        story_key(story.uri),
        msgspec.structs.replace(changed, version=story.version + 1, topics=topics[1:], replay_job=""),
    )
    decision = output_records.build_command_decision(
        command,
        log_offset,
        Outcome.REVISED,
        story,
        version=number,
        topics=topics,
        left=left,
        labels=labels,
        evidence=_tell(command),
    )
    return decision, output_records.build_item_effects(topics, left, story.uri, Outcome.REVISED, value, headers)


def _tell(command: Command) -> JsonObject:
    """Returns what a command set. A replay without the log takes it from here."""
    return {"detail": command.detail}


def _nothing(command: Command, log_offset: int, story: StoryEntry | None, note: str) -> FoldResult:
    evidence = {"note": note, **(_tell(command) if note == CHANGES_NOTHING else {})}
    return output_records.build_command_decision(command, log_offset, Outcome.NONE, story, evidence=evidence), ()
