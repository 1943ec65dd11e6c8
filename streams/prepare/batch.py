"""What runs in prepare's child process: raw records in, encoded log records out."""

from collections.abc import Sequence

import msgspec

from streams.model import codec
from streams.model.errors import Reason
from streams.model.records import Item, Raw, Refusal, StampedRef
from streams.prepare.raw_records import accept_raw_record
from streams.prepare.stage import Knowledge, prepare, refuse
from streams.prepare.text.language import load_language_model


class RawMessage(msgspec.Struct, frozen=True):
    """A Kafka record of `news.raw`, as it crosses to the child."""

    position: StampedRef
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None


class Prepared(msgspec.Struct, frozen=True):
    """The log records (key, JSON) of one raw record, and what to count when they are in the log."""

    records: tuple[tuple[bytes, bytes], ...]
    source: str
    formats: tuple[str, ...]
    bug: str = ""
    """An exception that was none of ours to raise; logged by the shell."""


_knowledge: list[Knowledge] = []


def initialise_child(knowledge: Knowledge) -> None:
    """Once in each child."""
    load_language_model()  # a second of work that no item should wait for
    _knowledge[:] = [knowledge]


def prepare_batch(batch: Sequence[RawMessage]) -> list[Prepared]:
    """A batch of raw records."""
    return [prepare_message(record, _knowledge[0]) for record in batch]


def prepare_message(record: RawMessage, knowledge: Knowledge) -> Prepared:
    """One raw record. An exception other than Reject is caught here, in one place, and becomes `internal`."""
    raw = accept_raw_record(record.position, record.headers, record.value)
    try:
        return encode_prepared(raw, prepare(raw, knowledge))
    except MemoryError:
        raise  # the child is at its limit: the pool ends it and finds the item
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return encode_prepared(raw, (refuse(raw, Reason.INTERNAL, message, stage="prepare"),), bug=message)


def refuse_message(record: RawMessage, reason: Reason, message: str) -> Prepared:
    """The refusal of a raw record that no child survives."""
    raw = accept_raw_record(record.position, record.headers, record.value)
    return encode_prepared(raw, (refuse(raw, reason, message, stage="prepare"),))


def encode_prepared(raw: Raw, records: tuple[Item | Refusal, ...], bug: str = "") -> Prepared:
    """Log records as bytes, keyed by their raw position."""
    ref = raw.position.record
    return Prepared(
        tuple((f"{ref}/{record.origin.index}".encode(), codec.encode(record)) for record in records),
        records[0].source,
        tuple(record.wire_format or "none" for record in records),
        bug,
    )
