"""Describes a replay job: the record of `news.internal.replays` (JSON, key: the id of the job)."""

from typing import Literal

import msgspec

from streams.model.records import Decision
from streams.replay.diff import Difference

JOB_FORMAT = 1


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Limits a replay to sources, categories, tickers or stories; an empty filter lets everything pass."""

    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids such as `companies.ipos`, before or after."""
    tickers: tuple[str, ...] = ()
    """`FCEL` or `XNAS:FCEL`, before or after."""
    uris: tuple[str, ...] = ()

    def wants(self, source: str, published: Decision | None) -> bool:
        """Tells whether a log record is prepared again; the others stay as they are recorded."""
        if self.sources and source not in self.sources:
            return False
        return not self.uris or (published is not None and published.uri in self.uris)

    def passes(self, difference: Difference) -> bool:
        """Tells whether a difference is shown and applied: it must match one value of each filter that is given."""
        if (self.sources and difference.source not in self.sources) or (self.uris and difference.uri not in self.uris):
            return False
        if self.categories and not {*difference.categories_before, *difference.categories_now} & {*self.categories}:
            return False
        known = {*difference.symbols, *(symbol.rpartition(":")[2] for symbol in difference.symbols)}
        return not self.tickers or bool(known & {*self.tickers})


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One replay job; the newest record of its topic is its state."""

    format: int = JOB_FORMAT
    id: str
    mode: Literal["diff", "into", "apply"]
    into: str = ""
    """Prefix of the shadow topics."""
    archive: str = ""
    """The place of the archive that is read in place of the topics; empty: these."""
    by: str
    started: str
    """RFC 3339 UTC."""
    heard: str
    """When the job last wrote its record, RFC 3339 UTC."""
    first: int
    """The log offset where the span begins; it ends before `end`."""
    end: int
    since_ms: int = 0
    """The start of the span in time. It matters where the log does not go back so far."""
    until_ms: int = 0
    unlogged: int = 0
    """How many raw records of the span have no log entry any more."""
    filters: Filters = Filters()
    knowledge: dict[str, str]
    """Versions of rules and tables: a job can be resumed only with the same ones."""
    rate: float = 0.0
    state: Literal["running", "stopped", "cancelled", "done"] = "running"
    done: int = 0
    """How many records of the span are done."""
    into_done: int = 0
    """How many of them have their outcomes in the shadow topics."""
    sent: int = 0
    note: str = ""

    @property
    def total(self) -> int:
        """How many records the span has."""
        return self.end - self.first + self.unlogged
