"""Measures what is found in press releases: `python tests/quality/releases.py [--sample N] [--source S]`.

Each release of `../shared/data/releases` goes through prepare as plain text (title, empty line, body). The shares are:
of all items; of texts that begin with a wire's mark, those with dateline and wire found; of texts with a `SOURCE` line,
those with the issuer; of texts with headings such as `About X`, those with boilerplate; of all, those recognised as
releases without the content type `text/plain`. `--sample` prints N of them for a reader.
"""

import argparse
import html
import json
import random
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from streams.model.errors import Reject
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare import normalise
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "releases" / "releases.jsonl"
MARK = re.compile(r"[/(] ?[\w -]{0,30}(?:wire|PressRelease) ?[/)]|\(Newsfile Corp|/CNW/", re.I)
ISSUER = re.compile(r"(?m)^SOURCE:? (?=[A-Z])")
HEADING = re.compile(
    r"(?m)^(?:About [A-Z].{0,60}|Forward[- ]Looking Statements.{0,20}|(?:Media |Investor )?Contacts?:?)$"
)
LEFT = re.compile(r"(?im)^(?:view original content|share (?:on|with|via)|click here to|cision$|related links)|©")


def story(row: dict[str, str], content_type: str = "text/plain") -> Story | Reject:
    raw = Raw(
        source="unknown",
        received=datetime(2026, 11, 1, tzinfo=UTC),
        body=f"{row['title']}\n\n{row['body']}".encode(),
        content_type=content_type,
        position=StampedRef(RecordRef("news.raw", 0, 0), 0),
    )
    document = Document(raw)
    try:
        found = find_format(document)
        (one,) = found.parse(document)
    except Reject as reject:
        return reject
    return normalise.complete_story(one) if isinstance(one, Story) else one


def shown(row: dict[str, str], found: Story | Reject) -> str:
    if isinstance(found, Reject):
        return f"== {row['id']} {row['source']}: refused, {found.reason}: {found.message}\n{row['body'][:300]!r}"
    return (
        f"== {row['id']} {row['source']}\n title {row['title']!r}\n headl {found.headline!r} / {found.subheadline!r}\n"
        f" begins {row['body'][:160]!r}\n ends {row['body'][-160:]!r}\n dateline {found.dateline!r} located "
        f"{found.located!r} wire {found.distributor!r} issuer {found.issuer!r} status {found.status}\n"
        f" text {len(found.text)} {found.text[:80]!r} … {found.text[-120:]!r}\n"
        f" boiler {len(found.boilerplate)} {found.boilerplate[:120]!r} note {found.ed_note[:80]!r}"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sample", type=int, default=0)
    arguments.add_argument("--source")
    chosen = arguments.parse_args()
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if chosen.source in (None, row["source"])]
    if chosen.sample:
        for row in random.Random(6).sample(rows, chosen.sample):
            print(shown(row, story(row)))
        return
    count: Counter[str] = Counter()
    for row in rows:
        found = story(row)
        body = row["body"]
        count["items of"] += 1
        if isinstance(found, Reject):
            count[f"refused {found.reason}"] += 1
            continue
        count["items"] += 1
        for name, stated, right in (
            ("headline", True, found.headline == " ".join(html.unescape(row["title"]).split())),
            ("dateline and wire", bool(MARK.search(body[:400])), bool(found.dateline and found.distributor)),
            ("issuer", bool(ISSUER.search(body)), bool(found.issuer)),
            ("boilerplate", bool(HEADING.search(body)), bool(found.boilerplate)),
            ("text without links to share", True, not LEFT.search(found.text)),
            ("nothing lost", True, kept(body, found) > 0.97),
            ("known without content type", True, isinstance(story(row, ""), Story)),
        ):
            count[f"{name} of"] += stated
            count[name] += stated and right
    for name in [name.removesuffix(" of") for name in count if name.endswith(" of")]:
        of = count[f"{name} of"]
        print(f"{name:30}{count[name]:5} of {of:5} = {100 * count[name] / max(1, of):.1f} %")
    print({name: number for name, number in count.items() if name.startswith("refused")})


def kept(body: str, found: Story) -> float:
    """Returns the share of the body's words that are in the item's text, boilerplate or fields."""
    fields = (found.headline, found.subheadline, found.text, found.boilerplate, found.dateline, found.issuer)
    pictures = (f"{one.href} {one.caption}" for one in found.pictures)
    all_ = " ".join([*fields, found.ed_note, found.copyright_notice, found.url, *pictures])
    words, there = Counter(re.findall(r"\w+", body)), Counter(re.findall(r"\w+", all_))
    return (words & there).total() / max(1, words.total())


if __name__ == "__main__":
    main()
