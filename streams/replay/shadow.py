"""The fold of a replay: the same fold, with a state of its own that nobody else sees (pure)."""

from collections.abc import Sequence

import msgspec

from streams.decide.fold import apply
from streams.decide.parameters import Rulebook
from streams.decide.state import State
from streams.decide.state_entries import StoryEntry
from streams.model import codec
from streams.model.records import Command, CommandAction, Decision, Effect, Fate, Item, LogRecord, Refusal

Anew = Sequence[Item | Refusal]
"""The log records of one raw record, prepared with today's knowledge."""


class Folded(msgspec.Struct, frozen=True):
    """What the shadow made of one record, the item that its decision shows, and its story behind it."""

    decision: Decision
    effects: tuple[Effect, ...]
    item: Item | None
    story: StoryEntry | None


class Shadow:
    """Folds records in the order of the log. `flush` after each chunk lets what has expired go."""

    def __init__(self, rules: Rulebook) -> None:
        self._rules = rules
        self._state = State()
        self._batch = self._state.batch()

    def flush(self) -> None:
        """Takes the chunk's changes over."""
        self._state.merge(self._batch.changes)
        self._batch = self._state.batch()

    def fold(self, record: LogRecord, log_offset: int) -> Folded:
        """One record."""
        item = self._item_shown(record)
        decision, effects = apply(self._batch, record, log_offset, self._rules)
        return Folded(decision, effects, item, self._batch.story(decision.uri) if decision.uri else None)

    def command(self, command: Command, log_offset: int, published: Decision | None, anew: Item | None) -> Folded:
        """A command. One that filed a story anew does so with the item of today, if it was obeyed at its time."""
        if command.action == CommandAction.RECLASSIFY:
            story = self._batch.story(command.uri)
            obeyed = published is None or published.fate is not Fate.NONE
            detail = {
                **command.detail,
                "version": str(story.version) if story is not None and obeyed else "",
                **({"item": codec.encode(anew).decode(), "labels": None, "symbols": None} if anew else {}),
            }
            command = msgspec.structs.replace(command, detail=detail)
        return self.fold(command, log_offset)

    def _item_shown(self, record: LogRecord) -> Item | None:
        if isinstance(record, Item):
            return record
        if not isinstance(record, Command):
            return None
        if record.action == CommandAction.RECLASSIFY:
            return carried(record)
        story = self._batch.story(record.uri) if record.action == CommandAction.RELEASE else None
        waiting = codec.decode(story.pending) if story is not None and story.pending else None
        return waiting if isinstance(waiting, Item) else None


def carried(command: Command) -> Item | None:
    """The item that a command `reclassify` carries."""
    text = command.detail.get("item")
    if command.action != CommandAction.RECLASSIFY or not isinstance(text, str):
        return None
    record = codec.decode(text.encode())
    return record if isinstance(record, Item) else None


def instead(recorded: Item | Refusal, anew: Anew) -> tuple[Item | Refusal, ...]:
    """What stands in the place of a recorded record: the item of its index, and at the last one what is new.

    Nothing where the raw record has fewer items now.
    """
    index = recorded.origin.index
    if index + 1 >= recorded.origin.count:
        return tuple(anew[index:])
    return tuple(anew[index : index + 1])
