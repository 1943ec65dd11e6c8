"""Cost as the work grows: `python tests/bench/axes.py [--save]`: a line each, and how much dearer the largest is.

- a decision, with so many stories in the window: growth.py, which says more of it
- the rules of an item, with so many of them: invented rules of two phrases of two or three words of a vocabulary of
  20,000, of which the items are made too
- finding companies in an item, with so many names in the table

CPU time of one core, the least of some rounds. Takes about 2 minutes; `--quick` leaves out the largest of each.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import facts, filled, growth, results

from streams.prepare.classify import rules
from streams.prepare.companies.resolve import resolve_companies

STORIES = (10_000, 100_000, 1_000_000)
RULES = (100, 1_000, 10_000)
NAMES = (10_000, 100_000, 500_000)
ROUNDS = 5
GOAL = 1.5


def by_stories(sizes: tuple[int, ...]) -> Iterator[float]:
    """Microseconds a decision, state included (growth.py)."""
    for row in growth.measure(list(sizes)):
        yield row.decision_us


def invented_rules(count: int, dice: random.Random) -> str:
    """A rule file."""
    phrase = lambda: " ".join(dice.choices(filled.WORDS, k=dice.choice((2, 3))))  # noqa: E731
    return "".join(
        f'[[rule]]\nid = "rule-{number}"\ncategory = "markets"\nwhere = "both"\nany = ["{phrase()}", "{phrase()}"]\n'
        for number in range(count)
    )


def by_rules(sizes: tuple[int, ...]) -> Iterator[float]:
    """Microseconds an item."""
    dice = random.Random(9)
    texts = [
        (" ".join(dice.choices(filled.WORDS, k=10)), " ".join(dice.choices(filled.WORDS, k=120))) for _ in range(200)
    ]
    for size in sizes:
        judge = rules.load_rules(invented_rules(size, random.Random(size)), "bench.toml")

        def read(text: tuple[str, str], judge: rules.RuleSet = judge) -> None:
            judge.match(rules.tokenize_item(*text), "en")

        yield facts.micros(read, texts, ROUNDS)  # type: ignore[arg-type]


def by_names(sizes: tuple[int, ...]) -> Iterator[float]:
    """Microseconds an item."""
    for size in sizes:
        dice = random.Random(7)
        known = facts.table(size, dice)
        items = facts.stories(known, dice)
        yield facts.micros(lambda item, known=known: resolve_companies(item, known), items, 4 * ROUNDS)


AXES = (
    ("stories in the window", STORIES, by_stories),
    ("rules", RULES, by_rules),
    ("names in the table", NAMES, by_names),
)


def rows(axes: list[str], largest: int) -> Iterator[dict[str, Any]]:
    """A row an axis."""
    for name, every, measure in AXES:
        if axes and not any(name.startswith(axis) for axis in axes):
            continue
        sizes = every[:largest]
        costs = list(measure(sizes))
        print(f"{name}: {dict(zip(sizes, costs, strict=True))}", file=sys.stderr, flush=True)
        yield {
            "an item against": name,
            "from": f"{sizes[0]:,}",
            "to": f"{sizes[-1]:,}",
            "µs": " → ".join(f"{cost:.0f}" for cost in costs),
            "largest / smallest": f"{costs[-1] / costs[0]:.2f}",
            "goal": f"≤ {GOAL}",
        }


def main() -> None:
    options = results.arguments(__doc__, "without the largest of each")
    options.add_argument("axes", nargs="*", help="stories, rules, names; all where none is given")
    asked = options.parse_args()
    results.show("growth", list(rows(asked.axes, 2 if asked.quick else 3)), keep=asked.save)


if __name__ == "__main__":
    main()
