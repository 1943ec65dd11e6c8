"""Formats times as wires and texts write them. Times are milliseconds since 1970; no locale and no clock is used."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEW_YORK = ZoneInfo("America/New_York")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_SHORT = ("Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def to_milliseconds(time: datetime) -> int:
    """Converts a time with a zone to milliseconds since 1970."""
    return (time - _EPOCH) // timedelta(milliseconds=1)


def to_utc(ms: int) -> datetime:
    """Converts milliseconds since 1970 to a time in UTC."""
    return _EPOCH + timedelta(milliseconds=ms)


def format_rfc3339(ms: int) -> str:
    """Formats a time as `2026-03-02T09:30:00Z`, in whole seconds."""
    return to_utc(ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_rfc3339_ms(ms: int) -> str:
    """Formats a time as `2026-03-02T09:30:00.250Z`."""
    return f"{format_rfc3339(ms)[:-1]}.{ms % 1000:03}Z"


def format_iso_basic(ms: int) -> str:
    """Formats a time as `20260302T093000+0000`, the ISO 8601 basic format of NewsML 1.2."""
    return to_utc(ms).strftime("%Y%m%dT%H%M%S+0000")


def format_rfc5322(ms: int) -> str:
    """Formats a time as `Mon, 02 Mar 2026 09:30:00 +0000`, as in mail and RSS (RFC 5322)."""
    time = to_utc(ms)
    month = MONTHS[time.month - 1][:3]
    return f"{_DAYS[time.weekday()]}, {time.day:02} {month} {time.strftime('%Y %H:%M:%S')} +0000"


def format_site_timestamp(ms: int) -> str:
    """Formats a time as `03/02/2026 | 04:30am EST`, the New York time of the site's pages."""
    time = to_utc(ms).astimezone(_NEW_YORK)
    half = "am" if time.hour < 12 else "pm"
    clock = f"{(time.hour - 1) % 12 + 1:02}:{time.minute:02}{half}"
    return f"{time.month:02}/{time.day:02}/{time.year} | {clock} {time.tzname()}"


def format_dateline_day(ms: int) -> str:
    """Formats a date as `Dec. 10, 2021`, as in a dateline."""
    time = to_utc(ms)
    return f"{_SHORT[time.month - 1]} {time.day}, {time.year}"


def format_day(ms: int) -> str:
    """Formats a date as `December 10, 2021`."""
    time = to_utc(ms)
    return f"{MONTHS[time.month - 1]} {time.day}, {time.year}"


def format_chinese_day(ms: int) -> str:
    """Formats a date as `2021年12月10日`."""
    time = to_utc(ms)
    return f"{time.year}年{time.month}月{time.day}日"


def format_weekday(ms: int) -> str:
    """Formats the weekday: `Friday`."""
    return _FULL_DAYS[to_utc(ms).weekday()]


def format_month(ms: int) -> str:
    """Formats month and year: `December 2021`."""
    time = to_utc(ms)
    return f"{MONTHS[time.month - 1]} {time.year}"
