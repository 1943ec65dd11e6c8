"""Prepares batches of raw records in a child process: Kafka records in, encoded log records out."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from streams.model import codec
from streams.model.errors import Reason
from streams.model.records import Item, Raw, Refusal, StampedRef
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import Knowledge, Steps, prepare_in_steps, refuse, run_together
from streams.prepare.text.language import load_language_model


class RawMessage(msgspec.Struct, frozen=True):
    """A Kafka record of `news.raw`, as the worker sends it to a child process."""

    position: StampedRef
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None


class Prepared(msgspec.Struct, frozen=True):
    """The log records of one raw record, and the labels under which the worker counts them."""

    records: tuple[tuple[bytes, bytes], ...]
    """Key and JSON of each."""
    source: str
    formats: tuple[str, ...]
    """The wire format of each log record; `none` where it was not recognised."""
    wire_delays: tuple[float, ...] = ()
    """Of each item whose wire gives a time: seconds from it to the receipt."""
    bug: str = ""
    """Type and message of an unexpected exception, which the worker logs; empty where there was none."""


_knowledge: list[Knowledge] = []


def initialise_child(knowledge: Knowledge) -> None:
    """Loads what a child process needs. It runs once in each, before the first batch."""
    load_language_model()  # takes a second, for which no item should wait
    _knowledge[:] = [knowledge]


def current_knowledge() -> Knowledge:
    """Returns what this child process was initialised with."""
    return _knowledge[0]


def prepare_batch(batch: Sequence[RawMessage]) -> list[Prepared]:
    """Prepares a batch of raw records, all of them step by step together."""
    return run_together(_prepare_in_steps(record, _knowledge[0]) for record in batch)


def prepare_message(record: RawMessage, knowledge: Knowledge) -> Prepared:
    """Prepares one raw record."""
    [prepared] = run_together([_prepare_in_steps(record, knowledge)])
    return prepared


def _prepare_in_steps(record: RawMessage, knowledge: Knowledge) -> Steps[Prepared]:
    """Prepares one raw record in steps.

    This is the one place that catches an exception other than `Reject`: it becomes a refusal `internal`.
    """
    raw = accept_raw_record(record.position, record.headers, record.value)
    yield
    try:
        records = yield from prepare_in_steps(raw, knowledge)
        yield
        return encode_prepared(raw, records)
    except MemoryError:
        raise  # the child has reached its memory limit: the pool ends it and finds the item
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return encode_prepared(raw, (refuse(raw, Reason.INTERNAL, message, stage="prepare"),), bug=message)


def refuse_message(record: RawMessage, reason: Reason, message: str) -> Prepared:
    """Refuses a raw record that ends every child process."""
    raw = accept_raw_record(record.position, record.headers, record.value)
    return encode_prepared(raw, (refuse(raw, reason, message, stage="prepare"),))


def encode_prepared(raw: Raw, records: tuple[Item | Refusal, ...], bug: str = "") -> Prepared:
    """Encodes the log records of a raw record; the key of each is `topic/partition/offset/index`."""
    ref = raw.position.record
    return Prepared(
        tuple((f"{ref}/{record.origin.index}".encode(), codec.encode(record)) for record in records),
        records[0].source,
        tuple(record.wire_format or "none" for record in records),
        tuple(
            max(0.0, (raw.received - datetime.fromisoformat(record.version_created)).total_seconds())
            for record in records
            if isinstance(record, Item) and record.version_created
        ),
        bug,
    )
