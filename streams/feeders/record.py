"""The one place where a raw record's headers are written (contract, section 2)."""

from datetime import UTC, datetime

from streams.feeders.files import RawFile

UNKNOWN_SOURCE = "unknown"


def raw_headers(file: RawFile, source: str, received: datetime) -> list[tuple[str, bytes]]:
    """Headers of `news.raw` for an item of a file: `source`, `content-type`, `received-at`, `origin`.

    `too-large` (the size in bytes) marks a stub. stdin has no `origin`.
    """
    fields = {
        "source": source,
        "content-type": file.content_type,
        "received-at": stamp(received),
        "origin": "" if file.path == "-" else file.path,
        "too-large": str(file.too_large or ""),
    }
    return [(name, value.encode()) for name, value in fields.items() if value]


def stamp(time: datetime) -> str:
    """RFC 3339 UTC with `Z`: whole seconds, or milliseconds where there are any."""
    digits = "milliseconds" if time.microsecond >= 1000 else "seconds"
    return time.astimezone(UTC).isoformat(timespec=digits).replace("+00:00", "Z")
