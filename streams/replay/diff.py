"""Compares what was published with what today's knowledge would publish, by record and by story (pure)."""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

from streams.model.codec import encode
from streams.model.records import (
    DESK_CHANGES,
    PINNING,
    CommandAction,
    Decision,
    Item,
    ItemRef,
    Label,
    Origin,
    Outcome,
    Status,
    split_by_story,
)
from streams.replay.shadow import Folded

PUBLISHING = (Outcome.PUBLISHED, Outcome.REVISED)
DifferenceKind = Literal["moved", "companies", "became-duplicate", "no-longer-duplicate", "duplicate-of-other", "fate"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, as `replay --diff --json` prints it. Only `moved` (categories) and `companies` can be applied."""

    kinds: tuple[DifferenceKind, ...]
    uri: str
    version: str
    source: str
    headline: str
    received: str
    outcome_before: str = msgspec.field(default="", name="fate_before")
    outcome_now: str = msgspec.field(default="", name="fate_now")
    categories_before: tuple[str, ...] = ()
    categories_now: tuple[str, ...] = ()
    companies_before: tuple[str, ...] = ()
    companies_now: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    """`XNAS:FCEL`, before and now."""


class PublishedVersion(msgspec.Struct, frozen=True):
    """The version of a story that is published, or that waits for the end of its embargo."""

    version: str
    origin: Origin | None
    categories: tuple[str, ...] | None
    """None where the item under embargo is gone: its decision does not tell them."""
    companies: tuple[str, ...] | None
    """None where the item is gone and only its decision is left, and for an update: it shows those of its story."""
    symbols: tuple[str, ...]


class Reclassified(msgspec.Struct, frozen=True, kw_only=True):
    """A story whose published version has other categories or companies with today's knowledge."""

    difference: Difference
    waits: bool
    """The version waits for the end of its embargo."""
    packed: bytes
    """The item prepared with today's knowledge, as a log record, compressed with zlib."""
    labels: tuple[Label, ...]
    """The labels of the shadow decision, without those that a person set."""
    symbols: tuple[str, ...]

    @property
    def item(self) -> bytes:
        """The item prepared with today's knowledge, as a log record."""
        return zlib.decompress(self.packed)


class PublishedStories:
    """Follows decisions in their order and keeps the published and the waiting version of each story."""

    def __init__(self) -> None:
        self.live: dict[str, PublishedVersion] = {}
        self.waiting: dict[str, PublishedVersion] = {}

    def add(self, decision: Decision, item: Item | None) -> None:
        """Adds a decision. `item` is what it publishes, where that is known; a release publishes what waited."""
        uri = decision.uri
        if decision.action in (*PINNING, CommandAction.RESTORE) or (
            decision.action == CommandAction.UNDO and decision.outcome is not Outcome.WITHDRAWN
        ):
            self._change(decision)
            return
        if decision.action == CommandAction.CLEAR:
            self._renumber(decision)
            return
        lost = item is None and decision.origin is not None
        if decision.outcome is Outcome.WITHDRAWN:
            for story in split_by_story(decision):
                self.live.pop(story.uri, None)
                self.waiting.pop(story.uri, None)
        elif decision.outcome is Outcome.WITHHELD and lost:
            self.waiting[uri] = _version_of_decision(decision)
        elif decision.outcome is Outcome.WITHHELD and item is not None:
            self.waiting[uri] = _version_of_item(decision.version, item, item.labels)
        elif decision.outcome in PUBLISHING:
            if lost:
                self.live[uri] = _version_of_decision(decision)
            elif item is not None:
                shown = _version_of_item(decision.version, item, decision.labels)
                update = uri in self.live and (item.status is Status.ADVISORY or not item.has_body)
                self.live[uri] = msgspec.structs.replace(shown, companies=None) if update else shown
            elif uri in self.waiting:
                waited = self.waiting[uri]
                self.live[uri] = msgspec.structs.replace(
                    waited, version=decision.version, categories=_categories(decision.labels)
                )
            if decision.action != CommandAction.RECLASSIFY:
                self.waiting.pop(uri, None)

    def _change(self, decision: Decision) -> None:
        """Takes the version and the categories that a person gave to a story, whose item stays the same."""
        shown = self.live.get(decision.uri)
        if shown is not None and decision.outcome is Outcome.REVISED:
            self.live[decision.uri] = msgspec.structs.replace(
                shown, version=decision.version, categories=_categories(decision.labels)
            )

    def _renumber(self, decision: Decision) -> None:
        """Takes the versions that a command `clear` gave to stories for their tombstones."""
        for story in split_by_story(decision):
            if (shown := self.live.get(story.uri)) is not None:
                self.live[story.uri] = msgspec.structs.replace(shown, version=story.version)


class Comparison:
    """Follows both sides of a replay and collects what differs."""

    def __init__(self) -> None:
        self.published, self.shadow = PublishedStories(), PublishedStories()
        self.outcomes: list[Difference] = []
        """Records with another outcome now."""
        self._reclassified: dict[tuple[str, bool], Reclassified] = {}

    def add(self, published: Decision, recorded: Item | None, folded: Folded | None) -> None:
        """Adds a log record: its published decision, the item this published, and the result of the shadow fold."""
        if published.outcome is Outcome.REPEAT:
            return
        shadow, item = (folded.decision, folded.item) if folded else (None, None)
        self.published.add(published, recorded)
        if shadow is not None:
            self.shadow.add(shadow, item)
        if published.origin is not None:
            self._compare_outcomes(published, shadow, item or recorded)
        stories = (story for each in (published, shadow) if each is not None for story in split_by_story(each))
        for uri in dict.fromkeys(story.uri for story in stories):
            for waits in (False, True):
                self._compare_story(uri, waits, folded)

    def add_new_item(self, shadow: Decision, item: Item | None) -> None:
        """Adds an item that its raw record has with today's knowledge, and had not before."""
        self.outcomes.append(
            Difference(
                kinds=("fate",),
                uri=shadow.uri,
                version=shadow.version,
                source=shadow.source,
                headline=item.headline if item else "",
                received=shadow.received,
                outcome_before="not there",
                outcome_now=_describe_outcome(shadow),
                categories_now=_categories(shadow.labels),
                symbols=item.symbols if item else (),
            )
        )

    def reclassified(self) -> list[Reclassified]:
        """Lists the stories to reclassify, in the order in which they began to differ."""
        return list(self._reclassified.values())

    def _compare_outcomes(self, published: Decision, shadow: Decision | None, item: Item | None) -> None:
        now = shadow.outcome.value if shadow else "gone"
        kind: DifferenceKind
        if now == published.outcome.value:
            if shadow is None or shadow.duplicate_of == published.duplicate_of:
                return
            kind = "duplicate-of-other"
        else:
            kind = (
                "became-duplicate"
                if now == Outcome.DUPLICATE
                else "no-longer-duplicate"
                if published.outcome is Outcome.DUPLICATE
                else "fate"
            )
        self.outcomes.append(
            Difference(
                kinds=(kind,),
                uri=str(published.evidence.get("item") or published.uri or (shadow.uri if shadow else "")),
                version=published.version,
                source=published.source,
                headline=item.headline if item else "",
                received=published.received,
                outcome_before=_describe_outcome(published),
                outcome_now=_describe_outcome(shadow) if shadow else now,
                categories_before=_categories(published.labels),
                categories_now=_categories(shadow.labels) if shadow else (),
                symbols=item.symbols if item else (),
            )
        )

    def _compare_story(self, uri: str, waits: bool, folded: Folded | None) -> None:
        sides = (self.published.waiting, self.shadow.waiting) if waits else (self.published.live, self.shadow.live)
        before, now = sides[0].get(uri), sides[1].get(uri)
        kinds: list[DifferenceKind] = []
        if before is not None and now is not None and _item_ref(before.origin) == _item_ref(now.origin):
            kinds += ["moved"] if _differ(before.categories, now.categories) else []
            kinds += ["companies"] if _differ(before.companies, now.companies) else []
        if not kinds or before is None or now is None:
            self._reclassified.pop((uri, waits), None)
            return
        if folded is not None and folded.item is None and folded.decision.action in DESK_CHANGES:
            self._renew(uri, waits, tuple(kinds), before, now)
            return
        if (
            folded is None
            or (item := folded.item) is None
            or folded.decision.uri != uri
            or _item_ref(item.origin) != _item_ref(now.origin)
        ):
            return  # nothing new about it
        self._reclassified[uri, waits] = Reclassified(
            difference=Difference(
                kinds=tuple(kinds),
                uri=uri,
                version=before.version,
                source=item.source,
                headline=item.headline,
                received=item.received,
                categories_before=before.categories or (),
                categories_now=now.categories or (),
                companies_before=before.companies or (),
                companies_now=now.companies or (),
                symbols=tuple(sorted({*before.symbols, *now.symbols})),
            ),
            waits=waits,
            packed=zlib.compress(encode(item), 1),
            labels=folded.story.labels if folded.story and folded.story.pinned else folded.decision.labels,
            symbols=folded.story.symbols if folded.story else item.symbols,
        )

    def _renew(
        self, uri: str, waits: bool, kinds: tuple[DifferenceKind, ...], before: PublishedVersion, now: PublishedVersion
    ) -> None:
        """Follows a story that a person changed: it has another version, and still differs."""
        known = self._reclassified.get((uri, waits))
        if known is not None:
            difference = msgspec.structs.replace(
                known.difference,
                kinds=kinds,
                version=before.version,
                categories_before=before.categories or (),
                categories_now=now.categories or (),
            )
            self._reclassified[uri, waits] = msgspec.structs.replace(known, difference=difference)


def count_differences(differences: Iterable[Difference]) -> dict[str, dict[str, int]]:
    """Counts differences by kind, and by category those that enter it and those that leave it."""
    kinds: Counter[str] = Counter()
    entering: Counter[str] = Counter()
    leaving: Counter[str] = Counter()
    for each in differences:
        kinds.update(each.kinds)
        if "moved" in each.kinds:
            entering.update(set(each.categories_now) - set(each.categories_before))
            leaving.update(set(each.categories_before) - set(each.categories_now))
    return {
        "kinds": dict(sorted(kinds.items())),
        "entering": dict(sorted(entering.items())),
        "leaving": dict(sorted(leaving.items())),
    }


class _Symbol(msgspec.Struct):
    symbol: str = ""
    exchange: str | None = None


class _Company(msgspec.Struct):
    name: str = ""
    symbols: tuple[_Symbol, ...] = ()


class _Document(msgspec.Struct):
    organisations: tuple[_Company, ...] = ()


_decode_document = msgspec.json.Decoder(_Document).decode


def list_companies(item: Item) -> tuple[str, ...]:
    """Lists the companies of an item's ninjs document: `Norwick Pumps (XNYS:NWK)`."""
    found = []
    for company in _decode_document(item.event).organisations:
        symbols = " ".join(
            each.symbol if each.exchange is None else f"{each.exchange}:{each.symbol}" for each in company.symbols
        )
        found.append(f"{company.name} ({symbols})" if symbols else company.name)
    return tuple(sorted(found))


def _version_of_item(version: str, item: Item, labels: tuple[Label, ...]) -> PublishedVersion:
    return PublishedVersion(version, item.origin, _categories(labels), list_companies(item), item.symbols)


def _version_of_decision(decision: Decision) -> PublishedVersion:
    categories = None if decision.outcome is Outcome.WITHHELD else _categories(decision.labels)
    return PublishedVersion(decision.version, decision.origin, categories, None, ())


def _differ(before: tuple[str, ...] | None, now: tuple[str, ...] | None) -> bool:
    return before is not None and now is not None and before != now


def _categories(labels: tuple[Label, ...]) -> tuple[str, ...]:
    return tuple(sorted(label.category for label in labels))


def _item_ref(origin: Origin | None) -> ItemRef | None:
    return origin.item_ref if origin else None


def _describe_outcome(decision: Decision) -> str:
    return f"{decision.outcome.value} of {decision.duplicate_of}" if decision.duplicate_of else decision.outcome.value
