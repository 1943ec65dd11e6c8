"""Measures how the cost of one item grows with the amount of data: `python tests/bench/axes.py [--save]`.

- a decision, by the number of stories in the window (growth.py has more figures)
- the classification rules, by their number: invented rules with two phrases of two or three words, from the same
  vocabulary of 20,000 words as the items
- finding companies, by the number of names in the reference table

It prints a row for each with the ratio of the largest to the smallest. Times are CPU times of one core, the least of
several rounds. Takes about 2 minutes; `--quick` leaves out the largest sizes.
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import facts, growth, log_items, results

from streams.prepare.classify import rules
from streams.prepare.companies.resolve import resolve_companies

STORIES = (10_000, 100_000, 1_000_000)
RULES = (100, 1_000, 10_000)
NAMES = (10_000, 100_000, 500_000)
ROUNDS = 5
GOAL = 1.5


def measure_decisions(sizes: tuple[int, ...]) -> Iterator[float]:
    """Yields the microseconds of a decision for each size, with the state (growth.py)."""
    for row in growth.measure(list(sizes)):
        yield row.decision_us


def invented_rules(count: int, rng: random.Random) -> str:
    """Builds the text of a rules file."""
    phrase = lambda: " ".join(rng.choices(log_items.WORDS, k=rng.choice((2, 3))))  # noqa: E731
    return "".join(
        f'[[rule]]\nid = "rule-{number}"\ncategory = "markets"\nwhere = "both"\nany = ["{phrase()}", "{phrase()}"]\n'
        for number in range(count)
    )


def measure_rules(sizes: tuple[int, ...]) -> Iterator[float]:
    """Yields the microseconds of an item for each size."""
    rng = random.Random(9)
    texts = [
        (" ".join(rng.choices(log_items.WORDS, k=10)), " ".join(rng.choices(log_items.WORDS, k=120)))
        for _ in range(200)
    ]
    for size in sizes:
        judge = rules.load_rule_files({"bench.toml": invented_rules(size, random.Random(size))})

        def read(text: tuple[str, str], judge: rules.RuleSet = judge) -> None:
            judge.match(rules.tokenize_item(*text), "en")

        yield facts.measure_microseconds(read, texts, ROUNDS)  # type: ignore[arg-type]


def measure_names(sizes: tuple[int, ...]) -> Iterator[float]:
    """Yields the microseconds of an item for each size."""
    for size in sizes:
        rng = random.Random(7)
        known = facts.build_reference(size, rng)
        items = facts.build_stories(known, rng)
        yield facts.measure_microseconds(lambda item, known=known: resolve_companies(item, known), items, 4 * ROUNDS)


AXES = (
    ("stories in the window", STORIES, measure_decisions),
    ("rules", RULES, measure_rules),
    ("names in the table", NAMES, measure_names),
)


def measure_axes(axes: list[str], largest: int) -> Iterator[results.Row]:
    """Yields a row for each axis."""
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
    options = results.build_parser(__doc__, "without the largest of each")
    options.add_argument("axes", nargs="*", help="stories, rules, names; all where none is given")
    asked = options.parse_args()
    results.print_table("growth", list(measure_axes(asked.axes, 2 if asked.quick else 3)), keep=asked.save)


if __name__ == "__main__":
    main()
