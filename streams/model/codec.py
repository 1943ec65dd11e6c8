"""Encodes and decodes the records of the log, and checks their format version."""

from datetime import UTC, datetime

import msgspec

from streams.model.errors import Reason
from streams.model.records import READABLE_FORMATS, LogRecord, Origin, Refusal, StampedRef
from streams.model.timestamps import format_rfc3339
from streams.model.topics import MAX_ITEM_BYTES

_READABLE = " or ".join(map(str, READABLE_FORMATS))
_NEWEST = max(READABLE_FORMATS)

FOLD_STAGE = "decide"
"""The stage of a refusal that the fold itself makes. Prepare never writes it."""
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LogRecord)


class _Versioned(msgspec.Struct):
    format: int = 0


_read_version = msgspec.json.Decoder(_Versioned).decode


class NoLogRecordError(ValueError):
    """The bytes are no log record. A reader of the log passes over them (`decode_record`)."""


class UnknownFormatError(ValueError):
    """A record of the log or of the state has a format that this release does not know.

    It is never skipped: the worker stops with this error, and is not started again.
    """


def encode(record: LogRecord) -> bytes:
    """Encodes a log record as JSON."""
    return _encoder.encode(record)


def decode(value: bytes) -> LogRecord:
    """Decodes a log record from JSON. Raises `UnknownFormatError` for a newer format, else `NoLogRecordError`."""
    try:
        record: LogRecord = _decoder.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        _require_known_format(value)
        raise NoLogRecordError(f"not a log record of format {_READABLE}: {error}") from error
    if record.format > _NEWEST:
        _require_known_format(value)
    if record.format not in READABLE_FORMATS:
        raise NoLogRecordError(f"not a log record of format {_READABLE}: it says format {record.format}")
    return record


def _require_known_format(value: bytes) -> None:
    try:
        version = _read_version(value).format
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return
    if version > _NEWEST:
        raise UnknownFormatError(f"a log record of format {version}; this release reads format {_READABLE}")


def decode_record(value: bytes | None, position: StampedRef) -> LogRecord:
    """Decodes the record of the log at a position. Bytes that are no log record give a refusal of the fold itself.

    Raises `UnknownFormatError` for a newer format, with the position and what to do.
    """
    try:
        if value is None:
            raise NoLogRecordError("not a log record: it has no value")
        return decode(value)
    except UnknownFormatError as error:
        raise UnknownFormatError(
            f"{position.record} is {error}: a newer release wrote it, so run that release or a newer one"
        ) from error
    except NoLogRecordError as error:
        topic, partition, offset = position.record
        at = position.timestamp
        return Refusal(
            origin=Origin(topic=topic, partition=partition, offset=offset, timestamp=at, index=0, count=1),
            source="unknown",
            wire_format="",
            received=format_rfc3339(datetime.fromtimestamp(max(0, at) / 1000, UTC)),
            content_type="application/octet-stream",
            code=Reason.MALFORMED.value,
            message=f"{position.record} is {error}",
            stage=FOLD_STAGE,
            attempts=1,
            body=(value or b"")[:MAX_ITEM_BYTES],
        )
