"""Finds a story by what people have of it: its uri in any spelling, a provider's id, a web address, a headline."""

import re
from enum import IntEnum
from urllib.parse import quote, unquote

import msgspec

from streams.decide.url_ids import normalise_url_id

PREFIX = "urn:newswire:"
_SPELLED = re.compile(rf"(?:{PREFIX})?(?P<source>[^\s/:]+):(?P<id>\S.*)", re.I | re.S)
_VERSIONED = re.compile(r"(?P<story>.+)/(?P<version>\d{1,9})", re.S)
_WORD = re.compile(r"\w+")


def list_spellings(wanted: str) -> tuple[str, ...]:
    """Lists what `wanted` may be in the topics: itself, and the uri that it spells in another way.

    The prefix `urn:newswire:` may be missing, and percent-encoding may differ in case and extent. A number behind the
    last slash may be a version.
    """
    wanted = wanted.strip()
    found = [wanted]
    for text, version in ((wanted, ""), *((one["story"], f"/{one['version']}") for one in _match_version(wanted))):
        spelled = _SPELLED.fullmatch(text)
        if spelled and not normalise_url_id(text):
            source, local = (quote(unquote(spelled[name]), safe="") for name in ("source", "id"))
            found.append(f"{PREFIX}{source}:{local}{version}")
    return tuple(dict.fromkeys(found))


def _match_version(wanted: str) -> list[re.Match[str]]:
    found = _VERSIONED.fullmatch(wanted)
    return [found] if found else []


class _Headline(msgspec.Struct):
    value: str = ""


class _AltId(msgspec.Struct):
    role: str = ""
    value: str = ""


class SearchedDocument(msgspec.Struct, rename={"alt_ids": "altIds"}):
    """The part of an enriched item in which a story is looked for."""

    uri: str = ""
    headlines: list[_Headline] = []
    alt_ids: list[_AltId] = []


class Match(IntEnum):
    """How well a document fits, the best last."""

    NONE = 0
    WORDS = 1
    """Its headline has all the words."""
    HEADLINE = 2
    """It is the headline."""
    ID = 3
    """It is an id or the address."""


class StoryFinder:
    """Looks at documents, and keeps the uris that fit best, each with its newest headline."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted.strip()
        self._url = normalise_url_id(self._wanted)
        self._words = _split_words(self._wanted)
        self._best = Match.NONE
        self.found: dict[str, str] = {}
        """Uri -> headline, the newest last."""

    def look(self, document: SearchedDocument) -> None:
        """Looks at one document; a later one of the same story is a newer version."""
        match = self._compare(document)
        if match < self._best or match is Match.NONE:
            return
        if match > self._best:
            self._best, self.found = match, {}
        headline = document.headlines[0].value if document.headlines else ""
        # A withdrawn story has no headline any more: then it keeps the one that was found.
        self.found[document.uri] = headline or self.found.pop(document.uri, "")

    def _compare(self, document: SearchedDocument) -> Match:
        ids = {unquote(document.uri.removeprefix(PREFIX).partition(":")[2])}
        ids |= {row.value for row in document.alt_ids if row.role in ("provider-guid", "canonical-url")}
        if self._wanted in ids or (self._url and self._url in map(normalise_url_id, ids)):
            return Match.ID
        match = Match.NONE
        for headline in document.headlines:
            words = _split_words(headline.value)
            if self._words and self._words == words:
                return Match.HEADLINE
            if self._words and set(self._words) <= set(words):
                match = Match.WORDS
        return match


def _split_words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
