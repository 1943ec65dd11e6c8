"""Measures which translations of real press releases are linked to their original.

    python tests/quality/translations.py FOLDER

FOLDER is a checkout of the sources of Debian's website (`webwml`), whose news are written in English and translated by
people into some thirty languages; all are about one organisation. Each release is decided once with the times of all
releases, once with those of a month on one day. A link to another release is wrong. The rules were tuned on nine
languages; the others were run, but not read.
"""

import html
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from dedupe import Desk

from streams.model.records import Item, normalise_figures

TUNED = {
    "english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "danish": "da",
    "swedish": "sv", "dutch": "nl", "portuguese": "pt",
}  # fmt: skip
OTHERS = {
    "english": "en", "bulgarian": "bg", "catalan": "ca", "croatian": "hr", "czech": "cs", "finnish": "fi",
    "hungarian": "hu", "japanese": "ja", "norwegian": "no", "polish": "pl", "romanian": "ro", "russian": "ru",
    "slovak": "sk", "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip
LEAST_WORDS = 15
FEW = 5
_TAG = re.compile(r"<[^>]+>")
_FIELD = re.compile(r"<define-tag (pagetitle|release_date)>\s*(.*?)\s*</define-tag>", re.S)
_NO_TEXT = re.compile(r"<define-tag [^>]*>.*?</define-tag>|^#[^\n]*$", re.S | re.M)
_BLOCK = re.compile(r"</?(?:p|h\d|li|ul|ol|br|table|tr)\b[^>]*>")


class Release(NamedTuple):
    """A release in one language."""

    id: str
    language: str
    day: str
    title: str
    body: str


def read(path: Path, language: str) -> Release | None:
    """Reads a page; None if it holds no text."""
    page = path.read_bytes()
    try:
        text = page.decode()
    except UnicodeDecodeError:
        text = page.decode("latin-1")
    fields = dict(_FIELD.findall(text))
    paragraphs = html.unescape(_TAG.sub("", _BLOCK.sub("\n\n", _NO_TEXT.sub("", text)))).split("\n\n")
    body = "\n\n".join(" ".join(each.split()) for each in paragraphs if each.strip())
    title = html.unescape(_TAG.sub("", fields.get("pagetitle", "")))
    if not title or len(body.split()) < LEAST_WORDS or not path.stem[:8].isdigit():
        return None
    day = fields.get("release_date", "")[:10] or f"{path.stem[:4]}-{path.stem[4:6]}-{path.stem[6:8]}"
    return Release(path.stem, language, day, title, body)


def releases(folder: Path, languages: dict[str, str]) -> Iterator[Release]:
    """Reads the releases of some languages."""
    for name, language in languages.items():
        for path in sorted(folder.glob(f"{name}/News/*/[0-9]*.wml")):
            if (found := read(path, language)) is not None:
                yield found


def score(found: list[Release], day: Callable[[Release], str]) -> Counter[tuple[bool, str]]:
    """Decides all releases, the English one of each first, and counts links by whether the text has few figures."""
    desk, stories, seen, counts = Desk(), dict[str, str](), set[str](), Counter[tuple[bool, str]]()
    for release in sorted(found, key=lambda row: (day(row), row.id, row.language != "en", row.language)):
        fields = {"id": f"{release.id}-{release.language}", "title": release.title, "body": release.body}
        row = {**fields, "date": f"{day(release)}T12:00:00Z", "source": "debian"}
        item, decision = desk.decide(row, language=release.language)
        if not isinstance(item, Item) or decision.outcome != "published":
            continue
        stories[decision.uri] = release.id
        few = len(normalise_figures(item.fingerprint.numbers)) < FEW
        link = decision.evidence.get("translationOf")
        if isinstance(link, str):
            counts[few, "right" if stories[link] == release.id else "wrong"] += 1
        elif release.id in seen:
            counts[few, "missed"] += 1
        seen.add(release.id)
    return counts


def main() -> None:
    """Prints the table."""
    folder = Path(sys.argv[1])
    print("| languages | days | figures | translations linked | wrong links |\n| --- | --- | --- | --- | --- |")
    for name, languages in (("tuned", TUNED), ("others", OTHERS)):
        found = list(releases(folder, languages))
        for days, day in (("their own", lambda row: row.day), ("one a month", lambda row: f"{row.day[:7]}-01")):
            counts = score(found, day)
            for few in (True, False):
                right, wrong, missed = (counts[few, kind] for kind in ("right", "wrong", "missed"))
                all_of = right + wrong + missed
                share = f"{right} of {all_of} ({right / max(1, all_of):.0%})"
                print(f"| {name} | {days} | {'fewer than 5' if few else '5 and more'} | {share} | {wrong} |")


if __name__ == "__main__":
    main()
