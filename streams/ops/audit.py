"""Proves from the topics alone that each raw item has exactly one outcome and that no record is doubled."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.records import CommandAction, Decision, ItemRef, Origin, Outcome, RecordRef, split_by_story
from streams.model.topics import TOPICS

MOST = 20
"""The most findings of one kind that a report names."""
MOST_ITEMS = 1_000_000
"""More items than any raw record has."""
COMPACTED = {topic.name for topic in TOPICS if "compact" in topic.cleanup}
_VERSIONED = {Outcome.PUBLISHED, Outcome.REVISED, Outcome.WITHDRAWN, Outcome.WITHHELD}


class SentRecord(msgspec.Struct, frozen=True):
    """A record of a public topic, of the duplicates, of the withheld items or of the dead letters."""

    topic: str
    """Without prefix."""
    ce_id: str
    ref: ItemRef
    """The raw item, or the command of the log, that it results from."""
    tombstone: bool = False
    """It has no value: the story left the topic."""


class ExpectedRecord(msgspec.Struct, frozen=True):
    """A record that a decision says was sent."""

    ce_id: str
    raw_timestamp: int
    """LogAppendTime of the raw record; of a command, when it was given."""
    tombstone: bool = False


class AuditSpan(msgspec.Struct, frozen=True):
    """The part of the raw topic that is audited, by LogAppendTime in milliseconds: from `start` to before `end`."""

    start: int
    end: int
    compacted_before: int
    """A record whose raw record is older than this may be gone by compaction."""

    def contains(self, timestamp: int) -> bool:
        """Tells whether the timestamp of a raw record lies in the span."""
        return self.start <= timestamp < self.end


class Waiting(msgspec.Struct, frozen=True):
    """What was not decided yet at a moment before the decisions were read."""

    prepared: Mapping[tuple[str, int], int]
    """Raw partition -> the offset up to which prepare had done its work."""
    logged: frozenset[ItemRef]
    """The items in that part of the log which decide had not read."""

    def has_item(self, ref: ItemRef) -> bool:
        """Tells whether the item may have no decision yet."""
        return ref in self.logged or self._is_raw(ref.record)

    def find(self, records: Iterable[RecordRef]) -> set[RecordRef]:
        """Finds the raw records of which no item need have a decision yet."""
        logged = {ref.record for ref in self.logged}
        return {record for record in records if record in logged or self._is_raw(record)}

    def _is_raw(self, record: RecordRef) -> bool:
        return record.offset >= self.prepared.get((record.topic, record.partition), 0)


class AuditReport(msgspec.Struct, kw_only=True):
    """The counts and findings of an audit; each finding is a sentence."""

    raw: int = 0
    items: int = 0
    fates: dict[str, int] = {}
    """The number of items of each outcome."""
    repeats: int = 0
    records: int = 0
    passed_over: int = 0
    """The number of records in the topics that are not ours."""
    not_decided: int = 0
    """The number of items that are still on their way; a raw record without any decision counts as one."""
    problems: list[str] = []

    @property
    def ok(self) -> bool:
        """Whether the audit found no problem."""
        return not self.problems


def parse_sent_record(topic: str, headers: KafkaHeaders, *, is_tombstone: bool) -> SentRecord:
    """Parses the headers of a record of a topic (without prefix). Raises ValueError where it is not ours."""
    try:
        named = headers_as_text(headers, "strict")
        record = RecordRef(named["origin-topic"], int(named["origin-partition"]), int(named["origin-offset"]))
        return SentRecord(topic, named["ce_id"], ItemRef(record, int(named["origin-index"])), is_tombstone)
    except KeyError as error:
        raise ValueError(f"it has no header {error.args[0]!r}") from error


_decode_decision = msgspec.json.Decoder(Decision).decode


def parse_decision(value: bytes | None) -> Decision:
    """Parses a record of `news.decisions`. Raises ValueError where it is not ours."""
    decision = _decode_decision(value or b"")
    split_by_story(decision)  # raises where the list of stories is none
    if decision.origin is not None and not 0 < decision.origin.count <= MOST_ITEMS:
        raise ValueError(f"it says that its raw record has {decision.origin.count} items")
    return decision


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
    log_topic: str = "",
    waiting: Waiting | None = None,
) -> AuditReport:
    """Compares raw records, decisions and sent records. `raws` are those of the span; the others may reach beyond it.

    `ends` must be read after everything else: then no record can come from beyond them. With `log_topic` the records of
    commands are audited too. What is `waiting` is counted, and is no finding.
    """
    report = AuditReport(fates={}, problems=[])
    wanted = set(raws)
    report.raw = len(wanted)
    decided: dict[ItemRef, list[Decision]] = {}
    counts: dict[RecordRef, int] = {}
    expected: ExpectedRecords = {}
    commands: set[RecordRef] = set()
    for decision in decisions:
        origin = decision.origin
        if origin is None:
            if log_topic:
                _expect_outcome_of_command(expected, commands, decision, log_topic, span)
            continue
        ref = origin.item_ref
        if ref.record not in wanted:
            continue
        if decision.outcome is Outcome.REPEAT:
            report.repeats += 1
            continue
        counts[ref.record] = origin.count
        decided.setdefault(ref, []).append(decision)
        _expect_records(expected, decision, ref, _expected_ce_id(decision, origin), origin.timestamp)
    late = _check_outcomes(report, wanted, decided, counts, waiting)
    _check_records(report, expected, wanted | commands, (each for each in sent if each.ref not in late), span, ends)
    return report


def _expect_records(expected: ExpectedRecords, decision: Decision, ref: ItemRef, ce_id: str, timestamp: int) -> None:
    for topic in decision.topics:
        expected[topic, ref] = ExpectedRecord(ce_id, timestamp)
    for topic in decision.left:
        expected[topic, ref] = ExpectedRecord(ce_id, timestamp, tombstone=True)


def _expect_outcome_of_command(
    expected: ExpectedRecords, commands: set[RecordRef], decision: Decision, log_topic: str, span: AuditSpan
) -> None:
    """Expects the records of a command, but not the note on a dead letter, which is in no audit."""
    try:
        given = int(datetime.fromisoformat(decision.received).timestamp() * 1000)
    except ValueError:
        return
    sends = decision.outcome in _VERSIONED or decision.action == CommandAction.CLEAR
    if sends and span.contains(given):
        ref = RecordRef(log_topic, 0, decision.log_offset)
        commands.add(ref)
        for index, story in enumerate(split_by_story(decision)):
            _expect_records(expected, story, ItemRef(ref, index), f"{story.uri}/{story.version}", given)


def _expected_ce_id(decision: Decision, origin: Origin) -> str:
    if decision.outcome in _VERSIONED:
        return f"{decision.uri}/{decision.version}"
    return str(origin)


def _check_outcomes(
    report: AuditReport,
    wanted: set[RecordRef],
    decided: dict[ItemRef, list[Decision]],
    counts: dict[RecordRef, int],
    waiting: Waiting | None,
) -> "_LateItems":
    """Finds items without a decision or with several; returns those that need none yet."""
    lost = wanted - counts.keys()
    missing = {
        ref
        for record, count in counts.items()
        for index in range(count)
        if (ref := ItemRef(record, index)) not in decided
    }
    late = _LateItems(set(), set())
    if waiting is not None:
        late = _LateItems(waiting.find(lost), {ref for ref in missing if waiting.has_item(ref)})
    several = sorted(ref for ref, rows in decided.items() if len(rows) > 1)
    report.items = len(decided)
    report.fates = dict(sorted(Counter(rows[0].outcome.value for rows in decided.values()).items()))
    report.not_decided = len(late.items) + len(late.records)
    _add_problem(report, "no fate", [str(record) for record in sorted(lost - late.records)])
    _add_problem(report, "no fate", [_format_item(ref) for ref in sorted(missing - late.items)])
    _add_problem(report, "more than one fate", [_format_item(ref) for ref in several])
    return late


class _LateItems(msgspec.Struct, frozen=True):
    """Raw records and items that need no decision yet. The topics may have their records already."""

    records: set[RecordRef]
    items: set[ItemRef]

    def __contains__(self, ref: ItemRef) -> bool:
        return ref in self.items or ref.record in self.records


def _check_records(
    report: AuditReport,
    expected: ExpectedRecords,
    wanted: set[RecordRef],
    sent: Iterable[SentRecord],
    span: AuditSpan,
    ends: EndOffsets | None,
) -> None:
    found: Counter[tuple[str, ItemRef, bool]] = Counter()
    undecided: list[str] = []
    others: list[str] = []
    stray: list[str] = []
    ranges = _find_ranges(wanted)
    for record in sent:
        key = (record.topic, record.ref)
        found[(*key, record.tombstone)] += 1
        origin = record.ref.record
        if origin in wanted:
            report.records += 1
            if key not in expected or record.tombstone != expected[key].tombstone:
                (stray if record.tombstone else undecided).append(f"{record.ce_id} in {record.topic}")
            elif record.ce_id != expected[key].ce_id:
                others.append(f"{record.ce_id} in {record.topic}, decided as {expected[key].ce_id}")
        elif _does_not_exist(origin, ranges, ends or {}):
            undecided.append(f"{record.ce_id} in {record.topic}, of {origin} which does not exist")
    # Compaction removes older versions and released items: that is no loss.
    absent: dict[bool, list[str]] = {False: [], True: []}
    for (topic, ref), one in expected.items():
        compacted = topic in COMPACTED and one.raw_timestamp < span.compacted_before
        if not compacted and (topic, ref, one.tombstone) not in found:
            absent[one.tombstone].append(f"{_format_item(ref)} in {topic}")
    doubled: dict[bool, list[str]] = {False: [], True: []}
    for (topic, ref, tombstone), count in found.items():
        if count > 1:
            doubled[tombstone].append(f"{_format_item(ref)} in {topic}")
    _add_problem(report, "no record", absent[False])
    _add_problem(report, "no tombstone", absent[True])
    _add_problem(report, "more than one record", doubled[False])
    _add_problem(report, "more than one tombstone", doubled[True])
    _add_problem(report, "a record that differs from its decision", others)
    _add_problem(report, "a record without a decision", undecided)
    _add_problem(report, "a tombstone without a decision", stray)


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
