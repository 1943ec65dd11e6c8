"""From cases to a model file, and what it is worth: every figure is for items that its model has not seen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from streams.prepare.classify import evaluation, linear_model
from streams.prepare.classify.rules import RuleSet
from streams.training.data import LEARNT, Case
from streams.training.fit import RARITY_STEPS, RULE_WEIGHT, Fitted, Seen, Table, fit, look, score
from streams.training.split import REPORT, TRAIN, TUNE, parts

USUAL = -0.5
"""Log-odds from which a category is given where nothing speaks for another threshold: about 38 %."""
TRIED = tuple(step / 10 for step in range(-9, 16))
"""Thresholds that are tried: below 29 % a category is a guess, which readers of its topic see as misfiled."""
RELUCTANCE = 0.004
"""F1 that a threshold must win for each 1.0 that it leaves the usual one: few items speak for some categories."""
OWN = ("site", "reader")
"""Sets labelled for the site's categories, of which every label is known."""


class Tuned(NamedTuple):
    """The cases as seen, the part of each, and for each category of `LEARNT` the threshold in log-odds."""

    cases: Sequence[Case]
    seen: Seen
    table: Table
    part: Any
    thresholds: Any


def tune(cases: Sequence[Case], rules: RuleSet, tell: Callable[[str], None]) -> Tuned:
    """Thresholds by what a model of the part `train` says of the part `tune`."""
    tell(f"looking at {len(cases)} labelled items")
    seen, table = look(cases, rules)
    part = np.array(parts(cases))
    tell("training on a third, thresholds on the second")
    fitted = fit(cases, seen, np.flatnonzero(part == TRAIN))
    rows = np.flatnonzero(part == TUNE).tolist()
    scores = score(fitted, seen, rows)
    thresholds = [_threshold(cases, seen, rows, scores[:, column], name) for column, name in enumerate(LEARNT)]
    tell("thresholds: " + ", ".join(f"{name} {least}" for name, least in zip(LEARNT, thresholds, strict=True)))
    return Tuned(cases, seen, table, part, np.array(thresholds))


def build(tuned: Tuned, tell: Callable[[str], None]) -> bytes:
    """The model file: weights learnt from every case."""
    tell("training on all")
    cases = tuned.cases
    return export(fit(cases, tuned.seen, np.arange(len(cases))), tuned.table, tuned.thresholds)


def report(tuned: Tuned, tell: Callable[[str], None]) -> Iterator[str]:
    """Figures of each labelled set on the third that nothing was trained or tuned on (`parts`), as Markdown."""
    cases, seen, part, thresholds = tuned.cases, tuned.seen, tuned.part, tuned.thresholds
    tell("training on two thirds")
    fitted = fit(cases, seen, np.flatnonzero(part != REPORT))
    rows = np.flatnonzero(part == REPORT).tolist()
    given = dict(zip(rows, _given(seen, rows, score(fitted, seen, rows), thresholds), strict=True))
    for origin in dict.fromkeys(case.origin for case in cases):
        chosen = [place for place in rows if cases[place].origin == origin]
        tallied = evaluation.count_by_category(
            ((given[place], cases[place].yes, cases[place].judged) for place in chosen), LEARNT
        )
        yield f"\n**{origin}**, {len(chosen)} of {sum(case.origin == origin for case in cases)} items\n"
        yield from evaluation.format_table(tallied)
    yield ""
    for origin in ("twitter", "reuters"):
        chosen = [place for place in rows if cases[place].origin == origin]
        none = sum(not given[place] for place in chosen)
        yield f"Unclassified of {origin}: {none} of {len(chosen)}, {100 * none / len(chosen):.0f} %"


def _threshold(cases: Sequence[Case], seen: Seen, rows: Any, scores: Any, category: str) -> float:
    """Where F1 is best: on what is labelled for us, and as much on the mean of the other sets."""
    known: dict[str, list[int]] = {}
    for at, place in enumerate(rows):
        if category in cases[place].judged:
            known.setdefault("" if cases[place].origin in OWN else cases[place].origin, []).append(at)
    sets = {
        name: (
            np.array([category in cases[rows[at]].yes for at in chosen]),
            np.array([category in seen.given[rows[at]] for at in chosen]),
            scores[chosen],
        )
        for name, chosen in known.items()
    }

    def worth(threshold: float) -> float:
        f1 = {}
        for name, (truth, ruled, scored) in sets.items():
            given = ruled | (scored >= threshold)
            f1[name] = float(2 * (given & truth).sum() / max(1, given.sum() + truth.sum()))
        own = f1.pop("", 0.0)
        others = sum(f1.values()) / len(f1) if f1 else own
        return own + others - RELUCTANCE * abs(threshold - USUAL)

    return max(TRIED, key=worth)


def _given(seen: Seen, rows: Any, scores: Any, thresholds: Any) -> Iterator[frozenset[str]]:
    """What rules and model give each case."""
    for place, enough in zip(rows, scores >= thresholds, strict=True):
        yield seen.given[place] | _with_parents(category for category, yes in zip(LEARNT, enough, strict=True) if yes)


def _with_parents(categories: Iterable[str]) -> frozenset[str]:
    found = frozenset(categories)
    return found | {category.partition(".")[0] for category in found}


def export(fitted: Fitted, table: Table, thresholds: Any) -> bytes:
    """Weights as the whole numbers of a model file; words that say nothing are left out."""
    by_word = fitted.words * table.rarity[:, None]
    step = np.maximum(np.abs(by_word).max(axis=0) / 127, 1e-6)
    whole = np.round(by_word / step).astype(int)
    rarity = np.round(table.rarity**2 * RARITY_STEPS).astype(int)
    header = linear_model.ModelHeader(
        format=linear_model.FORMAT,
        categories=LEARNT,
        thresholds=_whole(thresholds),
        bias=_whole(fitted.bias),
        # score = sum(weight * idf) / sqrt(sum(idf ** 2)); the file's root is of 256 * rarity.
        scale=_whole(step * 16 * np.sqrt(RARITY_STEPS)),
        rules={mark: _whole(weights * RULE_WEIGHT) for mark, weights in zip(table.marks, fitted.rules, strict=True)},
        words=0,
    )
    rows: dict[int, Sequence[int]] = {
        int(crc): (*map(int, weights), int(rare)) for crc, weights, rare in zip(table.crcs, whole, rarity, strict=True)
    }
    return linear_model.dump_model(header, rows)


def _whole(values: Any) -> tuple[int, ...]:
    return tuple(int(value) for value in np.round(np.asarray(values) * linear_model.UNIT))
