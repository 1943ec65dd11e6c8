"""Encodes and decodes the records of the log, and checks their format version."""

import msgspec

from streams.model.records import LOG_FORMAT, LogRecord

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LogRecord)


class UnknownFormatError(ValueError):
    """A log record has another format version or is damaged. It is never skipped: the worker stops with this error."""


def encode(record: LogRecord) -> bytes:
    """Encodes a log record as JSON."""
    return _encoder.encode(record)


def decode(value: bytes) -> LogRecord:
    """Decodes a log record from JSON. Raises `UnknownFormatError` if this release cannot read it."""
    try:
        record: LogRecord = _decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise UnknownFormatError(f"not a log record of format {LOG_FORMAT}: {error}") from error
    if record.format != LOG_FORMAT:
        raise UnknownFormatError(f"a log record of format {record.format}; this release reads format {LOG_FORMAT}")
    return record
