"""How well items in other languages than English are filed: `python tests/quality/language_sections.py`.

The data are headlines with the beginning of a text in twelve languages, labelled by reading. A third of them, by the
SHA-256 of the text, is held: nobody who writes rules reads it, and the figures are for it. `--part open` scores the
other two thirds, `--errors` lists what is wrong there. `--stated` gives each item its language, as most wires do;
else the language is found from the text. An interval is that of 95 %, by drawing the items again.
"""

import argparse
import hashlib
import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from streams.config.settings import Settings
from streams.model.records import Item, Raw
from streams.prepare.loading import load_knowledge
from streams.prepare.stage import prepare

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "labelled" / "multilingual_public.json"
BY_DISTRIBUTOR = "companies.press-releases"
GROUPS = {"sv": "sv, da, no", "da": "sv, da, no", "no": "sv, da, no"}
DRAWS = 1000

Counts = tuple[int, int, int]
"""Categories of one item: right, given, wanted. A `maybe` counts nowhere."""


def is_held(row: dict[str, object]) -> bool:
    return hashlib.sha256(str(row["text"]).encode()).digest()[0] % 3 == 0


def f1(counts: list[Counts]) -> float:
    right, given, wanted = (sum(each) for each in zip(*counts, strict=True))
    return 2 * right / (given + wanted) if given + wanted else 1.0


def interval(counts: list[Counts]) -> tuple[float, float]:
    chance = Random(len(counts))
    drawn = sorted(f1(chance.choices(counts, k=len(counts))) for _ in range(DRAWS))
    return drawn[DRAWS // 40], drawn[-1 - DRAWS // 40]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=DATA)
    arguments.add_argument("--part", choices=("held", "open", "all"), default="held")
    arguments.add_argument("--stated", action="store_true", help="give each item its language")
    arguments.add_argument("--errors", nargs="?", const="", help="list the errors of the open part, in one language")
    chosen = arguments.parse_args()
    part = "open" if chosen.errors is not None else chosen.part
    rows = json.loads(chosen.data.read_text(encoding="utf-8"))
    knowledge = load_knowledge(Settings())
    found: dict[str, list[Counts]] = defaultdict(list)
    for number, row in enumerate(rows):
        if part != "all" and is_held(row) is not (part == "held"):
            continue
        body = {"id": str(number), "title": row["title"], "body": row["body"]}
        if chosen.stated:
            body["language"] = row["language"]
        raw = Raw(
            body=json.dumps(body).encode(),
            source="wire",
            content_type="application/json",
            received=datetime(2026, 1, 1, tzinfo=UTC),
            position=(("news.raw", 0, number), 0),
        )
        (item,) = prepare(raw, knowledge)
        assert isinstance(item, Item), item
        given = {label.category: label for label in item.labels if label.category != BY_DISTRIBUTOR}
        yes, maybe = set(row["yes"]), set(row["maybe"])
        counted = given.keys() - maybe
        found[GROUPS.get(row["language"], row["language"])].append((len(counted & yes), len(counted), len(yes)))
        if chosen.errors in ("", row["language"]) and (wrong := counted ^ yes):
            told = json.loads(bytes(item.event)).get("language", "")
            marks = [f"{'-' if name in yes else '+'}{name}" for name in sorted(wrong)]
            why = [f"{given[name].creator.partition('@')[0]} {given[name].matched}" for name in sorted(counted - yes)]
            print(row["language"], f"({told})", row["title"], "|", row["body"][:300], "\n     ", *marks, *why)
    found["all"] = [each for counts in list(found.values()) for each in counts]
    print("| language | items | wanted | given | precision | recall | F1 | 95 % |\n|---|--:|--:|--:|--:|--:|--:|---|")
    for language, counts in sorted(found.items()):
        right, given_count, wanted = (sum(each) for each in zip(*counts, strict=True))
        low, high = interval(counts)
        print(
            f"| {language} | {len(counts)} | {wanted} | {given_count} | {right / max(1, given_count):.2f} "
            f"| {right / max(1, wanted):.2f} | {f1(counts):.2f} | {low:.2f} to {high:.2f} |"
        )


if __name__ == "__main__":
    main()
