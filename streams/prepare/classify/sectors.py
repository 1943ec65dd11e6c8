"""Finds the economic sectors of an item, which are concepts of the IPTC Media Topics.

Three sources count: the wire's own codes, names of the companies that the item is about, and words of headline and
lead. The head of sectors.toml explains how the editable table of sectors is written.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from streams.model.records import Code
from streams.prepare.classify import _toml
from streams.prepare.classify.phrases import PhraseElement, PhraseFinder, parse_phrase, quote, tokenize
from streams.prepare.classify.rules import ItemTokens


class SectorsError(ValueError):
    """A table of sectors is wrong; the message names the file and line and says what to correct."""


class SectorConcept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One concept of the table, as the file has it."""

    name: str
    broader: str = ""
    subject: str = ""
    companies: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


class SectorTable(msgspec.Struct, frozen=True):
    """The parsed and checked table of sectors."""

    rows: dict[str, SectorConcept]
    """Concepts by their code."""
    phrases: dict[str, tuple[PhraseElement, ...]]
    """Parsed phrases by their text."""
    version: str
    """Names the content: `sectors-` and 8 hex digits of the file's SHA-256."""


def parse_sector_table(text: str, name: str) -> SectorTable:
    """Parses the TOML `text` of the file `name`. Raises `SectorsError` with file and line."""
    tree = _toml.parse_toml(text, name, SectorsError)
    rows: dict[str, SectorConcept] = {}
    phrases: dict[str, tuple[PhraseElement, ...]] = {}
    for code, table in tree.items():
        try:
            rows[code] = row = _parse_concept(code, table, tree)
            for phrase in (*row.companies, *row.words, *row.none):
                phrases.setdefault(phrase, parse_phrase(phrase, {}))
        except ValueError as error:
            first = _toml.find_key_line(text, code)
            line = _toml.find_phrase_line(text, error, first) or first
            raise SectorsError(f"{name}, line {line}: sector [{code}]: {error}") from error
    if not rows:
        raise SectorsError(f"{name}: no sector in it")
    return SectorTable(rows, phrases, "sectors-" + hashlib.sha256(text.encode()).hexdigest()[:8])


def _parse_concept(code: str, table: object, tree: dict[str, object]) -> SectorConcept:
    if not re.fullmatch(r"\d{8}", code):
        raise ValueError("a code of the Media Topics has eight digits")
    row = msgspec.convert(table, SectorConcept)
    seen = {code}
    above = row.broader
    while above:
        if above not in tree:
            raise ValueError(f"broader: no sector {above!r}")
        if above in seen:
            raise ValueError(f"broader: {above!r} is above itself")
        seen.add(above)
        wider = tree[above]
        above = wider.get("broader", "") if isinstance(wider, dict) else ""
    return row


MEDIATOPIC_URI = "http://cv.iptc.org/newscodes/mediatopic/"
MAX_SECTORS = 3
MIN_POINTS, MIN_TEXT_POINTS = 2, 3
"""Points that a sector needs, and points that it needs where only the text names it."""
MAX_NAMES = 8
"""Names of companies, and names of codes, that are read."""
ABOUT_CHARACTERS = 300
STATED_CONFIDENCE, BASE_CONFIDENCE, CONFIDENCE_PER_POINT, MAX_WORDS_CONFIDENCE = 100, 50, 10, 90


class Sector(msgspec.Struct, frozen=True):
    """A sector of an item: a concept, its confidence from 1 to 100, and as `creator` the code or words that gave it."""

    code: str
    name: str
    confidence: int
    creator: str

    @property
    def uri(self) -> str:
        """The URI of the concept."""
        return MEDIATOPIC_URI + self.code


