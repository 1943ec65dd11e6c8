"""What runs in prepare's child process: raw records in, encoded log records out."""

from collections.abc import Sequence

import msgspec

from streams.model import codec
from streams.model.errors import Reason
from streams.model.records import Item, Position, Raw, Refusal
from streams.prepare.raw_records import accept
from streams.prepare.stage import Knowledge, prepare, refuse
from streams.prepare.text.language import model


class Record(msgspec.Struct, frozen=True):
    """A Kafka record of `news.raw`, as it crosses to the child."""

    position: Position
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


def set_up(knowledge: Knowledge) -> None:
    """Once in each child."""
    model()  # a second of work that no item should wait for
    _knowledge[:] = [knowledge]


def work(batch: Sequence[Record]) -> list[Prepared]:
    """A batch of raw records."""
    return [prepared(record, _knowledge[0]) for record in batch]


def prepared(record: Record, knowledge: Knowledge) -> Prepared:
    """One raw record. An exception other than Reject is caught here, in one place, and becomes `internal`."""
    raw = accept(record.position, record.headers, record.value)
    try:
        return packed(raw, prepare(raw, knowledge))
    except MemoryError:
        raise  # the child is at its limit: the pool ends it and finds the item
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        return packed(raw, (refuse(raw, Reason.INTERNAL, message, stage="prepare"),), bug=message)


def refused(record: Record, reason: Reason, message: str) -> Prepared:
    """The refusal of a raw record that no child survives."""
    raw = accept(record.position, record.headers, record.value)
    return packed(raw, (refuse(raw, reason, message, stage="prepare"),))


def packed(raw: Raw, records: tuple[Item | Refusal, ...], bug: str = "") -> Prepared:
    """Log records as bytes, keyed by their raw position."""
    at = raw.position
    return Prepared(
        tuple(
            (f"{at.topic}/{at.partition}/{at.offset}/{record.origin.index}".encode(), codec.encode(record))
            for record in records
        ),
        records[0].source,
        tuple(record.wire_format or "none" for record in records),
        bug,
    )
