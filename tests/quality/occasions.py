"""Measures announced events in real releases: `python tests/quality/occasions.py [--show]`.

Of the releases whose headline announces an event, in an order that depends only on their ids, a person read the first.
`occasions_read.json` has the events that the person found, by id (`results:2026-11-26`). The script prints precision
and recall. `--show` prints each release with the dates of its text, for further reading.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from streams.model.records import Story
from streams.prepare import facts
from streams.prepare.facts import events
from streams.prepare.normalise import complete_story

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "releases" / "releases.jsonl"
READ = Path(__file__).parent / "occasions_read.json"
SPEAKS = re.compile(
    r"\b(?:to (?:report|announce|host|hold|release|present|participate|attend)|conference call|AGM|annual (?:general )?"
    r"meeting|investor day|webcast|earnings (?:call|date)|results (?:date|on))\b",
    re.I,
)


def rows() -> list[dict[str, str]]:
    """Reads the releases whose headline announces an event, in a fixed order."""
    with DATA.open(encoding="utf-8") as lines:
        found = [row for row in map(json.loads, lines) if SPEAKS.search(row["title"])]
    return sorted(found, key=lambda row: hashlib.sha256(f"occasion {row['id']}".encode()).digest())


def find(row: dict[str, str]) -> tuple[set[str], list[str]]:
    """Finds the events of a release, and the dates of its text with the words around them."""
    story = complete_story(Story(headline=row["title"], text=row["body"]))
    stated = facts.find_facts(story.headline, story.text, "en")
    found = events.find_events(story.headline, story.text, stated, date.fromisoformat(row["date"][:10]))
    return {f"{one.id}:{one.day}" for one in found}, list(_dates(story, stated))


def _dates(story: Story, stated: tuple[facts.Fact, ...]) -> Iterator[str]:
    for fact in stated:
        if fact.kind == "date":
            text = story.headline if fact.field == "headline" else story.text
            yield " ".join(text[max(0, fact.start - 90) : fact.end + 30].split())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--show", type=int, default=0, help="releases to show")
    show = arguments.parse_args().show
    read = json.loads(READ.read_text(encoding="utf-8"))["read"] if READ.exists() else {}
    right = given = true = 0
    for number, row in enumerate(rows()):
        found, dates = find(row)
        if number < show:
            print(row["id"], row["date"][:10], row["title"][:120], sorted(found), *dates[:4], sep="\n    ")
        if str(row["id"]) in read:
            truth = set(read[str(row["id"])])
            right, given, true = right + len(found & truth), given + len(found), true + len(truth)
            if show and found != truth:
                print("    DIFFERS", row["id"], sorted(found), sorted(truth))
    print(f"{len(read)} releases read: {true} occasions, {given} given, {right} right")


if __name__ == "__main__":
    main()
