"""Finds from the records of a story what readers saw before a kill, or would see without a wrong version (pure).

The records are folded again into a state of their own, and each does what was decided on it at its time.
"""

from collections.abc import Sequence

import msgspec

from streams.decide import commands
from streams.decide.documents import unpack
from streams.decide.joins import put_story, show_text
from streams.decide.outcomes import Ruling, rule_known
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import StoryStatus
from streams.decide.stories import ItemCase, is_advisory, obey_ruling, open_story, seen_version
from streams.model.command_details import Restoration, StoryText, Undoing
from streams.model.records import Command, CommandAction, Decision, Item, LogRecord, Outcome, Status

_OF_STORY = (Outcome.PUBLISHED, Outcome.REVISED, Outcome.WITHHELD)
_COMMANDS = (CommandAction.RELEASE, CommandAction.RECLASSIFY, CommandAction.SPLIT)
_RESTORING = (CommandAction.RESTORE, CommandAction.UNDO)
"""The commands that bring a text, or another reading of it."""


Rows = Sequence[tuple[Decision, LogRecord | None]]
"""The decisions about a story in their order, each with its record of the log, None where that is gone."""


def find_text(uri: str, version: str, rows: Rows) -> StoryText | None:
    """Finds the text of a story, without what persons set on it; None where the log has it no more.

    `version` is the newest one that was published.
    """
    return _refold(uri, rows).text(version)


def find_restoration(uri: str, version: str, rows: Rows, parted: str) -> Restoration | None:
    """Finds what a command needs to show a story as these records made it; None where the log has that no more."""
    return _refold(uri, rows).restoration(version, parted)


def brings_text(record: LogRecord | None) -> bool:
    """Tells whether a record may have changed the text of a story; of one that is gone nobody knows."""
    if isinstance(record, Command):
        return record.action in _COMMANDS or read_restoration(record) is not None
    return True


def read_restoration(command: Command) -> Restoration | None:
    """Reads the text that a command shows again; None where it shows none."""
    if command.action == CommandAction.RESTORE:
        return msgspec.convert(command.detail, Restoration)
    return msgspec.convert(command.detail, Undoing).restoration if command.action == CommandAction.UNDO else None


def _refold(uri: str, rows: Rows) -> "_Refold":
    fold = _Refold(uri)
    for decision, record in rows:
        fold.add(decision, record)
    return fold


class _Refold:
    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._params = DecideParams(window=1, memory=1 << 60, log_topic="")
        self._batch = Batch(State())
        self._lost = False
        """A record is gone, and no complete text came since."""

    def add(self, decision: Decision, record: LogRecord | None) -> None:
        if isinstance(record, Item):
            self._add_item(decision, record)
        elif isinstance(record, Command) and record.action in _COMMANDS and decision.outcome in _OF_STORY:
            self._add_command(decision, record)
        elif isinstance(record, Command) and record.action in _RESTORING and decision.outcome in _OF_STORY:
            self._restore(read_restoration(record))
        elif record is None and decision.outcome in _OF_STORY:
            self._lost = True

    def _add_item(self, decision: Decision, item: Item) -> None:
        brings_text = item.has_body and not is_advisory(item)
        if self._lost and not brings_text:
            return
        if self._lost:
            self._batch, self._lost = Batch(State()), False
        story = self._batch.story(self._uri)
        version, outcome = seen_version(item), decision.outcome
        ruling = Ruling(outcome, evidence=decision.evidence)
        if outcome is Outcome.WITHDRAWN and item.status is not Status.WITHDRAWN:  # it came after the kill
            if story is None:
                return
            ruling = rule_known(item, version, story)
        if ruling.outcome in _OF_STORY:
            case = ItemCase(self._batch, item, version, self._uri, decision.log_offset, self._params)
            if story is None:
                original = str(decision.evidence.get("translationOf", ""))
                story = msgspec.structs.replace(open_story(case, ruling)[0], translation_of=original)
            obey_ruling(case, story, ruling)

    def _add_command(self, decision: Decision, command: Command) -> None:
        if command.action == CommandAction.RECLASSIFY:
            story = self._batch.story(self._uri)
            version = str(story.version) if story is not None else ""
            command = msgspec.structs.replace(command, detail={**command.detail, "version": version})
        commands.apply_command(self._batch, command, decision.log_offset, self._params)

    def _restore(self, wanted: Restoration | None) -> None:
        story = self._batch.story(self._uri)
        if wanted is not None and story is not None:
            put_story(self._batch, show_text(self._batch, story, wanted)[0])
            self._lost = False

    def restoration(self, version: str, parted: str) -> Restoration | None:
        text, story = self.text(version), self._batch.story(self._uri)
        if text is None or story is None:
            return None
        shown = story.current
        return Restoration(
            parted=parted,
            text=text,
            shown=(shown.key, shown.created, shown.version, shown.text_hash),
            symbols=story.symbols,
            fingerprint=story.fingerprint_number,
        )

    def text(self, version: str) -> StoryText | None:
        story, known = self._batch.story(self._uri), self._batch.document(self._uri)
        if self._lost or story is None or known is None or story.status is not StoryStatus.LIVE:
            return None
        return StoryText(
            uri=self._uri,
            version=version,
            event=unpack(known.packed).decode(),
            labels=story.labels,
            headline=story.headline,
            has_body=story.has_body,
            rights=known.rights,
            rights_end=story.rights_end,
            time_source=known.time_source,
        )
