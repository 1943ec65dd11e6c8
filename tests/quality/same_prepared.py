"""Prints a hash of all that prepare returns for each data set, to show that a change of code changes no byte of it.

    python tests/quality/same_prepared.py [--items FILE] [--against FILE]

The public releases, Reuters stories, headlines, wire files, feeds and pages, 6,000 generated items, and releases that
were changed: cut, in capitals, run into one line, mixed with one another. `--items` keeps a hash of each item in a
file; `--against` reads such a file and names the items that differ. The last column is the CPU time of an item.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quality.dedupe import KNOWLEDGE

from streams.generate import stream
from streams.model.records import RecordRef, StampedRef
from streams.prepare.batch import RawMessage, initialise_child, prepare_batch

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
GENERATED = 6_000
BATCH = 64
FOLDERS = ("wire", "feeds", "html", "site", "ninjs")
HEADLINES = ("general_public", "multilingual_public", "english_rare_public", "site_categories_public")
Headers = dict[str, str]


def _json(source: str, date: str, **fields: object) -> tuple[Headers, bytes]:
    headers = {"source": source, "received-at": date, "content-type": "application/json"}
    return headers, json.dumps(fields | {"date": date}, ensure_ascii=False).encode()


def releases() -> list[dict[str, str]]:
    """Reads the public releases."""
    return [json.loads(line) for line in (DATA / "releases" / "releases.jsonl").open(encoding="utf-8")]


def read_releases() -> Iterator[tuple[Headers, bytes]]:
    """Yields the releases, each from its own wire."""
    for row in releases():
        yield _json(row["source"], f"{row['date']}T12:00:00Z", id=row["id"], title=row["title"], body=row["body"])


def read_changed() -> Iterator[tuple[Headers, bytes]]:
    """Yields changed releases: what is rare in the others is common here."""
    rows = releases()
    for at, row in enumerate(rows):
        other = rows[(at * 7 + 11) % len(rows)]["body"]
        title, body, half = row["title"], row["body"], len(row["body"]) // 2
        changes = (
            (title.upper(), body.upper()),
            (body[:90], body[half:]),
            (f"UPDATE 1-{title}", " ".join(body.split())),
            (f"Correction: {title}", f"{body[:half]}\n{other[len(other) // 2 :]}\n{body[half:]}"),
            (title.replace("e", "é"), body.replace("a", "ä").replace("\n\n", "\n")),
            (title.title(), body.title().replace(". ", ".\n")),
            ("", "\n".join(reversed(body.split("\n")))),
            (title, body.replace(" ", "\u00a0 ").replace("'", "\u2019").replace("K", "\u212a")),
        )
        for number in (at % 8, (at + 3) % 8):
            headline, text = changes[number]
            source = row["source"] if number % 2 else "reuters"
            yield _json(source, f"{row['date']}T12:00:00Z", id=f"{row['id']}-{number}", title=headline, body=text)


def read_reuters() -> Iterator[tuple[Headers, bytes]]:
    """Yields the public stories of Reuters."""
    for line in (DATA / "labelled" / "reuters21578_public.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        yield _json("reuters", "1987-03-02T12:00:00Z", id=row["id"], title=row["title"], body=row["body"])


def read_headlines() -> Iterator[tuple[Headers, bytes]]:
    """Yields headlines, a part of them with a lead."""
    for name in HEADLINES:
        for row in json.loads((DATA / "labelled" / f"{name}.json").read_text(encoding="utf-8")):
            title = row.get("title") or row["text"]
            yield _json("wire", "2026-03-02T12:00:00Z", id=row["id"], title=title, body=row.get("body", ""))
    with (DATA / "labelled" / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _json("wire", "2026-03-02T12:00:00Z", id=row["id"], title=row["text"])


def read_files() -> Iterator[tuple[Headers, bytes]]:
    """Yields the files of wires, feeds and pages."""
    for folder in FOLDERS:
        for file in sorted((DATA / folder).rglob("*")):
            if file.is_file():
                yield {"source": "wire", "received-at": "2026-03-02T12:00:00Z"}, file.read_bytes()


def read_generated() -> Iterator[tuple[Headers, bytes]]:
    """Yields generated items."""
    for item in stream(23, GENERATED, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), rate=0.5):
        yield dict(item.headers), item.body


SETS = {
    "releases": read_releases,
    "changed releases": read_changed,
    "Reuters": read_reuters,
    "headlines": read_headlines,
    "files": read_files,
    "generated": read_generated,
}


def prepare_all(items: Iterable[tuple[Headers, bytes]]) -> tuple[list[str], float]:
    """Prepares items in batches. Returns a hash of each and the CPU seconds."""
    messages = [
        RawMessage(
            StampedRef(RecordRef("news.raw", 0, offset), 2_000_000_000_000),
            tuple((name, value.encode()) for name, value in headers.items()),
            body,
        )
        for offset, (headers, body) in enumerate(items)
    ]
    initialise_child(KNOWLEDGE)
    found, spent = [], 0.0
    for first in range(0, len(messages), BATCH):
        began = process_time()
        prepared = prepare_batch(messages[first : first + BATCH])
        spent += process_time() - began
        found += [hashlib.sha256(repr(one).encode()).hexdigest()[:16] for one in prepared]
    return found, spent


def main() -> int:
    """Prints the table; returns 1 where items differ."""
    options = argparse.ArgumentParser()
    options.add_argument("--items", type=Path)
    options.add_argument("--against", type=Path)
    options.add_argument("--only", choices=SETS, action="append")
    asked = options.parse_args()
    known = json.loads(asked.against.read_text()) if asked.against else {}
    kept, differ = {}, 0
    for name in asked.only or SETS:
        kept[name], spent = prepare_all(SETS[name]())
        whole = hashlib.sha256("".join(kept[name]).encode()).hexdigest()[:16]
        print(f"{name:<17} {len(kept[name]):>6} items  {whole}  {spent / len(kept[name]) * 1e6:6.0f} µs", flush=True)
        if name in known:
            others = [at for at, pair in enumerate(zip(kept[name], known[name], strict=True)) if pair[0] != pair[1]]
            differ += len(others)
            if others:
                print(f"  {len(others)} differ, the first at {others[:10]}")
    if asked.items:
        asked.items.write_text(json.dumps(kept))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
