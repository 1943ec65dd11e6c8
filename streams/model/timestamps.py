"""Formats times as RFC 3339 text in UTC."""

from datetime import UTC, datetime

UNTIL_FURTHER_NOTICE = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The end of an embargo without a known end: a hold. Only a later version of the item, or the desk, releases it."""
HOLD = "9999-12-31T23:59:59Z"
"""The same as text: `embargoed_until` of an item on hold."""


def format_milliseconds(milliseconds: int) -> str:
    """Formats milliseconds since 1970."""
    return format_rfc3339(datetime.fromtimestamp(milliseconds / 1000, UTC))


def format_rfc3339(stamp: datetime) -> str:
    """Formats a time in whole seconds, or milliseconds if it has any. Empty if the time in UTC is out of range."""
    try:
        utc = stamp.astimezone(UTC)
    except (OverflowError, ValueError):
        return ""
    return utc.isoformat(timespec="milliseconds" if utc.microsecond >= 1000 else "seconds").replace("+00:00", "Z")
