"""Compares given categories with those expected: precision, recall and F1 by category."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

MIN_ITEMS = 5
"""A category of fewer labelled items does not count in the mean of all categories."""


class CategoryCounts(msgspec.Struct):
    """Counts of labels, of one category or of several together."""

    right: int = 0
    """Labels that are given and wanted: true positives."""
    wanted: int = 0
    given: int = 0

    def add(self, other: "CategoryCounts") -> None:
        """Adds the counts of another category."""
        self.right += other.right
        self.wanted += other.wanted
        self.given += other.given

    @property
    def precision(self) -> float:
        """The share of given labels that are right; 0 where none is given."""
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        """The share of wanted labels that are given; 0 where none is wanted."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (self.wanted + self.given) if self.wanted + self.given else 0.0


EvaluatedItem = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""An item: the categories given, those wanted, and those that count for it (a `maybe` does not)."""


def count_by_category(rows: Iterable[EvaluatedItem], categories: Iterable[str]) -> dict[str, CategoryCounts]:
    """Counts the labels of each category."""
    found = {category: CategoryCounts() for category in categories}
    for given, wanted, judged in rows:
        for category in judged & found.keys():
            one = found[category]
            one.given += category in given
            one.wanted += category in wanted
            one.right += category in given and category in wanted
    return found


def sum_counts(found: Iterable[CategoryCounts]) -> CategoryCounts:
    """Adds up the counts of all categories (micro average)."""
    every = CategoryCounts()
    for one in found:
        every.add(one)
    return every


def compute_macro_f1(found: Iterable[CategoryCounts]) -> float:
    """Returns the mean F1 of the categories with at least `MIN_ITEMS` labelled items; 0 if no category has so many."""
    counted = [one.f1 for one in found if one.wanted >= MIN_ITEMS]
    return sum(counted) / len(counted) if counted else 0.0


def format_table(found: dict[str, CategoryCounts]) -> Iterator[str]:
    """Formats the counts as the lines of a Markdown table; the last two are the micro and macro averages."""
    yield "| category | labelled | given | precision | recall | F1 |"
    yield "|---|--:|--:|--:|--:|--:|"
    for category, one in sorted(found.items()):
        if one.wanted:
            yield _format_row(f"`{category}`", one)
    yield _format_row("all (micro)", sum_counts(found.values()))
    yield f"| mean of categories with {MIN_ITEMS} or more (macro) | | | | | {compute_macro_f1(found.values()):.3f} |"


class JudgedItem(msgspec.Struct, frozen=True):
    """A labelled item and what it was given."""

    kind: str
    """Its kind of copy."""
    given: dict[str, str]
    """The categories given, each with who decided it: `rule`, `code`, `model` or `company`."""
    wanted: frozenset[str]
    judged: frozenset[str]
    """The categories that count for it."""


def format_kinds(items: Sequence[JudgedItem]) -> Iterator[str]:
    """Formats a Markdown table with a row for each kind of copy."""
    yield "| kind of copy | labelled | given | precision | recall | F1 | of no section | of those, given one |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for kind in sorted({item.kind for item in items}):
        rows = [item for item in items if item.kind == kind]
        none = [item for item in rows if not item.wanted]
        wrong = sum(not item.judged.isdisjoint(item.given) for item in none)
        yield f"{_format_row(kind, _count(rows))} {len(none)} | {wrong} |"


def format_deciders(items: Sequence[JudgedItem]) -> Iterator[str]:
    """Formats a Markdown table with a row for each kind of copy and each who decided; recall is its share in all."""
    yield "| kind of copy, decided by | labelled | given | precision | recall | F1 |"
    yield "|---|--:|--:|--:|--:|--:|"
    for kind, by in sorted({(item.kind, by) for item in items for by in item.given.values()}):
        rows = [
            msgspec.structs.replace(item, given={each: who for each, who in item.given.items() if who == by})
            for item in items
            if item.kind == kind
        ]
        yield _format_row(f"{kind}, {by}", _count(rows))


def _count(items: Iterable[JudgedItem]) -> CategoryCounts:
    found = CategoryCounts()
    for item in items:
        given = item.judged & item.given.keys()
        found.given += len(given)
        found.wanted += len(item.judged & item.wanted)
        found.right += len(given & item.wanted)
    return found


def _format_row(name: str, one: CategoryCounts) -> str:
    figures = f"{one.precision:.2f} | {one.recall:.2f} | {one.f1:.3f}"
    return f"| {name} | {one.wanted} | {one.given} | {figures} |"
