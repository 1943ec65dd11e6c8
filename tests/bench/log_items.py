"""Builds invented log items in about 20 µs each, and the state that the fold makes of a million of them.

An item has a fingerprint of random values in place of a text. No two items share a phrase, so each opens a story. The
fold itself makes the entries of the state, one batch at a time on an empty state, so that they have the real format.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import Batch, State
from streams.decide.state_entries import Entry
from streams.model.records import Item, Label, Origin, Status, TextFingerprint
from streams.model.timestamps import format_rfc3339

BATCH = 500
START = datetime(2031, 3, 4, 12, tzinfo=UTC)
_RNG = random.Random(3)
WORDS = ["".join(_RNG.choices("abdefgiklmnoprstuv", k=4 + at % 6)) for at in range(20_000)]
_LABELS = tuple(
    Label(category, 90, "rule:bench@rules-0") for category in ("companies", "companies.events", "companies.ipos")
)
_EVENT = msgspec.Raw(
    b'{"type":"text","headlines":[],"bodies":[{"role":"main","value":"' + b"some text " * 250 + b'"}]}'
)


def build_item(number: int, *, offset: int | None = None, received: datetime | None = None) -> Item:
    """Builds the item with this number. A number always has the same id and text."""
    rng = random.Random(number)
    title = tuple(WORDS[rng.randrange(20_000)] for _ in range(9))
    names = tuple(WORDS[rng.randrange(20_000)] for _ in range(8))
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
        text_hash=rng.randbytes(32).hex(),
        has_body=True,
        headline=" ".join(title),
        symbols=(f"XNAS:{names[0][:5].upper()}",),
        labels=_LABELS,
        fingerprint=TextFingerprint(
            words=450,
            minhash=rng.randbytes(256),
            title=title,
            opening=rng.randbytes(320),
            names=names,
            numbers=tuple(str(rng.randrange(10**6)) for _ in range(12)),
            dates=("mar", "q3"),
        ),
        prepared_with={"rules": "0", "mapping": "0", "model": "0", "reference": "0"},
        event=_EVENT,
    )


def _origin(offset: int) -> Origin:
    return Origin(topic="news.raw", partition=0, offset=offset, timestamp=offset, index=0, count=1)


def fold_stories(stories: int, rules: DecideParams) -> Iterator[dict[str, Entry | None]]:
    """Folds so many stories and yields the state's changes of each batch. Log offsets are the items' numbers."""
    for first in range(0, stories, BATCH):
        overlay = Batch(State())
        for number in range(first, min(stories, first + BATCH)):
            decision, _ = apply(overlay, build_item(number), number, rules)
            assert decision.outcome == "published", decision
        yield overlay.changes
