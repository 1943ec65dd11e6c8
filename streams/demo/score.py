"""What the demo has seen so far: the ticker, counts, what was suppressed and why, latencies. Pure."""

from collections import Counter, deque
from datetime import datetime

from streams.gateway.ticker_row import TickerRow
from streams.model.records import Decision, Outcome

TICKER_ROWS = 200
SUPPRESSED_ROWS = 50
LATENCIES = 500
SHOWN_FATES = {Outcome.PUBLISHED, Outcome.REVISED, Outcome.WITHDRAWN}


class Scoreboard:
    """Grows by one decision or one row at a time."""

    def __init__(self) -> None:
        self.rows: deque[TickerRow] = deque(maxlen=TICKER_ROWS)
        self.outcomes: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self.suppressed: deque[str] = deque(maxlen=SUPPRESSED_ROWS)
        self._latencies: deque[float] = deque(maxlen=LATENCIES)

    def decided(self, decision: Decision, now: float) -> None:
        """A decision read at `now` (seconds since 1970)."""
        if decision.fate in (Outcome.REPEAT, Outcome.NONE):
            return
        self.outcomes[decision.fate.value] += 1
        if decision.fate in SHOWN_FATES:
            self.categories.update(decision.topics)
        if decision.origin is not None:
            self._latencies.append(max(0.0, now - decision.origin.timestamp / 1000))
        if sentence := describe_suppressed(decision):
            self.suppressed.appendleft(sentence)

    def shown(self, row: TickerRow) -> None:
        """A row of the ticker; a withdrawal takes its story's rows away."""
        if row.status == "withdrawn":
            self.rows = deque((kept for kept in self.rows if kept.uri != row.uri), maxlen=TICKER_ROWS)
        else:
            self.rows.appendleft(row)

    def latency(self, share: float) -> float | None:
        """The quantile of the last latencies, seconds from the raw record to its read decision."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def describe_suppressed(decision: Decision) -> str:
    """One line for what no reader sees; empty for what is shown."""
    if decision.fate is Outcome.DUPLICATE:
        return f"duplicate ({decision.match_kind}) from {decision.source}: {decision.uri}"
    if decision.fate is Outcome.REJECTED:
        return f"rejected ({decision.error_code}) from {decision.source}: {decision.error_message}"
    if decision.fate is Outcome.WITHHELD:
        until = decision.evidence.get("embargoedUntil", "")
        when = datetime.fromisoformat(until).strftime("%H:%M UTC") if until else "its release"
        return f"withheld until {when}: {decision.uri}"
    return ""
