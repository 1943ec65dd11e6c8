"""Builds the version that takes a story out of its topics, because a person or a clock says so."""

from typing import NamedTuple

from streams.decide import output_records
from streams.decide.documents import add_alt_id, build_withdrawn_document, finalize_document, unpack
from streams.decide.output_records import Cause
from streams.decide.state_entries import StoryDocument, StoryEntry
from streams.model.codec import decode
from streams.model.records import Command, Effect, Item, Outcome, PubStatus
from streams.model.topics import LATEST

JOINED_INTO = "joined-into"
"""The role in `altIds` of the story into which a story was joined."""


class WithdrawnVersion(NamedTuple):
    """The last version of a story, and its records."""

    number: str
    left: tuple[str, ...]
    """The topics of categories that get a tombstone."""
    effects: tuple[Effect, ...]


def build_withdrawal(
    story: StoryEntry, known: StoryDocument | None, command: Command, cause: Cause, *, note: str, joined_into: str = ""
) -> WithdrawnVersion:
    """Builds the withdrawal of a story; `known` is its document, `joined_into` the uri of the story that goes on."""
    number, left = str(story.version + 1), tuple(sorted(story.topics))
    document = build_withdrawn_document(
        _last_document(story, known),
        b"{}",
        source=story.source,
        note=note,
        firstCreated=story.first_created,
        versionCreated=command.at,
    )
    value = finalize_document(
        add_alt_id(document, JOINED_INTO, joined_into) if joined_into else document,
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
        rights=known.rights if known else "restricted",
    )
    effects = output_records.build_item_effects((LATEST,), left, story.uri, Outcome.WITHDRAWN, value, headers)
    return WithdrawnVersion(number, left, effects)


def _last_document(story: StoryEntry, known: StoryDocument | None) -> bytes:
    """Returns the document whose ids a withdrawn story keeps: the one that is shown, or that waits."""
    if known is not None:
        return unpack(known.packed)
    waiting = decode(story.pending) if story.pending else None
    return bytes(waiting.event) if isinstance(waiting, Item) else b"{}"
