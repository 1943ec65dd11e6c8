"""Proves from the topics alone that each raw item has exactly one outcome and that no record is doubled."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from streams.model.records import Decision, ItemRef, Origin, Outcome, RecordRef
from streams.model.topics import TOPICS

MOST = 20
"""The most findings of one kind that a report names."""
COMPACTED = {topic.name for topic in TOPICS if "compact" in topic.cleanup}
_VERSIONED = {Outcome.PUBLISHED, Outcome.REVISED, Outcome.WITHDRAWN, Outcome.WITHHELD}


class SentRecord(msgspec.Struct, frozen=True):
    """A record of a public topic, of the duplicates, of the withheld items or of the dead letters."""

    topic: str
    """Without prefix."""
    ce_id: str
    ref: ItemRef
    """The raw item that it results from."""


class ExpectedRecord(msgspec.Struct, frozen=True):
    """A record that a decision says was sent."""

    ce_id: str
    raw_timestamp: int


class AuditSpan(msgspec.Struct, frozen=True):
    """The part of the raw topic that is audited, by LogAppendTime in milliseconds: from `start` to before `end`."""

    start: int
    end: int
    compacted_before: int
    """A record whose raw record is older than this may be gone by compaction."""

    def contains(self, timestamp: int) -> bool:
        """Tells whether the timestamp of a raw record lies in the span."""
        return self.start <= timestamp < self.end


class AuditReport(msgspec.Struct, kw_only=True):
    """The counts and findings of an audit; each finding is a sentence."""

    raw: int = 0
    items: int = 0
    fates: dict[str, int] = {}
    """The number of items of each outcome."""
    repeats: int = 0
    records: int = 0
    problems: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether the audit found no problem."""
        return not self.problems


ExpectedRecords = dict[tuple[str, ItemRef], ExpectedRecord]
"""By topic and item."""
EndOffsets = Mapping[tuple[str, int], int]
"""The end offset of each raw partition."""


def audit(
    raws: Iterable[RecordRef],
    decisions: Iterable[Decision],
    sent: Iterable[SentRecord],
    span: AuditSpan,
    ends: EndOffsets | None = None,
) -> AuditReport:
    """Compares raw records, decisions and sent records. `raws` are those of the span; the others may reach beyond it.

    `ends` must be read after everything else: then no record can come from beyond them.
    """
    report = AuditReport(fates={}, problems=[])
    wanted = set(raws)
    report.raw = len(wanted)
    decided: dict[ItemRef, list[Decision]] = {}
    counts: dict[RecordRef, int] = {}
    expected: ExpectedRecords = {}
    for decision in decisions:
        origin = decision.origin
        if origin is None:
            continue
        ref = origin.item_ref
        if ref.record not in wanted:
            continue
        if decision.outcome is Outcome.REPEAT:
            report.repeats += 1
            continue
        counts[ref.record] = origin.count
        decided.setdefault(ref, []).append(decision)
        for topic in decision.topics:
            expected[topic, ref] = ExpectedRecord(_expected_ce_id(decision, origin), origin.timestamp)
    _check_outcomes(report, wanted, decided, counts)
    _check_records(report, expected, wanted, sent, span, ends or {})
    return report


def _expected_ce_id(decision: Decision, origin: Origin) -> str:
    if decision.outcome in _VERSIONED:
        return f"{decision.uri}/{decision.version}"
    return str(origin)


def _check_outcomes(
    report: AuditReport,
    wanted: set[RecordRef],
    decided: dict[ItemRef, list[Decision]],
    counts: dict[RecordRef, int],
) -> None:
    lost = sorted(wanted - counts.keys())
    missing = sorted(
        ref
        for record, count in counts.items()
        for index in range(count)
        if (ref := ItemRef(record, index)) not in decided
    )
    several = sorted(ref for ref, rows in decided.items() if len(rows) > 1)
    report.items = len(decided)
    report.fates = dict(sorted(Counter(rows[0].outcome.value for rows in decided.values()).items()))
    _add_problem(report, "no fate", [str(record) for record in lost])
    _add_problem(report, "no fate", [_format_item(ref) for ref in missing])
    _add_problem(report, "more than one fate", [_format_item(ref) for ref in several])


def _check_records(
    report: AuditReport,
    expected: ExpectedRecords,
    wanted: set[RecordRef],
    sent: Iterable[SentRecord],
    span: AuditSpan,
    ends: EndOffsets,
) -> None:
    found: Counter[tuple[str, ItemRef]] = Counter()
    undecided, others = [], []
    ranges = _find_ranges(wanted)
    for record in sent:
        key = (record.topic, record.ref)
        found[key] += 1
        origin = record.ref.record
        if origin in wanted:
            report.records += 1
            if key not in expected:
                undecided.append(f"{record.ce_id} in {record.topic}")
            elif record.ce_id != expected[key].ce_id:
                others.append(f"{record.ce_id} in {record.topic}, decided as {expected[key].ce_id}")
        elif _does_not_exist(origin, ranges, ends):
            undecided.append(f"{record.ce_id} in {record.topic}, of {origin} which does not exist")
    # Compaction removes older versions and released items: that is no loss.
    absent = [
        key
        for key, record_expected in expected.items()
        if key not in found and not (key[0] in COMPACTED and record_expected.raw_timestamp < span.compacted_before)
    ]
    _add_problem(report, "no record", [f"{_format_item(ref)} in {topic}" for topic, ref in absent])
    doubled = [f"{_format_item(ref)} in {topic}" for (topic, ref), count in found.items() if count > 1]
    _add_problem(report, "more than one record", doubled)
    _add_problem(report, "a record that differs from its decision", others)
    _add_problem(report, "a record without a decision", undecided)


def _find_ranges(wanted: set[RecordRef]) -> dict[tuple[str, int], tuple[int, int]]:
    """Finds the smallest and the largest audited offset of each partition."""
    ranges: dict[tuple[str, int], tuple[int, int]] = {}
    for topic, partition, offset in wanted:
        low, high = ranges.get((topic, partition), (offset, offset))
        ranges[topic, partition] = min(low, offset), max(high, offset)
    return ranges


def _does_not_exist(record: RecordRef, ranges: Mapping[tuple[str, int], tuple[int, int]], ends: EndOffsets) -> bool:
    """Tells whether a raw record outside the audit cannot exist: its offset is in a gap, or beyond the end."""
    topic, partition, offset = record
    low, high = ranges.get((topic, partition), (0, -1))
    is_raw = any(topic == known for known, _ in ends)
    return low <= offset <= high or (is_raw and offset >= ends.get((topic, partition), 0))


def _format_item(ref: ItemRef) -> str:
    return f"{ref.record} item {ref.item_index}"


def _add_problem(report: AuditReport, problem: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
        report.problems.append(f"{len(names)} with {problem}: {', '.join(names[:MOST])}{more}")
