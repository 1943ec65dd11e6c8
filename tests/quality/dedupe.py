"""Measures deduplication on real data and on generated items, with the default settings.

    python tests/quality/dedupe.py [--wrong]

Each pair of `dedupe-reuters` and `releases` goes through the pipeline of `newswire process` as two plain JSON items,
the older one first, with their own times. `--wrong` lists the pairs whose result differs from the label. Then all
7,000 Reuters stories go through it in one stream, in which a correction must find its original.
"""

import html
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from streams.config.loader import load
from streams.decide.fold import apply
from streams.decide.lsh_index import text_keys
from streams.decide.parameters import DecideParams
from streams.decide.similarity import estimate_jaccard
from streams.decide.state import State
from streams.generate import stream
from streams.model import codec
from streams.model.records import Decision, Item, LogRecord, RecordRef, StampedRef
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge
from streams.prepare.text.fingerprint import fingerprint_text

Row = dict[str, Any]
"""A row of the data: its fields depend on the file."""
DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
SETTINGS = load(environ={})
KNOWLEDGE, RULES = load_knowledge(SETTINGS), DecideParams.from_settings(SETTINGS)
UNPROC = re.compile(r"&#\d+;|[\x00-\x08]")
PARTED = ("template_not_duplicate", "look_alike", "shared_boilerplate")
MARKS = re.compile(r"^\W*(?:CORRECT(?:ED|ION)|RPT)\W+")


class Desk:
    """Runs the pipeline of `newswire process`, one item at a time."""

    def __init__(self) -> None:
        self.state, self.offset = State(), 0

    def take(self, headers: Mapping[str, str], body: bytes) -> list[tuple[LogRecord, Decision]]:
        """Prepares and decides one raw record. Returns its log records and decisions."""
        position = StampedRef(RecordRef("news.raw", 0, self.offset), 2_000_000_000_000)
        named = tuple((name, value.encode()) for name, value in headers.items())
        decided = []
        for _, value in prepare_message(RawMessage(position, named, body), KNOWLEDGE).records:
            overlay = self.state.batch()
            decision, _ = apply(overlay, record := codec.decode(value), self.offset, RULES)
            self.state.merge(overlay.changes)
            self.offset += 1
            decided.append((record, decision))
        return decided

    def story(self, row: Row, title: str | None = None, **more: str) -> Decision:
        """Decides a row of the data as a plain JSON item."""
        return self.decide(row, title, **more)[1]

    def decide(self, row: Row, title: str | None = None, **more: str) -> tuple[LogRecord, Decision]:
        """Decides a row of the data, and returns the item too."""
        fields = {"id": str(row["id"]), "date": row["date"], "title": row["title"] if title is None else title, **more}
        source = row.get("source") or "reuters"
        headers = {"source": source, "received-at": row["date"], "content-type": "application/json"}
        return self.take(headers, json.dumps({**fields, "body": row["body"]}).encode())[0]


