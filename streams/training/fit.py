"""Fits the statistical model in two linear steps, which together give one weight for each feature and category.

Step one learns the topics of the labelled sets from the words. Step two learns the site's categories from the words,
the rules that matched, and the topic scores of step one (`prepare/classify/linear_model.py` applies the result).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from streams.prepare.classify import linear_model
from streams.prepare.classify.rules import RuleSet, tokenize_item
from streams.training.data import LEARNED_CATEGORIES, OWN_SETS, LabelledItem

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.integer]

WEIGHTS = {"site": 1.0, "reader": 1.0, "twitter": 0.1, "reuters": 0.1, "sentivent": 0.1}
"""Weight of a label by the set that it comes from: labels for the site's categories count most."""
TOPIC_REGULARIZATION = 4.0
REGULARIZATION = 8.0
"""C of the logistic regressions (the inverse of the strength of regularization)."""
TOPIC_WEIGHT = 0.3
RULE_WEIGHT = 2.0
"""Scale of topic and rule features beside word features: a larger feature is regularized less."""
MIN_ITEMS = 2
"""A word becomes a feature if at least this many items contain it."""
RARITY_STEPS = 2.5
SEED = 1
CERTAIN = 8.0
"""Log-odds of a category that all labelled items have, or none (negative)."""


class FeatureMatrices(NamedTuple):
    """Features of the labelled items, one row for each item."""

    words: sparse.csr_matrix
    """Word features, weighted by rarity. Each row has length 1."""
    rules: sparse.csr_matrix
    """The rules that matched."""
    given: list[frozenset[str]]
    """Categories that the rules gave, with their parents."""


class FeatureColumns(NamedTuple):
    """Names the columns of `FeatureMatrices`."""

    crcs: npt.NDArray[np.uint32]
    """CRC-32 of each word."""
    rarity: Floats
    """Inverse document frequency of each word."""
    rule_features: list[str]
    """Names of the rule features."""


class FittedModel(NamedTuple):
    """Weights of word and rule features (one column for each category of `LEARNED_CATEGORIES`), and the bias."""

    words: Floats
    rules: Floats
    bias: Floats


class _TopicModel(NamedTuple):
    """Weights of word features (one column for each topic), and the bias."""

    words: Floats
    bias: Floats


class _Scaling(NamedTuple):
    """Scales topic scores to mean 0 and standard deviation 1."""

    factor: Floats
    mean: Floats

    def apply(self, model: _TopicModel) -> _TopicModel:
        """Returns the model whose scores are scaled."""
        return _TopicModel(model.words * self.factor, (model.bias - self.mean) * self.factor)


def build_matrices(items: Sequence[LabelledItem], rules: RuleSet) -> tuple[FeatureMatrices, FeatureColumns]:
    """Extracts the features of all items with the tokenizer, the features and the rules of `prepare`."""
    rows: list[list[int]] = []
    hits: list[list[str]] = []
    used: Counter[int] = Counter()
    for item in items:
        tokens = tokenize_item(item.headline, item.text)
        row = sorted(set(linear_model.extract_features(tokens.headline_tokens, tokens.text_tokens)))
        used.update(row)
        rows.append(row)
        hits.append(linear_model.list_rule_features(rules.match(tokens, "en")))
    crcs = np.array(sorted(crc for crc, count in used.items() if count >= MIN_ITEMS), dtype=np.uint32)
    column = {int(crc): number for number, crc in enumerate(crcs)}
    idf = np.log(len(items) / np.array([used[int(crc)] for crc in crcs])) + 1
    rarity = np.sqrt(np.clip(np.round(idf**2 * RARITY_STEPS), 1, 255) / RARITY_STEPS)
    rule_features = sorted({mark for row in hits for mark in row})
    mark_column = {mark: number for number, mark in enumerate(rule_features)}
    words = _build_matrix([[column[crc] for crc in row if crc in column] for row in rows], len(crcs), rarity)
    squares = RARITY_STEPS * np.asarray(words.multiply(words).sum(axis=1)).ravel()
    length = np.sqrt(np.maximum(squares, linear_model.MIN_RARITY) / RARITY_STEPS)
    unit_words = sparse.diags(1 / length) @ words
    rule_values = np.full(len(rule_features), RULE_WEIGHT)
    matched = _build_matrix([[mark_column[mark] for mark in row] for row in hits], len(rule_features), rule_values)
    given = [frozenset(mark[1:] for mark in row if mark[0] == "=") for row in hits]
    return FeatureMatrices(unit_words.tocsr(), matched, given), FeatureColumns(crcs, rarity, rule_features)


def _build_matrix(rows: list[list[int]], width: int, values: Floats) -> sparse.csr_matrix:
    """Builds a matrix from the columns that are set in each row; `values` has the value of each column."""
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((values[columns], columns, ends), shape=(len(rows), width))


