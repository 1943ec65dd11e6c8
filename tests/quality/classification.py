"""How good the packaged rules are on the labelled data: `python tests/quality/classification.py`.

Items are split by the SHA-256 of their id: rules are tuned on the even half, figures are for the odd one
(`--tune` shows the even one). `maybe` labels count neither way. `--errors CATEGORY` lists mistakes of the
tune half.
"""

import argparse
import csv
import hashlib
import html
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from streams.prepare.classify import classify
from streams.prepare.rules import packaged
from streams.topics import CATEGORIES

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
LABELLED = DATA / "labelled"
IDS = {name: category for category, name in CATEGORIES.items()} | {"Profit Warnings": "companies.profit-warnings"}


class Case(NamedTuple):
    """A labelled item: what it must have, what does not count; all the rest it must not have."""

    id: str
    headline: str
    text: str
    yes: frozenset[str]
    maybe: frozenset[str]


def held_out(id_: str) -> bool:
    return hashlib.sha256(id_.encode()).digest()[0] % 2 == 1


def site() -> Iterator[Case]:
    for row in json.loads((LABELLED / "site_categories_public.json").read_text(encoding="utf-8")):
        headline, _, text = row["text"].partition(" — ") if row["id"].startswith("re:") else (row["text"], "", "")
        yes, maybe = frozenset(row["yes"]), frozenset(row["maybe"])
        yield Case(row["id"], html.unescape(headline), text, yes, maybe)


def reuters() -> Iterator[Case]:
    walk = json.loads((LABELLED / "crosswalk.json").read_text(encoding="utf-8"))["reuters_topics"]
    topics = {"acq": IDS[walk["acq"][0]], "interest": IDS[walk["interest"][0]]}
    for key in ("economy_forex", "commodities"):
        topics |= dict.fromkeys(walk[key][0], IDS[walk[key][1]])
    with (LABELLED / "reuters21578_public.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yes = frozenset(topics[topic] for topic in row["topics"] if topic in topics)
            if row["topics"] and row["title"]:
                maybe = frozenset(CATEGORIES) - set(topics.values())
                yield Case(f"re:{row['id']}", html.unescape(row["title"]), " ".join(row["body"].split()), yes, maybe)


def twitter() -> Iterator[Case]:
    walk = json.loads((LABELLED / "crosswalk.json").read_text(encoding="utf-8"))["twitter_topic"]
    strong = {topic: IDS[to[0]] for topic, to in walk.items() if to[1].startswith("strong")}
    with (LABELLED / "twitter_topic_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yes = frozenset({strong[row["topic"]]} if row["topic"] in strong else ())
            yield Case(
                "tw:" + row["id"],
                html.unescape(row["text"]),
                "",
                yes,
                frozenset(CATEGORIES) - set(strong.values()),
            )


def sentivent() -> Iterator[Case]:
    walk = json.loads((LABELLED / "crosswalk.json").read_text(encoding="utf-8"))["sentivent_type"]
    strong = {type_: IDS[to[0]] for type_, to in walk.items() if to[1].startswith("strong")}
    with (LABELLED / "sentivent_public.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yes = frozenset(strong[type_] for type_ in row["types"].split("|") if type_ in strong)
            maybe = frozenset(CATEGORIES) - set(strong.values())
            yield Case(f"{row['document_id']}:{row['sentence_idx']}", row["text"], "", yes, maybe)


def labels(case: Case) -> Iterable[Any]:
    return classify(
        packaged(),
        headline=case.headline,
        text=case.text,
        language="en",
        release_wire=False,
        has_company=False,
    )


def table(name: str, cases: Iterable[Case]) -> None:
    counts: dict[str, Counter[str]] = {category: Counter() for category in CATEGORIES}
    number = 0
    for case in cases:
        number += 1
        given = {label.category for label in labels(case)}
        for category in CATEGORIES:
            if category not in case.maybe:
                counts[category][f"{category in given}{category in case.yes}"] += 1
    print(f"\n{name}, {number} items\n{'category':42}{'gold':>6}{'given':>6}{'P':>7}{'R':>7}{'F1':>7}")
    every: Counter[str] = Counter()
    for category, count in counts.items():
        every.update(count)
        if count["TrueTrue"] + count["FalseTrue"]:
            row(category, count)
    row("all (micro)", every)


def row(name: str, count: Counter[str]) -> None:
    right, gold, given = (
        count["TrueTrue"],
        count["TrueTrue"] + count["FalseTrue"],
        count["TrueTrue"] + count["TrueFalse"],
    )
    precision = f"{right / given:7.2f}" if given else "      -"
    print(f"{name:42}{gold:6}{given:6}{precision}{right / gold:7.2f}{2 * right / (gold + given):7.2f}")


def errors(category: str, cases: Iterable[Case], limit: int) -> None:
    shown: Counter[str] = Counter()
    for case in cases:
        found = {label.category: label for label in labels(case)}
        kind = {(True, False): "WRONG ", (False, True): "MISSED"}.get((category in found, category in case.yes))
        if kind and category not in case.maybe and shown[kind] < limit:
            shown[kind] += 1
            why = f"{found[category].creator.split('@')[0]} {found[category].matched}" if category in found else ""
            print(f"{kind} {case.headline[:150]!r} | {case.text[:130]!r} {why}")


def speed() -> None:
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    items = [Case(row["id"], row["title"], row["body"], frozenset(), frozenset()) for row in rows]
    packaged()
    begin = perf_counter()
    for item in items:
        labels(item)
    micros = (perf_counter() - begin) / len(items) * 1e6
    size = sum(len(row["body"]) for row in rows) / len(rows)
    print(f"\n{micros:.0f} microseconds an item ({len(items)} releases, {size:.0f} characters on average)")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tune", action="store_true", help="the half that the rules were tuned on")
    arguments.add_argument("--errors", metavar="CATEGORY", help="mistakes on the tune half")
    arguments.add_argument("--set", choices=["site", "reuters", "twitter", "sentivent"], help="this data only")
    arguments.add_argument("--limit", type=int, default=40)
    chosen = arguments.parse_args()
    sets: dict[str, Callable[[], Iterator[Case]]] = {
        "site": site, "reuters": reuters, "twitter": twitter, "sentivent": sentivent,
    }  # fmt: skip
    for name, read in sets.items():
        if chosen.set and name != chosen.set:
            continue
        tune = chosen.tune or chosen.errors is not None
        cases = (case for case in read() if held_out(case.id) is not tune)
        if chosen.errors:
            errors(chosen.errors, cases, chosen.limit)
        else:
            table(f"{name}, {'tune' if tune else 'report'} half", cases)
    if not chosen.errors:
        speed()


if __name__ == "__main__":
    main()
