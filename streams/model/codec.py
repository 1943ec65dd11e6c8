"""Records of the log as bytes, with their format version."""

import msgspec

from streams.model.records import LOG_FORMAT, LogRecord

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LogRecord)


class UnknownFormatError(ValueError):
    """A log record of another release. Never skipped: the worker stops and says so."""


def encode(record: LogRecord) -> bytes:
    """A log record as JSON."""
    return _encoder.encode(record)


def decode(value: bytes) -> LogRecord:
    """A log record from its JSON. Raises `UnknownFormatError` where this release cannot read it."""
    try:
        record: LogRecord = _decoder.decode(value)
    except msgspec.MsgspecError as error:
        raise UnknownFormatError(f"not a log record of format {LOG_FORMAT}: {error}") from error
    if record.format != LOG_FORMAT:
        raise UnknownFormatError(f"a log record of format {record.format}; this release reads format {LOG_FORMAT}")
    return record