def fit_model(items: Sequence[LabelledItem], features: FeatureMatrices, chosen: Iterable[int]) -> FittedModel:
    """Trains on the items with the numbers `chosen`."""
    chosen = list(chosen)
    own_ids = {items[number].id for number in chosen if items[number].origin in OWN_SETS}
    own = np.array([number for number in chosen if items[number].origin in OWN_SETS])
    upstream = np.array([number for number in chosen if items[number].scheme and items[number].id not in own_ids])
    halves = [upstream[[_half_of(items[number]) == side for number in upstream]] for side in (0, 1)]
    of_half = [_fit_topics(items, features, half) for half in halves]
    unscaled = _fit_topics(items, features, upstream)
    scaling = _measure_scaling(unscaled, features, upstream)
    topics = scaling.apply(unscaled)
    topic_scores = np.zeros((len(items), topics.words.shape[1]))
    # Step two gets the topic scores of an upstream item from the half that was not trained on it.
    for side, model in enumerate(of_half):
        rows = halves[1 - side]
        scaled = scaling.apply(model)
        topic_scores[rows] = features.words[rows] @ scaled.words + scaled.bias
    topic_scores[own] = features.words[own] @ topics.words + topics.bias
    return _fit_categories(items, features, np.r_[own, upstream], topic_scores, topics)


def _fit_categories(
    items: Sequence[LabelledItem],
    features: FeatureMatrices,
    rows: Integers,
    topic_scores: Floats,
    topics: _TopicModel,
) -> FittedModel:
    """Step two: learns each category from words, rules and topic scores, and folds the topic weights into the words."""
    columns = sparse.hstack(
        [features.words[rows], features.rules[rows], sparse.csr_matrix(topic_scores[rows] * TOPIC_WEIGHT)], format="csr"
    )
    words_end = features.words.shape[1]
    rules_end = words_end + features.rules.shape[1]
    by_word, by_rule, biases = [], [], []
    for category in LEARNED_CATEGORIES:
        known = [at for at, number in enumerate(rows) if category in items[number].judged]
        truth = np.array([category in items[rows[at]].yes for at in known])
        weight = np.array([WEIGHTS[items[rows[at]].origin] for at in known])
        weights, bias = _fit_logistic(columns[known], truth, REGULARIZATION, weight)
        by_topic = weights[rules_end:] * TOPIC_WEIGHT
        by_word.append(weights[:words_end] + topics.words @ by_topic)
        by_rule.append(weights[words_end:rules_end])
        biases.append(bias + float(topics.bias @ by_topic))
    return FittedModel(np.array(by_word).T, np.array(by_rule).T, np.array(biases))


def _half_of(item: LabelledItem) -> int:
    """Assigns the item's document to one of two halves."""
    return crc32(item.document.encode()) % 2


def _fit_topics(items: Sequence[LabelledItem], features: FeatureMatrices, chosen: Integers) -> _TopicModel:
    """Step one: learns each topic of each labelled set from the words."""
    names = sorted({(item.scheme, topic) for item in items for topic in item.topics})
    columns, biases = [], []
    for scheme, topic in names:
        rows = [number for number in chosen if items[number].scheme == scheme]
        truth = np.array([topic in items[number].topics for number in rows])
        weights, bias = _fit_logistic(features.words[rows], truth, TOPIC_REGULARIZATION, None)
        columns.append(weights)
        biases.append(bias)
    return _TopicModel(np.array(columns).T, np.array(biases))


def _measure_scaling(model: _TopicModel, features: FeatureMatrices, rows: Integers) -> _Scaling:
    scores = features.words[rows] @ model.words + model.bias
    return _Scaling(1 / scores.std(axis=0), scores.mean(axis=0))


def _fit_logistic(
    features: sparse.csr_matrix, truth: Bools, inverse_strength: float, weight: Floats | None
) -> tuple[Floats, float]:
    """Returns weights and bias of a logistic regression."""
    if truth.all() or not truth.any():
        return np.zeros(features.shape[1]), CERTAIN if truth.all() else -CERTAIN
    learner = LogisticRegression(
        C=inverse_strength, solver="liblinear", tol=0.02, random_state=SEED, intercept_scaling=5
    )
    learner.fit(features, truth, sample_weight=weight)
    return learner.coef_[0], float(learner.intercept_[0])


def compute_scores(fitted: FittedModel, features: FeatureMatrices, rows: Sequence[int]) -> Floats:
    """Returns the log-odds of each item (row) and category (column)."""
    return np.asarray(features.words[rows] @ fitted.words + features.rules[rows] @ fitted.rules + fitted.bias)
