"""The same story on other wires: what news.duplicates says of the stories that are shown. Bounded, without I/O."""

from collections import deque

import msgspec

from streams.gateway.ticker_row import parse_ticker_row
from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.sources import Sources

MAX_ITEMS = 20_000
"""Copies that are remembered in all."""
SAME_WIRE_KINDS = {"same-version", "superseded"}
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
    """The newest copies by the uri of their story, in the order of news.duplicates."""

    def __init__(self, most: int = MAX_ITEMS) -> None:
        self._most = most
        self._of: dict[str, list[OtherWireItem]] = {}
        self._order: deque[str] = deque()

    def add(self, value: bytes, headers: KafkaHeaders, sources: Sources) -> None:
        """Takes a record of news.duplicates. Raises ValueError where it is no enriched item."""
        headers = list(headers)
        named = headers_as_text(headers)
        uri, kind, later = (named.get(name, "") for name in ("duplicate-of", "match-kind", "seconds-later"))
        if not uri or kind in SAME_WIRE_KINDS:
            return
        made = parse_ticker_row(value, headers, sources)
        seconds = int(later) if later.isascii() and later.removeprefix("-").isdecimal() else 0
        self._of.setdefault(uri, []).append(
            OtherWireItem(made.source, made.time, made.headline, made.url, kind, seconds)
        )
        self._order.append(uri)
        if len(self._order) > self._most:
            self._forget(self._order.popleft())

    def of(self, uri: str) -> list[OtherWireItem]:
        """The copies of a story, the first one first."""
        return list(self._of.get(uri, ()))

    def _forget(self, uri: str) -> None:
        kept = self._of[uri]
        del kept[0]
        if not kept:
            del self._of[uri]
