"""A story filed anew by a replay: the version that is shown, or that waits for its release, with today's knowledge."""

import msgspec

from streams.decide import output_records
from streams.decide.output_records import Outcome
from streams.decide.parameters import Rulebook
from streams.decide.state import Overlay
from streams.decide.state_entries import StoryEntry, story_key
from streams.decide.stories import filed, is_note, version_of
from streams.model.codec import decode, encode
from streams.model.records import Command, Fate, Item, Label
from streams.model.topics import LATEST, WITHHELD


class Refiling(msgspec.Struct, frozen=True, kw_only=True):
    """The `detail` of a command `reclassify`."""

    job: str
    version: str
    """The version of the story that is filed anew; where another is shown by now, nothing is done."""
    item: str
    """The item of that version, prepared anew, as a log record (JSON)."""
    waits: bool = False
    """The version is not shown yet: it waits for the end of its embargo."""
    labels: tuple[Label, ...] | None = None
    """The categories of a partial revision, which is filed where its story is."""
    symbols: tuple[str, ...] | None = None
    """The story's companies; else the item's are added to those it has."""


def reclassify(state: Overlay, command: Command, story: StoryEntry, log_offset: int, rules: Rulebook) -> Outcome:
    """One more version of the story, or nothing where the story has moved on since. It forgets no sooner or later."""
    wanted = msgspec.convert(command.detail, Refiling)
    item = decode(wanted.item.encode())
    if not isinstance(item, Item):
        raise ValueError("the command carries no item")
    note = _moved_on(story, wanted, item)
    if note:
        evidence = {"job": wanted.job, "version_meant": wanted.version, "note": note}
        return output_records.of_command(command, log_offset, Fate.NONE, story, evidence=evidence), ()
    return _file(state, command, story, log_offset, rules, wanted, item)


def _moved_on(story: StoryEntry, wanted: Refiling, item: Item) -> str:
    """Why there is nothing to do; empty where there is something."""
    if wanted.waits:
        pending = decode(story.pending) if story.pending else None
        if not isinstance(pending, Item) or pending.origin != item.origin:
            return "moved on: it waits no more"
        return "done before" if pending == item else ""
    if story.status == "live" and str(story.version) == wanted.version:
        return ""
    if story.replay_job == wanted.job and str(story.version - 1) == wanted.version:
        return "done before"
    return f"moved on: version {story.version} is {story.status}"


def _file(
    state: Overlay,
    command: Command,
    story: StoryEntry,
    log_offset: int,
    rules: Rulebook,
    wanted: Refiling,
    item: Item,
) -> Outcome:
    noted = not wanted.waits and is_note(item) and version_of(item) != story.current
    partial = noted or (story.has_body and not item.has_body)
    labels = (wanted.labels if wanted.labels is not None else story.labels) if partial else item.labels
    number, fate = str(story.version + 1), Fate.WITHHELD if wanted.waits else Fate.REVISED
    value = filed(item, story, labels, number, "withheld" if wanted.waits else "usable", partial=partial, noted=noted)
    place = output_records.command_place(rules.log_topic, log_offset, item.traceparent)
    if wanted.waits:
        topics: tuple[str, ...] = (WITHHELD,)
        entry = msgspec.structs.replace(story, pending=encode(item))
    else:
        topics = output_records.public_topics((*(label.category for label in labels), *story.topics))
        symbols = wanted.symbols if wanted.symbols is not None else tuple(dict.fromkeys(story.symbols + item.symbols))
        entry = msgspec.structs.replace(
            story,
            version=story.version + 1,
            topics=tuple(sorted({*topics} - {LATEST})),
            labels=tuple(msgspec.structs.replace(label, matched=()) for label in labels),
            headline=story.headline if noted else item.headline or story.headline,
            symbols=symbols,
            replay_job=wanted.job,
        )
    state.put(story_key(story.uri), entry)
    decision = output_records.of_command(
        command,
        log_offset,
        fate,
        story,
        version=number,
        topics=topics,
        labels=labels,
        evidence={"job": wanted.job, "version_meant": wanted.version},
    )
    effects = output_records.item_effects(
        topics, story.uri, number, fate.value, value, item, place, replay_job=wanted.job
    )
    return decision, effects
