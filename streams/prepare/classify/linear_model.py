"""Scores categories with a linear model over the words of headline and lead and over the categories of the rules.

A feature is the CRC-32 of its words, so the file holds no text. Function words (`at`, `the`) are no features. All
arithmetic is in whole numbers, exact and alike on every machine. The weights of a feature for all categories are packed
into one integer (model/packed_numbers.py), so that one addition sums up every category. The last lane of a feature
holds the square of its rarity. The score of the words is divided by the root of the sum of that lane, so that a long
text does not outweigh a short one.

A category has a threshold for each kind of copy (`COPY_KINDS`). Where labelled items of a kind did not show that the
model is right often enough, it has none, and the model is silent.

The file, which `newswire train` writes: one line of JSON (`ModelHeader`); then, for each of its `words`, the CRC-32
(unsigned, 4 bytes, little-endian), ascending; then a row of bytes for each: the weight plus 128 for each category, and
the square of the rarity.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isqrt, log
from zlib import crc32

import msgspec

from streams.model.packed_numbers import SignedLanes
from streams.model.topics import CATEGORIES
from streams.prepare.classify.phrases import SENTENCE_ENDS, token_classes
from streams.prepare.classify.rules import RuleMatch

FORMAT = 2
LANE_BITS = 40
COPY_KINDS = ("release", "title", "story")
"""Kinds of copy: a release; a row that is a title alone; any other story, which is an agency's or general news."""
LEAD_TOKENS = 60
"""Tokens of the text that are read."""
HEADLINE_TOKENS = 60
"""Tokens of the headline that are read."""
UNIT = 256
"""A score of this much is a log-odds of 1."""
MIN_RARITY = 1562
"""Least rarity of a text: a headline of few words must not weigh more than one of average length."""
MAX_EXPLAINING_WORDS = 5
"""Words that explain a predicted category."""
FUNCTION_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "during",
        "each",
        "for",
        "from",
        "had",
        "has",
        "have",
        "he",
        "her",
        "here",
        "him",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "just",
        "may",
        "me",
        "might",
        "more",
        "most",
        "must",
        "my",
        "no",
        "nor",
        "not",
        "of",
        "on",
        "only",
        "onto",
        "or",
        "other",
        "our",
        "over",
        "own",
        "per",
        "said",
        "same",
        "say",
        "says",
        "shall",
        "she",
        "should",
        "since",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "under",
        "until",
        "upon",
        "us",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
        "yes",
        "you",
        "your",
        ".",
        "!",
        "?",
        ";",
    ]
)
"""Words that say nothing about a subject, and the ends of sentences. None is a feature by itself."""


_SCORE_OF_PERCENT = tuple(round(UNIT * log((2 * percent + 1) / (199 - 2 * percent))) for percent in range(99))


def score_to_percent(score: int) -> int:
    """Converts a score to its probability in per cent, 1 to 99."""
    return max(1, bisect_right(_SCORE_OF_PERCENT, score))


class ModelError(ValueError):
    """A model file cannot be used; the message says what to do."""


class ModelHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a model file."""

    format: int
    categories: tuple[str, ...]
    thresholds: dict[str, tuple[int | None, ...]]
    """Kind of copy -> least score that gives a category, in the order of `categories`; None: the model is silent."""
    bias: dict[str, tuple[int, ...]]
    """Kind of copy -> score of each category without any word or rule."""
    scale: tuple[int, ...]
    """Worth of one step of a word's byte: score = bias + rules + scale * sum of the words / root of their rarity."""
    rules: dict[str, tuple[int, ...]]
    """Category that the rules gave -> its weight for each category."""
    words: int


class _FormatOfModel(msgspec.Struct, frozen=True):
    """What the first line of a model file of any format has."""

    format: int


class PredictedCategory(msgspec.Struct, frozen=True):
    """A category whose score reaches its threshold, and the words that add most to the score, each with its share."""

    category: str
    score: int
    words: tuple[str, ...] = ()