class _ConceptFinder:
    """Finds the phrases of many concepts at once. A phrase speaks for its concepts or against one (`-` and code)."""

    def __init__(self, phrases: dict[str, tuple[PhraseElement, ...]], lists: Mapping[str, tuple[str, ...]]) -> None:
        of: dict[str, list[str]] = {}
        for code, written in lists.items():
            for phrase in written:
                of.setdefault(phrase, []).append(code)
        self._codes = list(of.values())
        self._finder = PhraseFinder((number, phrases[phrase]) for number, phrase in enumerate(of))

    def find(self, read: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yields each concept that a phrase names, with the first and last token of the phrase."""
        for number, place in sorted(self._finder.find(read).items(), key=lambda hit: (hit[1], hit[0])):
            for code in self._codes[number]:
                yield code, place


class SectorFinder:
    """Finds the sectors of items by a table. `version` is that of the table."""

    def __init__(self, table: SectorTable) -> None:
        rows, phrases = table.rows, table.phrases
        self.rows, self.version = rows, table.version
        self._subjects = {row.subject: code for code, row in reversed(rows.items()) if row.subject}
        self._order = {code: number for number, code in enumerate(rows)}
        against = {f"-{code}": row.none for code, row in rows.items()}
        self._words = _ConceptFinder(phrases, {code: row.words for code, row in rows.items()} | against)
        self._companies = _ConceptFinder(phrases, {code: row.companies for code, row in rows.items()})

    def find(self, read: ItemTokens, about: str, companies: Iterable[str], codes: Sequence[Code]) -> tuple[Sector, ...]:
        """Returns at most three sectors, the most confident first, and behind them the broader concepts.

        `about` is what the issuer says of itself. `companies` are the names of those that the item is about.
        """
        points: dict[str, int] = {}
        reasons: dict[str, str] = {}
        for given in codes:
            if (stated := self._stated(given)) and stated not in points:
                points[stated], reasons[stated] = (
                    STATED_CONFIDENCE,
                    f"code:{'_'.join(f'{given.scheme}:{given.code}'.split())}",
                )
        for name in list(dict.fromkeys(companies))[:MAX_NAMES]:
            self._count(self._companies, name, tokenize(name), 2, points, reasons)
        for name in list(dict.fromkeys(given.name for given in codes if given.name))[:MAX_NAMES]:
            self._count(self._words, name, tokenize(name), 2, points, reasons)
        shown = about[:ABOUT_CHARACTERS]
        head: dict[str, int] = {}
        body: dict[str, int] = {}
        out = self._count(self._words, read.headline, read.headline_tokens, 2, head, reasons)
        out |= self._count(self._words, read.text, read.text_tokens, 1, body, reasons)
        out |= self._count(self._words, shown, tokenize(shown), 1, body, reasons)
        for code in (head.keys() | body.keys()) - out:
            least = MIN_POINTS if code in points or code in head else MIN_TEXT_POINTS
            count = points.get(code, 0) + head.get(code, 0) + body.get(code, 0)
            if count >= least:
                points[code] = count
        best = sorted(points, key=lambda code: (-points[code], self._order[code]))
        chosen = [
            Sector(code, self.rows[code].name, _points_to_confidence(points[code]), f"{reasons[code]}@{self.version}")
            for code in self._narrowest(best)[:MAX_SECTORS]
        ]
        return (*chosen, *self._above(chosen))

    def _stated(self, code: Code) -> str:
        """Returns the concept that a wire's code stands for; empty where it stands for none."""
        if code.scheme == "medtop":
            return code.code if code.code in self.rows else ""
        return self._subjects.get(code.code, "") if code.scheme == "subj" else ""

    def _count(
        self,
        phrases: _ConceptFinder,
        text: str,
        read: list[str],
        each: int,
        points: dict[str, int],
        reasons: dict[str, str],
    ) -> set[str]:
        """Adds the points of one text's phrases, and returns the concepts that the text speaks against."""
        out = set()
        for code, place in phrases.find(read):
            if code[0] == "-":
                out.add(code[1:])
                continue
            points[code] = points.get(code, 0) + each
            if code not in reasons:
                reasons[code] = f"words:{'_'.join(quote(text, *place).lower().split())}"
        return out

    def _narrowest(self, codes: list[str]) -> list[str]:
        """Leaves out concepts that are broader than another one of them."""
        above = {wider for code in codes for wider in self._broader(code)}
        return [code for code in codes if code not in above]

    def _broader(self, code: str) -> Iterator[str]:
        while (code := self.rows[code].broader) and code in self.rows:
            yield code

    def _above(self, chosen: list[Sector]) -> Iterator[Sector]:
        listed = {sector.code for sector in chosen}
        for sector in chosen:
            for code in self._broader(sector.code):
                if code not in listed:
                    listed.add(code)
                    creator = f"implied:medtop:{sector.code}@{self.version}"
                    yield Sector(code, self.rows[code].name, sector.confidence, creator)


def _points_to_confidence(points: int) -> int:
    return (
        STATED_CONFIDENCE
        if points >= STATED_CONFIDENCE
        else min(MAX_WORDS_CONFIDENCE, BASE_CONFIDENCE + CONFIDENCE_PER_POINT * points)
    )


def load_sector_table(text: str, name: str) -> SectorFinder:
    """Loads the TOML `text` of the file `name`. Raises `SectorsError` with file and line."""
    return SectorFinder(parse_sector_table(text, name))
