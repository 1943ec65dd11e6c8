"""Measures the shares of categories and of unclassified items: `python tests/quality/classification.py`.

The sample has all releases, without the category that the distributor decides, and the tweets and Reuters stories of
the part `report` (`streams.training.split`). Beside the unclassified share stands that of two human readers in their
random sample. `newswire train LABELLED --report` prints how right the categories are.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from streams.prepare.classify.classifier import classify
from streams.prepare.classify.rules import tokenize_item_with_headline
from streams.prepare.loading import load_packaged_classifiers
from streams.training import data
from streams.training.split import REPORT, assign_parts

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main() -> None:
    classifiers = load_packaged_classifiers()
    cases = data.read_labelled_items(DATA / "labelled")
    kept = [case for case, part in zip(cases, assign_parts(cases), strict=True) if part == REPORT]
    samples: dict[str, Sequence[tuple[str, str]]] = {"releases": _releases()}
    samples |= {
        name: [(case.headline, case.text) for case in kept if case.origin == name] for name in ("reuters", "twitter")
    }
    given: dict[str, Counter[str]] = {}
    for name, rows in samples.items():
        counts = given.setdefault(name, Counter())
        begin = process_time()
        for headline, text in rows:
            words = tokenize_item_with_headline(headline, text)
            labels = classify(classifiers, words, language="en", release_wire=False, has_company=False)
            counts.update(label.category for label in labels)
            counts["(none)"] += not labels
        micros = (process_time() - begin) / len(rows) * 1e6
        print(
            f"{name}: {len(rows)} items, {100 * counts['(none)'] / len(rows):.1f} % unclassified, {micros:.0f} µs each"
        )
    site = json.loads((DATA / "labelled" / "site_categories_public.json").read_text(encoding="utf-8"))
    for name, prefix in (("reuters", "re:"), ("twitter", "tw:")):
        random = [row for row in site if row["part"] == "random" and row["id"].startswith(prefix)]
        none = sum(not row["yes"] for row in random)
        print(f"{name}: two readers leave {100 * none / len(random):.1f} % of {len(random)} without a category")
    print("\n| category | " + " | ".join(samples) + " |\n|---|" + "--:|" * len(samples))
    for category in sorted({each for counts in given.values() for each in counts}):
        shares = (f"{100 * given[name][category] / len(rows):.1f} %" for name, rows in samples.items())
        print(f"| {category} | {' | '.join(shares)} |")


def _releases() -> list[tuple[str, str]]:
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as lines:
        return [(row["title"], row["body"]) for row in map(json.loads, lines)]


if __name__ == "__main__":
    main()
