"""What was published against what today's knowledge would publish (pure): record by record, and story by story."""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import msgspec
import orjson

from streams.decide.state_entries import StoryEntry
from streams.model.codec import encode
from streams.model.records import CommandAction, Decision, Fate, Item, Label, Origin

SHOWN = (Fate.PUBLISHED, Fate.REVISED)
Kind = Literal["moved", "companies", "became-duplicate", "no-longer-duplicate", "duplicate-of-other", "fate"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. `moved` and `companies` can be applied, the others are shown only."""

    kinds: tuple[Kind, ...]
    uri: str
    version: str
    source: str
    headline: str
    received: str
    fate_before: str = ""
    fate_now: str = ""
    categories_before: tuple[str, ...] = ()
    categories_now: tuple[str, ...] = ()
    companies_before: tuple[str, ...] = ()
    companies_now: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    """`XNAS:FCEL`, of before and now."""


class Shown(msgspec.Struct, frozen=True):
    """The version of a story that is shown, or that waits for its release."""

    version: str
    origin: Origin | None
    categories: tuple[str, ...]
    companies: tuple[str, ...] | None
    """None where the item is gone, and only its decision tells of it."""
    symbols: tuple[str, ...]


class Refiled(msgspec.Struct, frozen=True, kw_only=True):
    """A story whose version in the span is to be filed anew."""

    change: Change
    waits: bool
    packed: bytes
    """The item prepared anew, a log record, zlib."""
    labels: tuple[Label, ...]
    """As the shadow decision has them."""
    symbols: tuple[str, ...]

    @property
    def item(self) -> bytes:
        """The item prepared anew, as a log record."""
        return zlib.decompress(self.packed)


class Side:
    """One of the two: what it shows of each story."""

    def __init__(self) -> None:
        self.shown: dict[str, Shown] = {}
        self.waiting: dict[str, Shown] = {}

    def note(self, decision: Decision, item: Item | None) -> None:
        """`item` is what the decision shows, where that is known; a release shows what waited."""
        uri = decision.uri
        lost = item is None and decision.origin is not None
        if decision.fate is Fate.WITHDRAWN:
            self.shown.pop(uri, None)
            self.waiting.pop(uri, None)
        elif decision.fate is Fate.WITHHELD and lost:
            self.waiting[uri] = _told_of(decision)
        elif decision.fate is Fate.WITHHELD and item is not None:
            self.waiting[uri] = _shown(decision.version, item, item.labels)
        elif decision.fate in SHOWN:
            if lost:
                self.shown[uri] = _told_of(decision)
            elif item is not None:
                self.shown[uri] = _shown(decision.version, item, decision.labels)
            elif uri in self.waiting:
                waited = self.waiting[uri]
                self.shown[uri] = msgspec.structs.replace(
                    waited, version=decision.version, categories=_categories(decision.labels)
                )
            if decision.action != CommandAction.RECLASSIFY:
                self.waiting.pop(uri, None)


class Comparison:
    """Both sides, and what differs so far."""

    def __init__(self) -> None:
        self.published, self.shadow = Side(), Side()
        self.fates: list[Change] = []
        self._refiled: dict[tuple[str, bool], Refiled] = {}
        self.compared = 0

    def add(
        self,
        published: Decision,
        recorded: Item | None,
        shadow: Decision | None,
        item: Item | None,
        story: StoryEntry | None,
    ) -> None:
        """One record of the log: the published decision and the item it shows; the shadow's, and its story."""
        self.compared += 1
        if published.fate is Fate.REPEAT:
            return
        self.published.note(published, recorded)
        if shadow is not None:
            self.shadow.note(shadow, item)
        if published.origin is not None:
            self._compare_fates(published, shadow, item or recorded)
        for uri in dict.fromkeys((published.uri, shadow.uri if shadow else "")):
            for waits in (False, True):
                self._compare_story(uri, waits, shadow, item, story)

    def added(self, shadow: Decision, item: Item | None) -> None:
        """An item that its raw record would have now, and had not."""
        self.fates.append(
            Change(
                kinds=("fate",),
                uri=shadow.uri,
                version=shadow.version,
                source=shadow.source,
                headline=item.headline if item else "",
                received=shadow.received,
                fate_before="not there",
                fate_now=_told(shadow),
                categories_now=_categories(shadow.labels),
                symbols=item.symbols if item else (),
            )
        )

    def refiled(self) -> list[Refiled]:
        """Stories to file anew, in the order in which they began to differ."""
        return list(self._refiled.values())

    def _compare_fates(self, published: Decision, shadow: Decision | None, item: Item | None) -> None:
        now = shadow.fate.value if shadow else "gone"
        kind: Kind
        if now == published.fate.value:
            if shadow is None or shadow.duplicate_of == published.duplicate_of:
                return
            kind = "duplicate-of-other"
        else:
            kind = (
                "became-duplicate"
                if now == Fate.DUPLICATE
                else "no-longer-duplicate"
                if published.fate is Fate.DUPLICATE
                else "fate"
            )
        self.fates.append(
            Change(
                kinds=(kind,),
                uri=str(published.evidence.get("item") or published.uri or (shadow.uri if shadow else "")),
                version=published.version,
                source=published.source,
                headline=item.headline if item else "",
                received=published.received,
                fate_before=_told(published),
                fate_now=_told(shadow) if shadow else now,
                categories_before=_categories(published.labels),
                categories_now=_categories(shadow.labels) if shadow else (),
                symbols=item.symbols if item else (),
            )
        )

    def _compare_story(
        self, uri: str, waits: bool, shadow: Decision | None, item: Item | None, story: StoryEntry | None
    ) -> None:
        sides = (self.published.waiting, self.shadow.waiting) if waits else (self.published.shown, self.shadow.shown)
        before, now = sides[0].get(uri), sides[1].get(uri)
        kinds: list[Kind] = []
        if before is not None and now is not None and _place(before.origin) == _place(now.origin):
            kinds += ["moved"] if before.categories != now.categories else []
            kinds += ["companies"] if before.companies not in (None, now.companies) else []
        if not kinds or before is None or now is None:
            self._refiled.pop((uri, waits), None)
            return
        if item is None or shadow is None or shadow.uri != uri or _place(item.origin) != _place(now.origin):
            return  # nothing new about it
        self._refiled[uri, waits] = Refiled(
            change=Change(
                kinds=tuple(kinds),
                uri=uri,
                version=before.version,
                source=item.source,
                headline=item.headline,
                received=item.received,
                categories_before=before.categories,
                categories_now=now.categories,
                companies_before=before.companies or (),
                companies_now=now.companies or (),
                symbols=tuple(sorted({*before.symbols, *now.symbols})),
            ),
            waits=waits,
            packed=zlib.compress(encode(item), 1),
            labels=shadow.labels,
            symbols=story.symbols if story else item.symbols,
        )


def summary(changes: Iterable[Change]) -> dict[str, dict[str, int]]:
    """Counts: by kind, and by category those that come into it and those that leave it."""
    kinds: Counter[str] = Counter()
    entering: Counter[str] = Counter()
    leaving: Counter[str] = Counter()
    for change in changes:
        kinds.update(change.kinds)
        if "moved" in change.kinds:
            entering.update(set(change.categories_now) - set(change.categories_before))
            leaving.update(set(change.categories_before) - set(change.categories_now))
    return {
        "kinds": dict(sorted(kinds.items())),
        "entering": dict(sorted(entering.items())),
        "leaving": dict(sorted(leaving.items())),
    }


def companies(item: Item) -> tuple[str, ...]:
    """`Norwick Pumps (XNYS:NWK)`, of all companies of an item's document."""
    rows: list[dict[str, Any]] = orjson.loads(bytes(item.event)).get("organisations", [])
    found = []
    for row in rows:
        symbols = " ".join(
            f"{each['exchange']}:{each['symbol']}" if "exchange" in each else str(each.get("symbol", ""))
            for each in row.get("symbols", ())
        )
        named = str(row.get("name", ""))
        found.append(f"{named} ({symbols})" if symbols else named)
    return tuple(sorted(found))


def _shown(version: str, item: Item, labels: tuple[Label, ...]) -> Shown:
    return Shown(version, item.origin, _categories(labels), companies(item), item.symbols)


def _told_of(decision: Decision) -> Shown:
    return Shown(decision.version, decision.origin, _categories(decision.labels), None, ())


def _categories(labels: tuple[Label, ...]) -> tuple[str, ...]:
    return tuple(sorted(label.category for label in labels))


def _place(origin: Origin | None) -> tuple[str, int, int, int] | None:
    return (origin.topic, origin.partition, origin.offset, origin.index) if origin else None


def _told(decision: Decision) -> str:
    return f"{decision.fate.value} of {decision.duplicate_of}" if decision.duplicate_of else decision.fate.value
