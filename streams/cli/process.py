"""The command `newswire process`: runs the pipeline of the workers on files, without Kafka."""

import asyncio
import io
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import NamedTuple, NotRequired, TypedDict

import click
import msgspec
import orjson

from streams.cli.feed import UnreadablePaths, make_wire_time_reader
from streams.cli.main import pass_settings
from streams.cli.options import (
    count_cores,
    json_option,
    paths_argument,
    received_at_option,
    source_option,
    workers_option,
)
from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.feeders import files
from streams.feeders.raw_records import ReceivedAt, assign_received_times, build_file_headers
from streams.model import codec
from streams.model.headers import headers_as_text
from streams.model.printable import make_printable
from streams.model.records import Decision, Effect, Item, LogRecord, Mention, Outcome, RecordRef, StampedRef
from streams.model.topics import RAW
from streams.ops.explain import explain as explain_decision
from streams.prepare.batch import Prepared, RawMessage, prepare_message, refuse_message
from streams.prepare.loading import KnowledgeFiles, parse_knowledge, read_files

CHUNK_RECORDS = 64
"""How many files or lines a child process prepares at a time."""
CHUNK_BYTES = 4 << 20
FEW_RECORDS = 512
"""So many are prepared before child processes are started, which takes longer than to prepare them."""


