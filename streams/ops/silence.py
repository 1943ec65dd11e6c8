"""Learns from what each source brought, hour by hour of the week, how long it may be silent at any time (pure).

A source is compared with itself in the same hours of the last four weeks. Each hour adds to a silence by how surely it
brings an item: an hour that brought many items in each of these weeks adds much, one that brought an item once adds
little, one that never did adds nothing. So a night or a Sunday may be silent for long, and a Tuesday morning may not.
"""

import math

import msgspec

WEEKS = 4
WEEK = 168
"""Hours of a week."""
HOUR = 3600
MIN_WEEKS = 2
"""So many weeks must be known before they say what is normal."""
UNKNOWN = 72 * HOUR
"""How long (s) a source may be silent of which less is known: a long weekend."""
SHORTEST, LONGEST = 15 * 60, 14 * 24 * HOUR
"""Limits of what is allowed, in seconds."""
RARE = math.log(10_000)
"""A silence is too long when so much was missed in it: one in ten thousand of this length is by chance."""
BURST = 5
"""So many items often come at once: an hour of 40 items is as sure as eight that come one by one."""


class SourceHistory(msgspec.Struct):
    """How many items a source brought, by hour since 1970; at most four weeks of hours."""

    first: int
    """The first hour with an item."""
    last: float
    """When the newest item was received, in seconds since 1970."""
    hours: dict[int, int] = {}

    def add(self, received: float) -> None:
        """Counts an item."""
        hour = int(received // HOUR)
        self.first = min(self.first, hour)
        if received > self.last:
            self.last = received
            for old in [each for each in self.hours if each <= hour - WEEKS * WEEK]:
                del self.hours[old]
        if hour > self.last // HOUR - WEEKS * WEEK:
            self.hours[hour] = self.hours.get(hour, 0) + 1


class Silences(msgspec.Struct):
    """What each source brought so far, up to a position in the log; at most `most` sources."""

    most: int
    sources: dict[str, SourceHistory] = {}
    next_offset: int = 0
    """The offset of the next log record; decisions below it are counted."""
    decided: int = 0
    """When (ms) the last decision that is counted was made."""

    def add(self, source: str, received: float) -> None:
        """Counts an item of a source."""
        known = self.sources.get(source)
        if known is None:
            if len(self.sources) >= self.most:
                return
            known = self.sources[source] = SourceHistory(first=int(received // HOUR), last=received)
        known.add(received)


def find_allowed_silence(history: SourceHistory) -> float:
    """Finds how many seconds after its newest item a source is silent for too long."""
    hour, missed = int(history.last // HOUR), 0.0
    if hour - history.first < MIN_WEEKS * WEEK:
        return UNKNOWN
    begin = history.last
    while begin - history.last < LONGEST:
        end = (hour + 1) * HOUR
        weight = _weigh_hour(history, hour)
        share = (end - begin) / HOUR
        if missed + weight * share >= RARE:
            silence = begin - history.last + (RARE - missed) / weight * HOUR
            return min(max(silence, SHORTEST), LONGEST)
        missed += weight * share
        begin, hour = end, hour + 1
    return LONGEST


def _weigh_hour(history: SourceHistory, hour: int) -> float:
    """Says how much a silent hour adds, from the same hour of the last weeks."""
    last = int(history.last // HOUR)
    weeks = (hour - WEEK * back for back in range(1, 2 * WEEKS))
    # Hours after the newest item belong to the silence itself, and say nothing about it.
    counts = [
        history.hours.get(each, 0) for each in weeks if max(history.first, last - WEEKS * WEEK + 1) <= each <= last
    ]
    brought = sum(count > 0 for count in counts)
    if not brought:
        return 0.0
    return -math.log(1 - brought / (len(counts) + 1)) + min(counts) / BURST
