"""Publishes a version of a story again, prepared with today's knowledge, for a command `reclassify` of a replay."""

import msgspec

from streams.decide import output_records
from streams.decide.documents import keep_notes
from streams.decide.matching import recognise_version
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch
from streams.decide.state_entries import StoryEntry, StoryStatus, decode_waiting_item, document_key, story_key
from streams.decide.stories import (
    build_next_version,
    build_version_decision,
    build_version_effects,
    is_advisory,
    list_rights_end,
    seen_version,
)
from streams.model.codec import decode
from streams.model.command_details import Reclassification
from streams.model.records import Command, Item, Outcome


def reclassify(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Publishes one more version of the story, or nothing if the story has changed since the replay read it.

    The story does not expire earlier or later for it.
    """
    wanted = msgspec.convert(command.detail, Reclassification)
    item = decode(wanted.item.encode())
    if not isinstance(item, Item):
        raise ValueError("the command carries no item")
    note = _reason_for_nothing(story, wanted, item)
    if note:
        evidence = {"job": wanted.job, "version_meant": wanted.version, "note": note}
        return output_records.build_command_decision(command, log_offset, Outcome.NONE, story, evidence=evidence), ()
    return _publish_again(state, command, story, log_offset, params, wanted, item)


def _reason_for_nothing(story: StoryEntry, wanted: Reclassification, item: Item) -> str:
    """Says why the command does nothing; empty if it does something."""
    if wanted.waits:
        pending = decode(story.pending) if story.pending else None
        if not isinstance(pending, Item) or pending.origin != item.origin:
            return "moved on: it waits no more"
        return "done before" if pending == item else ""
    if story.status is StoryStatus.LIVE and str(story.version) == wanted.version:
        return ""
    if story.replay_job == wanted.job and str(story.version - 1) == wanted.version:
        return "done before"
    return f"moved on: version {story.version} is {story.status}"


def _publish_again(
    state: Batch,
    command: Command,
    story: StoryEntry,
    log_offset: int,
    params: DecideParams,
    wanted: Reclassification,
    item: Item,
) -> FoldResult:
    if wanted.waits:
        item = _with_notes_of_waiting_version(item, story)
    advisory = story.version > 0 and is_advisory(item) and (wanted.waits or not _is_current(item, story))
    update = advisory or (story.version > 0 and story.has_body and not item.has_body)
    labels = (wanted.labels if wanted.labels is not None else story.labels) if update else item.labels
    outcome = Outcome.WITHHELD if wanted.waits else Outcome.REVISED
    made = build_next_version(
        state, story, item, labels, outcome, update=update, advisory=advisory, replay_job=wanted.job
    )
    changed = made.story
    if not wanted.waits:
        symbols = wanted.symbols if wanted.symbols is not None else tuple(dict.fromkeys(story.symbols + item.symbols))
        changed = msgspec.structs.replace(changed, symbols=symbols)
    state.put(story_key(story.uri), changed)
    list_rights_end(state, story, changed)
    if made.document is not None:
        state.put(document_key(story.uri), made.document)
    evidence = {"job": wanted.job, "version_meant": wanted.version, **made.evidence}
    decision = build_version_decision(command, log_offset, outcome, story, made, evidence)
    cause = output_records.command_cause(params.log_topic, log_offset, item.traceparent)
    made = msgspec.structs.replace(made, story=changed)
    return decision, build_version_effects(story, made, outcome, item, cause, replay_job=wanted.job)


def _is_current(item: Item, story: StoryEntry) -> bool:
    return recognise_version(seen_version(item), item, story) == story.current


def _with_notes_of_waiting_version(item: Item, story: StoryEntry) -> Item:
    """Gives an item the notes of advisories that joined the version which waits, and its embargo."""
    waiting = decode_waiting_item(story)
    event = keep_notes(bytes(item.event), bytes(waiting.event))
    return msgspec.structs.replace(item, event=msgspec.Raw(event), embargoed_until=waiting.embargoed_until)
