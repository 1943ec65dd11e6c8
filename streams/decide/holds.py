"""Takes a published story back until its wire or the desk releases it again, and holds what is not published yet.

A hold is an item that withdraws, with an embargo without an end (`outcomes.is_hold`). What it takes back waits in
`withheld` as the version that a release publishes next.
"""

import msgspec

from streams.decide import output_records
from streams.decide.documents import complete_document, finalize_document, unpack
from streams.decide.outcomes import is_hold
from streams.decide.output_records import Cause
from streams.decide.state_entries import StoryDocument, StoryEntry, StoryStatus, decode_waiting_item
from streams.model.codec import encode
from streams.model.records import Effect, Item, JsonObject, Outcome, PubStatus, Rights, Status
from streams.model.timestamps import HOLD
from streams.model.topics import WITHHELD

_BY_ITSELF = ("id", "content", "nothing")
"""How an item matches that brings a text of its own: not by what it says about another one."""


def read_waiting(item: Item, evidence: JsonObject) -> Item:
    """Reads a hold of what is not published: its content, if it brings any; else a note on the story that waits."""
    brings = item.has_body and evidence.get("matched") in _BY_ITSELF
    return msgspec.structs.replace(item, status=Status.USABLE if brings else Status.ADVISORY)


def hold(
    withdrawn: StoryEntry, known: StoryDocument | None, shown: StoryEntry, item: Item, evidence: JsonObject
) -> StoryEntry:
    """Returns the story that a hold withdrew, with the version that waits: the hold's own text, or what was shown."""
    waiting = read_waiting(item, evidence)
    if waiting.status is not Status.USABLE and known is not None:
        waiting = msgspec.structs.replace(
            waiting,
            status=Status.USABLE,
            event=msgspec.Raw(unpack(known.packed)),
            labels=shown.labels,
            symbols=shown.symbols,
            headline=shown.headline,
            has_body=shown.has_body,
            rights=known.rights,
            rights_end=shown.rights_end,
        )
    return msgspec.structs.replace(
        withdrawn, status=StoryStatus.WITHHELD, pending=encode(waiting), release_at=HOLD, evidence=b""
    )


def takes_away(item: Item, story: StoryEntry) -> bool:
    """Tells whether an item takes a published story away until its release. A story that was killed stays so."""
    return is_hold(item) and story.status is StoryStatus.LIVE


def takes_back(item: Item, story: StoryEntry) -> bool:
    """Tells whether an item without a text releases a story that a hold took back."""
    return bool(story.pending) and story.status is StoryStatus.WITHHELD and story.version > 0 and not item.has_body


def restore(item: Item, story: StoryEntry) -> Item:
    """Returns the item with the text that waits."""
    waiting = decode_waiting_item(story)
    event = complete_document(bytes(waiting.event), bytes(item.event), advisory=not item.headline)
    return msgspec.structs.replace(item, event=msgspec.Raw(event), labels=waiting.labels, has_body=waiting.has_body)


def build_effects(story: StoryEntry, rights: Rights, item: Item, cause: Cause) -> tuple[Effect, ...]:
    """Builds the record of `withheld` with the version that waits."""
    waiting = decode_waiting_item(story)
    number = str(story.version + 1)
    value = finalize_document(
        bytes(waiting.event),
        uri=story.uri,
        version=number,
        pubStatus=PubStatus.WITHHELD,
        representationType="full",
    )
    headers = output_records.build_item_headers(
        item, cause, uri=story.uri, version=number, outcome=Outcome.WITHHELD, rights=rights
    )
    return output_records.build_item_effects((WITHHELD,), (), story.uri, Outcome.WITHHELD, value, headers)
