"""Recognises items that the log has twice: prepare appends at least once, and each item has one outcome.

The offsets of a raw partition are kept as intervals. A record with several items is `partial` until its last item came.
A raw topic that was deleted and created again starts at offset 0: its records carry later LogAppendTimes than anything
seen at those offsets, while a repeat carries the time it had. So an offset that was seen, with a time later than the
last one seen, belongs to a new topic and is never a repeat.
"""

from streams.decide.state_entries import SeenOffsets
from streams.model.records import Origin

MAX_INTERVALS = 256
"""More gaps (transaction markers, compaction) than this are closed, the oldest first: no record fills them later."""


def seen_offsets_key(origin: Origin) -> str:
    """Builds the state key of a raw partition."""
    return f"raw {origin.topic} {origin.partition}"


def mark_seen(seen: SeenOffsets | None, origin: Origin) -> SeenOffsets | None:
    """Adds an item to the seen offsets of its partition. Returns None if it was seen before."""
    if seen is None or (_contains(seen, origin) and origin.timestamp > seen.timestamp):
        seen = SeenOffsets(intervals=(), partial=(), timestamp=origin.timestamp)
    if _contains(seen, origin):
        return None
    partial = dict(seen.partial)
    intervals = seen.intervals
    if origin.index + 1 >= origin.count:
        partial.pop(origin.offset, None)
        intervals = _add_offset(intervals, origin.offset)
    else:
        partial[origin.offset] = origin.index + 1
    return SeenOffsets(
        intervals=intervals,
        partial=tuple(sorted(partial.items())),
        timestamp=max(seen.timestamp, origin.timestamp),
    )


def _contains(seen: SeenOffsets, origin: Origin) -> bool:
    if any(first <= origin.offset <= last for first, last in reversed(seen.intervals)):
        return True
    return any(offset == origin.offset and origin.index < done for offset, done in seen.partial)


def _add_offset(intervals: tuple[tuple[int, int], ...], offset: int) -> tuple[tuple[int, int], ...]:
    if intervals and intervals[-1][1] + 1 == offset:  # the usual case
        return (*intervals[:-1], (intervals[-1][0], offset))
    merged: list[tuple[int, int]] = []
    for first, last in sorted((*intervals, (offset, offset))):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    while len(merged) > MAX_INTERVALS:
        merged[:2] = [(merged[0][0], merged[1][1])]
    return tuple(merged)