def lines(name: str) -> Iterator[Row]:
    """Reads the rows of a data file."""
    with (DATA / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def reuters() -> dict[int, Row]:
    """Reads the stories of 1987 by id, with RFC 3339 dates."""
    rows = {}
    for row in lines("labelled/reuters21578_public.jsonl"):
        moment = datetime.strptime(row["date"].strip().partition(".")[0], "%d-%b-%Y %H:%M:%S").replace(tzinfo=UTC)
        if not row["title"]:  # an advisory: its headline is the first line
            row["title"], _, row["body"] = UNPROC.sub("", html.unescape(row["unproc"])).strip().partition("\n")
        rows[row["id"]] = {**row, "date": moment.isoformat().replace("+00:00", "Z")}
    return rows


def releases() -> dict[int, Row]:
    """Reads the press releases by id. A date without a time is taken as noon."""
    return {row["id"]: {**row, "date": f"{row['date']}T12:00:00Z"} for row in lines("releases/releases.jsonl")}


def pairs(name: str, rows: dict[int, Row], labels: Iterable[str], wrong: bool) -> None:
    """Prints how many pairs of each label were decided as labelled."""
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for pair in lines(name):
        if pair["label"] not in labels:
            continue
        one, other = sorted((rows[pair["a"]], rows[pair["b"]]), key=lambda row: (row["date"], row["id"]))
        apart = datetime.fromisoformat(other["date"]) - datetime.fromisoformat(one["date"])
        if pair["label"] == "duplicate" and apart > timedelta(milliseconds=RULES.window):
            continue
        desk = Desk()
        desk.story(one)
        # A look-alike must be kept apart also where the window does not help.
        near = pair["label"] in PARTED and apart > timedelta(hours=24)
        decision = desk.story({**other, "date": one["date"]} if near else other)
        good = (decision.outcome == "duplicate") != (pair["label"] in PARTED)
        right[pair["label"]] += good
        of[pair["label"]] += 1
        if wrong and not good:
            print(f"  {pair['label']} {one['id']} {other['id']}: {decision.outcome} {decision.evidence}")
            print(f"    {one['title']} | {other['title']}")
    for label in labels:
        print(f"| {label} | {right[label]} of {of[label]} | {right[label] / max(1, of[label]):.1%} |")


def corrections(rows: dict[int, Row], wrong: bool, *, marked: bool) -> None:
    """Prints how many corrections and advisories were linked to their original, in the stream of all stories."""
    truth = {
        row["correction"]: row for row in json.loads((DATA / "dedupe-reuters/corrections_public.json").read_text())
    }
    traps = {row["id"] for row in json.loads((DATA / "dedupe-reuters/traps_public.json").read_text())}
    desk, uris = Desk(), {}
    fates: Counter[str] = Counter()
    joined = trapped = of = 0
    for number, row in sorted(rows.items(), key=lambda pair: (pair[1]["date"], pair[0])):
        title = row["title"] if marked or number not in truth else MARKS.sub("", row["title"])
        decision = desk.story(row, title)
        uris[number] = decision.uri
        fates[decision.outcome] += 1
        if number in traps and decision.outcome == "revised":
            trapped += 1
        if number in truth and (original := truth[number]["original"]) is not None:
            of += 1
            good = decision.outcome in ("revised", "withdrawn") and decision.uri in (
                uris.get(each) for each in (original, *truth[number]["chain"])
            )
            joined += good
            if wrong and not good:
                print(f"  correction {number} of {original}: {decision.outcome} {decision.evidence}")
                print(f"    {row['title']} | {truth[number]['original_title']} | {row['body'][:200]!r}")
        elif wrong and decision.outcome == "revised":
            print(f"  revised {number} {decision.uri} {row['title']} | {decision.evidence}")
    name = "corrections" if marked else "corrections, marks of the headline stripped"
    print(f"| {name} | {joined} of {of} | {joined / of:.1%} |")
    if marked:
        print(f"| traps taken for corrections | {trapped} of {len(traps)} | |")
        print(f"all 7,000 in one stream: {dict(fates)}")


def translations(wrong: bool) -> None:
    """Prints how many English texts, each second one called German by its wire, are linked as a translation.

    None is one: a link is wrong.
    """
    for name, texts in (("releases", releases()), ("Reuters stories", reuters())):
        desk, linked = Desk(), 0
        rows = sorted(texts.values(), key=lambda row: (row["date"], row["id"]))
        for number, row in enumerate(rows):
            decision = desk.story(row, language=("en", "de")[number % 2])
            linked += "translationOf" in decision.evidence
            if wrong and "translationOf" in decision.evidence:
                print(f"  {row['id']} {row['title']} | {decision.evidence}")
        print(f"| {name} taken for translations | {linked} of {len(rows)} | |")


def articles() -> None:
    """Prints pairs found and the time, for our fingerprints and for datasketch if that is installed."""
    for size in (100, 1000):
        rows = dict(line.split(" ", 1) for line in (DATA / f"minhash-articles/articles_{size}.train").open())
        truth = {frozenset(line.split()) for line in (DATA / f"minhash-articles/articles_{size}.truth").open()}
        began = time.perf_counter()
        found, behind = set(), defaultdict(list)
        marks = {}
        for name, text in rows.items():
            mark = marks[name] = fingerprint_text("", text)[1]
            for other in dict.fromkeys(each for key in text_keys(mark) for each in behind[key]):
                if estimate_jaccard(mark.minhash, marks[other].minhash) >= RULES.near.similarity:
                    found.add(frozenset((name, other)))
            for key in text_keys(mark):
                behind[key].append(name)
        ours = time.perf_counter() - began
        print(
            f"| minhash-articles {size} | {len(found & truth)} of {len(truth)},"
            f" {len(found - truth)} more | {ours:.2f} s |"
        )
        try:
            from datasketch import MinHash, MinHashLSH  # type: ignore[import-not-found]
        except ImportError:
            continue
        began = time.perf_counter()
        index, found = MinHashLSH(threshold=RULES.near.similarity / 1000, num_perm=256), set()
        for name, text in rows.items():
            words = re.findall(r"\w+", text.casefold())
            made = MinHash(num_perm=256)
            made.update_batch([" ".join(each).encode() for each in zip(words, words[1:], words[2:], strict=False)])
            found |= {frozenset((name, other)) for other in index.query(made)}
            index.insert(name, made)
        theirs = time.perf_counter() - began
        print(f"| datasketch 256 | {len(found & truth)} of {len(truth)}, {len(found - truth)} more | {theirs:.2f} s |")


def generated(wrong: bool, count: int = 6000) -> None:
    """Prints how many generated items were decided as their truth says, by kind."""
    desk, right, of, stories = Desk(), Counter[str](), Counter[str](), {}
    for item in stream(23, count, datetime(2026, 3, 2, 9, 0, tzinfo=UTC), rate=0.5):
        decided = desk.take(item.headers, item.body)
        truth = item.truth
        if truth.needs == "formats" or truth.outcome == "rejected" or not isinstance(decided[0][0], Item):
            continue
        decision = decided[0][1]
        if truth.outcome == "duplicate" and truth.story not in stories:
            continue  # its first item was refused: in a format not yet read
        good = decision.outcome == truth.outcome and decision.uri == stories.setdefault(truth.story, decision.uri)
        right[truth.kind] += good
        of[truth.kind] += 1
        if wrong and not good:
            print(f"  generated {truth.kind} {truth.outcome}: {decision.outcome} {decision.uri} {decision.evidence}")
    for kind in sorted(of):
        print(f"| generated: {kind} | {right[kind]} of {of[kind]} | {right[kind] / of[kind]:.1%} |")


def main() -> None:
    """Prints the table."""
    wrong = "--wrong" in sys.argv
    only = [name for name in sys.argv[1:] if not name.startswith("--")]
    print("| set | right | share |\n| --- | --- | --- |")
    if not only or "reuters" in only:
        pairs("dedupe-reuters/pairs_public.jsonl", reuters(), ("duplicate_exact", "duplicate_near", PARTED[0]), wrong)
    if not only or "releases" in only:
        pairs("releases/pairs.jsonl", releases(), ("duplicate", *PARTED[1:]), wrong)
    if not only or "translations" in only:
        translations(wrong)
    if not only or "articles" in only:
        articles()
    if not only or "generated" in only:
        generated(wrong)
    if not only or "corrections" in only:
        corrections(reuters(), wrong, marked=True)
        corrections(reuters(), wrong, marked=False)


if __name__ == "__main__":
    main()
