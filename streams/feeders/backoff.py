"""When to look again, and when a feed is quieter than it ever is (pure: the shell gives time and chance)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_DELAY = 3600.0
"""Seconds after which even a feed that keeps failing is tried again."""
MAX_RETRY_AFTER = 86_400.0
"""What a `Retry-After` may ask for, in seconds."""
HISTORY_DAYS = 14
_MIN_DAYS = 2
_ALERT_FACTOR = 1.5


def compute_delay(every: float, failures: int, retry_after: float, chance: float) -> float:
    """Seconds to the next look. `chance` is 0 to 1: looks of many feeds shall not fall together.

    After failures the time doubles each time up to an hour, of which one half is by chance; what the server asks
    for is never undercut.
    """
    if failures:
        longest = min(every * 2.0 ** min(failures, 20), max(every, MAX_DELAY))
        return max(longest * (0.5 + chance / 2), retry_after)
    return max(every * (0.95 + chance / 10), retry_after)


def parse_retry_after(header: str, now: datetime) -> float:
    """Seconds that a `Retry-After` asks for (RFC 9110, section 10.2.3); 0 where there is none to read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), MAX_RETRY_AFTER)


def record_gap(habit: Mapping[str, float], last: float, now: float) -> dict[str, float]:
    """The longest silence of each of the last days (ISO date -> seconds), with the one that ends now.

    `last` and `now` are seconds since 1970; `last` is 0 before the first entry.
    """
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    found = {**habit, day: max(habit.get(day, 0.0), now - last if last else 0.0)}
    return {key: found[key] for key in sorted(found)[-HISTORY_DAYS:]}


def alert_after(habit: Mapping[str, float]) -> float:
    """Seconds of silence that are out of habit: half again the longest; infinite before two days are known."""
    known = [seconds for seconds in habit.values() if seconds > 0]
    return _ALERT_FACTOR * max(known) if len(habit) >= _MIN_DAYS and known else float("inf")
