"""Reads the labelled data: items with the site's categories, and the public sets that some of them are from."""

import csv
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import msgspec

from streams.model.errors import Reject, WorkFailed
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.model.topics import CATEGORIES
from streams.prepare import normalise
from streams.prepare.classify import linear_model
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format

DISTRIBUTOR_CATEGORY = "companies.press-releases"
LEARNED_CATEGORIES = tuple(sorted(category for category in CATEGORIES if category != DISTRIBUTOR_CATEGORY))
"""The categories that the model decides. Press releases are left out: their distributor decides that category."""
OWN_SETS = ("release", "general", "site", "reader", "rare")
"""The sets of labelled items."""
RELEASE_LABELS = ("releases_labels_public.json", "releases_labels_more.json")
RELEASE_WIRE = "prnewswire"
"""A release is read as if this wire had sent it."""
FILES = (
    *RELEASE_LABELS,
    "general_public.json",
    "english_rare_public.json",
    "site_categories_public.json",
    "twitter_topic_public.csv",
    "reuters21578_public.jsonl",
    "sentivent_public.csv",
)
_URL = re.compile(r"https?://\S+")


class LabelledItem(msgspec.Struct, frozen=True, kw_only=True):
    """A headline, its text where the set has one, and its labels."""

    id: str
    origin: str
    """The set: `site` (headlines, two readers), `reader` (headlines, our own reader), `release`, `general`, `rare`
    (headlines of rare categories)."""
    headline: str
    text: str = ""
    yes: frozenset[str] = frozenset()
    """Categories that the item has."""
    judged: frozenset[str] = frozenset()
    """Categories that its labels say something about. Of the others nothing is known."""
    release: bool = False
    """It has the form of a release."""

    @property
    def kind(self) -> str:
        """The kind of copy, one of `linear_model.COPY_KINDS`."""
        return linear_model.name_copy_kind(has_text=bool(self.text), is_release=self.release)

    @property
    def document(self) -> str:
        """The id of the document that holds the item: a sentence of SENTiVENT belongs to an article."""
        return self.id.rpartition(":")[0] if self.id.startswith("se:") else self.id


class _ReleaseLabels(msgspec.Struct, frozen=True):
    """A row of a file of `RELEASE_LABELS`."""

    id: int | str
    yes: tuple[str, ...]
    maybe: tuple[str, ...] = ()


class _TextLabels(msgspec.Struct, frozen=True):
    """A row of `general_public.json` or `english_rare_public.json`."""

    id: str
    title: str
    body: str
    yes: tuple[str, ...]
    maybe: tuple[str, ...] = ()


class _SiteLabels(msgspec.Struct, frozen=True):
    """A row of `site_categories_public.json`."""

    id: str
    text: str
    yes: tuple[str, ...]
    maybe: tuple[str, ...] = ()


class _ReaderLabels(msgspec.Struct, frozen=True):
    """A row of `reader.json`: labels for an item of one of the public sets."""

    id: str
    yes: tuple[str, ...]
    maybe: tuple[str, ...]


class _ReleaseText(msgspec.Struct, frozen=True):
    """A line of `releases.jsonl`."""

    id: int
    title: str
    body: str


class _ReutersRow(msgspec.Struct, frozen=True):
    """A line of `reuters21578_public.jsonl`."""

    id: int
    title: str | None = ""
    body: str = ""


