"""Precision, recall and F1 are computed by category."""

import pytest

from streams.prepare.classify.evaluation import (
    CategoryCounts,
    compute_macro_f1,
    count_by_category,
    format_table,
    sum_counts,
)

ALL = frozenset("ab")


def evaluated_items(*given_wanted):
    return [(frozenset(given), frozenset(wanted), ALL) for given, wanted in given_wanted]


def test_counts_are_by_category_and_categories_that_do_not_count_are_left_out():
    found = count_by_category([*evaluated_items(("ab", "a"), ("", "b")), (ALL, frozenset(), frozenset("a"))], ALL)
    assert found == {"a": CategoryCounts(1, 1, 2), "b": CategoryCounts(0, 1, 1)}
    assert (found["a"].precision, found["a"].recall, found["a"].f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert sum_counts(found.values()) == CategoryCounts(1, 2, 3)


def test_the_mean_is_over_categories_with_enough_items():
    assert compute_macro_f1([CategoryCounts(5, 5, 5), CategoryCounts(0, 4, 0), CategoryCounts(0, 5, 0)]) == 0.5
    assert compute_macro_f1([]) == 0.0


def test_the_table_has_a_row_for_each_category_that_was_wanted():
    assert list(format_table(count_by_category(evaluated_items(("a", "a")), ALL)))[2:] == [
        "| `a` | 1 | 1 | 1.00 | 1.00 | 1.000 |",
        "| all (micro) | 1 | 1 | 1.00 | 1.00 | 1.000 |",
        "| mean of categories with 5 or more (macro) | | | | | 0.000 |",
    ]
