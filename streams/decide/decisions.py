"""Records of `news.decisions`."""

from typing import Any

from streams.decide.entries import StoryEntry
from streams.decide.fates import Verdict
from streams.model import Command, Decision, Effect, Fate, Item, Label, Refusal

Outcome = tuple[Decision, tuple[Effect, ...]]
"""What the fold makes of one record of the log, beside the state."""


def of_record(
    record: Item | Refusal,
    log_offset: int,
    fate: Fate,
    *,
    uri: str = "",
    version: str = "",
    topics: tuple[str, ...] = (),
    verdict: Verdict | None = None,
    duplicate_of: str = "",
    code: str = "",
    message: str = "",
    labels: tuple[Label, ...] = (),
) -> Decision:
    """The decision on an item or refusal."""
    return Decision(
        log_offset=log_offset,
        origin=record.origin,
        fate=fate,
        source=record.source,
        uri=uri,
        version=version,
        topics=topics,
        duplicate_of=duplicate_of,
        match_kind=verdict.kind if verdict else "",
        similarity=verdict.similarity if verdict else None,
        error_code=code,
        error_message=message,
        labels=labels,
        evidence=verdict.evidence if verdict else {},
        wire_format=record.wire_format,
        received=record.received,
    )


def of_command(
    command: Command,
    log_offset: int,
    fate: Fate,
    story: StoryEntry | None = None,
    *,
    version: str = "",
    topics: tuple[str, ...] = (),
    labels: tuple[Label, ...] = (),
    evidence: dict[str, Any] | None = None,
) -> Decision:
    """The decision on a command."""
    return Decision(
        log_offset=log_offset,
        origin=None,
        action=command.action,
        fate=fate,
        source=story.source if story else "",
        uri=command.uri,
        version=version,
        topics=topics,
        labels=labels,
        evidence={"by": command.by, "why": command.why, **(evidence or {})},
        received=command.at,
    )
