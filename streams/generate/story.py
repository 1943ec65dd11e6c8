"""An invented story before a wire gives it a format, and how a new version changes it."""

import msgspec

from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany

PRESS_RELEASES = "companies.press-releases"


class InventedStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story of a company or an agency. Paragraphs are plain text."""

    headline: str
    paragraphs: tuple[str, ...]
    about: str = ""
    """The company's description of itself, below the text."""
    contact: str = ""
    place: str
    company: InventedCompany
    """The company that the story is about, or that publishes it."""
    companies: tuple[InventedCompany, ...]
    """The companies in the truth."""
    facts: dict[str, str]
    figure: str
    """Name of the fact that a new version changes. Headline or text contain its value."""
    categories: tuple[str, ...]
    """Without `companies.press-releases`, which depends on the wire."""
    language: str = "en"
    agency: bool = False
    """Whether an agency publishes it, and not the company itself."""


def change_figure(story: InventedStory, rng: Rng) -> InventedStory:
    """Returns the story with one digit of its figure changed, in headline, text and facts."""
    old = story.facts[story.figure]
    at = next(place for place, character in enumerate(old) if character in "123456789")
    new = f"{old[:at]}{(int(old[at]) + rng.below(8)) % 9 + 1}{old[at + 1 :]}"
    return msgspec.structs.replace(
        story,
        headline=story.headline.replace(old, new),
        paragraphs=tuple(paragraph.replace(old, new) for paragraph in story.paragraphs),
        facts={name: value.replace(old, new) for name, value in story.facts.items()},
    )
