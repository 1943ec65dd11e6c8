"""The proof that each raw item has exactly one fate and no record is doubled, from the topics alone (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from streams.model.records import Decision, Fate, Origin, RawPosition
from streams.model.topics import TOPICS

MOST = 20
"""How many of each finding are named."""
COMPACTED = {topic.name for topic in TOPICS if "compact" in topic.cleanup}
_VERSIONED = {Fate.PUBLISHED, Fate.REVISED, Fate.WITHDRAWN, Fate.WITHHELD}


class Sent(msgspec.Struct, frozen=True):
    """A record of a public topic, of duplicates, withheld or dead letters."""

    topic: str
    """Without prefix."""
    ce_id: str
    origin: RawPosition
    index: int


class Expected(msgspec.Struct, frozen=True):
    """What a decision says of a record that it sent."""

    ce_id: str
    raw_timestamp: int


class Span(msgspec.Struct, frozen=True):
    """What of the raw log is audited: LogAppendTime in milliseconds, `start` included, `end` not."""

    start: int
    end: int
    compacted_before: int
    """A record whose raw record is older than this may have been compacted away."""

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


def audit(
    raws: Iterable[RawPosition],
    decisions: Iterable[Decision],
    sent: Iterable[Sent],
    span: Span,
    ends: Mapping[tuple[str, int], int] | None = None,
) -> Report:
    """Compares the three. `raws` are the raw records of the span; the others may reach beyond it.

    `ends` are the raw partitions' end offsets, asked for after all else was read: nothing can come from beyond them.
    """
    report = Report(fates={}, problems=[])
    wanted = set(raws)
    report.raw = len(wanted)
    fates: dict[tuple[RawPosition, int], list[Decision]] = {}
    counts: dict[RawPosition, int] = {}
    expected: dict[tuple[str, RawPosition, int], Expected] = {}
    for decision in decisions:
        origin = decision.origin
        if origin is None:
            continue
        position = origin.raw
        if position not in wanted:
            continue
        if decision.fate is Fate.REPEAT:
            report.repeats += 1
            continue
        counts[position] = origin.count
        fates.setdefault((position, origin.index), []).append(decision)
        for topic in decision.topics:
            expected[topic, position, origin.index] = Expected(_ce_id(decision, origin), origin.timestamp)
    _check_fates(report, wanted, fates, counts)
    _check_records(report, expected, wanted, sent, span, ends or {})
    return report


def _ce_id(decision: Decision, origin: Origin) -> str:
    if decision.fate in _VERSIONED:
        return f"{decision.uri}/{decision.version}"
    return str(origin)


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
    expected: dict[tuple[str, RawPosition, int], Expected],
    wanted: set[RawPosition],
    sent: Iterable[Sent],
    span: Span,
    ends: Mapping[tuple[str, int], int],
) -> None:
    found: Counter[tuple[str, RawPosition, int]] = Counter()
    strangers, others = [], []
    spans = _spans(wanted)
    for record in sent:
        key = (record.topic, record.origin, record.index)
        found[key] += 1
        if record.origin in wanted:
            report.records += 1
            if key not in expected:
                strangers.append(f"{record.ce_id} in {record.topic}")
            elif record.ce_id != expected[key].ce_id:
                others.append(f"{record.ce_id} in {record.topic}, decided as {expected[key].ce_id}")
        elif _is_nowhere(record.origin, spans, ends):
            strangers.append(f"{record.ce_id} in {record.topic}, of {_name(record.origin)} which does not exist")
    # What compaction may have taken, an older version or a withheld item that was released, is no loss.
    absent = [
        key
        for key, said in expected.items()
        if key not in found and not (key[0] in COMPACTED and said.raw_timestamp < span.compacted_before)
    ]
    _tell(report, "no record", [f"{_name(key[1])} item {key[2]} in {key[0]}" for key in absent])
    doubled = [f"{_name(key[1])} item {key[2]} in {key[0]}" for key, count in found.items() if count > 1]
    _tell(report, "more than one record", doubled)
    _tell(report, "a record that differs from its decision", others)
    _tell(report, "a record without a decision", strangers)


def _spans(wanted: set[RawPosition]) -> dict[tuple[str, int], tuple[int, int]]:
    """Smallest and largest audited offset of each partition."""
    spans: dict[tuple[str, int], tuple[int, int]] = {}
    for topic, partition, offset in wanted:
        low, high = spans.get((topic, partition), (offset, offset))
        spans[topic, partition] = min(low, offset), max(high, offset)
    return spans


def _is_nowhere(
    origin: RawPosition, spans: Mapping[tuple[str, int], tuple[int, int]], ends: Mapping[tuple[str, int], int]
) -> bool:
    """Whether a position that is not audited is one of no raw record: in a gap, or beyond the end."""
    topic, partition, offset = origin
    low, high = spans.get((topic, partition), (0, -1))
    is_raw = any(topic == known for known, _ in ends)
    return low <= offset <= high or (is_raw and offset >= ends.get((topic, partition), 0))


def _name(position: RawPosition) -> str:
    return f"{position[0]}/{position[1]}/{position[2]}"


def _tell(report: Report, what: str, places: list[str]) -> None:
    if places:
        more = f" and {len(places) - MOST} more" if len(places) > MOST else ""
        report.problems.append(f"{len(places)} with {what}: {', '.join(places[:MOST])}{more}")
