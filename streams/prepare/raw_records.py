"""Reads the headers of a raw record, resolves its received time, and refuses a record that cannot hold an item."""

import re
from datetime import UTC, datetime, timedelta

from streams.model.errors import Reason, Reject
from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.records import Raw, StampedRef
from streams.model.topics import MAX_RAW_BYTES
from streams.prepare.formats.document import DEFAULT_LIMITS, Limits
from streams.prepare.text.plain import one_line

MAX_AHEAD = timedelta(hours=1)
"""A `received-at` further ahead of the raw record's timestamp is a wrong clock (schemas/README.md, section 2)."""
MAX_HEADER = 1000
"""Characters kept of `content-type`, which becomes a header of every outcome."""
MAX_SOURCE = 200
"""Characters of a `source`, which is a metric label, a header and part of keys; a longer one is a mistake."""
_BINARY = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office file",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"(\xb5/\xfd": "compressed with zstd",
    b"\xd0\xcf\x11\xe0": "an Office file",
    b"{\\rtf": "RTF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"Obj\x01": "an Avro file",
}
"""First bytes of files that hold no text -> what they are."""
_BLANK = re.compile(rb"[ \t\r\n\0]*+(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?+[ \t\r\n\0]*+")
"""Matches white space in any Unicode encoding, with or without a byte order mark."""
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def accept_raw_record(position: StampedRef, headers: KafkaHeaders, value: bytes | None) -> Raw:
    """Reads a raw record from Kafka. Never refuses it: `check_raw_record` does, so that a refusal knows its source."""
    named = {name: text.strip() for name, text in headers_as_text(headers).items()}
    traceparent = named.get("traceparent", "")
    attempts = named.get("attempts", "")
    return Raw(
        source=one_line(named.get("source", "")),
        received=resolve_received_time(named.get("received-at", ""), position.timestamp),
        body=value or b"",
        content_type=one_line(named.get("content-type", ""))[:MAX_HEADER],
        origin=named.get("origin", ""),
        guid=named.get("guid", ""),
        shared_id=named.get("shared-id", ""),
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else "",
        attempts=int(attempts) if attempts.isdecimal() and len(attempts) < 5 else 1,
        too_large=one_line(named.get("too-large", ""))[:MAX_HEADER],
        position=position,
    )


def resolve_received_time(header: str, timestamp: int) -> datetime:
    """Returns `received-at` (RFC 3339); the record's timestamp (ms) where that is missing, unreadable or ahead."""
    recorded = datetime.fromtimestamp(timestamp / 1000, UTC)
    try:
        stated = datetime.fromisoformat(header.upper())
        stated = stated.astimezone(UTC) if stated.tzinfo else recorded
    except (ValueError, OverflowError):
        return recorded
    return recorded if stated - recorded > MAX_AHEAD else stated


def check_raw_record(raw: Raw, limits: Limits = DEFAULT_LIMITS) -> None:
    """Raises `Reject` for a record without a usable source, without content, or above a limit."""
    if raw.too_large:
        raise Reject(Reason.TOO_LARGE, f"the feeder met {raw.too_large} bytes; the limit is {MAX_RAW_BYTES}")
    if len(raw.body) > limits.size:
        raise Reject(Reason.TOO_LARGE, f"{len(raw.body)} bytes; the limit is {limits.size} (prepare.item_mb)")
    if (tags := raw.body.count(b"<") + raw.body.count(b"&lt;")) > limits.tags:
        raise Reject(Reason.TOO_LARGE, f"{tags} tags; the limit is {limits.tags} (prepare.item_tags)")
    if not raw.source:
        raise Reject(Reason.MISSING_SOURCE, "the record has no header `source`; the feeder must name its feed")
    if len(raw.source) > MAX_SOURCE:
        raise Reject(
            Reason.MALFORMED, f"the header `source` has {len(raw.source)} characters; at most {MAX_SOURCE} name a feed"
        )
    if kind := next((name for mark, name in _BINARY.items() if raw.body.startswith(mark)), ""):
        raise Reject(Reason.UNKNOWN_FORMAT, f"the record is {kind}; unwrap it, or send the text of the item")
    if _BLANK.fullmatch(raw.body):
        raise Reject(Reason.EMPTY, "the record has no content")
