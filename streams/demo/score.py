"""Collects what the demo has seen so far: ticker rows, counts, suppressed items with reasons, latencies (pure)."""

from collections import Counter, deque
from datetime import datetime

from streams.demo.opening import OpeningStep, tell_outcome
from streams.gateway.ticker_row import TickerRow
from streams.model.records import Decision, Outcome, RecordRef

TICKER_ROWS = 200
SUPPRESSED_ROWS = 50
LATENCIES = 500
TOLD_LINES = 18
SHOWN_OUTCOMES = {Outcome.PUBLISHED, Outcome.REVISED, Outcome.WITHDRAWN}


class Scoreboard:
    """The newest ticker rows, counts by outcome and category, and the latencies of the newest decisions."""

    def __init__(self) -> None:
        self.rows: deque[TickerRow] = deque(maxlen=TICKER_ROWS)
        self.outcomes: Counter[str] = Counter()
        self.categories: Counter[str] = Counter()
        self.suppressed: deque[str] = deque(maxlen=SUPPRESSED_ROWS)
        self._latencies: deque[float] = deque(maxlen=LATENCIES)
        self._expected: dict[RecordRef, OpeningStep] = {}
        self._waiting: set[str] = set()
        self.told: deque[str] = deque(maxlen=TOLD_LINES)
        """What the opening tells, the newest line last."""
        self._untold: list[str] = []

    def tell(self, line: str) -> None:
        """Tells a line."""
        self.told.append(line)
        self._untold.append(line)

    def take_told(self) -> list[str]:
        """Returns the lines that were told since the last call."""
        lines, self._untold = self._untold, []
        return lines

    def expect(self, record: RecordRef, step: OpeningStep) -> None:
        """Expects the decision on an item of the opening, to tell it."""
        self._expected[record] = step

    def _tell_decision(self, decision: Decision) -> None:
        if decision.origin is not None and (step := self._expected.pop(decision.origin.record_ref, None)):
            self.tell(f"     {tell_outcome(step, decision)}")
            if decision.outcome is Outcome.WITHHELD:
                self._waiting.add(decision.uri)
        elif decision.uri in self._waiting and decision.outcome is Outcome.PUBLISHED:
            self._waiting.discard(decision.uri)
            self.tell("     The embargo of Quay Bank has ended: it is published now.")

    def add_decision(self, decision: Decision, now: float) -> None:
        """Adds a decision that was read at `now` (seconds since 1970)."""
        if decision.outcome in (Outcome.REPEAT, Outcome.NONE):
            return
        self._tell_decision(decision)
        self.outcomes[decision.outcome.value] += 1
        if decision.outcome in SHOWN_OUTCOMES:
            self.categories.update(decision.topics)
        if decision.origin is not None:
            self._latencies.append(max(0.0, now - decision.origin.timestamp / 1000))
        if sentence := describe_suppressed(decision):
            self.suppressed.appendleft(sentence)

    def add_row(self, row: TickerRow) -> None:
        """Adds a row of the ticker; a withdrawal removes the rows of its story."""
        if row.status == "withdrawn":
            self.rows = deque((kept for kept in self.rows if kept.uri != row.uri), maxlen=TICKER_ROWS)
        else:
            self.rows.appendleft(row)

    def latency(self, share: float) -> float | None:
        """Returns a quantile of the newest latencies: seconds from the raw record until its decision was read."""
        if not self._latencies:
            return None
        ordered = sorted(self._latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def describe_suppressed(decision: Decision) -> str:
    """Describes an item that is not shown, in one line; empty for an item that is shown."""
    if decision.outcome is Outcome.DUPLICATE:
        return f"duplicate ({decision.match_kind}) from {decision.source}: {decision.uri}"
    if decision.outcome is Outcome.REJECTED:
        return f"rejected ({decision.error_code}) from {decision.source}: {decision.error_message}"
    if decision.outcome is Outcome.WITHHELD:
        until = decision.evidence.get("embargoedUntil", "")
        when = datetime.fromisoformat(until).strftime("%H:%M UTC") if until else "its release"
        return f"withheld until {when}: {decision.uri}"
    return ""
