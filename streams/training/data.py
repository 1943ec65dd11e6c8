"""Reads the labelled data: headlines with the site's categories, and three public sets with topics of their own."""

import csv
import html
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import msgspec

from streams.model.errors import WorkFailed
from streams.model.topics import CATEGORIES

DISTRIBUTOR_CATEGORY = "companies.press-releases"
LEARNED_CATEGORIES = tuple(sorted(category for category in CATEGORIES if category != DISTRIBUTOR_CATEGORY))
"""The categories that the model decides. Press releases are left out: their distributor decides that category."""
CATEGORY_IDS = {
    **{name: category for category, name in CATEGORIES.items()},
    "Profit Warnings": "companies.profit-warnings",
}
"""Name of a category in the crosswalk -> category id."""
OWN_SETS = ("site", "reader")
"""The sets that are labelled with the site's categories, so that all labels of an item are known."""
FILES = (
    "site_categories_public.json",
    "twitter_topic_public.csv",
    "reuters21578_public.jsonl",
    "sentivent_public.csv",
    "crosswalk.json",
)
_URL = re.compile(r"https?://\S+")


class LabelledItem(msgspec.Struct, frozen=True, kw_only=True):
    """A headline, its text where the set has one, and its labels."""

    id: str
    origin: str
    """The set: `site` (two readers), `reader` (our own reader), `twitter`, `reuters`, `sentivent` (by crosswalk)."""
    headline: str
    text: str = ""
    yes: frozenset[str] = frozenset()
    """Categories that the item has."""
    judged: frozenset[str] = frozenset()
    """Categories that its labels say something about. Of the others nothing is known."""
    scheme: str = ""
    """The scheme of its topics; empty where it has none."""
    topics: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """The id of the document that holds the item: a sentence of SENTiVENT belongs to an article."""
        return self.id.rpartition(":")[0] if self.id.startswith("se:") else self.id


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


class _ReutersRow(msgspec.Struct, frozen=True):
    """A line of `reuters21578_public.jsonl`."""

    id: int
    topics: tuple[str, ...]
    title: str | None = ""
    body: str = ""


class _ReutersTopics(msgspec.Struct, frozen=True):
    """The category of Reuters-21578 topics: (category, strength) of one topic, or (topics, category, strength)."""

    acq: tuple[str, str]
    interest: tuple[str, str]
    economy_forex: tuple[tuple[str, ...], str, str]
    commodities: tuple[tuple[str, ...], str, str]


class _Crosswalk(msgspec.Struct, frozen=True):
    """`crosswalk.json`: label of a public set -> (category or null, strength)."""

    twitter_topic: dict[str, tuple[str | None, str]]
    sentivent_type: dict[str, tuple[str | None, str]]
    reuters_topics: _ReutersTopics


def read_labelled_items(folder: Path) -> list[LabelledItem]:
    """Reads all items of the folder `labelled` of the shared data. Raises `WorkFailed` if a file is missing."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise WorkFailed(f"{folder} has no {', '.join(missing)}: give the folder of the labelled data")
    crosswalk = msgspec.json.decode((folder / "crosswalk.json").read_bytes(), type=_Crosswalk)
    public = {
        item.id: item
        for items in (
            _read_twitter(folder, crosswalk),
            _read_reuters(folder, crosswalk.reuters_topics),
            _read_sentivent(folder, crosswalk),
        )
        for item in items
    }
    site = parse_site_labels((folder / "site_categories_public.json").read_text(encoding="utf-8"))
    own = [
        msgspec.structs.replace(
            public[row.id],
            origin="reader",
            yes=frozenset(row.yes),
            judged=frozenset(LEARNED_CATEGORIES) - frozenset(row.maybe),
        )
        for row in _read_reader_labels()
        if row.id in public
    ]
    return [*site, *own, *public.values()]


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


def _read_reader_labels() -> list[_ReaderLabels]:
    text = resources.files("streams.training").joinpath("reader.json").read_bytes()
    return msgspec.json.decode(text, type=list[_ReaderLabels])


def _strong_mappings(labels: dict[str, tuple[str | None, str]]) -> dict[str, str]:
    """Returns label -> category id, for the labels that mean that category and no other."""
    return {
        label: CATEGORY_IDS[name]
        for label, (name, strength) in labels.items()
        if name and strength.startswith("strong")
    }


def _read_twitter(folder: Path, crosswalk: _Crosswalk) -> Iterator[LabelledItem]:
    strong = _strong_mappings(crosswalk.twitter_topic)
    with (folder / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield LabelledItem(
                id="tw:" + row["id"],
                origin="twitter",
                headline=clean_headline(row["text"]),
                yes=frozenset(filter(None, [strong.get(row["topic"])])),
                judged=frozenset(strong.values()),
                scheme="twitter",
                topics=(row["topic"],),
            )


def _read_reuters(folder: Path, crosswalk: _ReutersTopics) -> Iterator[LabelledItem]:
    categories = {"acq": CATEGORY_IDS[crosswalk.acq[0]], "interest": CATEGORY_IDS[crosswalk.interest[0]]}
    for topics, name, _ in (crosswalk.economy_forex, crosswalk.commodities):
        categories |= dict.fromkeys(topics, CATEGORY_IDS[name])
    decode = msgspec.json.Decoder(_ReutersRow).decode
    with (folder / "reuters21578_public.jsonl").open(encoding="utf-8") as lines:
        for row in map(decode, lines):
            if row.title:
                yes = frozenset(categories[topic] for topic in row.topics if topic in categories)
                yield LabelledItem(
                    id=f"re:{row.id}",
                    origin="reuters",
                    headline=clean_headline(row.title),
                    text=" ".join(row.body.split())[:1000],
                    yes=yes,
                    judged=frozenset(categories.values()) if row.topics else frozenset(),
                    scheme="reuters" if row.topics else "",
                    topics=(*sorted(yes), *(["earn"] if "earn" in row.topics else [])),
                )


def _read_sentivent(folder: Path, crosswalk: _Crosswalk) -> Iterator[LabelledItem]:
    strong = _strong_mappings(crosswalk.sentivent_type)
    with (folder / "sentivent_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            types = [type_ for type_ in row["types"].split("|") if type_]
            yield LabelledItem(
                id=f"se:{row['document_id']}:{row['sentence_idx']}",
                origin="sentivent",
                headline=clean_headline(row["text"]),
                yes=frozenset(strong[type_] for type_ in types if type_ in strong),
                judged=frozenset(strong.values()),
                scheme="sentivent" if types else "",
                topics=tuple(types),
            )