def read_labelled_items(folder: Path) -> list[LabelledItem]:
    """Reads all items of the folder `labelled` of the shared data. Raises `WorkFailed` if a file is missing."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise WorkFailed(f"{folder} has no {', '.join(missing)}: give the folder of the labelled data")
    read = (_read_twitter(folder), _read_reuters(folder), _read_sentivent(folder))
    public = {item.id: item for items in read for item in items}
    site = parse_site_labels((folder / "site_categories_public.json").read_text(encoding="utf-8"))
    own = [
        msgspec.structs.replace(
            public[row.id],
            yes=frozenset(row.yes),
            judged=frozenset(LEARNED_CATEGORIES) - frozenset(row.maybe),
        )
        for row in _read_reader_labels()
        if row.id in public
    ]
    return [*_read_releases(folder), *_read_texts(folder), *site, *own]


def parse_site_labels(text: str) -> list[LabelledItem]:
    """Parses a file like `site_categories_public.json`: rows of `id`, `text`, `yes`, `maybe`."""
    items = []
    for row in msgspec.json.decode(text, type=list[_SiteLabels]):
        headline, _, lead = row.text.partition(" — ") if row.id.startswith("re:") else (row.text, "", "")
        items.append(
            LabelledItem(
                id=row.id,
                origin="site",
                headline=clean_headline(headline),
                text=lead,
                yes=frozenset(row.yes),
                judged=frozenset(LEARNED_CATEGORIES) - frozenset(row.maybe),
            )
        )
    return items


def clean_headline(headline: str) -> str:
    """Removes links, HTML entities and repeated white space, which tweets have and headlines do not."""
    return " ".join(_URL.sub(" ", html.unescape(headline)).split())


def _read_releases(folder: Path) -> Iterator[LabelledItem]:
    """Yields the labelled releases with headline and text as `prepare` reads them."""
    path = folder.parent / "releases" / "releases.jsonl"
    if not path.is_file():
        raise WorkFailed(f"{path} is missing: the labels of releases need it")
    with path.open(encoding="utf-8") as lines:
        releases = {row.id: row for row in map(msgspec.json.Decoder(_ReleaseText).decode, lines)}
    for name in RELEASE_LABELS:
        for row in msgspec.json.decode((folder / name).read_bytes(), type=list[_ReleaseLabels]):
            found = releases[int(row.id)]
            story = _read_story(found.title, found.body)
            yield LabelledItem(
                id=str(row.id),
                origin="release",
                headline=story.headline,
                text=story.text,
                yes=frozenset(row.yes),
                judged=frozenset(LEARNED_CATEGORIES) - frozenset(row.maybe),
                release=True,
            )


def _read_story(title: str, body: str) -> Story:
    """Reads a plain item as `prepare` does: its text is without dateline and boilerplate."""
    content = msgspec.json.encode({"title": title, "body": body} if body else {"title": title})
    document = Document(
        Raw(
            source=RELEASE_WIRE,
            received=datetime(2026, 1, 1, tzinfo=UTC),
            body=content,
            content_type="application/json",
            position=StampedRef(RecordRef("news.raw", 0, 0), 0),
        )
    )
    (story,) = find_format(document).parse(document)
    if isinstance(story, Reject):
        raise story
    return normalise.complete_story(story)


def _read_texts(folder: Path) -> Iterator[LabelledItem]:
    for name, origin in (("general_public.json", "general"), ("english_rare_public.json", "rare")):
        for row in msgspec.json.decode((folder / name).read_bytes(), type=list[_TextLabels]):
            story = _read_story(row.title, row.body)
            yield LabelledItem(
                id=row.id,
                origin=origin,
                headline=story.headline,
                text=story.text,
                yes=frozenset(row.yes),
                judged=frozenset(LEARNED_CATEGORIES) - frozenset(row.maybe),
                release=bool(story.boilerplate or story.issuer),
            )


def _read_reader_labels() -> list[_ReaderLabels]:
    text = resources.files("streams.training").joinpath("reader.json").read_bytes()
    return msgspec.json.decode(text, type=list[_ReaderLabels])


def _read_twitter(folder: Path) -> Iterator[LabelledItem]:
    with (folder / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield LabelledItem(id="tw:" + row["id"], origin="reader", headline=clean_headline(row["text"]))


def _read_reuters(folder: Path) -> Iterator[LabelledItem]:
    decode = msgspec.json.Decoder(_ReutersRow).decode
    with (folder / "reuters21578_public.jsonl").open(encoding="utf-8") as lines:
        for row in map(decode, lines):
            if row.title:
                text = " ".join(row.body.split())[:1000]
                yield LabelledItem(id=f"re:{row.id}", origin="reader", headline=clean_headline(row.title), text=text)


def _read_sentivent(folder: Path) -> Iterator[LabelledItem]:
    with (folder / "sentivent_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = f"se:{row['document_id']}:{row['sentence_idx']}"
            yield LabelledItem(id=name, origin="reader", headline=clean_headline(row["text"]))