def name_copy_kind(*, has_text: bool, is_release: bool) -> str:
    """Names the kind of copy of an item, one of `COPY_KINDS`."""
    if not has_text:
        return "title"
    return "release" if is_release else "story"


def list_rule_features(matches: Sequence[RuleMatch]) -> list[str]:
    """Returns the features of the rules that apply: the categories that they give, with their parents."""
    given = {match.rule.category for match in matches}
    return sorted(given | {category.partition(".")[0] for category in given})


def extract_features(headline: Sequence[str], text: Sequence[str]) -> list[int]:
    """Returns the features of tokens: words and pairs of words of the headline, and words of the lead.

    Each is a CRC-32. A number, an amount or a ticker is replaced by its class.
    """
    words = [_replace_by_class(token) for token in headline[:HEADLINE_TOKENS]]
    skip = FUNCTION_WORDS
    coded = [word.encode() for word in words]
    ones = [crc32(one, 1) for word, one in zip(words, coded, strict=True) if word not in skip]
    twos = [
        crc32(b"%b %b" % (coded[at], coded[at + 1]), 1)
        for at, (word, other) in enumerate(pairwise(words))
        if _is_pair(word, other)
    ]
    lead = [crc32(_replace_by_class(token).encode(), 2) for token in text[:LEAD_TOKENS] if token not in skip]
    return [*ones, *twos, *lead]


def list_feature_words(headline: Sequence[str], text: Sequence[str]) -> list[str]:
    """Returns the words of each feature, in the order of `extract_features`."""
    words = [_replace_by_class(token) for token in headline[:HEADLINE_TOKENS]]
    return [
        *(word for word in words if word not in FUNCTION_WORDS),
        *(f"{word} {other}" for word, other in pairwise(words) if _is_pair(word, other)),
        *(_replace_by_class(token) for token in text[:LEAD_TOKENS] if token not in FUNCTION_WORDS),
    ]


def _is_pair(word: str, other: str) -> bool:
    """Tells whether two neighbours are a feature: within a sentence, and one of them no function word."""
    return not (word in SENTENCE_ENDS or other in SENTENCE_ENDS or (word in FUNCTION_WORDS and other in FUNCTION_WORDS))


def _replace_by_class(token: str) -> str:
    return token if token.isalpha() else (token_classes(token) or (token,))[0]


