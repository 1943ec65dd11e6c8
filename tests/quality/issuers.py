"""Measures issuer, subject companies and end of text of labelled releases: `python tests/quality/issuers.py`.

Each release of `../shared/data/labelled` goes through prepare as plain JSON (title, body). The parts are:

- `read`: half of the releases that are not held out, by the SHA-256 of their id; rules are written after these;
- `unread`: the other half, which nobody read in the first round; its errors were read in the second;
- `held`: the releases of `labels/held_out.json`, which nobody reads; only with `--held`.

Columns, each with its counts:

- issuer: of releases whose label names an issuer, those with that issuer (`right`), or with another one (`wrong`);
- about: of releases with subject companies, those of which one is found (`found`); of all companies that the item
  is said to be about, those that are a subject or the issuer (`right`);
- ends: of releases whose label says where the text ends, those whose text ends there; `left`: of all releases, those
  whose text has a line behind that place (boilerplate that is left over); `lost`: whose text ends before it.

`--errors COLUMN` prints what is wrong in the part `read`.
"""

import argparse
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

from streams.config.loader import load
from streams.model.records import Item, Raw, RecordRef, StampedRef
from streams.prepare.companies.names import core_name
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import prepare

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HELD_OUT = Path(__file__).parent / "labels" / "held_out.json"
Row = dict[str, Any]


def read_parts() -> dict[str, list[Row]]:
    """Reads the labelled releases with their texts, by part."""
    held = set(json.loads(HELD_OUT.read_text(encoding="utf-8"))["releases"])
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as lines:
        texts = {str(row["id"]): row for row in map(json.loads, lines)}
    parts: dict[str, list[Row]] = defaultdict(list)
    for name in ("releases_labels_public.json", "releases_labels_more.json"):
        for labels in json.loads((DATA / "labelled" / name).read_text(encoding="utf-8")):
            number = str(labels["id"])
            even = hashlib.sha256(number.encode()).digest()[0] % 2 == 0
            part = "held" if number in held else "read" if even else "unread"
            parts[part].append({**texts[number], **labels, "id": number})
    return parts


def read_items(rows: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Yields each release with its ninjs document."""
    knowledge = load_knowledge(load(environ={}))
    for row in rows:
        raw = Raw(
            source="prnewswire",
            received=datetime(2026, 11, 1, tzinfo=UTC),
            body=json.dumps({"id": row["id"], "title": row["title"], "body": row["body"]}).encode(),
            content_type="application/json",
            position=StampedRef(RecordRef("news.raw", 0, 0), 0),
        )
        (item,) = prepare(raw, knowledge)
        if isinstance(item, Item):
            yield row, json.loads(bytes(item.event))


def fold(name: str) -> str:
    """Folds a name for comparison: without legal form, bracket and article."""
    plain = re.sub(r"\([^)]*\)", " ", unescape(name)).replace("\u2019", "'")
    return re.sub(r"[^a-z0-9]+", "", core_name(re.sub(r"(?i)^the ", "", " ".join(plain.split()))))


def is_same(one: str, other: str) -> bool:
    """Whether two names are of one company: equal, or one begins with the other."""
    first, second = fold(one), fold(other)
    short, long = sorted((first, second), key=len)
    return bool(short) and (short == long or (len(short) > 3 and long.startswith(short)))


def words(text: str) -> list[str]:
    """Splits a text into words without case and punctuation."""
    return re.findall(r"\w+", unescape(text).casefold())


def find_end(text: list[str], ending: list[str]) -> int:
    """Returns the place behind the last words of `ending` in `text`; -1 where they are not in it."""
    size = len(ending)
    for at in range(len(text) - size, -1, -1):
        if text[at : at + size] == ending:
            return at + size
    return -1


def judge_end(row: Row, text: str) -> str:
    """Says of a text: `right`, `left` (boilerplate is left over), `lost` (news is missing)."""
    written = words(text)
    for ending in (row["body_ends"], *row["body_ends_also"]):
        if (last := words(ending)) and written[-len(last) :] == last:
            return "right"
    endings = [words(each) for each in (row["body_ends"], *row["body_ends_also"])]
    places = [find_end(written, each) for each in endings if each]
    return "left" if max(places, default=-1) >= 0 else "lost"


def measure(rows: list[Row], shown: str) -> Counter[str]:
    """Counts what is right in a part; prints the errors of the column `shown`."""
    count: Counter[str] = Counter()

    def note(column: str, what: str) -> None:
        if column == shown:
            print(f"{row['id']} {row['title'][:60]!r}: {what}")

    for row, document in read_items(rows):
        count["releases"] += 1
        issuers = [one["name"] for one in document.get("infoSources", ()) if one["role"] == "issuer"]
        allowed = [row["issuer"], *row.get("issuer_also", ())] if row["issuer"] else row.get("issuer_also", [])
        right = any(is_same(one, other) for one in issuers for other in allowed)
        count["with issuer"] += bool(row["issuer"])
        count["issuer right"] += right
        count["issuer wrong"] += bool(issuers) and not right
        if not right and (issuers or row["issuer"]):
            note("issuer", f"{'WRONG' if issuers else 'missing'}: {issuers} instead of {allowed}")
        if "subject_companies" not in row:
            continue
        about = [one for one in document.get("organisations", ()) if one["rel"] == "about"]
        subjects = [*row["subject_companies"], *allowed]
        symbols = {ticker.rpartition(":")[2] for ticker in row["tickers"]}
        good = [
            one
            for one in about
            if any(is_same(one.get("name", ""), other) for other in subjects)
            or symbols & {each["symbol"] for each in one.get("symbols", ())}
        ]
        count["about"] += len(about)
        count["about right"] += len(good)
        wanted = row["subject_companies"]
        found = any(is_same(one.get("name", ""), other) for one in good for other in wanted) or bool(
            symbols & {each["symbol"] for one in about for each in one.get("symbols", ())}
        )
        count["with subjects"] += bool(wanted)
        count["subjects found"] += bool(wanted) and found
        if len(good) < len(about):
            note("about", f"{[one.get('name', one) for one in about if one not in good]} instead of {subjects}")
        if wanted and not found:
            note("subjects", f"{[one.get('name') for one in about]} instead of {wanted}")
        if row["body_ends"]:
            text = next((body["value"] for body in document.get("bodies", ()) if body["role"] == "main"), "")
            judged = judge_end(row, text)
            count["with end"] += 1
            count[f"end {judged}"] += 1
            if judged != "right":
                note("ends", f"{judged}: …{text[-150:]!r} instead of {[row['body_ends'], *row['body_ends_also']]}")
    return count


def rate(part: int, whole: int) -> str:
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--errors", choices=("issuer", "about", "subjects", "ends"), default="")
    chosen = parser.parse_args()
    parts = read_parts()
    for part in ("read",) if chosen.errors else ("read", "unread", "held") if chosen.held else ("read", "unread"):
        count = measure(parts[part], chosen.errors)
        print(
            f"{part}: {count['releases']} releases"
            f"; issuer right {rate(count['issuer right'], count['with issuer'])}"
            f", wrong {rate(count['issuer wrong'], count['releases'])}"
            f"; about right {rate(count['about right'], count['about'])}"
            f", found {rate(count['subjects found'], count['with subjects'])}"
            f"; ends right {rate(count['end right'], count['with end'])}"
            f", left {count['end left']}, lost {count['end lost']}"
        )


if __name__ == "__main__":
    main()
