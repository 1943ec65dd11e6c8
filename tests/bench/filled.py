"""Invented items of the log at some 20 µs each, and the state that a fold of a million of them leaves.

What an item has of a text is its print, made of dice like the text would be: no two share a phrase, so that each opens
a story. The fold itself makes the state's entries, a batch at a time on an empty state, so they have its own form.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.model.records import Item, Label, Origin, Status, TextFingerprint
from streams.model.timestamps import format_rfc3339

BATCH = 500
START = datetime(2031, 3, 4, 12, tzinfo=UTC)
_DICE = random.Random(3)
WORDS = ["".join(_DICE.choices("abdefgiklmnoprstuv", k=4 + at % 6)) for at in range(20_000)]
_LABELS = tuple(
    Label(category, 90, "rule:bench@rules-0") for category in ("companies", "companies.events", "companies.ipos")
)
_EVENT = msgspec.Raw(
    b'{"type":"text","headlines":[],"bodies":[{"role":"main","value":"' + b"some text " * 250 + b'"}]}'
)


def item(number: int, *, offset: int | None = None, received: datetime | None = None) -> Item:
    """The item of a number: the same number has the same id and text, whenever it comes."""
    dice = random.Random(number)
    title = tuple(WORDS[dice.randrange(20_000)] for _ in range(9))
    names = tuple(WORDS[dice.randrange(20_000)] for _ in range(8))
    at = format_rfc3339(received or START + timedelta(milliseconds=number))
    return Item(
        origin=_origin(number if offset is None else offset),
        source="alphawire",
        wire_format="plain-json",
        received=at,
        time_source="wire",
        id=f"a{number}",
        guid=f"a{number}",
        version="1",
        version_created=at,
        status=Status.USABLE,
        embargoed_until="",
        text_hash=dice.randbytes(32).hex(),
        has_body=True,
        headline=" ".join(title),
        symbols=(f"XNAS:{names[0][:5].upper()}",),
        labels=_LABELS,
        fingerprint=TextFingerprint(
            words=450,
            minhash=dice.randbytes(256),
            title=title,
            opening=dice.randbytes(320),
            names=names,
            numbers=tuple(str(dice.randrange(10**6)) for _ in range(12)),
            dates=("mar", "q3"),
        ),
        prepared_with={"rules": "0", "mapping": "0", "model": "0", "reference": "0"},
        event=_EVENT,
    )


def _origin(offset: int) -> Origin:
    return Origin(topic="news.raw", partition=0, offset=offset, timestamp=offset, index=0, count=1)


def changes(stories: int, rules: DecideParams) -> Iterator[dict[str, Any]]:
    """The state's changes, a batch each, of so many stories; log offsets are the items' numbers."""
    for first in range(0, stories, BATCH):
        overlay = Batch(State())
        for number in range(first, min(stories, first + BATCH)):
            decision, _ = apply(overlay, item(number), number, rules)
            assert decision.outcome == "published", decision
        yield overlay.changes
