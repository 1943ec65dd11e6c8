"""The one place where a raw record's headers are written (contract, section 2)."""

from datetime import datetime

from streams.feeders.files import RawFile
from streams.timestamps import rfc3339

UNKNOWN_SOURCE = "unknown"


def raw_headers(file: RawFile, source: str, received: datetime) -> list[tuple[str, bytes]]:
    """Headers of `news.raw` for an item of a file: `source`, `content-type`, `received-at`, `origin`.

    `too-large` (the size in bytes) marks a stub. stdin has no `origin`.
    """
    origin = "" if file.path == "-" else file.path
    return entry_headers(source, file.content_type, received, origin, "", file.too_large)


def entry_headers(
    source: str, content_type: str, received: datetime, origin: str, guid: str, too_large: int
) -> list[tuple[str, bytes]]:
    """Headers of `news.raw` for anything; `guid` is the feed's id of an entry, `too_large` a stub's size or 0."""
    fields = {
        "source": source,
        "content-type": content_type,
        "received-at": rfc3339(received),
        "origin": origin,
        "guid": guid,
        "too-large": str(too_large or ""),
    }
    return [(name, value.encode()) for name, value in fields.items() if value]
