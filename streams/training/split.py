"""Splits the labelled data into a third for training, a third for tuning and a third for reporting.

The part follows from the SHA-256 of a document's id, so an item is in the same part in every set. Near-duplicates
stay together: two headlines of which half of the four-word sequences are equal. They are in `train` if one of them is
there, else in `tune`, so that no item of `report` was seen before. The rules were written on ids whose digest begins
with an even byte; `report` has none of those either.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from streams.training.data import LabelledItem

TRAIN, TUNE, REPORT = "train", "tune", "report"
PARTS = (TRAIN, TUNE, REPORT)
SEQUENCE_WORDS = 4
"""Number of words in a compared sequence."""
MAX_SHARED_HEADLINES = 20
"""A sequence in more headlines than this is a common phrase (`declares monthly distribution of`), no sign of a copy."""
_FIRST_OF_TUNE = 171
_WORD = re.compile(r"[a-z]+")


def assign_parts(items: Sequence[LabelledItem]) -> list[str]:
    """Returns the part of each item, in order."""
    groups = _group_near_duplicates(items)
    part_of: dict[int, str] = {}
    for item, group in zip(items, groups, strict=True):
        own = part_of_document(item.document)
        part_of[group] = min(own, part_of.get(group, REPORT), key=PARTS.index)
    return [part_of[group] for group in groups]


def part_of_document(document: str) -> str:
    """Returns the part of a document that has no near-duplicate."""
    byte = hashlib.sha256(document.encode()).digest()[0]
    if byte >= _FIRST_OF_TUNE:
        return TUNE
    return REPORT if byte % 2 else TRAIN


def _group_near_duplicates(items: Sequence[LabelledItem]) -> list[int]:
    """Returns a group number for each item; items of one document and near-duplicates have the same number."""
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
    sequences = [_word_sequences(item.headline) for item in items]
    numbers_by_sequence: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        join(number, documents.setdefault(item.document, number))
        for sequence in sorted(sequences[number]):
            numbers_by_sequence.setdefault(sequence, []).append(number)
    shared = Counter(
        pair
        for numbers in numbers_by_sequence.values()
        if 1 < len(numbers) <= MAX_SHARED_HEADLINES
        for pair in combinations(numbers, 2)
    )
    for (one, other), count in shared.items():
        if 2 * count >= min(len(sequences[one]), len(sequences[other])):
            join(one, other)
    return [root(number) for number in range(len(items))]


def _word_sequences(headline: str) -> set[str]:
    words = _WORD.findall(headline.lower())
    return {" ".join(words[at : at + SEQUENCE_WORDS]) for at in range(max(1, len(words) - SEQUENCE_WORDS + 1))}
