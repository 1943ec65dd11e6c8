"""Fits the statistical model: for each category one linear classifier over words and over what the rules gave.

The classifier is a ridge regression on +1 and -1. On the releases it was better than a logistic regression (F1 0.87
and 0.83) and it is fitted in seconds. Its scores become log-odds by a logistic regression on scores of items that it
was not trained on (`prepare/classify/linear_model.py` applies the result).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from streams.prepare.classify import linear_model
from streams.prepare.classify.linear_model import COPY_KINDS
from streams.prepare.classify.rules import RuleSet, tokenize_item_with_headline
from streams.training.data import LEARNED_CATEGORIES, LabelledItem

Floats = npt.NDArray[np.float64]

REGULARIZATION = 0.5
RULE_WEIGHT = 2.0
"""Scale of what the rules gave beside the words: a larger feature is regularized less."""
CENTRE_WEIGHT = 5.0
"""Scale of the constant feature: it is hardly regularized."""
MIN_ITEMS = 2
"""A word becomes a feature if at least this many items contain it."""
RARITY_STEPS = 2.5
SEED = 1
CERTAIN = 8.0
"""Log-odds of a category that all labelled items have, or none (negative)."""


class FeatureMatrices(NamedTuple):
    """Features of the labelled items, one row for each item."""

    columns: sparse.csr_matrix
    """Words, each row of length 1; then the categories that the rules gave; then the kind of copy; then a constant."""
    given: list[frozenset[str]]
    """Categories that the rules gave, with their parents."""


class FeatureColumns(NamedTuple):
    """Names the columns of the words."""

    crcs: npt.NDArray[np.uint32]
    """CRC-32 of each word."""
    rarity: Floats
    """Inverse document frequency of each word."""


class FittedModel(NamedTuple):
    """Weights of the features of `FeatureMatrices`, one column for each category of `LEARNED_CATEGORIES`."""

    weights: Floats


class Calibration(NamedTuple):
    """Turns the score of each category into log-odds: `slope * score + shift`."""

    slope: Floats
    shift: Floats

    def apply(self, scores: Floats) -> Floats:
        """Returns log-odds."""
        found: Floats = scores * self.slope + self.shift
        return found


def build_matrices(items: Sequence[LabelledItem], rules: RuleSet) -> tuple[FeatureMatrices, FeatureColumns]:
    """Extracts the features of all items with the tokenizer, the features and the rules of `prepare`."""
    rows: list[list[int]] = []
    given: list[frozenset[str]] = []
    used: Counter[int] = Counter()
    for item in items:
        tokens = tokenize_item_with_headline(item.headline, item.text)
        row = sorted(set(linear_model.extract_features(tokens.headline_tokens, tokens.text_tokens)))
        used.update(row)
        rows.append(row)
        given.append(frozenset(linear_model.list_rule_features(rules.match(tokens, "en"))))
    crcs = np.array(sorted(crc for crc, count in used.items() if count >= MIN_ITEMS), dtype=np.uint32)
    column = {int(crc): number for number, crc in enumerate(crcs)}
    idf = np.log(len(items) / np.array([used[int(crc)] for crc in crcs])) + 1
    rarity = np.sqrt(np.clip(np.round(idf**2 * RARITY_STEPS), 1, 255) / RARITY_STEPS)
    words = _build_matrix([[column[crc] for crc in row if crc in column] for row in rows], len(crcs), rarity)
    squares = RARITY_STEPS * np.asarray(words.multiply(words).sum(axis=1)).ravel()
    length = np.sqrt(np.maximum(squares, linear_model.MIN_RARITY) / RARITY_STEPS)
    number_of = {category: number for number, category in enumerate(LEARNED_CATEGORIES)}
    width = len(LEARNED_CATEGORIES)
    by_rule = _build_matrix(
        [sorted(number_of[category] for category in row) for row in given], width, np.full(width, RULE_WEIGHT)
    )
    kinds = _build_matrix([[COPY_KINDS.index(item.kind)] for item in items], len(COPY_KINDS), np.ones(len(COPY_KINDS)))
    constant = sparse.csr_matrix(np.full((len(items), 1), CENTRE_WEIGHT))
    columns = sparse.hstack([sparse.diags(1 / length) @ words, by_rule, kinds, constant], format="csr")
    return FeatureMatrices(columns, given), FeatureColumns(crcs, rarity)


def _build_matrix(rows: list[list[int]], width: int, values: Floats) -> sparse.csr_matrix:
    """Builds a matrix from the columns that are set in each row; `values` has the value of each column."""
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((values[columns], columns, ends), shape=(len(rows), width))


def fit_model(items: Sequence[LabelledItem], features: FeatureMatrices, chosen: Iterable[int]) -> FittedModel:
    """Trains on the items with the numbers `chosen`."""
    chosen = list(chosen)
    weights = []
    for category in LEARNED_CATEGORIES:
        rows = [number for number in chosen if category in items[number].judged]
        truth = np.array([1.0 if category in items[number].yes else -1.0 for number in rows])
        learner = Ridge(alpha=REGULARIZATION, fit_intercept=False, solver="sparse_cg", tol=1e-4, random_state=SEED)
        weights.append(learner.fit(features.columns[rows], truth).coef_)
    return FittedModel(np.array(weights).T)


def compute_scores(fitted: FittedModel, features: FeatureMatrices, rows: Sequence[int]) -> Floats:
    """Returns the score of each category for each of the rows."""
    found: Floats = features.columns[rows] @ fitted.weights
    return found


def calibrate(items: Sequence[LabelledItem], rows: Sequence[int], scores: Floats) -> Calibration:
    """Learns how scores of items that the model was not trained on become log-odds."""
    slopes, shifts = [], []
    for number, category in enumerate(LEARNED_CATEGORIES):
        known = [at for at, row in enumerate(rows) if category in items[row].judged]
        truth = np.array([category in items[rows[at]].yes for at in known])
        if truth.all() or not truth.any():
            slopes.append(0.0)
            shifts.append(CERTAIN if truth.all() else -CERTAIN)
            continue
        learner = LogisticRegression(C=1000.0).fit(scores[known, number : number + 1], truth)
        slopes.append(float(learner.coef_[0, 0]))
        shifts.append(float(learner.intercept_[0]))
    return Calibration(np.array(slopes), np.array(shifts))
