"""Measures how right directions are on real texts: `python tests/quality/directions.py [--show]`.

`directions_read.json` has randomly drawn directions (50 of Reuters headlines and first sentences, 25 of tweets, 25 of
releases, twice) that a person read in their sentence: data set, id, field, offset, and the meaning of the word there,
`up`, `down`, `flat` or `none`. The script prints the share of right directions among those that are still found.
`--show` prints each in its sentence; `--draw SEED` draws from the current ones for a new reading.
"""

import argparse
import csv
import html
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from companies import first_sentence

from streams.prepare import facts

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
READ = Path(__file__).parent / "directions_read.json"
DRAWN = {"reuters": 50, "tweets": 25, "releases": 25}


class Place(NamedTuple):
    """The place of a direction: data set, id in it, field, offset of its word."""

    data: str
    id: str
    field: str
    start: int


def texts(data: str) -> Iterator[tuple[str, str, str]]:
    """Yields id, headline and text of each row of a data set."""
    if data == "reuters":
        with (DATA / "labelled" / "reuters21578_public.jsonl").open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                yield str(row["id"]), html.unescape(row["title"] or ""), first_sentence(row["body"] or "")
    elif data == "tweets":
        with (DATA / "labelled" / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["id"], html.unescape(row["text"]), ""
    else:
        with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                yield str(row["id"]), row["title"], row["body"]


def directions(data: str, ids: frozenset[str] | None = None) -> dict[Place, tuple[str, str]]:
    """Finds the directions of a data set, each with the words around it."""
    found = {}
    for id_, headline, text in texts(data):
        if ids is not None and id_ not in ids:
            continue
        for fact in facts.find_facts(headline, text, "en"):
            if fact.kind == "direction":
                whole = headline if fact.field == "headline" else text
                marked = f"{whole[max(0, fact.start - 110) : fact.start]}[[{whole[fact.start : fact.end]}]]"
                around = " ".join(f"{marked}{whole[fact.end : fact.end + 90]}".split())
                found[Place(data, id_, fact.field, fact.start)] = (fact.value, around)
    return found


def draw(seed: int) -> None:
    """Draws directions for a reading."""
    rng = random.Random(seed)
    for data, count in DRAWN.items():
        given = directions(data)
        for place in rng.sample(sorted(given), count):
            value, around = given[place]
            print(json.dumps([*place, value]), around)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--show", action="store_true", help="each that was read, in its sentence")
    arguments.add_argument("--draw", type=int, metavar="SEED", help="draw again")
    chosen = arguments.parse_args()
    if chosen.draw is not None:
        draw(chosen.draw)
        return
    parts = json.loads(READ.read_text(encoding="utf-8"))
    read = {name: {Place(*row[:4]): row[4] for row in parts[name]} for name in ("first", "second")}
    given: dict[Place, tuple[str, str]] = {}
    for data in DRAWN:
        ids = frozenset(place.id for part in read.values() for place in part if place.data == data)
        given |= directions(data, ids)
    for name, part in read.items():
        for data in (*DRAWN, ""):
            mine = [place for place in part if data in ("", place.data)]
            count = Counter(given[place][0] == part[place] for place in mine if place in given)
            share = count[True] / max(1, count.total())
            print(
                f"{name}, {data or 'all'}: {len(mine)} read, {count.total()} given, {count[True]} right ({share:.2f})"
            )
        for place in part if chosen.show else ():
            print("   ", part[place], *given.get(place, ("not given", "")), f"{place.data} {place.id}")


if __name__ == "__main__":
    main()
