"""`newswire process`: the same map and fold as the workers, over files, without Kafka."""

import io
import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
import orjson

from streams.cli.feed import make_wire_time_reader, parse_received_option, source_option
from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.feeders import files
from streams.feeders.raw_records import ReceivedAt, assign_received_times, build_file_headers
from streams.model import codec
from streams.model.errors import WorkFailed
from streams.model.records import Decision, Effect, Item, LogRecord, Outcome, RecordRef, StampedRef
from streams.model.topics import RAW
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(exists=True, allow_dash=True))
@source_option
@click.option(
    "--received-at",
    metavar="now|mtime|wire|TIME",
    default="wire",
    show_default=True,
    callback=parse_received_option,
    help="Received time; wire: the item's own, or that of the item before where it has none.",
)
@click.option("--explain", is_flag=True, help="Add what was decided from which evidence.")
@pass_settings
def command(settings: Settings, paths: Sequence[str], source: str, received_at: ReceivedAt, explain: bool) -> None:
    """Run the pipeline on files or folders (sorted by path); one JSON line an item on stdout.

    Embargoes are never released here.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 in any locale
    unreadable: list[str] = []

    def refused(path: str, why: str) -> None:
        unreadable.append(path)
        click.echo(f"cannot read {path}: {why}", err=True)

    for path, record, decision, effects in process_files(settings, files.read(paths, refused), source, received_at):
        row = build_row(path, decision, effects, settings.topics.full)
        if explain:
            row["explain"] = build_explanation(record, decision)
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    if unreadable:
        raise WorkFailed(f"{len(unreadable)} of the paths could not be read: see above")


ProcessedItem = tuple[tuple[str, int], LogRecord, Decision, tuple[Effect, ...]]


def process_files(
    settings: Settings, found: Iterator[files.RawFile], source: str, received_at: ReceivedAt
) -> Iterator[ProcessedItem]:
    """Each item of the files as (path, index in the file), log record, decision and effects, in their order."""
    knowledge = load_knowledge(settings)
    rules = DecideParams.of(settings)
    raw_topic = settings.topics.full(RAW)
    state, log_offset = State(), 0
    path, index = "", 0
    wire_time = make_wire_time_reader(settings, source)
    timed = assign_received_times(found, received_at, lambda: datetime.now(UTC).replace(microsecond=0), wire_time)
    for offset, (file, received) in enumerate(timed):
        position = StampedRef(RecordRef(raw_topic, 0, offset), int(time.time() * 1000))
        headers = build_file_headers(file, source, received)
        result = prepare_message(RawMessage(position, tuple(headers), file.body), knowledge)
        if file.index == 0:
            path, index = file.path, 0
        for _, value in result.records:
            record = codec.decode(value)
            overlay = state.batch()
            decision, effects = apply(overlay, record, log_offset, rules)
            state.merge(overlay.changes)
            yield (path, index), record, decision, effects
            log_offset += 1
            index += 1


def build_row(place: tuple[str, int], decision: Decision, effects: tuple[Effect, ...], full: Any) -> dict[str, Any]:
    """A line of `newswire process` (contract, section 5)."""
    shown = effects[0]
    event = orjson.loads(shown.value) if decision.outcome is not Outcome.REJECTED and shown.value else None
    error = {"code": decision.error_code, "message": decision.error_message} if decision.error_code else None
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


def build_explanation(record: LogRecord, decision: Decision) -> dict[str, Any]:
    """Why: format, ids, the evidence of the fate, and each category with the words that gave it."""
    told: dict[str, Any] = {
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
        told["companies"] = [msgspec.to_builtins(mention) for mention in record.mentions]
        told |= {"id": record.id, "version": record.version, "status": record.status.value}
        told["facts"] = [msgspec.structs.asdict(fact) for fact in record.facts]
        told["marked"] = mark_facts(record)
        told |= {"time_source": record.time_source, "prepared_with": record.prepared_with}
    return told


def mark_facts(item: Item) -> dict[str, str]:
    """Headline and text with each fact marked where it stands: `pays [[$5 million|amount USD 5000000]]`."""
    event = orjson.loads(bytes(item.event))
    texts = {"headlines": "headline", "bodies": "text"}
    shown = {}
    for rows, field in texts.items():
        text = next((row["value"] for row in event.get(rows, ()) if row["role"] == "main"), "")
        for fact in sorted(item.facts, key=lambda fact: fact.start, reverse=True):
            if fact.field == field:
                words = text[fact.start : fact.end]
                text = f"{text[: fact.start]}[[{words}|{fact.kind} {fact.value}]]{text[fact.end :]}"
        if text:
            shown[field] = text
    return shown
