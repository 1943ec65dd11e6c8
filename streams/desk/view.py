"""Keeps what the desk page lists: copies, revisions, look-alikes, unclassified items, dead letters, what waits (pure).

It follows the decisions and the topics with items from their newest records, so it is bounded, and so is a list.
"""

from collections import OrderedDict
from collections.abc import Iterable

import msgspec
import orjson

from streams.model.headers import KafkaHeaders, headers_as_text
from streams.model.records import CommandAction, Decision, JsonObject, Outcome
from streams.model.topics import DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, WITHHELD

MOST_ENTRIES = 2_000
"""Entries of one kind that are kept, the newest."""
MOST_LISTED = 200
"""Rows of one list."""
LOOK_ALIKE = 0.5
"""Two stories that share so much of the phrases of the shorter text are listed as look-alikes."""
BY_ID = ("id", "content", "replaced id")
"""How an item was matched with the story that it revises where the wire itself names the story."""
LISTS = ("duplicates", "revisions", "look-alikes", "unclassified", "dead-letters", "waiting")
Row = dict[str, object]


class ShownItem(msgspec.Struct, frozen=True):
    """What the lists say of an item."""

    headline: str = ""
    language: str = ""
    gone: bool = False
    """The story is withdrawn."""


class Bounded(OrderedDict[str, Row]):
    """Keeps the newest entries."""

    def add(self, key: str, row: Row) -> None:
        """Adds an entry as the newest one."""
        self.pop(key, None)
        self[key] = row
        if len(self) > MOST_ENTRIES:
            self.popitem(last=False)


class DeskView:
    """The lists of the desk page."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, ShownItem] = OrderedDict()
        """By uri of a story, or by `ce_id` of a copy."""
        self._kept = {name: Bounded() for name in LISTS}
        self._decode = msgspec.json.Decoder(Decision).decode

    def add(self, topic: str, key: bytes | None, value: bytes | None, headers: KafkaHeaders) -> None:
        """Adds a record of a topic (name without prefix). Raises ValueError where it is not ours."""
        name = (key or b"").decode("utf-8", "replace")
        if topic == DECISIONS:
            self._add_decision(self._decode(value or b""))
        elif topic == DEAD_LETTERS:
            if value is None:
                self._kept["dead-letters"].pop(name, None)
        elif topic == WITHHELD:
            self._add_waiting(name, value)
        elif value is not None:
            own = headers_as_text(headers).get("ce_id", "") if topic == DUPLICATES else name
            self._put_item(own, _read_item(value))

    def _put_item(self, key: str, item: ShownItem) -> None:
        self._items.pop(key, None)
        self._items[key] = item
        if len(self._items) > 4 * MOST_ENTRIES:
            self._items.popitem(last=False)

    def _add_waiting(self, uri: str, value: bytes | None) -> None:
        if value is None:
            self._kept["waiting"].pop(uri, None)
            return
        event = orjson.loads(value)
        headline = _read_headline(event)
        self._kept["waiting"].add(uri, {"uri": uri, "headline": headline, "until": event.get("embargoedUntil", "")})

    def _add_decision(self, decision: Decision) -> None:
        if decision.action == CommandAction.SPLIT and decision.outcome is not Outcome.NONE:
            self._kept["duplicates"].pop(decision.uri, None)
            self._kept["revisions"].pop(str(decision.evidence.get("detail", {}).get("of")), None)
        if decision.outcome is Outcome.DUPLICATE:
            self._add_duplicate(decision)
        elif decision.outcome is Outcome.REJECTED and decision.origin is not None:
            row = {"uri": str(decision.origin), "code": decision.error_code, "headline": decision.error_message}
            self._kept["dead-letters"].add(str(decision.origin), {**row, **_read_source(decision)})
        elif decision.outcome in (Outcome.PUBLISHED, Outcome.REVISED) and decision.uri:
            self._add_version(decision)
        elif decision.outcome is Outcome.WITHDRAWN:
            for name in ("unclassified", "revisions", "look-alikes"):
                self._kept[name].pop(decision.uri, None)

    def _add_duplicate(self, decision: Decision) -> None:
        item = str(decision.evidence.get("item", ""))
        if not item or decision.origin is None:
            return  # a version that the story has
        row: Row = {
            "uri": item,
            "place": str(decision.origin),
            "of": decision.duplicate_of,
            "kind": decision.match_kind,
            "similarity": decision.similarity,
            "words": decision.evidence.get("words", []),
            **_read_source(decision),
        }
        self._kept["duplicates"].add(item, row)

    def _add_version(self, decision: Decision) -> None:
        row: Row = {"uri": decision.uri, "version": decision.version, **_read_source(decision)}
        if decision.topics == (LATEST,):
            self._kept["unclassified"].add(decision.uri, row)
        else:
            self._kept["unclassified"].pop(decision.uri, None)
        matched = decision.evidence.get("matched")
        if decision.outcome is Outcome.REVISED and matched and matched not in BY_ID:
            named = f"{decision.uri}/{decision.version}"
            words = decision.evidence.get("words", [])
            self._kept["revisions"].add(
                decision.uri, {**row, "uri": named, "place": decision.uri, "kind": matched, "words": words}
            )
        closest: JsonObject = decision.evidence.get("closest") or {}
        if closest.get("contained", 0) >= LOOK_ALIKE:
            other = str(closest["against"]).rpartition("/")[0]
            found = {"of": other, "similarity": closest["contained"], "differ": closest.get("differ", {})}
            self._kept["look-alikes"].add(decision.uri, {**row, **found, "words": closest.get("words", [])})

    def list_rows(self, name: str) -> list[Row]:
        """Lists the rows of a list, the newest first. Raises KeyError for a list that there is not."""
        rows: Iterable[Row] = reversed(self._kept[name].values())
        if name not in ("dead-letters", "waiting"):
            rows = self._with_headlines(rows)
        if name == "unclassified":
            rows = sorted(rows, key=lambda row: (str(row["source"]), str(row["language"])))
        return list(rows)[:MOST_LISTED]

    def _with_headlines(self, rows: Iterable[Row]) -> Iterable[Row]:
        for row in rows:
            item = self._items.get(str(row.get("place") or row["uri"]), ShownItem())
            other = self._items.get(str(row.get("of", "")), ShownItem())
            if not item.gone:
                of = {"of_headline": other.headline} if "of" in row else {}
                yield {"headline": item.headline, "language": item.language, **row, **of}


def _read_source(decision: Decision) -> Row:
    return {"source": decision.source, "received": decision.received}


def _read_headline(event: JsonObject) -> str:
    return next((row["value"] for row in event.get("headlines", ()) if row.get("role") == "main"), "")


def _read_item(value: bytes) -> ShownItem:
    event = orjson.loads(value)
    return ShownItem(_read_headline(event), event.get("language", ""), gone=event.get("pubStatus") == "canceled")
