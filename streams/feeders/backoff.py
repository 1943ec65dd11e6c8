"""When to look again, and when a feed is quieter than it ever is (pure: the shell gives time and chance)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0
"""Seconds after which even a feed that keeps failing is tried again."""
LONGEST_ASKED = 86_400.0
"""What a `Retry-After` may ask for, in seconds."""
HABIT_DAYS = 14
_DAYS_KNOWN = 2
_LONGER = 1.5


def wait(every: float, failures: int, retry_after: float, chance: float) -> float:
    """Seconds to the next look. `chance` is 0 to 1: looks of many feeds shall not fall together.

    After failures the time doubles each time up to an hour, of which one half is by chance; what the server asks
    for is never undercut.
    """
    if failures:
        longest = min(every * 2.0 ** min(failures, 20), max(every, LONGEST_WAIT))
        return max(longest * (0.5 + chance / 2), retry_after)
    return max(every * (0.95 + chance / 10), retry_after)


def retry_after(header: str, now: datetime) -> float:
    """Seconds that a `Retry-After` asks for (RFC 9110, section 10.2.3); 0 where there is none to read."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_ASKED)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), LONGEST_ASKED)


def learnt(habit: Mapping[str, float], last: float, now: float) -> dict[str, float]:
    """The longest silence of each of the last days (ISO date -> seconds), with the one that ends now.

    `last` and `now` are seconds since 1970; `last` is 0 before the first entry.
    """
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    found = {**habit, day: max(habit.get(day, 0.0), now - last if last else 0.0)}
    return {key: found[key] for key in sorted(found)[-HABIT_DAYS:]}


def quiet_after(habit: Mapping[str, float]) -> float:
    """Seconds of silence that are out of habit: half again the longest; infinite before two days are known."""
    known = [seconds for seconds in habit.values() if seconds > 0]
    return _LONGER * max(known) if len(habit) >= _DAYS_KNOWN and known else float("inf")
