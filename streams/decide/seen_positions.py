"""Which raw positions the fold has seen: prepare appends at least once, and each item has one fate.

A raw partition's offsets are kept as intervals. Offsets with several items are `partial` until the last came.
A raw topic that was deleted and made anew starts at offset 0 again: its records carry later LogAppendTimes than
anything seen at those offsets, while a repeat carries the time it had. So an offset already seen, with a time
later than the last one seen, is a new topic and never a repeat.
"""

from streams.decide.state_entries import RawSeen
from streams.model.records import Origin

MAX_INTERVALS = 256
"""Gaps (transaction markers, compaction) beyond this many are closed from the oldest on: nothing fills them late."""


def raw_key(origin: Origin) -> str:
    """State key of a raw partition."""
    return f"raw {origin.topic} {origin.partition}"


def see(seen: RawSeen | None, origin: Origin) -> RawSeen | None:
    """The partition with this position seen, or None where it was seen before."""
    if seen is None or (_holds(seen, origin) and origin.timestamp > seen.timestamp):
        seen = RawSeen(intervals=(), partial=(), timestamp=origin.timestamp)
    if _holds(seen, origin):
        return None
    partial = dict(seen.partial)
    intervals = seen.intervals
    if origin.index + 1 >= origin.count:
        partial.pop(origin.offset, None)
        intervals = _add(intervals, origin.offset)
    else:
        partial[origin.offset] = origin.index + 1
    return RawSeen(
        intervals=intervals,
        partial=tuple(sorted(partial.items())),
        timestamp=max(seen.timestamp, origin.timestamp),
    )


def _holds(seen: RawSeen, origin: Origin) -> bool:
    if any(first <= origin.offset <= last for first, last in reversed(seen.intervals)):
        return True
    return any(offset == origin.offset and origin.index < done for offset, done in seen.partial)


def _add(intervals: tuple[tuple[int, int], ...], offset: int) -> tuple[tuple[int, int], ...]:
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
