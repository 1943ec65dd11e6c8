"""Compares the topics after a run with the fold of the recorded log and with the generator's truth."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
from chaos.editor import NAME
from chaos.system import Feeder, System
from chaos.undo_check import UndoCheck
from confluent_kafka import TopicPartition
from support import flow, topic_reader
from support.decision_tracker import DecisionTracker
from support.flow import OUTCOME_TOPICS, RecordContent

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.decide.state_entries import PROGRESS, Progress, decode_entry, encode_entry
from streams.kafka.acls import PREPARE_GROUP
from streams.model import codec
from streams.model.records import Command, Decision, Outcome
from streams.model.topics import CATEGORIES, DECISIONS, DUPLICATES, LATEST, LOG, RAW, STATE, WITHHELD
from streams.worker.committer import BARRIER

SHOWN = 3
"""Number of examples that a violation names."""
Place = tuple[int, int, int]
"""An item: raw partition, offset, index."""


class RecordDigest(NamedTuple):
    """A digest of a record's key, value and headers, with the parts that identify it."""

    digest: bytes
    key: bytes | None
    ce_id: str
    empty: bool
    origin: Place | None


class Findings(NamedTuple):
    """The findings of one run."""

    log_records: int
    lost: int
    """Records of the fold that no topic has."""
    repeats: int
    """Records that a topic has more often than the fold, or that the fold does not have."""
    fates: dict[str, int]
    undone: dict[str, int]
    """Commands whose undo was compared with the table of before, by action."""
    violations: list[str]


def read_rows(settings: Settings, topic: str) -> Iterator[tuple[int, int, RecordContent]]:
    """Yields partition, offset and content of all committed records of a topic (name without prefix)."""
    for message in topic_reader.read_messages(settings, topic):
        headers = tuple((key, value) for key, value in message.headers() or ())
        yield message.partition(), message.offset(), RecordContent(message.key(), message.value(), headers)


def wait_until_decided(system: System, feeder: Feeder, seconds: float) -> str:
    """Waits until every raw record and every log record is decided, and no new decision comes for two seconds.

    Returns an empty text, or a violation if there was no decision for `seconds`.
    """
    tracker = DecisionTracker(system.settings)
    deadline, quiet_since = time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < deadline:
        system.restart_ended()
        before = len(tracker.times)
        new = tracker.poll()
        if len(tracker.times) > before:
            deadline = time.monotonic() + seconds
        if new or feeder.is_alive():
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > 2.0:
            if tracker.is_complete(feeder.count):
                tracker.close()
                return ""
            quiet_since = time.monotonic()
    tracker.close()
    return f"nothing decided for {seconds:.0f} s: {tracker.describe(feeder.count)}"


def examine(system: System, feeder: Feeder) -> Findings:
    """Reads all topics after the workers have ended, and returns the violations."""
    settings = system.settings
    exact = settings.decide.delivery == "exactly-once"
    wrong = list(feeder.failed)
    raw = sum(1 for _ in read_rows(settings, RAW))
    if not raw == feeder.count == len(feeder.numbers):
        wrong.append(f"{feeder.count} items made, {len(feeder.numbers)} confirmed, {raw} in the raw topic")
    undoing = UndoCheck()
    expected, entries, records, order = _fold(settings, undoing)
    wrong += order + undoing.wrong[:SHOWN]
    found = {topic: [_digest(settings, row) for _, _, row in read_rows(settings, topic)] for topic in OUTCOME_TOPICS}
    lost = repeats = 0
    for topic, marks in found.items():
        once = marks if exact else list({mark.digest: mark for mark in marks}.values())
        here, there = (Counter(mark.digest for mark in each) for each in (marks, expected[topic]))
        lost, repeats = lost + (there - here).total(), repeats + (here - there).total()
        wrong += _differences(topic, once, expected[topic])
        found[topic] = list({mark.digest: mark for mark in marks}.values())
    wrong += _changelog(settings, entries)
    wrong += _applied_without_decision(settings) + _acknowledged_without_log(settings)
    wrong += _keys_in_order(found)
    wrong += _duplicates_of_themselves(found)
    wrong += [f"{mark.key!r} is withheld for ever" for mark in _last(found[WITHHELD]) if not mark.empty][:SHOWN]
    fates, against_truth = _truth(settings, feeder)
    wrong += against_truth + _audit(settings, exact)
    return Findings(records, lost, repeats, fates, dict(sorted(undoing.compared.items())), wrong)


def _digest(settings: Settings, row: RecordContent) -> RecordDigest:
    digest = hashlib.blake2b(repr(row).encode(), digest_size=16).digest()
    headers = {name: value.decode() for name, value in row.headers}
    origin = None
    if headers.get("origin-topic") == settings.topics.full(RAW):
        origin = tuple(int(headers[f"origin-{name}"]) for name in ("partition", "offset", "index"))
    return RecordDigest(digest, row.key, headers.get("ce_id", ""), row.value is None, origin)  # type: ignore[arg-type]


