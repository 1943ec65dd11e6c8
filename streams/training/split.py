"""Splits the labelled data: what is held out for a report, and the folds of cross-validation.

Near-duplicates stay together, so that no item is judged by a model that has seen a copy of it: items of one document,
headlines of which half of the four-word sequences are equal, and texts of which a third of the six-word sequences are.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

from streams.training.data import LabelledItem

FOLDS = 5
HEADLINE_WORDS, TEXT_WORDS = 4, 6
"""Number of words in a compared sequence."""
TEXT_CHARACTERS = 1500
MAX_SHARED = 20
"""A sequence in more items than this is a common phrase (`declares monthly distribution of`), no sign of a copy."""
_WORD = re.compile(r"[a-z]+")


def find_held_out(items: Sequence[LabelledItem], ids: Collection[str]) -> set[int]:
    """Returns the numbers of the items that no training may see: those of the ids, and their near-duplicates."""
    groups = _group_near_duplicates(items)
    kept = {group for item, group in zip(items, groups, strict=True) if item.id in ids}
    return {number for number, group in enumerate(groups) if group in kept}


def assign_folds(items: Sequence[LabelledItem]) -> list[int]:
    """Returns the fold of each item, in order: from the SHA-256 of the id of the first item of its group."""
    return [
        hashlib.sha256(items[group].document.encode()).digest()[0] % FOLDS for group in _group_near_duplicates(items)
    ]


def _group_near_duplicates(items: Sequence[LabelledItem]) -> list[int]:
    """Returns a group number for each item, the number of its first item."""
    parent = list(range(len(items)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    def join(one: int, other: int) -> None:
        first, last = sorted((root(one), root(other)))
        parent[last] = first

    documents: dict[str, int] = {}
    for number, item in enumerate(items):
        join(number, documents.setdefault(item.document, number))
    headlines = [_list_sequences(item.headline, HEADLINE_WORDS) for item in items]
    texts = [_list_sequences(item.text[:TEXT_CHARACTERS], TEXT_WORDS) for item in items]
    for sequences, share in ((headlines, 2), (texts, 3)):
        for (one, other), count in _count_shared(sequences).items():
            if share * count >= min(len(sequences[one]), len(sequences[other])):
                join(one, other)
    return [root(number) for number in range(len(items))]


def _count_shared(sequences: Iterable[set[str]]) -> Counter[tuple[int, int]]:
    """Counts the sequences that two items share."""
    numbers_by_sequence: dict[str, list[int]] = {}
    for number, found in enumerate(sequences):
        for sequence in sorted(found):
            numbers_by_sequence.setdefault(sequence, []).append(number)
    return Counter(
        pair
        for numbers in numbers_by_sequence.values()
        if 1 < len(numbers) <= MAX_SHARED
        for pair in combinations(numbers, 2)
    )


def _list_sequences(text: str, length: int) -> set[str]:
    """Returns the sequences of `length` words of a text; a shorter text is one sequence, an empty one has none."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + length]) for at in range(max(1, len(words) - length + 1))} if words else set()
