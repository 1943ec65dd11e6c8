"""The input and the output of a writer."""

from typing import Literal

import msgspec

from streams.generate.story import InventedStory


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a story, as one wire sends it."""

    story: InventedStory
    key: int
    """The wire's number of this item, equal for all versions of the item."""
    created: int
    """Time at which this version was written, milliseconds since 1970."""
    first_created: int
    version: int = 1
    status: Literal["usable", "correction", "advisory", "killed", "test"] = "usable"
    embargoed_until: int = 0
    note: str = ""
    """A note to editors: an error, or a change."""
    replaces: str = ""
    """Headline of the corrected item."""


class WrittenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A raw record without its received time."""

    source: str
    body: bytes
    content_type: str
    origin: str = ""
    guid: str = ""

    def headers(self, received: str) -> dict[str, str]:
        """Returns the headers of `news.raw`. Empty ones are left out."""
        named = {
            "source": self.source,
            "content-type": self.content_type,
            "received-at": received,
            "origin": self.origin,
            "guid": self.guid,
        }
        return {name: value for name, value in named.items() if value}


def escape_xml(text: str) -> str:
    """Escapes text for XML content and double-quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def build_slug(headline: str) -> str:
    """Converts a headline to a part of a URL."""
    words = "".join(character if character.isalnum() else " " for character in headline.lower()).split()
    return "-".join(words[:9]) if headline.isascii() else "release"


def format_dateline_place(story: InventedStory) -> str:
    """Formats the place of a dateline, in capitals."""
    return story.place.upper()