def _fold(
    settings: Settings, undoing: UndoCheck
) -> tuple[dict[str, list[RecordDigest]], dict[bytes, bytes], int, list[str]]:
    """Folds the log. Returns the expected records by topic and state entries, the log's length, and violations."""
    state, params, wrong = State(), DecideParams.from_settings(settings), []
    expected: dict[str, list[RecordDigest]] = {topic: [] for topic in OUTCOME_TOPICS}
    entries: dict[bytes, bytes] = {}
    newest: dict[int, Place] = {}
    seen: set[Place] = set()
    count = 0
    for _, offset, row in read_rows(settings, LOG):
        assert offset == count, f"the log jumps from offset {count} to {offset}"
        count += 1
        record = codec.decode(row.value or b"")
        if not isinstance(record, Command):
            place = (record.origin.partition, record.origin.offset, record.origin.index)
            if place not in seen:
                seen.add(place)
                if place < newest.get(place[0], place):
                    wrong.append(f"log offset {offset}: raw {place} comes first behind {newest[place[0]]}")
                newest[place[0]] = place
        overlay = state.batch()
        decision, effects = apply(overlay, record, offset, params)
        state.merge(overlay.changes)
        undoing.add(record, decision, effects)
        for effect in effects:
            expected[effect.topic].append(_digest(settings, RecordContent(effect.key, effect.value, effect.headers)))
        for key, entry in overlay.changes.items():
            if entry is None:
                entries.pop(key.encode(), None)
            else:
                entries[key.encode()] = encode_entry(entry)
    return expected, entries, count, wrong[:SHOWN]


def _differences(topic: str, found: list[RecordDigest], expected: list[RecordDigest]) -> list[str]:
    if [mark.digest for mark in found] == [mark.digest for mark in expected]:
        return []
    here, there = Counter(mark.digest for mark in found), Counter(mark.digest for mark in expected)
    names = {mark.digest: f"{mark.key!r} {mark.ce_id} {mark.origin}" for mark in (*found, *expected)}
    lost, strange = ({names[one] for one in some} for some in (there - here, here - there))
    if lost == strange:
        return [f"{topic}: {len(lost)} records of another content: {', '.join(sorted(lost)[:SHOWN])}"]
    sentences = []
    for what, places in (
        ("lost", list((there - here).elements())),
        ("doubled or strange", list((here - there).elements())),
    ):
        if places:
            sentences.append(f"{topic}: {len(places)} {what}: {', '.join(names[one] for one in places[:SHOWN])}")
    return sentences or [f"{topic}: the right records in another order"]


def _changelog(settings: Settings, entries: dict[bytes, bytes]) -> list[str]:
    held: dict[bytes, bytes] = {}
    for _, _, row in read_rows(settings, STATE):
        if row.value is None:
            held.pop(row.key or b"", None)
        elif row.key != BARRIER:
            held[row.key or b""] = row.value
    wrong = [key for key in held.keys() | entries.keys() if held.get(key) != entries.get(key)]
    return [f"{len(wrong)} entries of the state are not those of the fold: {sorted(wrong)[:SHOWN]}"] if wrong else []


def _applied_without_decision(settings: Settings) -> list[str]:
    """Checks that every log record that the state has applied has a decision, also in a run that was cut short."""
    progress = [row.value for _, _, row in read_rows(settings, STATE) if row.key == PROGRESS.encode() and row.value]
    entry = decode_entry(progress[-1]) if progress else Progress()
    assert isinstance(entry, Progress)
    decode = msgspec.json.Decoder(Decision).decode
    decided = {decode(row.value or b"").log_offset for _, _, row in read_rows(settings, DECISIONS)}
    missing = [offset for offset in range(entry.next_offset) if offset not in decided]
    return [f"{len(missing)} log records are applied without a decision: {missing[:SHOWN]}"] if missing else []


def _acknowledged_without_log(settings: Settings) -> list[str]:
    """Checks that every raw record that prepare acknowledged is in the log, also in a run that was cut short."""
    consumer, raw = topic_reader.build_consumer(settings, group=PREPARE_GROUP), settings.topics.full(RAW)
    parts = [TopicPartition(raw, number) for number in range(settings.topics.raw_partitions)]
    committed = {one.partition: one.offset for one in consumer.committed(parts, timeout=20)}
    consumer.close()
    appended = {
        (record.origin.partition, record.origin.offset)
        for record in (codec.decode(row.value or b"") for _, _, row in read_rows(settings, LOG))
        if not isinstance(record, Command)
    }
    missing = [
        (part, offset) for part, end in committed.items() for offset in range(end) if (part, offset) not in appended
    ]
    return [f"{len(missing)} raw records are acknowledged and not in the log: {missing[:SHOWN]}"] if missing else []


