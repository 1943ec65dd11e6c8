"""The definition of a kind of story, and the random figures that the kinds share."""

from collections.abc import Callable
from typing import NamedTuple

from streams.generate import names
from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany


class Opening(NamedTuple):
    """Headline and first paragraph of a story, their facts, and the name of the fact that a new version changes."""

    headline: str
    lead: str
    facts: dict[str, str]
    figure: str


class StoryKind(NamedTuple):
    """A kind of story: its frequency, its words and its categories.

    `write_opening` gets a company and the time in milliseconds since 1970.
    """

    weight: int
    write_opening: Callable[[Rng, InventedCompany, int], Opening]
    categories: tuple[str, ...]
    about_company: bool = True


def draw_amount(rng: Rng, company: InventedCompany) -> str:
    """Draws an amount in the currency of the company's exchange: `$41.3 million`."""
    sign = {"XLON": "£", "XETR": "€", "XPAR": "€"}.get(company.exchange, "$")
    return f"{sign}{rng.between(2, 989)}.{rng.between(1, 9)} million"


def draw_percent(rng: Rng, most: int = 48) -> str:
    """Draws a percentage: `12.4 percent`."""
    return f"{rng.between(1, most)}.{rng.between(1, 9)} percent"


def format_listed(company: InventedCompany) -> str:
    """Formats a company with its listing, as at the beginning of a release."""
    return f"{company.name} ({names.format_listing(company)})"
