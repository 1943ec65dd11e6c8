"""Builds the model file from labelled items, and reports its quality on items that the model has not seen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.prepare.classify import evaluation, linear_model
from streams.prepare.classify.rules import RuleSet
from streams.training.data import LEARNED_CATEGORIES, OWN_SETS, LabelledItem
from streams.training.fit import (
    RARITY_STEPS,
    RULE_WEIGHT,
    FeatureColumns,
    FeatureMatrices,
    FittedModel,
    Floats,
    build_matrices,
    compute_scores,
    fit_model,
)
from streams.training.split import REPORT, TRAIN, TUNE, assign_parts

DEFAULT_THRESHOLD = -0.5
"""Log-odds from which an item gets a category, unless another threshold is better: about 38 %."""
TRIED_THRESHOLDS = tuple(step / 10 for step in range(-9, 16))
"""Candidate thresholds. Below 29 % a category is a guess, which readers of its topic see as a wrong category."""
DISTANCE_PENALTY = 0.004
"""F1 that a threshold must gain for each 1.0 of distance from the default: some categories have few labelled items."""


class TunedModel(NamedTuple):
    """The labelled items with their features and parts, and the threshold of each category."""

    items: Sequence[LabelledItem]
    features: FeatureMatrices
    columns: FeatureColumns
    part: npt.NDArray[np.str_]
    """`train`, `tune` or `report`, for each item."""
    thresholds: Floats
    """Log-odds, in the order of `LEARNED_CATEGORIES`."""


def tune_thresholds(items: Sequence[LabelledItem], rules: RuleSet, tell: Callable[[str], None]) -> TunedModel:
    """Trains on the part `train` and chooses each category's threshold on the part `tune`. `tell` gets progress."""
    tell(f"looking at {len(items)} labelled items")
    features, columns = build_matrices(items, rules)
    part = np.array(assign_parts(items))
    tell("training on a third, thresholds on the second")
    fitted = fit_model(items, features, np.flatnonzero(part == TRAIN))
    rows: list[int] = np.flatnonzero(part == TUNE).tolist()
    scores = compute_scores(fitted, features, rows)
    thresholds = [
        _find_threshold(items, features, rows, scores[:, number], category)
        for number, category in enumerate(LEARNED_CATEGORIES)
    ]
    chosen = zip(LEARNED_CATEGORIES, thresholds, strict=True)
    tell("thresholds: " + ", ".join(f"{category} {threshold}" for category, threshold in chosen))
    return TunedModel(items, features, columns, part, np.array(thresholds))


def build_model(tuned: TunedModel, tell: Callable[[str], None]) -> bytes:
    """Trains on all labelled items and returns the model file."""
    tell("training on all")
    fitted = fit_model(tuned.items, tuned.features, range(len(tuned.items)))
    return export_model(fitted, tuned.columns, tuned.thresholds)


def format_report(tuned: TunedModel, tell: Callable[[str], None]) -> Iterator[str]:
    """Trains on the parts `train` and `tune`, and yields Markdown with the quality of each set on the part `report`."""
    items, features, part = tuned.items, tuned.features, tuned.part
    tell("training on two thirds")
    fitted = fit_model(items, features, np.flatnonzero(part != REPORT))
    rows: list[int] = np.flatnonzero(part == REPORT).tolist()
    given = _predict(features, rows, compute_scores(fitted, features, rows), tuned.thresholds)
    categories_of = dict(zip(rows, given, strict=True))
    for origin in dict.fromkeys(item.origin for item in items):
        chosen = [number for number in rows if items[number].origin == origin]
        counts = evaluation.count_by_category(
            ((categories_of[number], items[number].yes, items[number].judged) for number in chosen), LEARNED_CATEGORIES
        )
        yield f"\n**{origin}**, {len(chosen)} of {sum(item.origin == origin for item in items)} items\n"
        yield from evaluation.format_table(counts)
    yield ""
    for origin in ("twitter", "reuters"):
        chosen = [number for number in rows if items[number].origin == origin]
        none = sum(not categories_of[number] for number in chosen)
        yield f"Unclassified of {origin}: {none} of {len(chosen)}, {100 * none / len(chosen):.0f} %"


def _find_threshold(
    items: Sequence[LabelledItem], features: FeatureMatrices, rows: Sequence[int], scores: Floats, category: str
) -> float:
    """Finds the threshold with the best F1. The sets of our own and the mean of the other sets count the same."""
    known: dict[str, list[int]] = {}
    for at, number in enumerate(rows):
        item = items[number]
        if category in item.judged:
            known.setdefault("" if item.origin in OWN_SETS else item.origin, []).append(at)
    sets = {
        name: (
            np.array([category in items[rows[at]].yes for at in chosen]),
            np.array([category in features.given[rows[at]] for at in chosen]),
            scores[chosen],
        )
        for name, chosen in known.items()
    }

    def measure(threshold: float) -> float:
        f1 = {}
        for name, (truth, by_rules, scored) in sets.items():
            given = by_rules | (scored >= threshold)
            f1[name] = float(2 * (given & truth).sum() / max(1, given.sum() + truth.sum()))
        own = f1.pop("", 0.0)
        others = sum(f1.values()) / len(f1) if f1 else own
        return own + others - DISTANCE_PENALTY * abs(threshold - DEFAULT_THRESHOLD)

    return max(TRIED_THRESHOLDS, key=measure)


def _predict(
    features: FeatureMatrices, rows: Sequence[int], scores: Floats, thresholds: Floats
) -> Iterator[frozenset[str]]:
    """Yields the categories that rules and model give each item."""
    for number, enough in zip(rows, scores >= thresholds, strict=True):
        predicted = (category for category, yes in zip(LEARNED_CATEGORIES, enough, strict=True) if yes)
        yield features.given[number] | _add_parents(predicted)


def _add_parents(categories: Iterable[str]) -> frozenset[str]:
    found = frozenset(categories)
    return found | {category.partition(".")[0] for category in found}


def export_model(fitted: FittedModel, columns: FeatureColumns, thresholds: Floats) -> bytes:
    """Converts the weights of every word to the integers of a model file."""
    by_word = fitted.words * columns.rarity[:, None]
    step = np.maximum(np.abs(by_word).max(axis=0) / 127, 1e-6)
    integers = np.round(by_word / step).astype(int)
    rarity = np.round(columns.rarity**2 * RARITY_STEPS).astype(int)
    by_rule = zip(columns.rule_features, fitted.rules, strict=True)
    header = linear_model.ModelHeader(
        format=linear_model.FORMAT,
        categories=LEARNED_CATEGORIES,
        thresholds=_to_integers(thresholds),
        bias=_to_integers(fitted.bias),
        # score = sum(weight * idf) / sqrt(sum(idf ** 2)); the file's root is of 256 * rarity.
        scale=_to_integers(step * 16 * np.sqrt(RARITY_STEPS)),
        rules={mark: _to_integers(weights * RULE_WEIGHT) for mark, weights in by_rule},
        words=0,
    )
    rows: dict[int, Sequence[int]] = {
        int(crc): (*map(int, weights), int(rare))
        for crc, weights, rare in zip(columns.crcs, integers, rarity, strict=True)
    }
    return linear_model.dump_model(header, rows)


def _to_integers(values: Floats) -> tuple[int, ...]:
    return tuple(int(value) for value in np.round(np.asarray(values) * linear_model.UNIT))
