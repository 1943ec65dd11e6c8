"""Reads the headers of Kafka records as text.

Foreign headers are decoded as UTF-8 with bad bytes replaced (U+FFFD), so that no record is lost for its headers.
`strict` is for headers that only this program writes: there a bad byte is a bug, and raises UnicodeDecodeError.
"""

from collections.abc import Iterable
from typing import Literal
from urllib.parse import unquote

SOURCE_URN = "urn:newswire:source:"
"""The prefix of a source's id in `ce_source`."""

KafkaHeaders = Iterable[tuple[str, bytes | None]]
"""Name and value, as clients of Kafka give them. A name may stand several times."""
OnBadBytes = Literal["replace", "strict"]


def decode_header(value: bytes | None, on_bad_bytes: OnBadBytes = "replace") -> str:
    """Decodes the value of a header; a header without a value is empty text."""
    return (value or b"").decode("utf-8", on_bad_bytes)


def headers_as_text(headers: KafkaHeaders, on_bad_bytes: OnBadBytes = "replace") -> dict[str, str]:
    """Decodes all headers, by name; of a name that stands several times, the last one."""
    return {name: decode_header(value, on_bad_bytes) for name, value in headers}


def header_text(headers: KafkaHeaders, name: str) -> str:
    """Decodes the first header of this name; empty where there is none."""
    return decode_header(next((value for each, value in headers if each == name), None))


def read_source_id(headers: KafkaHeaders) -> str:
    """Reads the id of the source of a record of a public topic from `ce_source`; empty where it has none."""
    return unquote(header_text(headers, "ce_source").removeprefix(SOURCE_URN))
