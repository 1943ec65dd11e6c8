"""The classifier on real releases: share left unclassified, and cost (`python tests/quality/classification.py`).

How right it is: `newswire train LABELLED --report` (each fifth judged by a model trained on the other four).
"""

import json
from collections import Counter
from pathlib import Path
from time import process_time

from streams.prepare.classify import classify
from streams.shell.knowledge import packaged_judges

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def main() -> None:
    judges = packaged_judges()
    with (DATA / "releases" / "releases.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    given: Counter[str] = Counter()
    begin = process_time()
    for row in rows:
        labels = classify(
            judges,
            headline=row["title"],
            text=row["body"],
            language="en",
            release_wire=False,
            has_company=False,
        )
        given.update(label.category for label in labels)
        given["(nothing but press-releases)"] += not labels
    micros = (process_time() - begin) / len(rows) * 1e6
    print(f"{len(rows)} releases, without what the distributor decides; {micros:.0f} microseconds of CPU each\n")
    print("| category | releases | share |\n|---|--:|--:|")
    for category, count in given.most_common():
        print(f"| {category} | {count} | {100 * count / len(rows):.1f} % |")


if __name__ == "__main__":
    main()
