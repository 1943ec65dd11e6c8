"""The proof that each raw item has exactly one fate and no record is doubled, from the topics alone (pure)."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from streams.model import Decision, Fate
from streams.topics import DEAD_LETTERS, DUPLICATES

RawPosition = tuple[str, int, int]
"""Topic, partition, offset."""
MOST = 20
"""How many of each finding are named."""


class Sent(msgspec.Struct, frozen=True):
    """A record of a public topic, of duplicates, withheld or dead letters."""

    topic: str
    """Without prefix."""
    ce_id: str
    origin: RawPosition
    index: int


class Span(msgspec.Struct, frozen=True):
    """What of the raw log is audited: LogAppendTime in milliseconds, `start` included, `end` not."""

    start: int
    end: int
    compacted_before: int
    """Records older than this may have been compacted away."""

    def holds(self, timestamp: int) -> bool:
        """Whether a raw record's timestamp lies in it."""
        return self.start <= timestamp < self.end


class Report(msgspec.Struct, kw_only=True):
    """What was counted and what is wrong; each finding is a sentence."""

    raw: int = 0
    items: int = 0
    fates: dict[str, int] = {}
    repeats: int = 0
    records: int = 0
    problems: list[str] = []

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def audit(raws: Iterable[RawPosition], decisions: Iterable[Decision], sent: Iterable[Sent], span: Span) -> Report:
    """Compares the three. `raws` are the raw records of the span; the others may reach beyond it."""
    report = Report(fates={}, problems=[])
    wanted = set(raws)
    report.raw = len(wanted)
    fates: dict[tuple[RawPosition, int], list[Decision]] = {}
    counts: dict[RawPosition, int] = {}
    expected: dict[tuple[str, RawPosition, int], str] = {}
    for decision in decisions:
        origin = decision.origin
        if origin is None:
            continue
        position = (origin.topic, origin.partition, origin.offset)
        if position not in wanted:
            continue
        if decision.fate is Fate.REPEAT:
            report.repeats += 1
            continue
        counts[position] = origin.count
        fates.setdefault((position, origin.index), []).append(decision)
        for topic in decision.topics:
            expected[topic, position, origin.index] = decision.uri
    _check_fates(report, wanted, fates, counts)
    _check_records(report, expected, wanted, sent, span)
    return report


def _check_fates(
    report: Report,
    wanted: set[RawPosition],
    fates: dict[tuple[RawPosition, int], list[Decision]],
    counts: dict[RawPosition, int],
) -> None:
    lost = sorted(wanted - counts.keys())
    missing = sorted(
        (position, index)
        for position, count in counts.items()
        for index in range(count)
        if (position, index) not in fates
    )
    several = sorted(place for place, rows in fates.items() if len(rows) > 1)
    report.items = len(fates)
    report.fates = dict(sorted(Counter(rows[0].fate.value for rows in fates.values()).items()))
    _tell(report, "no fate", [_name(position) for position in lost])
    _tell(report, "no fate", [f"{_name(position)} item {index}" for position, index in missing])
    _tell(report, "more than one fate", [f"{_name(position)} item {index}" for position, index in several])


def _check_records(
    report: Report,
    expected: dict[tuple[str, RawPosition, int], str],
    wanted: set[RawPosition],
    sent: Iterable[Sent],
    span: Span,
) -> None:
    found: Counter[tuple[str, RawPosition, int]] = Counter()
    strangers = []
    for record in sent:
        key = (record.topic, record.origin, record.index)
        found[key] += 1
        if record.origin in wanted:
            report.records += 1
            if key not in expected:
                strangers.append(f"{record.ce_id} in {record.topic}")
    absent = [key for key in expected if key not in found]
    if span.start < span.compacted_before:
        # An older version that compaction took, or a withheld item that was released, is no loss.
        absent = [key for key in absent if key[0] in (DUPLICATES, DEAD_LETTERS)]
    _tell(report, "no record", [f"{_name(key[1])} item {key[2]} in {key[0]}" for key in absent])
    doubled = [f"{_name(key[1])} item {key[2]} in {key[0]}" for key, count in found.items() if count > 1]
    _tell(report, "more than one record", doubled)
    _tell(report, "a record without a decision", strangers)


def _name(position: RawPosition) -> str:
    return f"{position[0]}/{position[1]}/{position[2]}"


def _tell(report: Report, what: str, places: list[str]) -> None:
    if places:
        more = f" and {len(places) - MOST} more" if len(places) > MOST else ""
        report.problems.append(f"{len(places)} with {what}: {', '.join(places[:MOST])}{more}")
