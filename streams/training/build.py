"""From cases to a model file, and what it is worth: every figure is for items that its model has not seen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from streams import scoring
from streams.prepare import model
from streams.prepare.rules import Rules
from streams.training.data import LEARNT, Case
from streams.training.fit import RARITY_STEPS, RULE_WEIGHT, Fitted, Table, fit, look, score

FOLDS = 5
THRESHOLDS = dict.fromkeys(LEARNT, -0.5) | {"business-leaders": 0.25}
"""Log-odds from which a category is given: about 38 %, where F1 is best over all of them; more where words mislead."""


def build(cases: Sequence[Case], rules: Rules, tell: Callable[[str], None]) -> bytes:
    """The model file, trained on every case."""
    tell(f"looking at {len(cases)} labelled items")
    seen, table = look(cases, rules)
    tell("training")
    return export(fit(cases, seen, np.arange(len(cases))), table)


def cross_validated(cases: Sequence[Case], rules: Rules, tell: Callable[[str], None]) -> Iterator[str]:
    """The figures of each labelled set, each fifth given by a model that was trained on the other four."""
    seen, _ = look(cases, rules)
    part = np.array([case.fold * FOLDS // 100 for case in cases])
    given: list[frozenset[str]] = [frozenset()] * len(cases)
    for fold in range(FOLDS):
        tell(f"fold {fold + 1} of {FOLDS}")
        rows = np.flatnonzero(part == fold)
        fitted = fit(cases, seen, np.flatnonzero(part != fold))
        least = np.array([THRESHOLDS[category] for category in LEARNT])
        for place, enough in zip(rows, score(fitted, seen, rows) >= least, strict=True):
            given[place] = seen.given[place] | _with_parents(
                category for category, yes in zip(LEARNT, enough, strict=True) if yes
            )
    for origin in dict.fromkeys(case.origin for case in cases):
        chosen = [place for place, case in enumerate(cases) if case.origin == origin]
        rows_ = ((given[place], cases[place].yes, cases[place].judged) for place in chosen)
        yield f"\n**{origin}**, {len(chosen)} items\n"
        yield from scoring.table(scoring.tallies(rows_, LEARNT))
    yield ""
    for origin in ("twitter", "reuters"):
        chosen = [place for place, case in enumerate(cases) if case.origin == origin]
        none = sum(not given[place] for place in chosen)
        yield f"Unclassified of {origin}: {none} of {len(chosen)}, {100 * none / len(chosen):.0f} %"


def _with_parents(categories: Iterable[str]) -> frozenset[str]:
    found = frozenset(categories)
    return found | {category.partition(".")[0] for category in found}


def export(fitted: Fitted, table: Table) -> bytes:
    """Weights as the whole numbers of a model file; words that say nothing are left out."""
    by_word = fitted.words * table.rarity[:, None]
    step = np.maximum(np.abs(by_word).max(axis=0) / 127, 1e-6)
    whole = np.round(by_word / step).astype(int)
    rarity = np.round(table.rarity**2 * RARITY_STEPS).astype(int)
    header = model.Header(
        format=model.FORMAT,
        categories=LEARNT,
        thresholds=tuple(round(THRESHOLDS[category] * model.UNIT) for category in LEARNT),
        bias=_whole(fitted.bias),
        # score = sum(weight * idf) / sqrt(sum(idf ** 2)); the file's root is of 256 * rarity.
        scale=_whole(step * 16 * np.sqrt(RARITY_STEPS)),
        rules={mark: _whole(weights * RULE_WEIGHT) for mark, weights in zip(table.marks, fitted.rules, strict=True)},
        words=0,
    )
    rows: dict[int, Sequence[int]] = {
        int(crc): (*map(int, weights), int(rare)) for crc, weights, rare in zip(table.crcs, whole, rarity, strict=True)
    }
    return model.dump(header, rows)


def _whole(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in np.round(np.asarray(values) * model.UNIT))
