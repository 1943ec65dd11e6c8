"""The labelled data as cases: what an item must have, what does not count, and the topics of its own scheme."""

import csv
import html
import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from streams.model.errors import WorkFailed
from streams.model.topics import CATEGORIES

NEVER = "companies.press-releases"
LEARNT = tuple(sorted(category for category in CATEGORIES if category != NEVER))
"""What the model decides: every category but that of the distributor."""
IDS = {name: category for category, name in CATEGORIES.items()} | {"Profit Warnings": "companies.profit-warnings"}
FILES = (
    "site_categories_public.json",
    "twitter_topic_public.csv",
    "reuters21578_public.jsonl",
    "sentivent_public.csv",
    "crosswalk.json",
)
_URL = re.compile(r"https?://\S+")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled item. `judged`: the categories that its labels speak of; of the rest nothing is known."""

    id: str
    origin: str
    """`site` (two readers), `reader` (one, our own), `twitter`, `reuters`, `sentivent` (by crosswalk)."""
    headline: str
    text: str = ""
    yes: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()
    scheme: str = ""
    topics: tuple[str, ...] = ()

    @property
    def document(self) -> str:
        """The id of the document that it is of: a sentence of SENTiVENT is of its article."""
        return self.id.rpartition(":")[0] if self.id.startswith("se:") else self.id


def read(folder: Path) -> list[Case]:
    """Every case of the folder `labelled` of the shared data. Raises `WorkFailed` where a file is missing."""
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise WorkFailed(f"{folder} has no {', '.join(missing)}: give the folder of the labelled data")
    walk = json.loads((folder / "crosswalk.json").read_text(encoding="utf-8"))
    upstream = {
        case.id: case
        for case in (*_twitter(folder, walk), *_reuters(folder, walk["reuters_topics"]), *_sentivent(folder, walk))
    }
    site = labelled((folder / "site_categories_public.json").read_text(encoding="utf-8"))
    ours = [
        msgspec.structs.replace(
            upstream[row["id"]],
            origin="reader",
            yes=frozenset(row["yes"]),
            judged=frozenset(LEARNT) - frozenset(row["maybe"]),
        )
        for row in _reader()
        if row["id"] in upstream
    ]
    return [*site, *ours, *upstream.values()]


def labelled(text: str) -> list[Case]:
    """Cases of a file like `site_categories_public.json`: rows of `id`, `text`, `yes`, `maybe`."""
    cases = []
    for row in json.loads(text):
        headline, _, lead = row["text"].partition(" — ") if row["id"].startswith("re:") else (row["text"], "", "")
        judged = frozenset(LEARNT) - frozenset(row.get("maybe", ()))
        cases.append(
            Case(
                id=row["id"],
                origin="site",
                headline=clean(headline),
                text=lead,
                yes=frozenset(row["yes"]),
                judged=judged,
            )
        )
    return cases


def clean(headline: str) -> str:
    """A tweet as the headline it quotes: without links and entities."""
    return " ".join(_URL.sub(" ", html.unescape(headline)).split())


def _reader() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(resources.files("streams.training").joinpath("reader.json").read_bytes())
    return found


def _strong(walk: dict[str, Any]) -> dict[str, str]:
    return {topic: IDS[to[0]] for topic, to in walk.items() if to[1].startswith("strong")}


def _twitter(folder: Path, walk: dict[str, Any]) -> Iterator[Case]:
    strong = _strong(walk["twitter_topic"])
    with (folder / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Case(
                id="tw:" + row["id"],
                origin="twitter",
                headline=clean(row["text"]),
                yes=frozenset(filter(None, [strong.get(row["topic"])])),
                judged=frozenset(strong.values()),
                scheme="twitter",
                topics=(row["topic"],),
            )


def _reuters(folder: Path, walk: dict[str, Any]) -> Iterator[Case]:
    topics = {"acq": IDS[walk["acq"][0]], "interest": IDS[walk["interest"][0]]}
    for key in ("economy_forex", "commodities"):
        topics |= dict.fromkeys(walk[key][0], IDS[walk[key][1]])
    with (folder / "reuters21578_public.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["title"]:
                yes = frozenset(topics[topic] for topic in row["topics"] if topic in topics)
                yield Case(
                    id=f"re:{row['id']}",
                    origin="reuters",
                    headline=clean(row["title"]),
                    text=" ".join(row["body"].split())[:1000],
                    yes=yes,
                    judged=frozenset(topics.values()) if row["topics"] else frozenset(),
                    scheme="reuters" if row["topics"] else "",
                    topics=(*sorted(yes), *(["earn"] if "earn" in row["topics"] else [])),
                )


def _sentivent(folder: Path, walk: dict[str, Any]) -> Iterator[Case]:
    strong = _strong(walk["sentivent_type"])
    with (folder / "sentivent_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            types = [type_ for type_ in row["types"].split("|") if type_]
            yield Case(
                id=f"se:{row['document_id']}:{row['sentence_idx']}",
                origin="sentivent",
                headline=clean(row["text"]),
                yes=frozenset(strong[type_] for type_ in types if type_ in strong),
                judged=frozenset(strong.values()),
                scheme="sentivent" if types else "",
                topics=tuple(types),
            )
