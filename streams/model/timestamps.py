"""Times as text: RFC 3339 UTC, everywhere the same."""

from datetime import UTC, datetime


def of_milliseconds(milliseconds: int) -> str:
    """RFC 3339 UTC of milliseconds since 1970."""
    return rfc3339(datetime.fromtimestamp(milliseconds / 1000, UTC))


def rfc3339(stamp: datetime) -> str:
    """RFC 3339 UTC with `Z`: whole seconds, or milliseconds where there are any. Empty where UTC is out of range."""
    try:
        utc = stamp.astimezone(UTC)
    except (OverflowError, ValueError):
        return ""
    return utc.isoformat(timespec="milliseconds" if utc.microsecond >= 1000 else "seconds").replace("+00:00", "Z")
