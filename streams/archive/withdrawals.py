"""Says which stories are withdrawn for good, and takes their words out of decisions and commands (pure).

A story that its wire withdrew, whose rights ended, or that was killed with `--final` cannot come back. A kill with an
undo can be taken back as long as Kafka has the text; so its words leave the archive when Kafka loses them too.
"""

from collections.abc import Collection, Mapping

import msgspec

from streams.archive.manifest import DueWithdrawal
from streams.decide.outcomes import tell_under_embargo
from streams.model import codec
from streams.model.records import (
    Command,
    CommandAction,
    Decision,
    JsonObject,
    Label,
    Origin,
    Outcome,
    split_by_story,
)
from streams.model.topics import WITHHELD

_KEPT = ("by", "why", "command", "final", "stories", "not live", "rightsEnd")
"""The evidence of a kill that stays: who withdrew which stories, and why."""
_SHOWN = (Outcome.PUBLISHED, Outcome.REVISED)


def note_decision(
    known: Mapping[str, DueWithdrawal], decision: Decision, timestamp: int, undo_ms: int
) -> dict[str, DueWithdrawal | None]:
    """Returns what a decision changes in the withdrawn stories, by uri; None for a story that is live again."""
    changed: dict[str, DueWithdrawal | None] = {}
    for each in split_by_story(decision):
        before = known.get(each.uri)
        due = _read_due(each, timestamp, undo_ms)
        if due is not None:
            if before is not None:  # a late version of a wire makes no kill final
                due = min(due, before.due) if decision.action else before.due
            changed[each.uri] = DueWithdrawal(due=due, seen=timestamp)
        elif before is not None and each.outcome in _SHOWN:
            changed[each.uri] = None
        elif before is not None and each.outcome is not Outcome.NONE:
            changed[each.uri] = msgspec.structs.replace(before, seen=timestamp, purged=False)
    return changed


def is_withdrawal(decision: Decision) -> bool:
    """Tells whether a decision withdraws a story so that no later version of a wire brings it back."""
    return _read_due(decision, 0, 0) is not None


def _read_due(decision: Decision, timestamp: int, undo_ms: int) -> int | None:
    """Returns when the words of a story that a decision withdraws must go; None where it withdraws none for good."""
    if decision.outcome is not Outcome.WITHDRAWN or WITHHELD in decision.topics:
        return None  # what a hold takes back waits in `withheld`
    if _is_final(decision):
        return timestamp
    if decision.action in ("", CommandAction.KILL):
        return timestamp + undo_ms  # a version of a story that a kill withdrew comes back with it
    return None


def _is_final(decision: Decision) -> bool:
    if decision.action == CommandAction.KILL:
        return bool(decision.evidence.get("final"))
    if decision.action == CommandAction.EXPIRE:
        return True
    return not decision.action and decision.evidence.get("story_status") != "withdrawn"


def redact_decision(decision: Decision, uris: Collection[str]) -> Decision:
    """Takes the words of withdrawn stories out of a decision; what was decided stays."""
    evidence: JsonObject = tell_under_embargo(decision.evidence)
    if decision.action in (CommandAction.KILL, CommandAction.EXPIRE):
        evidence |= {name: decision.evidence[name] for name in _KEPT if name in decision.evidence}
    if not speaks_of(decision, uris):
        return msgspec.structs.replace(decision, evidence=evidence)
    labels = tuple(Label(each.category, each.confidence, each.creator) for each in decision.labels)
    message = decision.error_message.partition(":")[0]
    return msgspec.structs.replace(decision, evidence=evidence, labels=labels, error_message=message)


def speaks_of(decision: Decision, uris: Collection[str]) -> bool:
    """Tells whether a decision is about one of these stories."""
    return any(each.uri in uris for each in split_by_story(decision))


def is_only_about(decision: Decision, uris: Collection[str]) -> bool:
    """Tells whether a decision is about these stories and no other."""
    return all(each.uri in uris for each in split_by_story(decision))


def redact_command(value: bytes, uris: Collection[str]) -> bytes | None:
    """Takes withdrawn stories out of a command; None where nothing of it is left. A kill and an end of rights stay."""
    record = codec.decode(value)
    if not isinstance(record, Command) or record.action in (CommandAction.KILL, CommandAction.EXPIRE):
        return value
    if record.uri in uris:
        return None
    stories = record.detail.get("stories")
    if not isinstance(stories, list):
        return value  # it names a withdrawn story and holds no word of it
    left = [each for each in stories if each.get("uri") not in uris]
    return codec.encode(msgspec.structs.replace(record, detail={**record.detail, "stories": left})) if left else None


class Membership:
    """Follows which raw items, and which joined stories, belong to withdrawn stories; decisions come in their order."""

    def __init__(self, uris: Collection[str]) -> None:
        self.uris = set(uris)
        self._owners: dict[Origin, tuple[str, str]] = {}
        self._joined: dict[str, str] = {}

    def add(self, decision: Decision) -> None:
        """Takes in a decision that names one of the stories."""
        detail = decision.evidence.get("detail", {})
        if decision.origin is not None:
            if decision.outcome is not Outcome.REPEAT and decision.uri:
                self._owners[decision.origin] = (decision.uri, decision.source)
        elif decision.outcome is Outcome.NONE:
            return
        elif decision.action == CommandAction.SPLIT and detail.get("origin"):
            origin = msgspec.convert(detail["origin"], Origin)
            _, source = self._owners.get(origin, ("", decision.source))
            self._owners[origin] = (decision.uri, source)
        elif decision.action == CommandAction.SPLIT or detail.get("action") == CommandAction.JOIN:
            self._joined.pop(decision.uri, None)
        elif decision.action == CommandAction.JOIN or detail.get("action") == CommandAction.SPLIT:
            self._joined[decision.uri] = str(detail.get("into", ""))

    def find_joined(self) -> set[str]:
        """Finds stories that belong to the withdrawn ones because they were joined into them."""
        return {uri for uri, into in self._joined.items() if into in self.uris} - self.uris

    def find_items(self) -> dict[Origin, str]:
        """Finds the raw items of the stories, with the feed id of each."""
        return {origin: source for origin, (uri, source) in self._owners.items() if uri in self.uris}
