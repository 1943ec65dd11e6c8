"""Measures how well feeds are parsed: `python tests/quality/feeds.py [--errors]`.

The expected values are those of feedparser's own tests in `../shared/data/feeds/feedparser`: the first comment of each
file states what its entries contain. Only equalities about an entry's title, link, id, dates or content count. Content
is compared as text (ours is plain, feedparser's is HTML); white space in titles and content is ignored.
"""

import argparse
import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from streams.model.errors import Reject
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format
from streams.prepare.text.plain import html_to_text

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "feeds" / "feedparser"
EXPECT = re.compile(r"Expect:\s*(.+?)\s*-->", re.S)
HEADER = re.compile(r"Header:\s*([\w-]+):\s*(.+)")
FIELDS = {
    "title": "title", "link": "link", "id": "id", "guid": "id", "description": "content", "summary": "content",
    "content": "content", "updated_parsed": "date", "published_parsed": "date", "created_parsed": "date",
    "issued_parsed": "date", "date_parsed": "date", "modified_parsed": "date",
}  # fmt: skip


class Fact(NamedTuple):
    """An expected value: the field (of FIELDS), the entry, the value."""

    field: str
    name: str
    entry: int
    value: object


def facts(text: str) -> Iterator[Fact]:
    found = EXPECT.search(text)
    if not found:
        return
    try:
        tree = ast.parse(found[1].strip(), mode="eval").body
    except SyntaxError:
        return
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], ast.Eq):
            path = keys(part.left)
            try:
                value = ast.literal_eval(part.comparators[0])
            except ValueError:
                continue
            if (
                len(path) < 3
                or path[0] != "entries"
                or path[2] not in FIELDS | {"title_detail": 0, "summary_detail": 0}
            ):
                continue
            name = path[2].removesuffix("_detail")
            if path[3:] in ([], ["value"], [0, "value"]) and value not in ("", None):
                yield Fact(FIELDS[name], name, path[1], value)


def keys(node: ast.expr) -> list[str | int]:
    """Converts `entries[0]['title']` to a list: entries, 0, title."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return [*keys(node.value), node.slice.value]
    if isinstance(node, ast.Attribute):
        return [*keys(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def not_alone(body: bytes) -> bytes:
    """Adds an empty entry to the feed, because a single entry without title and text would be refused."""
    for end, blank in ((b"</feed>", b"<entry/>"), (b"</rdf:RDF>", b"<item/>"), (b"</channel>", b"<item/>")):
        before, found, after = body.rpartition(end)
        if found:
            return before + blank + found + after
    return body


def stories(body: bytes, headers: dict[str, str]) -> tuple[Story | Reject, ...] | Reject:
    raw = Raw(
        source="unknown",
        received=datetime(2026, 11, 1, tzinfo=UTC),
        body=body,
        content_type=headers.get("content-type", ""),
        origin=headers.get("content-location", "http://127.0.0.1:8097/feed.xml"),
        position=StampedRef(RecordRef("news.raw", 0, 0), 0),
    )
    document = Document(raw)
    try:
        return find_format(document).parse(document)
    except Reject as reject:
        return reject


def right(story: Story, fact: Fact) -> tuple[bool, object]:
    if fact.field == "date":
        times = (story.first_created, story.version_created, story.content_created)
        wanted = datetime(*fact.value[:6], tzinfo=UTC)
        return any(t and (t if t.tzinfo else t.replace(tzinfo=UTC)) == wanted for t in times), times
    if fact.field == "link":
        return story.url == fact.value, story.url
    if fact.field == "id":
        return " ".join(fact.value.split()) in (story.guid, story.id), story.guid
    got = [story.headline] if fact.field == "title" else [story.text, story.summary]
    wanted = (squeezed(html_to_text(fact.value)), squeezed(fact.value))
    return any(squeezed(text) in wanted for text in got), got


def squeezed(text: str) -> str:
    return "".join(text.split())


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--errors", action="store_true", help="each fact that is not met")
    chosen = arguments.parse_args()
    count: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for path in sorted(DATA.rglob("*.xml")):
        body = path.read_bytes()
        text = body[:4000].decode("utf-8", "replace")
        stated = list(facts(text))
        if not stated:
            continue
        headers = {name.lower(): value.strip() for name, value in HEADER.findall(text)}
        found = stories(not_alone(body), headers)
        for fact in stated:
            count[f"{fact.field} of"] += 1
            if isinstance(found, Reject):
                refused[str(found.reason)] += 1
                if chosen.errors:
                    print(f"{path.relative_to(DATA)}: {fact.name}: refused, {found.reason}: {found.message}")
                continue
            story = found[fact.entry] if fact.entry < len(found) else None
            met, got = right(story, fact) if isinstance(story, Story) else (False, story)
            count[fact.field] += met
            if chosen.errors and not met:
                print(f"{path.relative_to(DATA)}: {fact.name}: {got!r}, expected {fact.value!r}")
    every = sum(number for name, number in count.items() if name.endswith(" of"))
    met = sum(number for name, number in count.items() if not name.endswith(" of"))
    for field in sorted(set(FIELDS.values())):
        print(f"{field:8}{count[field]:5} of {count[f'{field} of']:5}")
    print(f"{'all':8}{met:5} of {every:5} = {100 * met / max(1, every):.1f} %; refused: {dict(refused)}")


if __name__ == "__main__":
    main()