@click.command()
@paths_argument
@source_option
@received_at_option("wire", "Received time; wire: the item's own, or that of the item before where it has none.")
@click.option("--explain", is_flag=True, help="Add what was decided from which evidence.")
@json_option("JSON lines with --explain on a terminal too.")
@workers_option
@pass_settings
def command(
    settings: Settings,
    paths: Sequence[str],
    source: str,
    received_at: ReceivedAt,
    explain: bool,
    as_json: bool,
    workers: int | None,
) -> None:
    """Run the pipeline on files or folders (sorted by path); one JSON line an item on stdout.

    The lines are the same with any number of --workers; for a few items none is started. On a terminal, --explain
    prints text for people. Embargoes are never released here.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 in any locale
    unreadable = UnreadablePaths()
    as_text = explain and not as_json and sys.stdout.isatty()
    found = files.read(paths, unreadable.report)
    for item in process_files(settings, found, source, received_at, workers or count_cores()):
        if as_text:
            for line in format_explanation(item, settings.topics.full):
                click.echo(line)
            continue
        row = build_row(item.place, item.decision, item.effects, settings.topics.full)
        if explain:
            row["explain"] = build_explanation(item.record, item.decision)
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    unreadable.raise_if_any()


PlaceInFiles = tuple[str, int]
"""The path of a file, and the number of an item in it, from 0."""


class ProcessedItem(NamedTuple):
    """An item of a file after the map and the fold."""

    place: PlaceInFiles
    record: LogRecord
    decision: Decision
    effects: tuple[Effect, ...]


class ProcessRow(TypedDict):
    """A line of `newswire process` (schemas/README.md, section 5)."""

    input: str
    index: int
    outcome: str
    topics: list[str]
    event: object
    duplicate_of: str | None
    similarity: float | None
    error: dict[str, str] | None
    explain: NotRequired[dict[str, object]]


class _Received(NamedTuple):
    """A file or line, and its raw record."""

    file: files.RawFile
    message: RawMessage


def process_files(
    settings: Settings, found: Iterator[files.RawFile], source: str, received_at: ReceivedAt, workers: int = 1
) -> Iterator[ProcessedItem]:
    """Prepares and decides each item of the files in their order, with a state that begins empty.

    With several `workers`, so many child processes prepare; else this process does.
    """
    params = DecideParams.from_settings(settings)
    state, log_offset = State(), 0
    path, index = "", 0
    for received, result in _prepare(settings, _receive(settings, found, source, received_at), workers):
        if received.file.index == 0:
            path, index = received.file.path, 0
        for _, value in result.records:
            record = codec.decode(value)
            batch = state.batch()
            decision, effects = apply(batch, record, log_offset, params)
            state.merge(batch.changes)
            yield ProcessedItem((path, index), record, decision, effects)
            log_offset += 1
            index += 1


def _receive(
    settings: Settings, found: Iterator[files.RawFile], source: str, received_at: ReceivedAt
) -> Iterator[_Received]:
    raw_topic = settings.topics.full(RAW)
    wire_time = make_wire_time_reader(settings, source)
    timed = assign_received_times(found, received_at, lambda: datetime.now(UTC).replace(microsecond=0), wire_time)
    for offset, (file, received) in enumerate(timed):
        position = StampedRef(RecordRef(raw_topic, 0, offset), int(time.time() * 1000))
        headers = build_file_headers(file, source, received)
        yield _Received(file, RawMessage(position, tuple(headers), file.body))


def _prepare(settings: Settings, received: Iterator[_Received], workers: int) -> Iterator[tuple[_Received, Prepared]]:
    """Prepares the first records, and all where there is one worker, in this process, and the others in children."""
    knowledge_files = read_files(settings)
    knowledge = parse_knowledge(knowledge_files)
    for each in received if workers == 1 else islice(received, FEW_RECORDS):
        yield each, prepare_message(each.message, knowledge)
    if (following := next(received, None)) is not None:
        yield from _prepare_in_children(settings, knowledge_files, chain((following,), received), workers)


def _prepare_in_children(
    settings: Settings, knowledge_files: KnowledgeFiles, received: Iterator[_Received], workers: int
) -> Iterator[tuple[_Received, Prepared]]:
    """Prepares chunks of records at the same time, and yields the results in order."""
    from streams.worker.process_pool import make_prepare_pools  # a second of imports, which few items need not wait for

    pools = make_prepare_pools(settings, knowledge_files, workers)
    running: deque[tuple[list[_Received], asyncio.Task[list[Prepared]]]] = deque()
    with asyncio.Runner() as runner:
        loop = runner.get_loop()

        def next_results() -> Iterator[tuple[_Received, Prepared]]:
            chunk, task = running.popleft()
            return zip(chunk, loop.run_until_complete(task), strict=True)

        try:
            for chunk in _split_into_chunks(received):
                messages = [each.message for each in chunk]
                running.append((chunk, loop.create_task(pools.run(messages, refuse_message))))
                if len(running) > pools.most_batches:
                    yield from next_results()
            while running:
                yield from next_results()
        finally:
            pools.stop()


def _split_into_chunks(received: Iterator[_Received]) -> Iterator[list[_Received]]:
    chunk: list[_Received] = []
    size = 0
    for each in received:
        chunk.append(each)
        size += len(each.message.value or b"")
        if len(chunk) >= CHUNK_RECORDS or size >= CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def build_row(
    place: PlaceInFiles, decision: Decision, effects: tuple[Effect, ...], full: Callable[[str], str]
) -> ProcessRow:
    """Builds the line of one item. `full` returns the name of a topic with its prefix."""
    value = effects[0].value
    event = orjson.loads(value) if decision.outcome is not Outcome.REJECTED and value else None
    error = None
    if decision.error_code:  # the decision may say less, as the item may be under embargo
        error = {"code": decision.error_code, "message": headers_as_text(effects[0].headers)["error-message"]}
    return {
        "input": place[0],
        "index": place[1],
        "outcome": decision.outcome.value,
        "topics": [full(topic) for topic in decision.topics],
        "event": event,
        "duplicate_of": decision.duplicate_of or None,
        "similarity": decision.similarity,
        "error": error,
    }


def format_explanation(item: ProcessedItem, full: Callable[[str], str]) -> Iterator[str]:
    """Formats an item for a terminal: what became of it and why, its companies, and its facts with their words."""
    path, index = item.place
    record, decision = item.record, item.decision
    headline = record.headline if isinstance(record, Item) else ""
    yield make_printable(f"{path} {index}: {headline or '(no headline)'}")
    for line in explain_decision(decision, full=full):
        yield f"{' ' * (len(line) - len(line.lstrip()))}    {make_printable(line)}"
    if decision.topics:
        yield f"        topics: {', '.join(map(full, decision.topics))}"
    if isinstance(record, Item):
        yield from dict.fromkeys(f"        company: {_format_mention(mention)}" for mention in record.mentions)
        texts = _read_texts(record)
        for fact in record.facts:
            words = make_printable(texts[fact.field][fact.start : fact.end])
            yield f"        fact: {fact.kind} {fact.value}, from {words!r}"


def _format_mention(mention: Mention) -> str:
    ticker = ":".join(each for each in (mention.exchange, mention.symbol) if each)
    codes = ", ".join(each for each in (ticker, mention.isin) if each)
    return make_printable(" ".join(each for each in (mention.name, codes and f"({codes})") if each))


def build_explanation(record: LogRecord, decision: Decision) -> dict[str, object]:
    """Lists the evidence of a decision: format, ids, matches, facts, and each category with its matched words."""
    explanation: dict[str, object] = {
        "format": decision.wire_format,
        "received": decision.received,
        "evidence": decision.evidence,
        "match_kind": decision.match_kind or None,
        "categories": [
            {
                "category": label.category,
                "confidence": label.confidence,
                "creator": label.creator,
                "matched": label.matched,
            }
            for label in (record.labels if isinstance(record, Item) else ())
        ],
    }
    if isinstance(record, Item):
        explanation["companies"] = [msgspec.to_builtins(mention) for mention in record.mentions]
        explanation |= {"id": record.id, "version": record.version, "status": record.status.value}
        explanation["facts"] = [msgspec.structs.asdict(fact) for fact in record.facts]
        explanation["marked"] = mark_facts(record)
        explanation |= {"time_source": record.time_source, "prepared_with": record.prepared_with}
    return explanation


def mark_facts(item: Item) -> dict[str, str]:
    """Marks each fact in the headline and the text, such as `pays [[$5 million|amount USD 5000000]]`."""
    marked = {}
    for field, text in _read_texts(item).items():
        for fact in sorted(item.facts, key=lambda fact: fact.start, reverse=True):
            if fact.field == field:
                words = text[fact.start : fact.end]
                text = f"{text[: fact.start]}[[{words}|{fact.kind} {fact.value}]]{text[fact.end :]}"
        if text:
            marked[field] = text
    return marked


def _read_texts(item: Item) -> dict[str, str]:
    """Reads the headline and the text of an item, by the names that facts use for them."""
    event = orjson.loads(bytes(item.event))
    return {
        field: next((row["value"] for row in event.get(rows, ()) if row["role"] == "main"), "")
        for rows, field in (("headlines", "headline"), ("bodies", "text"))
    }
