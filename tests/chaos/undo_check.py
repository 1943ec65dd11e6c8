"""Checks on the fold of a log that the undo of each command of the desk gives readers back what they saw before it."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from streams.model.records import DESK_CHANGES, Command, CommandAction, Decision, Effect, JsonObject, LogRecord, Outcome
from streams.model.topics import LATEST

CHANGED_BY_UNDO = ("version", "versionCreated", "edNote")
"""The fields that an undo may leave changed."""
View = dict[str, JsonObject | None]
"""What readers see of stories: the document without those fields, None of one that they do not see."""


class Given(NamedTuple):
    """A command that was obeyed: what readers saw of its stories before, and how often these had changed after it."""

    action: str
    before: View
    changes: dict[str, int]


class UndoCheck:
    """Follows the records of `latest`, and compares them at each undo.

    An undo is compared only where nothing else has changed the stories of its command meanwhile: what came since stays.
    """

    def __init__(self) -> None:
        self.compared: Counter[str] = Counter()
        """By the action that was taken back."""
        self.wrong: list[str] = []
        self._shown: dict[str, JsonObject] = {}
        self._changes: Counter[str] = Counter()
        self._given: dict[str, Given] = {}

    def add(self, record: LogRecord, decision: Decision, effects: Sequence[Effect]) -> None:
        """Adds a folded record."""
        rows = {effect.key.decode(): effect.value or b"" for effect in effects if effect.topic == LATEST and effect.key}
        undone = self._find_undone(record)
        before = {uri: self._see(uri) for uri in rows}
        is_alone = undone is not None and all(self._changes[uri] == count for uri, count in undone.changes.items())
        for uri, value in rows.items():
            self._shown[uri] = json.loads(value)
            self._changes[uri] += 1
        if not isinstance(record, Command) or decision.outcome is Outcome.NONE:
            return
        if undone is None and record.action in (*DESK_CHANGES, CommandAction.KILL):
            self._given[record.id] = Given(record.action, before, {uri: self._changes[uri] for uri in rows})
        elif undone is not None and is_alone:
            self._compare(record, undone, {uri for uri in rows if uri in undone.before})

    def _find_undone(self, record: LogRecord) -> Given | None:
        if isinstance(record, Command) and record.action == CommandAction.UNDO:
            return self._given.get(record.detail["command"])
        return None

    def _see(self, uri: str) -> JsonObject | None:
        event = self._shown.get(uri, {})
        if event.get("pubStatus") != "usable":
            return None
        return {name: value for name, value in event.items() if name not in CHANGED_BY_UNDO}

    def _compare(self, undo: Command, undone: Given, uris: set[str]) -> None:
        self.compared[undone.action] += 1
        for uri in sorted(uris):
            if (now := self._see(uri)) != (before := undone.before[uri]):
                names = sorted(
                    name
                    for name in {*(now or {}), *(before or {})}
                    if (now or {}).get(name) != (before or {}).get(name)
                )
                self.wrong.append(f"the undo {undo.id} of a {undone.action} leaves {uri} with other {', '.join(names)}")
