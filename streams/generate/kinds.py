"""What a kind of story is made of, and the figures that stories share."""

from collections.abc import Callable
from typing import NamedTuple

from streams.generate import names
from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany


class Opening(NamedTuple):
    """Headline and first paragraph; facts as they stand there; the name of the fact that a new version changes."""

    headline: str
    lead: str
    facts: dict[str, str]
    figure: str


class StoryKind(NamedTuple):
    """How often, in what words (of a company, at a time in ms), in which categories, and whether about the company."""

    weight: int
    tell: Callable[[Rng, InventedCompany, int], Opening]
    categories: tuple[str, ...]
    about_company: bool = True


def draw_amount(rng: Rng, company: InventedCompany) -> str:
    """An amount in the currency of the company's exchange: `$41.3 million`."""
    sign = {"XLON": "£", "XETR": "€", "XPAR": "€"}.get(company.exchange, "$")
    return f"{sign}{rng.between(2, 989)}.{rng.between(1, 9)} million"


def draw_percent(rng: Rng, most: int = 48) -> str:
    """`12.4 percent`."""
    return f"{rng.between(1, most)}.{rng.between(1, 9)} percent"


def format_with_listing(company: InventedCompany) -> str:
    """A company with its listing, as a release opens."""
    return f"{company.name} ({names.format_listing(company)})"
