"""What a kind of story is made of, and the figures that stories share."""

from collections.abc import Callable
from typing import NamedTuple

from streams.generate import names
from streams.generate.dice import Dice
from streams.generate.truth import Company


class Words(NamedTuple):
    """Headline and first paragraph; facts as they stand there; the name of the fact that a new version changes."""

    headline: str
    lead: str
    facts: dict[str, str]
    figure: str


class Kind(NamedTuple):
    """How often, in what words (of a company, at a time in ms), in which categories, and whether about the company."""

    weight: int
    tell: Callable[[Dice, Company, int], Words]
    categories: tuple[str, ...]
    about_company: bool = True


def money(dice: Dice, company: Company) -> str:
    """An amount in the currency of the company's exchange: `$41.3 million`."""
    sign = {"XLON": "£", "XETR": "€", "XPAR": "€"}.get(company.exchange, "$")
    return f"{sign}{dice.between(2, 989)}.{dice.between(1, 9)} million"


def percent_of(dice: Dice, most: int = 48) -> str:
    """`12.4 percent`."""
    return f"{dice.between(1, most)}.{dice.between(1, 9)} percent"


def led(company: Company) -> str:
    """A company with its listing, as a release opens."""
    return f"{company.name} ({names.listing(company)})"
