"""The one split of the labelled data: a third to train on, a third to tune on, a third to report on.

By the SHA-256 of the id of a document, so that the same item is in the same part in every set. Near-duplicates (half
of the runs of four words of two headlines the same) are kept together: in `train` where one of them is there, else in
`tune`, so that nothing of `report` was ever seen. The rules were written on ids whose digest begins with an even byte:
none of those is in `report` either.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from streams.training.data import Case

TRAIN, TUNE, REPORT = "train", "tune", "report"
PARTS = (TRAIN, TUNE, REPORT)
RUN = 4
"""Words of a run."""
COMMON = 20
"""A run in more headlines than so many is a turn of phrase (`declares monthly distribution of`), no sign of a copy."""
_FIRST_OF_TUNE = 171
_WORD = re.compile(r"[a-z]+")


def parts(cases: Sequence[Case]) -> list[str]:
    """The part of each case, in their order."""
    groups = _groups(cases)
    of: dict[int, str] = {}
    for case, group in zip(cases, groups, strict=True):
        own = of_document(case.document)
        of[group] = min(own, of.get(group, REPORT), key=PARTS.index)
    return [of[group] for group in groups]


def of_document(document: str) -> str:
    """The part of a document that has no near-duplicate."""
    byte = hashlib.sha256(document.encode()).digest()[0]
    if byte >= _FIRST_OF_TUNE:
        return TUNE
    return REPORT if byte % 2 else TRAIN


def _groups(cases: Sequence[Case]) -> list[int]:
    """A number a case; alike for those of one document and for near-duplicates."""
    parent = list(range(len(cases)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(one: int, other: int) -> None:
        first, last = sorted((root(one), root(other)))
        parent[last] = first

    documents: dict[str, int] = {}
    runs = [_runs(case.headline) for case in cases]
    where: dict[str, list[int]] = {}
    for place, case in enumerate(cases):
        join(place, documents.setdefault(case.document, place))
        for run in sorted(runs[place]):
            where.setdefault(run, []).append(place)
    shared = Counter(pair for places in where.values() if 1 < len(places) <= COMMON for pair in combinations(places, 2))
    for (one, other), count in shared.items():
        if 2 * count >= min(len(runs[one]), len(runs[other])):
            join(one, other)
    return [root(place) for place in range(len(cases))]


def _runs(headline: str) -> set[str]:
    words = _WORD.findall(headline.lower())
    return {" ".join(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1))}
