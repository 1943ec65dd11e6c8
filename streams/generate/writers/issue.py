"""What a writer gets and what it makes."""

from typing import Literal

import msgspec

from streams.generate.story import InventedStory


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """A story as one wire sends it once."""

    story: InventedStory
    key: int
    """The wire's own number of this item; versions of an item share it."""
    created: int
    """When this version was written, milliseconds since 1970."""
    first_created: int
    version: int = 1
    status: Literal["usable", "correction", "advisory", "killed", "test"] = "usable"
    embargoed_until: int = 0
    note: str = ""
    """To editors: what is wrong, or what changed."""
    replaces: str = ""
    """The headline of the item that a correction corrects."""


class WrittenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A raw record but for its received time."""

    source: str
    body: bytes
    content_type: str
    origin: str = ""
    guid: str = ""

    def headers(self, received: str) -> dict[str, str]:
        """Headers of `news.raw`; empty ones are left out."""
        named = {
            "source": self.source,
            "content-type": self.content_type,
            "received-at": received,
            "origin": self.origin,
            "guid": self.guid,
        }
        return {name: value for name, value in named.items() if value}


def escape_xml(text: str) -> str:
    """Text for XML content and double-quoted attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def build_slug(headline: str) -> str:
    """A headline as part of an address."""
    words = "".join(character if character.isalnum() else " " for character in headline.lower()).split()
    return "-".join(words[:9]) if headline.isascii() else "release"


def format_dateline_place(story: InventedStory) -> str:
    """The place in capitals."""
    return story.place.upper()
