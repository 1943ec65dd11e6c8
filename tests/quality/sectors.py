"""Measures sectors on real texts: `python tests/quality/sectors.py [--show N]`.

The expected values are the topics of Reuters 1987: recall is the share of a topic's stories that have one of its
sectors. `--show` prints a sample of headlines with their sectors for a reader.
"""

import argparse
import csv
import hashlib
import html
import json
from collections.abc import Iterator
from pathlib import Path

from streams.model.records import Story
from streams.prepare.classify.rules import tokenize_item_with_headline
from streams.prepare.classify.sectors import Sector
from streams.prepare.companies.reference import load_packaged as packaged_companies
from streams.prepare.companies.resolve import resolve_companies
from streams.prepare.loading import load_packaged_sectors
from streams.prepare.normalise import complete_story

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
TOPICS = {
    "crude": "20000256", "nat-gas": "20000256", "gold": "20000318", "silver": "20000318", "copper": "20000316",
    "alum": "20000316", "zinc": "20000316", "iron-steel": "20000319", "grain": "20000210", "wheat": "20000210",
    "corn": "20000210", "sugar": "20000210", "coffee": "20000210", "cocoa": "20000210", "cotton": "20000210",
    "oilseed": "20000210", "livestock": "20000210", "ship": "20000343", "rubber": "20000327", "pet-chem": "20000217",
    "housing": "20000235", "retail": "20000252",
}  # fmt: skip
"""Topic of Reuters -> the sector that it is, or belongs to."""


def items() -> Iterator[tuple[str, str, str, str, frozenset[str]]]:
    """Yields set, id, headline, text and topics."""
    with (DATA / "labelled" / "reuters21578_public.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            title, body = html.unescape(row["title"] or ""), html.unescape(row["body"] or "")
            yield "reuters", str(row["id"]), title, body, frozenset(row["topics"] or ())
    with (DATA / "labelled" / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield "tweets", row["id"], html.unescape(row["text"]), "", frozenset()
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield "releases", str(row["id"]), row["title"], row["body"], frozenset()


def find(headline: str, text: str) -> tuple[Sector, ...]:
    """Returns the sectors that prepare finds."""
    story = complete_story(Story(headline=headline, text=text))
    rows, _ = resolve_companies(story, packaged_companies())
    names = [name for name in (story.issuer, *(row.name for row in rows if row.rel == "about")) if name]
    return load_packaged_sectors().find(
        tokenize_item_with_headline(story.headline, story.text), story.boilerplate, names, ()
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--show", type=int, default=0, help="headlines of each set to show")
    show = arguments.parse_args().show
    given: dict[str, list[int]] = {}
    topics: dict[str, list[int]] = {}
    shown: dict[str, list[tuple[str, str]]] = {}
    for name, identity, headline, text, labels in items():
        found = find(headline, text)
        given.setdefault(name, []).append(bool(found))
        for topic in labels & TOPICS.keys():
            topics.setdefault(topic, []).append(any(sector.code == TOPICS[topic] for sector in found))
        chosen = [f"{one.name} ({one.creator.partition('@')[0]})" for one in found if "implied" not in one.creator]
        if chosen:
            mark = hashlib.sha256(f"sector {identity}".encode()).hexdigest()
            shown.setdefault(name, []).append((mark, f"{identity}: {headline[:110]} -> {'; '.join(chosen)}"))
    for name, rows in given.items():
        print(f"{name}: {sum(rows)} of {len(rows)} have a sector")
    print("| topic | stories | with its sector |\n|---|--:|--:|")
    for topic, rows in sorted(topics.items(), key=lambda pair: -len(pair[1])):
        print(f"| {topic} | {len(rows)} | {sum(rows) / len(rows):.2f} |")
    right, of = sum(map(sum, topics.values())), sum(map(len, topics.values()))
    print(f"| all | {of} | {right / of:.2f} |")
    for name, rows in shown.items():
        for _, line in sorted(rows)[:show]:
            print(f"{name} {line}")


if __name__ == "__main__":
    main()
