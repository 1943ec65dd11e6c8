"""A story as it is told, before a wire gives it its form; and how it changes."""

import msgspec

from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany

PRESS_RELEASES = "companies.press-releases"


class InventedStory(msgspec.Struct, frozen=True, kw_only=True):
    """What the issuer or an agency tells. Paragraphs are plain text."""

    headline: str
    paragraphs: tuple[str, ...]
    about: str = ""
    """What the company says of itself, below the text."""
    contact: str = ""
    place: str
    company: InventedCompany
    """Who it is about, or who tells it."""
    companies: tuple[InventedCompany, ...]
    """Those that truth names."""
    facts: dict[str, str]
    figure: str
    """Name of the fact, as it stands in headline or text, that a new version changes."""
    categories: tuple[str, ...]
    """Without `companies.press-releases`, which comes from the wire."""
    language: str = "en"
    agency: bool = False
    """Told by an agency and not by the company itself."""


def change_figure(story: InventedStory, rng: Rng) -> InventedStory:
    """The story with another figure, in headline, text and facts; digits of the figure change, not its form."""
    old = story.facts[story.figure]
    at = next(place for place, character in enumerate(old) if character in "123456789")
    new = f"{old[:at]}{(int(old[at]) + rng.below(8)) % 9 + 1}{old[at + 1 :]}"
    return msgspec.structs.replace(
        story,
        headline=story.headline.replace(old, new),
        paragraphs=tuple(paragraph.replace(old, new) for paragraph in story.paragraphs),
        facts={name: value.replace(old, new) for name, value in story.facts.items()},
    )