def _keys_in_order(found: dict[str, list[RecordDigest]]) -> list[str]:
    """Checks that a story's versions come in order: all of them in `latest`, some of them in a category."""
    wrong = []
    for topic in (LATEST, *CATEGORIES):
        versions: dict[bytes | None, int] = defaultdict(int)
        for mark in found[topic]:
            version = int(mark.ce_id.rpartition("/")[2])
            if version <= versions[mark.key] or (topic == LATEST and version != versions[mark.key] + 1):
                wrong.append(f"{topic}: {mark.ce_id} comes behind version {versions[mark.key]}")
            versions[mark.key] = version
    return wrong[:SHOWN]


def _duplicates_of_themselves(found: dict[str, list[RecordDigest]]) -> list[str]:
    shown = {mark.origin for topic in (LATEST, WITHHELD) for mark in found[topic] if mark.origin}
    both = [mark.ce_id for mark in found[DUPLICATES] if mark.origin in shown]
    return [f"{len(both)} items are duplicates of themselves: {both[:SHOWN]}"] if both else []


def _last(marks: Iterable[RecordDigest]) -> list[RecordDigest]:
    return list({mark.key: mark for mark in marks}.values())


def _truth(settings: Settings, feeder: Feeder) -> tuple[dict[str, int], list[str]]:
    """Counts the outcomes, and compares them with the generator's truth.

    With one raw partition the log has the order of the stream, so outcome, error, version and story are compared.
    With several only refusals are compared, because they do not depend on the order. Nor are stories compared that the
    editor changed: what he did is no truth of the generator; nor those to which a note about another story was added,
    because both have the headline that it names.
    """
    edited = _find_edited(settings)
    in_order = settings.topics.raw_partitions == 1
    decode = msgspec.json.Decoder(Decision).decode
    fates: Counter[str] = Counter()
    stories: dict[str, str] = {}
    wrong, seen = [], set()
    for _, _, row in read_rows(settings, DECISIONS):
        decision = decode(row.value or b"")
        origin = decision.origin
        if origin is None or decision.outcome is Outcome.REPEAT or decision.log_offset in seen:
            continue
        seen.add(decision.log_offset)
        fates[decision.outcome.value] += 1
        number = feeder.numbers.get((origin.partition, origin.offset))
        if number is None:
            wrong.append(f"{origin.partition}/{origin.offset} was never sent")
            continue
        truth = feeder.truths[number]
        if truth.needs or not (in_order or "rejected" in (truth.outcome, decision.outcome)):
            if decision.outcome is Outcome.REVISED and decision.uri != stories.get(truth.story):
                edited.add(decision.uri)
            continue
        if {decision.uri, stories.get(truth.story)} & edited:
            continue
        is_so = (decision.outcome.value, decision.error_code)
        if is_so != (truth.outcome, truth.error):
            wrong.append(f"item {number} is {is_so}, in truth {truth.outcome} {truth.error} ({truth.kind})")
        elif decision.outcome is not Outcome.REJECTED and stories.setdefault(truth.story, decision.uri) != decision.uri:
            wrong.append(f"item {number} is of {decision.uri}, its story is {stories[truth.story]}")
        elif truth.version and decision.version != str(truth.version):
            wrong.append(f"item {number} is version {decision.version}, in truth {truth.version}")
    return dict(sorted(fates.items())), [f"{len(wrong)} against the truth: {wrong[:SHOWN]}"] if wrong else []


def _find_edited(settings: Settings) -> set[str | None]:
    """Lists the stories that commands of the editor name."""
    found: set[str | None] = set()
    for _, _, row in read_rows(settings, LOG):
        record = codec.decode(row.value or b"")
        if isinstance(record, Command) and record.by == NAME:
            texts = (text["uri"] for text in record.detail.get("stories", ()))
            named = (record.detail.get("into"), record.detail.get("of"))
            found |= {record.uri, *named, *record.detail.get("uris", ()), *texts} - {"", None}
    return found


def _audit(settings: Settings, exact: bool) -> list[str]:
    """Runs `newswire audit`. With at-least-once delivery a repeated record is no violation."""
    done = flow.newswire(settings, "audit", "--json")
    report = msgspec.json.decode(done.stdout or b'{"not_decided": 0, "problems": ["audit did not run"]}')
    undecided = [f"{report['not_decided']} not decided"] if report["not_decided"] else []
    return [
        f"audit: {problem}"
        for problem in report["problems"] + undecided
        if exact or " with more than one " not in problem  # fate, record or tombstone
    ]
