"""Folds the records of a replay: the same fold as the live one, on a state of its own that nobody else sees (pure)."""

from collections.abc import Sequence

import msgspec

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.decide.state_entries import StoryEntry
from streams.model import codec
from streams.model.records import (
    Command,
    CommandAction,
    Decision,
    Effect,
    Item,
    JsonObject,
    LogRecord,
    Outcome,
    Refusal,
)

Reprepared = Sequence[Item | Refusal]
"""The log records of one raw record, prepared with today's knowledge."""

_WITH_TEXT = (CommandAction.UNDO, CommandAction.RESTORE)
_WITH_ITEM = (CommandAction.RECLASSIFY, CommandAction.SPLIT)


class Folded(msgspec.Struct, frozen=True):
    """What the shadow fold made of one record."""

    decision: Decision
    effects: tuple[Effect, ...]
    item: Item | None
    """The item that the decision publishes or withholds."""
    story: StoryEntry | None
    """The story after the record."""


class Shadow:
    """Folds records in the order of the log. `flush` after each chunk drops what has expired."""

    def __init__(self, params: DecideParams) -> None:
        self._params = params
        self._state = State()
        self._batch = self._state.batch()

    def flush(self) -> None:
        """Merges the changes of the chunk into the state."""
        self._state.merge(self._batch.changes)
        self._batch = self._state.batch()

    def story(self, uri: str) -> StoryEntry | None:
        """Returns a story of the state."""
        return self._batch.story(uri)

    def fold(self, record: LogRecord, log_offset: int) -> Folded:
        """Folds one record."""
        item = self._item_published_by(record)
        decision, effects = apply(self._batch, record, log_offset, self._params)
        return Folded(decision, effects, item, self._batch.story(decision.uri) if decision.uri else None)

    def fold_command(
        self, command: Command, log_offset: int, published: Decision | None, reprepared: Item | None
    ) -> Folded:
        """Folds a command. A reclassification that was obeyed at its time is made with the item of today."""
        if command.action == CommandAction.RECLASSIFY:
            story = self._batch.story(command.uri)
            obeyed = published is None or published.outcome is not Outcome.NONE
            detail = {**command.detail, "version": str(story.version) if story is not None and obeyed else ""}
            if reprepared:
                detail |= {"item": codec.encode(reprepared).decode(), "labels": None, "symbols": None}
            command = msgspec.structs.replace(command, detail=detail)
        elif command.action == CommandAction.SPLIT and reprepared:
            item = codec.encode(reprepared).decode()
            command = msgspec.structs.replace(command, detail={**command.detail, "item": item})
        elif command.action in _WITH_TEXT and published is not None and published.outcome is not Outcome.NONE:
            command = self._with_versions_of_today(command)
        return self.fold(command, log_offset)

    def _with_versions_of_today(self, command: Command) -> Command:
        """Returns a command that carries texts with the versions that their stories have in the shadow."""
        detail = dict(command.detail)
        if rows := detail.get("stories"):
            detail["stories"] = [self._with_version_of_today(row) for row in rows]
        if restored := detail.get("restoration"):
            detail["restoration"] = {**restored, "text": self._with_version_of_today(restored["text"])}
        if command.action == CommandAction.RESTORE:
            detail["text"] = self._with_version_of_today(detail["text"])
        return msgspec.structs.replace(command, detail=detail)

    def _with_version_of_today(self, text: JsonObject) -> JsonObject:
        story = self._batch.story_itself(text["uri"])
        return {**text, "version": str(story.version) if story else ""}

    def _item_published_by(self, record: LogRecord) -> Item | None:
        if isinstance(record, Item):
            return record
        if not isinstance(record, Command):
            return None
        if record.action in _WITH_ITEM:
            return item_of(record)
        story = self._batch.story(record.uri) if record.action == CommandAction.RELEASE else None
        waiting = codec.decode(story.pending) if story is not None and story.pending else None
        return waiting if isinstance(waiting, Item) else None


def item_of(command: Command) -> Item | None:
    """Decodes the item of a command `reclassify` or `split`; None for every other command."""
    text = command.detail.get("item")
    if command.action not in _WITH_ITEM or not isinstance(text, str) or not text:
        return None
    record = codec.decode(text.encode())
    return record if isinstance(record, Item) else None


def replacement(recorded: Item | Refusal, reprepared: Reprepared) -> tuple[Item | Refusal, ...]:
    """Chooses what replaces a recorded record: the new item of its index, and after the last one all additional items.

    Empty where the raw record has fewer items now.
    """
    index = recorded.origin.index
    if index + 1 >= recorded.origin.count:
        return tuple(reprepared[index:])
    return tuple(reprepared[index : index + 1])
