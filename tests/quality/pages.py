"""Measures how well web pages are parsed: `python tests/quality/pages.py [--errors] [--half tuned|kept]`.

The expected values are in `../shared/data/html`: fundus (titles, dates, bodies of 127 pages) and newspaper4k (titles,
texts). A title is right if it is the expected one, apart from white space, case and the shape of quotes; `on the page`
means that it is at least another headline of the page. Words are precision and recall of the body's words. The parser
was tuned on the errors of half of the publishers (`--half tuned`); nobody looked at those of the other half.
"""

import argparse
import gzip
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from typing import NamedTuple
from zlib import crc32

from streams.model.errors import Reject
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "html"
HALVES = ("kept", "tuned")
QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ad": ""})


class Case(NamedTuple):
    """A page with its expected values; empty ones are unknown."""

    name: str
    body: bytes
    url: str
    title: str
    date: datetime | None
    text: str
    authors: list[str]


def fundus() -> Iterator[Case]:
    for row in json.loads((DATA / "fundus" / "expected_index_public.json").read_text(encoding="utf-8")):
        path = DATA / "fundus" / row["file"]
        full = json.loads((path.parent / f"{path.name.split('_')[0]}.json").read_text(encoding="utf-8"))
        expected = full.get(row["version"]) or next(iter(full.values()))
        date = datetime.fromisoformat(row["publishing_date"]) if row["publishing_date"] else None
        text = "\n".join(strings(expected["body"]))
        yield Case(
            row["file"], gzip.decompress(path.read_bytes()), row["url"], row["title"], date, text, row["authors"] or []
        )


def newspaper() -> Iterator[Case]:
    for path in sorted((DATA / "newspaper4k" / "metadata").glob("*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        page, text = (DATA / "newspaper4k" / kind / f"{path.stem}.{kind}" for kind in ("html", "txt"))
        if page.is_file():
            yield Case(
                path.stem, page.read_bytes(), row["url"], row.get("title") or "", date_of(row.get("publish_date")),
                text.read_text(encoding="utf-8") if text.is_file() else "", row.get("authors") or [],
            )  # fmt: skip


def is_tuned(case: Case) -> bool:
    """Whether its publisher is in the half on which the parser was tuned."""
    return crc32(case.name.partition("_")[0].rpartition("/")[2].encode()) % 2 == 0


def date_of(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def read(case: Case) -> Story | None:
    raw = Raw(
        source="unknown",
        received=datetime(2026, 11, 1, tzinfo=UTC),
        body=case.body,
        content_type="text/html",
        origin=case.url,
        position=StampedRef(RecordRef("news.raw", 0, 0), 0),
    )
    document = Document(raw)
    try:
        (story,) = find_format(document).parse(document)
    except Reject as reject:
        print(f"  refused: {case.name}: {reject.reason}: {reject.message}")
        return None
    return story if isinstance(story, Story) else None


def same(one: str, other: str) -> bool:
    return key(one) == key(other)


def key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text.translate(QUOTES)).casefold().split())


def same_day(found: datetime | None, wanted: datetime) -> bool:
    if found is None:
        return False
    if found.tzinfo and wanted.tzinfo:
        found = found.astimezone(wanted.tzinfo)
    return found.date() == wanted.date()


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def report(name: str, cases: Iterator[Case], errors: bool) -> None:
    count: Counter[str] = Counter()
    times, precisions, recalls = [], [], []
    for case in cases:
        begin = process_time()
        story = read(case)
        times.append(process_time() - begin)
        if case.title:
            right = story is not None and same(story.headline, case.title)
            count.update(titles=1, title=right)
            shown = right or (story is not None and key(story.headline) in key(case.body.decode("utf-8", "replace")))
            count.update(shown=shown)
            if errors and not right:
                print(f"  title of {case.name}: {story.headline if story else None!r}, expected {case.title!r}")
        if case.date:
            right = story is not None and same_day(story.first_created, case.date)
            count.update(dates=1, date=right)
            if errors and not right:
                print(f"  date of {case.name}: {story.first_created if story else None}, expected {case.date}")
        if case.authors:
            wanted = {key(author) for author in case.authors}
            right = story is not None and any(author in key(story.byline) for author in wanted)
            count.update(bylines=1, byline=right)
            if errors and not right:
                print(f"  byline of {case.name}: {story.byline if story else None!r}, expected {case.authors}")
        if case.text:
            wanted_words, found_words = words(case.text), words(story.text if story else "")
            common = (wanted_words & found_words).total()
            precisions.append(common / max(1, found_words.total()))
            recalls.append(common / max(1, wanted_words.total()))
            if errors and min(precisions[-1], recalls[-1]) < 0.7:
                print(f"  body of {case.name}: precision {precisions[-1]:.2f}, recall {recalls[-1]:.2f}")
    times.sort()
    print(
        f"{name}: {len(times)} pages; title {share(count['title'], count['titles'])}, "
        f"(a headline of the page {share(count['shown'], count['titles'])}); "
        f"date {share(count['date'], count['dates'])}; "
        f"byline {share(count['byline'], count['bylines'])}; body's words: "
        f"precision {sum(precisions) / len(precisions):.3f}, recall {sum(recalls) / len(recalls):.3f}; "
        f"median {1000 * times[len(times) // 2]:.0f} ms, slowest {1000 * times[-1]:.0f} ms"
    )


def share(right: int, of: int) -> str:
    return f"{right}/{of} = {100 * right / max(1, of):.1f} %"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--errors", action="store_true", help="each miss")
    arguments.add_argument("--half", choices=("tuned", "kept"))
    chosen = arguments.parse_args()
    for name, cases in (("fundus", fundus()), ("newspaper4k", newspaper())):
        report(name, (case for case in cases if chosen.half in (None, HALVES[is_tuned(case)])), chosen.errors)


if __name__ == "__main__":
    main()
