"""Builds the model file from labelled items, and reports its quality on items that the model has not seen."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from streams.prepare.classify import evaluation, linear_model
from streams.prepare.classify.linear_model import COPY_KINDS
from streams.prepare.classify.rules import RuleSet
from streams.training.data import LEARNED_CATEGORIES, OWN_SETS, LabelledItem
from streams.training.fit import (
    CENTRE_WEIGHT,
    RARITY_STEPS,
    RULE_WEIGHT,
    Calibration,
    FeatureColumns,
    FeatureMatrices,
    FittedModel,
    Floats,
    build_matrices,
    calibrate,
    compute_scores,
    fit_model,
)
from streams.training.split import FOLDS, assign_folds, find_held_out

LEAST_PRECISION = 0.85
"""Share of the model's labels of a category that must be right in a kind of copy; below, the model is silent there."""
LEAST_RIGHT = 3
"""Right labels without which a category's precision in a kind of copy is not known."""
LEAST_SCORE = -0.4
"""Log-odds below which no label is given (a probability of 0.4): where one section fills a kind of copy, rather
unlikely labels are often right too, but they are wrong on other copy."""
DOUBT = 1
"""Wrong labels that are added to those counted: few labels prove less than many."""

Thresholds = dict[str, tuple[float | None, ...]]
"""Kind of copy -> log-odds from which each category of `LEARNED_CATEGORIES` is given; None: never."""


class TunedModel(NamedTuple):
    """The labelled items with their features, and the threshold of each category in each kind of copy."""

    items: Sequence[LabelledItem]
    features: FeatureMatrices
    columns: FeatureColumns
    trained: Sequence[int]
    """Numbers of the items that the model may see."""
    held_out: Sequence[int]
    """Numbers of the items that it may not see."""
    scores: Floats
    """Log-odds of the items of `trained`, each from a model that was trained without its fold."""
    calibration: Calibration
    thresholds: Thresholds


def tune_thresholds(
    items: Sequence[LabelledItem], rules: RuleSet, held_out: Collection[str], tell: Callable[[str], None]
) -> TunedModel:
    """Chooses each threshold by cross-validation on the items that are not held out. `tell` gets progress."""
    tell(f"looking at {len(items)} labelled items")
    features, columns = build_matrices(items, rules)
    kept = find_held_out(items, held_out)
    trained = [number for number in range(len(items)) if number not in kept]
    folds = assign_folds(items)
    scores = np.zeros((len(trained), len(LEARNED_CATEGORIES)))
    for fold in range(FOLDS):
        tell(f"cross-validation, {fold + 1} of {FOLDS}")
        fitted = fit_model(items, features, [number for number in trained if folds[number] != fold])
        rows = [at for at, number in enumerate(trained) if folds[number] == fold]
        scores[rows] = compute_scores(fitted, features, [trained[at] for at in rows])
    calibration = calibrate(items, trained, scores)
    scores = calibration.apply(scores)
    thresholds = {kind: _find_thresholds(items, features, trained, scores, kind) for kind in COPY_KINDS}
    return TunedModel(items, features, columns, trained, sorted(kept), scores, calibration, thresholds)


def _find_thresholds(
    items: Sequence[LabelledItem], features: FeatureMatrices, rows: Sequence[int], scores: Floats, kind: str
) -> tuple[float | None, ...]:
    """Finds the least threshold of each category at which the model is right often enough in this kind of copy.

    Only labels count that no rule gives, since the model adds only those.
    """
    found: list[float | None] = []
    for number, category in enumerate(LEARNED_CATEGORIES):
        ranked = sorted(
            (
                (float(scores[at, number]), category in items[row].yes)
                for at, row in enumerate(rows)
                if items[row].kind == kind and category in items[row].judged and category not in features.given[row]
            ),
            reverse=True,
        )
        least, right = None, 0
        for count, (score, yes) in enumerate(ranked, 1):
            right += yes
            if score < LEAST_SCORE:
                break
            if right >= LEAST_RIGHT and right >= LEAST_PRECISION * (count + DOUBT):
                least = score
        found.append(least)
    return tuple(found)


