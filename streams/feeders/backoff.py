"""Computes when to poll a feed again, and after how much silence to raise an alert.

The functions are pure: the caller supplies the time and the random number.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_DELAY = 3600.0
"""Most seconds between two polls of a feed that keeps failing."""
MAX_RETRY_AFTER = 86_400.0
"""Most seconds that a `Retry-After` header is obeyed for."""
HISTORY_DAYS = 14
"""How many days of silences are remembered."""
_MIN_DAYS = 2
_ALERT_FACTOR = 1.5


def compute_delay(every: float, failures: int, retry_after: float, chance: float) -> float:
    """Returns the seconds to wait before the next poll.

    `chance`, a random number from 0 to 1, spreads the polls of many feeds. Each failure doubles the delay, up to an
    hour; half of that delay is random. The delay is never shorter than `retry_after`, which the server asks for.
    """
    if failures:
        longest = min(every * 2.0 ** min(failures, 20), max(every, MAX_DELAY))
        return max(longest * (0.5 + chance / 2), retry_after)
    return max(every * (0.95 + chance / 10), retry_after)


def parse_retry_after(header: str, now: datetime) -> float:
    """Returns the seconds that a `Retry-After` header asks for (RFC 9110, section 10.2.3); 0 if it is unreadable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_RETRY_AFTER)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return min(max(0.0, (when - now).total_seconds()), MAX_RETRY_AFTER)


def record_gap(silence_history: Mapping[str, float], last: float, now: float) -> dict[str, float]:
    """Adds the silence that ends now to the longest silence of each of the last days (ISO date -> seconds).

    `last` is when the previous entry came. `last` and `now` are seconds since 1970; `last` is 0 before the first entry.
    """
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    gap = now - last if last else 0.0
    history = {**silence_history, day: max(silence_history.get(day, 0.0), gap)}
    return {key: history[key] for key in sorted(history)[-HISTORY_DAYS:]}


def alert_after(silence_history: Mapping[str, float]) -> float:
    """Returns the seconds of silence after which a feed counts as quiet: one and a half times the longest silence.

    The result is infinite until two days are known.
    """
    known = [seconds for seconds in silence_history.values() if seconds > 0]
    return _ALERT_FACTOR * max(known) if len(silence_history) >= _MIN_DAYS and known else float("inf")
