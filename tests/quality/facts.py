"""Prints facts of a sample of real releases for a reader: `python tests/quality/facts.py [--count N] [--kind KIND]`."""

import argparse
import hashlib
import json
from pathlib import Path

from streams.prepare import facts

RELEASES = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "releases" / "releases.jsonl"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--count", type=int, default=100, help="facts to show, one of each release")
    arguments.add_argument("--kind", help="this kind only")
    chosen = arguments.parse_args()
    with RELEASES.open(encoding="utf-8") as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest())
    shown = 0
    for number, row in enumerate(rows):
        found = [fact for fact in facts.find_facts(row["title"], row["body"], "en") if chosen.kind in (None, fact.kind)]
        if found:
            fact = found[number % len(found)]
            text = row["title"] if fact.field == "headline" else row["body"]
            before, after = text[max(0, fact.start - 50) : fact.start], text[fact.end : fact.end + 30]
            words = text[fact.start : fact.end]
            print(f"{fact.kind:9} {fact.value:32} {before!r} [[{words}]] {after!r}")
            shown += 1
        if shown == chosen.count:
            break


if __name__ == "__main__":
    main()
