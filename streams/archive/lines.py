"""Encodes and decodes the lines of the archive's files: one Kafka record a line, as JSON.

Text stands as text, so that `zstdcat FILE | jq` reads it. Bytes that are not UTF-8 stand in base64 under the same name
with `64`. A value that is a JSON object stands in `json`, byte for byte.
"""

from collections.abc import Iterable

import msgspec

from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.records import RecordRef, StampedRef


class ArchivedHeader(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """A header of a record. `bad` are the bytes of a value that is not UTF-8."""

    name: str
    text: str | None = None
    bad: bytes | None = None

    @property
    def value(self) -> bytes | None:
        """The value as Kafka had it."""
        return self.bad if self.bad is not None else None if self.text is None else self.text.encode()


class ArchivedRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record as it was in its topic. Its partition, offset and timestamp stay, also when its content is purged."""

    partition: int
    offset: int
    timestamp: int
    """Milliseconds since 1970, set by the broker."""
    key_text: str | None = msgspec.field(name="key", default=None)
    key_bytes: bytes | None = msgspec.field(name="key64", default=None)
    header_rows: tuple[ArchivedHeader, ...] = msgspec.field(name="headers", default=())
    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    text: str | None = msgspec.field(name="value", default=None)
    bad: bytes | None = msgspec.field(name="value64", default=None)
    purged: tuple[str, ...] = ()
    """The uris of withdrawn stories whose words were taken out of this record."""
    size: int = 0
    """The bytes that the value had before it was purged."""
    kept: tuple[msgspec.Raw, ...] = ()
    """The items of other stories in a purged raw record, as records of the log."""

    @property
    def key(self) -> bytes | None:
        """The key as Kafka had it."""
        return self.key_bytes if self.key_bytes is not None else _encode(self.key_text)

    @property
    def value(self) -> bytes | None:
        """The value as Kafka had it; None for a tombstone, and for a record whose content is purged."""
        if not isinstance(self.json, msgspec.UnsetType):
            return bytes(self.json)
        return self.bad if self.bad is not None else _encode(self.text)

    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]:
        """The headers as Kafka had them."""
        return tuple((each.name, each.value) for each in self.header_rows)

    def position_in(self, topic: str) -> StampedRef:
        """The position of the record in its topic."""
        return StampedRef(RecordRef(topic, self.partition, self.offset), self.timestamp)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ArchivedRecord)


def build_record(
    partition: int, offset: int, timestamp: int, key: bytes | None, value: bytes | None, headers: KafkaHeaders
) -> ArchivedRecord:
    """Builds the line of a Kafka record."""
    key_text, key_bytes = _split(key)
    row = ArchivedRecord(
        partition=partition,
        offset=offset,
        timestamp=timestamp,
        key_text=key_text,
        key_bytes=key_bytes,
        header_rows=tuple(ArchivedHeader(name, *_split(each)) for name, each in headers),
    )
    return with_value(row, value)


def with_value(row: ArchivedRecord, value: bytes | None) -> ArchivedRecord:
    """Gives a record another value."""
    if value is not None and _is_json_line(value):
        return msgspec.structs.replace(row, json=msgspec.Raw(value), text=None, bad=None)
    text, bad = _split(value)
    return msgspec.structs.replace(row, json=msgspec.UNSET, text=text, bad=bad)


def without_content(row: ArchivedRecord, uris: Iterable[str], kept: tuple[msgspec.Raw, ...] = ()) -> ArchivedRecord:
    """Takes key, headers and value out of a record; its position stays. `uris` are the stories that it spoke of."""
    return ArchivedRecord(
        partition=row.partition,
        offset=row.offset,
        timestamp=row.timestamp,
        purged=tuple(sorted({*row.purged, *uris})),
        size=row.size or len(row.value or b""),
        kept=kept,
    )


def encode_line(row: ArchivedRecord) -> bytes:
    """Encodes a record as a line, with its line end."""
    return _encoder.encode(row) + b"\n"


def decode_line(line: bytes) -> ArchivedRecord:
    """Decodes a line. Raises `msgspec.MsgspecError`."""
    return _decoder.decode(line)


def read_header(row: ArchivedRecord, name: str) -> str:
    """Reads a header as text; empty where it is missing."""
    return headers_as_text(row.headers).get(name, "")


def _is_json_line(value: bytes) -> bool:
    if not value.startswith(b"{") or not value.endswith(b"}") or b"\n" in value or b"\r" in value:
        return False
    try:
        msgspec.json.decode(value)
        value.decode()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _split(value: bytes | None) -> tuple[str | None, bytes | None]:
    """Returns the value as text, or as bytes where it is not UTF-8."""
    if value is None:
        return None, None
    try:
        return value.decode(), None
    except UnicodeDecodeError:
        return None, value


def _encode(text: str | None) -> bytes | None:
    return None if text is None else text.encode()
