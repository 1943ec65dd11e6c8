"""Remembers which other wires had a story, from the records of news.duplicates. Bounded, without I/O."""

from collections import deque

import msgspec

from streams.gateway.ticker_row import parse_ticker_row
from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.records import MatchKind
from streams.model.sources import Sources

MAX_ITEMS = 20_000
"""Items that are remembered in all."""
SAME_WIRE_KINDS = {MatchKind.SAME_VERSION, MatchKind.SUPERSEDED}
"""Kinds of match by which a wire repeats itself."""


class OtherWireItem(msgspec.Struct, frozen=True, rename="camel"):
    """An item that told a story again."""

    source: str
    """Display code: `BU`."""
    time: str
    """`versionCreated`, RFC 3339 UTC."""
    headline: str
    url: str
    kind: str
    """How it was recognised: `same-text`, `near`, …"""
    seconds_later: int
    """After the story was received."""


class OtherWires:
    """Keeps the newest items of other wires by the uri of their story, in the order of news.duplicates."""

    def __init__(self, most: int = MAX_ITEMS) -> None:
        self._most = most
        self._by_uri: dict[str, list[OtherWireItem]] = {}
        self._order: deque[str] = deque()

    def add(self, value: bytes, headers: KafkaHeaders, sources: Sources) -> None:
        """Adds a record of news.duplicates. Raises ValueError where it is no enriched item."""
        headers = list(headers)
        named = headers_as_text(headers)
        uri, kind, later = (named.get(name, "") for name in ("duplicate-of", "match-kind", "seconds-later"))
        if not uri or kind in SAME_WIRE_KINDS:
            return
        row = parse_ticker_row(value, headers, sources)
        seconds = int(later) if later.isascii() and later.removeprefix("-").isdecimal() else 0
        item = OtherWireItem(row.source, row.time, row.headline, row.url, kind, seconds)
        self._by_uri.setdefault(uri, []).append(item)
        self._order.append(uri)
        if len(self._order) > self._most:
            self._forget_first(self._order.popleft())

    def get(self, uri: str) -> list[OtherWireItem]:
        """Returns the items of a story, the first one first."""
        return list(self._by_uri.get(uri, ()))

    def _forget_first(self, uri: str) -> None:
        items = self._by_uri[uri]
        del items[0]
        if not items:
            del self._by_uri[uri]