class LinearModel:
    """A loaded model file. `version` names its content: `model-` and 8 hex digits of its SHA-256."""

    def __init__(self, header: ModelHeader, words: dict[int, int], version: str) -> None:
        self.version = version
        self.header = header
        self._words = words
        self._lanes = SignedLanes(LANE_BITS, len(header.categories) + 1)
        self._rules = {feature: self._lanes.pack(weights) for feature, weights in header.rules.items()}

    def score(self, headline: Sequence[str], text: Sequence[str], rules: Iterable[str], kind: str) -> tuple[int, ...]:
        """Returns the score of each of the header's categories.

        `rules` are the features of `list_rule_features`, `kind` is one of `COPY_KINDS`.
        """
        return self._compute_scores(self._find_weights(extract_features(headline, text)), rules, kind)

    def predict(
        self, headline: Sequence[str], text: Sequence[str], rules: Iterable[str], kind: str
    ) -> tuple[PredictedCategory, ...]:
        """Returns the categories whose score reaches the threshold of this kind of copy."""
        crcs = extract_features(headline, text)
        known = self._find_weights(crcs)
        header = self.header
        scores = zip(header.categories, self._compute_scores(known, rules, kind), header.thresholds[kind], strict=True)
        given = [
            (lane, category, score)
            for lane, (category, score, least) in enumerate(scores)
            if least is not None and score >= least
        ]
        if not given:
            return ()
        names = dict(zip(crcs, list_feature_words(headline, text), strict=True))
        # A shift rounds down: the rarity is one less where the weights below it sum to less than zero.
        root = _rarity_root(sum(known.values()) >> LANE_BITS * len(header.categories))
        return tuple(
            PredictedCategory(category, score, self._find_strongest_words(lane, known, names, root))
            for lane, category, score in given
        )

    def _find_weights(self, crcs: Iterable[int]) -> dict[int, int]:
        get = self._words.get
        return {crc: packed for crc in crcs if (packed := get(crc))}

    def _compute_scores(self, known: dict[int, int], rules: Iterable[str], kind: str) -> tuple[int, ...]:
        *sums, rarity = self._lanes.unpack(sum(known.values()))
        of_rules = self._lanes.unpack(sum(self._rules.get(rule, 0) for rule in rules))
        root = _rarity_root(rarity)
        header = self.header
        return tuple(
            bias + ruled + scale * each // root
            for bias, ruled, scale, each in zip(header.bias[kind], of_rules, header.scale, sums, strict=False)
        )

    def _find_strongest_words(
        self, lane: int, known: dict[int, int], names: dict[int, str], root: int
    ) -> tuple[str, ...]:
        """Returns the words that add most to a category, each with its share: `initial offering +212` (see `UNIT`)."""
        scale = self.header.scale[lane]
        weights = self._lanes.unpack_lane(known.values(), lane)
        shares = [(scale * weight // root, names[crc]) for weight, crc in zip(weights, known, strict=True)]
        best = sorted((-share, words) for share, words in shares if share > 0)[:MAX_EXPLAINING_WORDS]
        return tuple(f"{words} +{-share}" for share, words in best)


def _rarity_root(rarity: int) -> int:
    return isqrt(max(rarity, MIN_RARITY) << 8)


def dump_model(header: ModelHeader, rows: dict[int, Sequence[int]]) -> bytes:
    """Encodes a model file. `rows` are the weights of each feature, by its CRC-32, then the square of its rarity."""
    ordered = sorted(rows)
    head = msgspec.json.encode(msgspec.structs.replace(header, words=len(ordered)))
    bodies = (bytes([*(weight + 128 for weight in rows[crc][:-1]), rows[crc][-1]]) for crc in ordered)
    return b"".join([head, b"\n", struct.pack(f"<{len(ordered)}I", *ordered), *bodies])


def load_model(data: bytes, name: str) -> LinearModel:
    """Loads a model from the content of the file `name`. Raises `ModelError`."""
    head, _, body = data.partition(b"\n")
    advice = "train it with `newswire train`, or leave prepare.model empty for the packaged one"
    try:
        found = msgspec.json.decode(head, type=_FormatOfModel).format
        if found != FORMAT:
            raise ModelError(f"{name}, line 1: this model has format {found}, which this program cannot use; {advice}")
        header = msgspec.json.decode(head, type=ModelHeader)
    except msgspec.DecodeError as error:
        raise ModelError(f"{name}, line 1: no model file ({error}); {advice}") from error
    count = len(header.categories)
    unknown = sorted(set(header.categories) - set(CATEGORIES))
    by_kind = (header.thresholds, header.bias)
    rows_of_header = (header.scale, *header.rules.values(), *(row for table in by_kind for row in table.values()))
    uneven = {len(row) for row in rows_of_header} - {count} or any(set(table) != set(COPY_KINDS) for table in by_kind)
    if unknown or uneven:
        what = f"categories {', '.join(unknown) or 'uneven'}"
        raise ModelError(f"{name}, line 1: this model has {what}, which this program cannot use; {advice}")
    if len(body) != header.words * (5 + count):
        raise ModelError(f"{name}, line 2: {len(body)} bytes of words, not {header.words * (5 + count)}; {advice}")
    crcs = struct.unpack_from(f"<{header.words}I", body)
    rows = SignedLanes(LANE_BITS, count + 1).pack_bytes(body[4 * header.words :], less=[128] * count)
    words = dict(zip(crcs, rows, strict=True))
    return LinearModel(header, words, "model-" + hashlib.sha256(data).hexdigest()[:8])