def build_model(tuned: TunedModel, tell: Callable[[str], None]) -> bytes:
    """Trains on all items that are not held out and returns the model file."""
    tell(f"training on {len(tuned.trained)}")
    return export_model(fit_model(tuned.items, tuned.features, tuned.trained), tuned)


def format_report(tuned: TunedModel, tell: Callable[[str], None]) -> Iterator[str]:
    """Yields Markdown with the quality of each set: by cross-validation, and on the items that were held out."""
    tell("training for the report")
    fitted = fit_model(tuned.items, tuned.features, tuned.trained)
    kept = tuned.calibration.apply(compute_scores(fitted, tuned.features, tuned.held_out))
    for name, rows, scores in (
        ("cross-validation", tuned.trained, tuned.scores),
        ("held out", tuned.held_out, kept),
    ):
        given = dict(zip(rows, _predict(tuned, rows, scores), strict=True))
        for origin in OWN_SETS:
            chosen = [number for number in rows if tuned.items[number].origin == origin]
            if chosen:
                yield from _format_set(f"{origin}, {name}", [(tuned.items[number], given[number]) for number in chosen])


def _format_set(name: str, rows: Sequence[tuple[LabelledItem, frozenset[str]]]) -> Iterator[str]:
    yield f"\n**{name}**, {len(rows)} items\n"
    yield from evaluation.format_table(
        evaluation.count_by_category(((given, item.yes, item.judged) for item, given in rows), LEARNED_CATEGORIES)
    )
    none = [given & item.judged for item, given in rows if not item.yes]
    yield f"\nOf {len(none)} items of no section, {sum(map(bool, none))} get one."


def _predict(tuned: TunedModel, rows: Sequence[int], scores: Floats) -> Iterator[frozenset[str]]:
    """Yields the categories that rules and model give each item."""
    for number, row in zip(rows, scores, strict=True):
        least = tuned.thresholds[tuned.items[number].kind]
        predicted = (
            category
            for category, score, enough in zip(LEARNED_CATEGORIES, row, least, strict=True)
            if enough is not None and score >= enough
        )
        yield tuned.features.given[number] | _add_parents(predicted)


def _add_parents(categories: Iterable[str]) -> frozenset[str]:
    found = frozenset(categories)
    return found | {category.partition(".")[0] for category in found}


def export_model(fitted: FittedModel, tuned: TunedModel) -> bytes:
    """Converts the weights to the integers of a model file; words whose weights are all zero are left out."""
    columns, slope = tuned.columns, tuned.calibration.slope
    weights = fitted.weights * slope
    words_end = len(columns.crcs)
    rules_end = words_end + len(LEARNED_CATEGORIES)
    by_word = weights[:words_end] * columns.rarity[:, None]
    step = np.maximum(np.abs(by_word).max(axis=0) / 127, 1e-6)
    integers = np.round(by_word / step).astype(int)
    rarity = np.round(columns.rarity**2 * RARITY_STEPS).astype(int)
    constant = weights[-1] * CENTRE_WEIGHT + tuned.calibration.shift
    header = linear_model.ModelHeader(
        format=linear_model.FORMAT,
        categories=LEARNED_CATEGORIES,
        thresholds={kind: tuple(map(_to_integer, row)) for kind, row in tuned.thresholds.items()},
        bias={kind: _to_integers(weights[rules_end + at] + constant) for at, kind in enumerate(COPY_KINDS)},
        # score = sum(weight * idf) / sqrt(sum(idf ** 2)); the file's root is of 256 * rarity.
        scale=_to_integers(step * 16 * np.sqrt(RARITY_STEPS)),
        rules={
            category: _to_integers(weights[words_end + at] * RULE_WEIGHT)
            for at, category in enumerate(LEARNED_CATEGORIES)
        },
        words=0,
    )
    rows: dict[int, Sequence[int]] = {
        int(crc): (*map(int, row), int(rare))
        for crc, row, rare in zip(columns.crcs, integers, rarity, strict=True)
        if row.any()
    }
    return linear_model.dump_model(header, rows)


def _to_integers(values: Floats) -> tuple[int, ...]:
    return tuple(int(value) for value in np.round(np.asarray(values) * linear_model.UNIT))


def _to_integer(value: float | None) -> int | None:
    return None if value is None else round(value * linear_model.UNIT)
