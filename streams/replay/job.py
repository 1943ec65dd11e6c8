"""A replay as people ask for it and as `news.internal.replays` keeps it (JSON, key: its id)."""

from typing import Literal

import msgspec

from streams.model.records import Decision
from streams.replay.diff import Change

JOB_FORMAT = 1


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay is about; empty: all. A change passes where it fits one of each kind that is given."""

    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids such as `companies.ipos`, before or after."""
    tickers: tuple[str, ...] = ()
    """`FCEL` or `XNAS:FCEL`, before or after."""
    uris: tuple[str, ...] = ()

    def wants(self, source: str, published: Decision | None) -> bool:
        """Whether a record of the log is prepared anew; the others stay as they are recorded."""
        if self.sources and source not in self.sources:
            return False
        return not self.uris or (published is not None and published.uri in self.uris)

    def passes(self, change: Change) -> bool:
        """Whether a change is shown and applied."""
        if (self.sources and change.source not in self.sources) or (self.uris and change.uri not in self.uris):
            return False
        if self.categories and not {*change.categories_before, *change.categories_now} & {*self.categories}:
            return False
        known = {*change.symbols, *(symbol.rpartition(":")[2] for symbol in change.symbols)}
        return not self.tickers or bool(known & {*self.tickers})


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One replay. A record of its topic is its newest state."""

    format: int = JOB_FORMAT
    id: str
    mode: Literal["diff", "into", "apply"]
    into: str = ""
    """Prefix of the shadow topics."""
    by: str
    started: str
    """RFC 3339 UTC, as `heard`."""
    heard: str
    first: int
    """Log offsets: the span begins here and ends before `end`."""
    end: int
    since_ms: int = 0
    """The times asked for. They matter where the log does not go back so far."""
    until_ms: int = 0
    unlogged: int = 0
    """Raw records of the span that the log has no longer."""
    filters: Filters = Filters()
    knowledge: dict[str, str]
    """Versions of rules and tables: it can be resumed only with the same."""
    rate: float = 0.0
    state: Literal["running", "stopped", "cancelled", "done"] = "running"
    done: int = 0
    """Records of the span that are through."""
    into_done: int = 0
    """So many of them have their outcomes in the shadow topics."""
    sent: int = 0
    note: str = ""

    @property
    def total(self) -> int:
        """Records of the span."""
        return self.end - self.first + self.unlogged
