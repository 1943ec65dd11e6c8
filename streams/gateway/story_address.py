"""Builds the addresses of stories and sections: `/news/<words>-<id>`, `/companies/ipos` (pure)."""

import re
import unicodedata
from hashlib import blake2b

from streams.model.topics import CATEGORIES, LATEST

MAX_SLUG = 80
_SHORT_ID = re.compile(r"[0-9a-f]{16}")
_NO_WORD = re.compile(r"[^a-z0-9]+")


def build_short_id(uri: str) -> str:
    """Builds the id of a story for addresses: 16 hex digits of the hash of its uri."""
    return blake2b(uri.encode(), digest_size=8).hexdigest()


def parse_short_id(text: str) -> int | None:
    """Returns the key of a story in the history; None where the text is no short id."""
    return int.from_bytes(bytes.fromhex(text), signed=True) if _SHORT_ID.fullmatch(text) else None


def build_news_path(uri: str, headline: str) -> str:
    """Builds the path of a story's page: `/news/acme-opens-a-plant-0123456789abcdef`."""
    plain = unicodedata.normalize("NFKD", headline[: 2 * MAX_SLUG]).encode("ascii", "ignore").decode().lower()
    slug = _NO_WORD.sub("-", plain).strip("-")
    if len(slug) > MAX_SLUG:
        slug = slug[: slug.rfind("-", 0, MAX_SLUG + 1)] if "-" in slug[: MAX_SLUG + 1] else slug[:MAX_SLUG]
    return f"/news/{slug}-{build_short_id(uri)}" if slug else f"/news/{build_short_id(uri)}"


def find_short_id(name: str) -> str:
    """Finds the id at the end of the last part of such a path; empty where there is none."""
    found = name.rpartition("-")[2]
    return found if _SHORT_ID.fullmatch(found) else ""


def build_section_path(category: str) -> str:
    """Builds the path of a section: `/companies/ipos`; `/` is the one of the latest news."""
    return "/" if category == LATEST else f"/{category.replace('.', '/')}"


SECTION_PATHS = {build_section_path(category): category for category in (LATEST, *CATEGORIES)}
"""The path of each section -> its category."""
