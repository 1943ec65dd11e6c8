"""A fact that a text states, and where (how each kind is written: prepare/facts)."""

from typing import Literal

import msgspec

FactKind = Literal[
    "amount", "percent", "rate", "per-share", "shares", "quantity", "period", "date", "direction", "person"
]


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One thing that the headline or the text states, and where: `facts.find` says how each kind is written."""

    kind: FactKind
    value: str
    """Normalised: two ways of writing the same thing are equal (`EUR 12500000`, `-3.5 %`, `2026-Q3`)."""
    field: Literal["headline", "text"]
    start: int
    end: int
    """Characters of the field, `end` behind the last."""
