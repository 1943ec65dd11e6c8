"""Brings a state of format 1 to format 2. Pure; worker/state_upgrade.py runs it before the first record is folded.

In format 1 a story has no document, and it stands in each topic in which it ever stood. What the upgrade finds in such
topics goes into the log as commands `clear`. So the fold alone sends the tombstones, and a replay sends the same.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from streams.decide import output_records
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import (
    Entry,
    Progress,
    RightsExpiry,
    StoredFingerprint,
    StoryDocument,
    StoryEntry,
    StoryStatus,
    document_key,
    story_key,
)
from streams.model.codec import decode, encode
from streams.model.command_details import MAX_CLEARED, StoriesToClear, StoryTopics
from streams.model.records import Command, CommandAction, Effect, JsonObject, Outcome, WithdrawnStory
from streams.model.timestamps import format_rfc3339
from streams.model.topics import CATEGORIES

FORMAT_WITHOUT_DOCUMENTS = 1
UPGRADE = "upgrade"
"""The `by` of commands `clear`."""
WHY = "stood there before format 2"


def needs_upgrade(progress: Progress) -> bool:
    """Tells whether a state is of format 1."""
    return progress.format == FORMAT_WITHOUT_DOCUMENTS


def list_topics(story: StoryEntry) -> tuple[str, ...]:
    """Lists the category topics in which a story of format 1 should stand now, sorted."""
    if story.status is not StoryStatus.LIVE:
        return ()
    return output_records.list_public_topics(tuple(label.category for label in story.labels))[1:]


def build_clear_commands(stories: Iterable[StoryEntry], progress: Progress) -> list[Command]:
    """Builds the commands that remove stories of format 1 from the topics where they should not stand.

    The same state gives the same commands: they are dated by its own clock.
    """
    found = sorted(
        (StoryTopics(story.uri, left) for story in stories if (left := _list_left(story))), key=lambda each: each.uri
    )
    at = format_rfc3339(datetime.fromtimestamp(progress.clock / 1000, UTC))
    return [
        Command(
            action=CommandAction.CLEAR,
            uri="",
            at=at,
            by=UPGRADE,
            why=WHY,
            detail=msgspec.to_builtins(StoriesToClear(tuple(found[first : first + MAX_CLEARED]))),
        )
        for first in range(0, len(found), MAX_CLEARED)
    ]


def _list_left(story: StoryEntry) -> tuple[str, ...]:
    return output_records.list_left_topics(story.topics, list_topics(story))


def upgrade_story(story: StoryEntry, folded: State) -> dict[str, StoryEntry | StoryDocument | None]:
    """Returns the changes that bring a story to format 2: its topics and its document.

    `folded` is the fold of what the log still holds. It gives the document where it came to the same version of the
    story from the same opening; else the text counts as lost, and the next update is `partial`.
    """
    changes: dict[str, StoryEntry | StoryDocument | None] = {}
    if _list_left(story):
        changes[story_key(story.uri)] = msgspec.structs.replace(story, topics=list_topics(story))
    if has_text(story):
        again, document = folded.get(story_key(story.uri)), folded.get(document_key(story.uri))
        if isinstance(document, StoryDocument) and isinstance(again, StoryEntry) and _is_same(story, again):
            changes[document_key(story.uri)] = document
    return changes


def has_text(story: StoryEntry) -> bool:
    """Tells whether readers see a version of a story, so that it has a document."""
    return story.status is StoryStatus.LIVE and story.version > 0


def _is_same(story: StoryEntry, again: StoryEntry) -> bool:
    return (again.current, again.has_body, again.first_created, again.translation_of) == (
        story.current,
        story.has_body,
        story.first_created,
        story.translation_of,
    )


def to_format_1(entry: Entry) -> Entry | None:
    """Returns an entry as a release of format 1 reads it; None for one that it does not know.

    It would take the fingerprint of a version that waits for that of a text which readers see.
    """
    if isinstance(entry, StoryDocument | RightsExpiry) or (isinstance(entry, StoredFingerprint) and not entry.version):
        return None
    entry = to_format_2(entry)
    if isinstance(entry, StoryEntry) and entry.pending:
        waiting = msgspec.structs.replace(decode(entry.pending), format=FORMAT_WITHOUT_DOCUMENTS)
        return msgspec.structs.replace(entry, pending=encode(waiting))
    return entry


def to_format_2(entry: Entry) -> Entry:
    """Returns an entry as a release of format 2 reads it: without what persons set, of which it does not know."""
    return msgspec.structs.replace(entry, pinned=()) if isinstance(entry, StoryEntry) and entry.pinned else entry


def clear_topics(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Sends a tombstone to each topic that a command `clear` names for a story, unless the story stands there now.

    `origin-index` of the tombstones counts the stories. They carry the next version of the story, although `latest`
    gets no record of it: with the version that stands in the topic, a reader would take them for a repeat of that.
    A repeat of a command does nothing: an upgrade that broke off leaves one.
    """
    found: list[WithdrawnStory] = []
    others: list[str] = []
    effects: list[Effect] = []
    for wanted in msgspec.convert(command.detail, StoriesToClear).stories[:MAX_CLEARED]:
        story = state.story(wanted.uri)
        left = CATEGORIES.keys() & set(wanted.topics) - set(story.topics) if story is not None else set()
        if story is None or story.cleared == command.at or not left:
            others.append(wanted.uri)
            continue
        story = msgspec.structs.replace(story, version=story.version + 1, cleared=command.at)
        gone = WithdrawnStory(story.uri, str(story.version), tuple(sorted(left)))
        outcome = Outcome.WITHDRAWN if story.status is StoryStatus.WITHDRAWN else Outcome.REVISED
        headers = output_records.build_headers(
            output_records.command_cause(params.log_topic, log_offset, index=len(found)),
            kind=outcome.value,
            ce_id=f"{story.uri}/{gone.version}",
            source=story.source,
            time=command.at,
            content_type=output_records.JSON,
            time_source="received",
            rights="restricted",
        )
        effects += output_records.build_item_effects((), gone.left, story.uri, outcome, b"", headers)
        state.put(story_key(story.uri), story)
        found.append(gone)
    evidence: JsonObject = {
        **({"stories": msgspec.to_builtins(found)} if found else {}),
        **({"passed over": others} if others else {}),
    }
    decision = output_records.build_command_decision(command, log_offset, Outcome.NONE, evidence=evidence)
    return decision, tuple(effects)
