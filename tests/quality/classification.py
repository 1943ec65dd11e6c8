"""How right the sections are, through the whole of `prepare` (`python tests/quality/classification.py [--all]`).

Releases, general news and headlines of `../shared/data/labelled`: only those that are held out
(`tests/quality/labels/held_out.json`), which neither rules nor model saw; with `--all`, the others too, which they did.
What the distributor gives does not count. `--errors N` prints the first N wrong labels of each set. The last column is
the CPU time of `classify` alone.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from time import process_time

from streams.prepare.classify import evaluation
from streams.prepare.classify.classifier import classify
from streams.prepare.classify.rules import tokenize_item_with_headline
from streams.prepare.loading import load_packaged_classifiers
from streams.training.data import LEARNED_CATEGORIES, LabelledItem, read_labelled_items
from streams.training.split import find_held_out

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
HELD_OUT = Path(__file__).parent / "labels" / "held_out.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--errors", type=int, default=0)
    chosen = parser.parse_args()
    items = read_labelled_items(DATA / "labelled")
    ids = {each for rows in json.loads(HELD_OUT.read_text(encoding="utf-8")).values() for each in rows}
    kept = find_held_out(items, ids)
    for held in (True, False) if chosen.all else (True,):
        for origin in dict.fromkeys(item.origin for item in items):
            rows = [item for number, item in enumerate(items) if item.origin == origin and (number in kept) is held]
            if rows:
                print(f"\n**{origin}, {'held out' if held else 'seen'}**, {len(rows)} items\n")
                report(rows, chosen.errors)


def report(rows: list[LabelledItem], errors: int) -> None:
    """Prints the tables of one set."""
    classifiers = load_packaged_classifiers()
    judged, wrong = [], []
    begin = process_time()
    for item in rows:
        labels = classify(
            classifiers,
            tokenize_item_with_headline(item.headline, item.text),
            language="en",
            release_wire=False,
            has_company=False,
            release_copy=item.release,
        )
        given = {
            label.category: label.creator.rpartition("@")[2].partition("-")[0].removesuffix("s") for label in labels
        }
        judged.append(evaluation.JudgedItem(item.kind, given, item.yes, item.judged))
        wrong += [f"{each} ({given[each]}): {item.headline[:110]}" for each in given.keys() & item.judged - item.yes]
    micros = (process_time() - begin) / len(rows) * 1e6
    counted = ((frozenset(one.given), one.wanted, one.judged) for one in judged)
    tables = (
        evaluation.format_table(evaluation.count_by_category(counted, LEARNED_CATEGORIES)),
        evaluation.format_kinds(judged),
        evaluation.format_deciders(judged),
    )
    for table in tables:
        print("\n".join(table), end="\n\n")
    sections = Counter(len(one.given) for one in judged)
    print(f"without a section: {sections[0]} of {len(rows)}; {micros:.0f} µs each")
    for line in wrong[:errors]:
        print(f"- {line}")


if __name__ == "__main__":
    main()
