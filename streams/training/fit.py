"""Fits the model: topics of the labelled sets first, then the site's categories on words, rules and those topics.

Both steps are linear, so they collapse into one weight a feature and category (`prepare.model`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from streams.prepare.classify import linear_model
from streams.prepare.classify.rules import RuleSet, tokenize_item
from streams.training.data import LEARNT, Case

WEIGHTS = {"site": 1.0, "reader": 1.0, "twitter": 0.1, "reuters": 0.1, "sentivent": 0.1}
"""What a label counts: of ours most, of another scheme least."""
SOFTNESS_OF_TOPICS = 4.0
SOFTNESS = 8.0
"""C of the logistic regressions: the larger, the less they are held back."""
TOPIC_WEIGHT = 0.3
RULE_WEIGHT = 2.0
"""How loud topics and rules are beside the words: a louder one is held back less."""
LEAST_USED = 2
"""A word is learnt that stands in so many items."""
RARITY_STEPS = 2.5
SEED = 1


class Seen(NamedTuple):
    """Cases as matrices: words (rows of length 1) and the rules that applied."""

    words: Any
    rules: Any
    given: list[frozenset[str]]
    """What the rules gave, parents too."""


class Table(NamedTuple):
    """What the columns are: CRC-32 of each word, its rarity, the mark of each rule."""

    crcs: Any
    rarity: Any
    marks: list[str]


def look(cases: Sequence[Case], rules: RuleSet) -> tuple[Seen, Table]:
    """Every case once through the tokens, features and rules that `prepare` uses."""
    rows: list[list[int]] = []
    hits: list[list[str]] = []
    used: Counter[int] = Counter()
    for case in cases:
        read = tokenize_item(case.headline, case.text)
        row = sorted(set(linear_model.extract_features(read.headline_tokens, read.text_tokens)))
        used.update(row)
        rows.append(row)
        hits.append(linear_model.list_rule_features(rules.match(read, "en")))
    crcs = np.array(sorted(crc for crc, count in used.items() if count >= LEAST_USED), dtype=np.uint32)
    column = {int(crc): place for place, crc in enumerate(crcs)}
    idf = np.log(len(cases) / np.array([used[int(crc)] for crc in crcs])) + 1
    rarity = np.clip(np.round(idf**2 * RARITY_STEPS), 1, 255)
    idf = np.sqrt(rarity / RARITY_STEPS)
    marks = sorted({mark for row in hits for mark in row})
    place_of = {mark: place for place, mark in enumerate(marks)}
    seen = _matrix([[column[crc] for crc in row if crc in column] for row in rows], len(crcs), idf)
    rareness = RARITY_STEPS * np.asarray(seen.multiply(seen).sum(axis=1)).ravel()
    length = np.sqrt(np.maximum(rareness, linear_model.MIN_RARITY) / RARITY_STEPS)
    normed = sparse.diags(1 / length) @ seen
    ruled = _matrix([[place_of[mark] for mark in row] for row in hits], len(marks), np.full(len(marks), RULE_WEIGHT))
    given = [frozenset(mark[1:] for mark in row if mark[0] == "=") for row in hits]
    return Seen(normed.tocsr(), ruled, given), Table(crcs, idf, marks)


def _matrix(rows: list[list[int]], width: int, values: Any) -> Any:
    columns = np.array([column for row in rows for column in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((values[columns], columns, ends), shape=(len(rows), width))


class Fitted(NamedTuple):
    """Weights of words and of rules (a column a category of `LEARNT`) and the bias."""

    words: Any
    rules: Any
    bias: Any


def fit(cases: Sequence[Case], seen: Seen, chosen: Any) -> Fitted:
    """Learns from the cases numbered `chosen`."""
    own = {cases[place].id for place in chosen if cases[place].origin in ("site", "reader")}
    upstream = np.array([place for place in chosen if cases[place].scheme and cases[place].id not in own])
    halves = [upstream[[_side(cases[place]) == side for place in upstream]] for side in (0, 1)]
    crossed = [_topics(cases, seen, half) for half in halves]
    whole, spread = _unit(*_topics(cases, seen, upstream), seen, upstream)
    columns = np.zeros((len(cases), whole.shape[1]))
    # What stage two sees of an upstream item comes from the half that was not trained on it.
    for side, (weights, bias) in enumerate(crossed):
        rows = halves[1 - side]
        scaled, moved = _scaled(weights, bias, spread)
        columns[rows] = seen.words[rows] @ scaled + moved
    mine = np.array([place for place in chosen if cases[place].id in own and cases[place].origin in ("site", "reader")])
    columns[mine] = seen.words[mine] @ whole + spread.bias
    words_, rules_, biases = [], [], []
    rows = np.r_[mine, upstream]
    features = sparse.hstack(
        [seen.words[rows], seen.rules[rows], sparse.csr_matrix(columns[rows] * TOPIC_WEIGHT)], format="csr"
    )
    width, ruled = seen.words.shape[1], seen.rules.shape[1]
    for category in LEARNT:
        known = [at for at, place in enumerate(rows) if category in cases[place].judged]
        truth = np.array([category in cases[rows[at]].yes for at in known])
        weight = np.array([WEIGHTS[cases[rows[at]].origin] for at in known])
        weights, bias = _logistic(features[known], truth, SOFTNESS, weight)
        topic = weights[width + ruled :] * TOPIC_WEIGHT
        words_.append(weights[:width] + whole @ topic)
        rules_.append(weights[width : width + ruled])
        biases.append(bias + float(spread.bias @ topic))
    return Fitted(np.array(words_).T, np.array(rules_).T, np.array(biases))


def _side(case: Case) -> int:
    """Which half a document is in."""
    return crc32(case.document.encode()) % 2


class _Spread(NamedTuple):
    scale: Any
    mean: Any
    bias: Any


def _topics(cases: Sequence[Case], seen: Seen, chosen: Any) -> tuple[Any, Any]:
    """A weight a word for each topic of each scheme."""
    names = sorted({(case.scheme, topic) for case in cases for topic in case.topics})
    columns, biases = [], []
    for scheme, topic in names:
        rows = [place for place in chosen if cases[place].scheme == scheme]
        truth = np.array([topic in cases[place].topics for place in rows])
        weights, bias = _logistic(seen.words[rows], truth, SOFTNESS_OF_TOPICS, None)
        columns.append(weights)
        biases.append(bias)
    return np.array(columns).T, np.array(biases)


def _unit(weights: Any, bias: Any, seen: Seen, rows: Any) -> tuple[Any, _Spread]:
    scores = seen.words[rows] @ weights + bias
    spread = _Spread(1 / scores.std(axis=0), scores.mean(axis=0), None)
    scaled, moved = _scaled(weights, bias, spread)
    return scaled, spread._replace(bias=moved)


def _scaled(weights: Any, bias: Any, spread: _Spread) -> tuple[Any, Any]:
    return weights * spread.scale, (bias - spread.mean) * spread.scale


def _logistic(features: Any, truth: Any, softness: float, weight: Any) -> tuple[Any, float]:
    if truth.all() or not truth.any():
        return np.zeros(features.shape[1]), 8.0 if truth.all() else -8.0
    learner = LogisticRegression(C=softness, solver="liblinear", tol=0.02, random_state=SEED, intercept_scaling=5)
    learner.fit(features, truth, sample_weight=weight)
    return learner.coef_[0], float(learner.intercept_[0])


def score(fitted: Fitted, seen: Seen, rows: Any) -> Any:
    """Log-odds of each case and category."""
    return np.asarray(seen.words[rows] @ fitted.words + seen.rules[rows] @ fitted.rules + fitted.bias)
