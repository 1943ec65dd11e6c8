"""The statistical model: one linear score a category over the words of headline and lead and the rules that applied.

A feature is a CRC-32, so the file holds no text. All arithmetic is of whole numbers: the weights of a feature for
every category lie side by side in one long integer (a lane of `LANE` bits each), so that one addition adds them all
up, exactly and alike on any machine. The last lane of a word sums up the squares of the features' rarity: the score
of the words is divided by its root, so that a long text does not shout down a short one.

File (`newswire train` writes it): one line of JSON, `Header`; then, for each of its `words`, the CRC-32 (unsigned, 4
bytes, little-endian), ascending; then their rows: a byte a category, 128 more than the weight, and one for the rarity.
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
from streams.prepare.classify.phrases import token_classes
from streams.prepare.classify.rules import RuleMatch

FORMAT = 1
LANE_BITS = 40
LEAD_TOKENS = 45
"""Words of the text that are looked at; the headline is read whole."""
HEADLINE_TOKENS = 60
UNIT = 256
"""Scores are log-odds in 1/256."""
MIN_RARITY = 1562
"""A headline of few words does not speak louder than one of average length: the root is of so much at least."""
MAX_EXPLAINING_WORDS = 5


_SCORE_OF_PERCENT = tuple(round(UNIT * log((2 * percent + 1) / (199 - 2 * percent))) for percent in range(99))


def score_to_percent(score: int) -> int:
    """The probability that a score stands for, in per cent, 1 to 99."""
    return max(1, bisect_right(_SCORE_OF_PERCENT, score))


class ModelError(ValueError):
    """The model file is not one; the message says what to do."""


class ModelHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """First line of a model file."""

    format: int
    categories: tuple[str, ...]
    thresholds: tuple[int, ...]
    """Score from which a category is given, in order of `categories`."""
    bias: tuple[int, ...]
    scale: tuple[int, ...]
    """What one step of a word's byte is worth: score = bias + rules + scale * sum / root of the last lane."""
    rules: dict[str, tuple[int, ...]]
    """Fingerprint of a rule (`rules.fingerprint`) -> its weight for each category."""
    words: int


class PredictedCategory(msgspec.Struct, frozen=True):
    """A category that its score is enough for, and the words that spoke most for it with their share of the score."""

    category: str
    score: int
    words: tuple[str, ...] = ()


def list_rule_features(hits: Sequence[RuleMatch]) -> list[str]:
    """What the model is told of the rules that applied: the mark of each, and `=category` for what they gave.

    By the second also a rule weighs that was written after the training.
    """
    found = dict.fromkeys(hit.mark for hit in hits)
    given = {f"={hit.rule.category}" for hit in hits}
    given |= {category.partition(".")[0] for category in given}
    return [*found, *sorted(given)]


def extract_features(headline: Sequence[str], text: Sequence[str]) -> list[int]:
    """The features of tokens (`phrases.tokens`): single words, pairs and triples of the headline, words of the lead.

    Each is a CRC-32; a number, an amount or a ticker stands for its class.
    """
    coded = [f"{_replace_by_class(token)} ".encode() for token in headline[:HEADLINE_TOKENS]]
    ones = [crc32(word, 1) for word in coded]
    twos = list(map(crc32, coded[1:], ones))
    lead = [crc32(_replace_by_class(token).encode(), 2) for token in text[:LEAD_TOKENS]]
    return [*ones, *twos, *map(crc32, coded[2:], twos), *lead]


def list_feature_words(headline: Sequence[str], text: Sequence[str]) -> list[str]:
    """The words of each of the `features`, in their order."""
    words = [_replace_by_class(token) for token in headline[:HEADLINE_TOKENS]]
    triples = zip(words, words[1:], words[2:], strict=False)
    return [
        *words,
        *map(" ".join, pairwise(words)),
        *map(" ".join, triples),
        *map(_replace_by_class, text[:LEAD_TOKENS]),
    ]


def _replace_by_class(token: str) -> str:
    return token if token.isalpha() else (token_classes(token) or (token,))[0]


class LinearModel:
    """A model file, ready to be asked. `version` names its content: `model-` and 8 hex digits of its SHA-256."""

    def __init__(self, header: ModelHeader, words: dict[int, int], version: str) -> None:
        self.version = version
        self.header = header
        self._words = words
        self._lanes = SignedLanes(LANE_BITS, len(header.categories) + 1)
        self._rules = {mark: self._lanes.pack(weights) for mark, weights in header.rules.items()}

    def scores(self, headline: Sequence[str], text: Sequence[str], rules: Iterable[str]) -> tuple[int, ...]:
        """The score of each of the header's categories. `rules`: `evidence` of those that applied."""
        return self._scores(self._known(extract_features(headline, text)), rules)

    def predict(
        self, headline: Sequence[str], text: Sequence[str], rules: Iterable[str]
    ) -> tuple[PredictedCategory, ...]:
        """The categories whose score is enough."""
        crcs = extract_features(headline, text)
        known = self._known(crcs)
        header = self.header
        scores = zip(header.categories, self._scores(known, rules), header.thresholds, strict=True)
        given = [(place, *one) for place, one in enumerate(scores) if one[1] >= one[2]]
        if not given:
            return ()
        names = dict(zip(crcs, list_feature_words(headline, text), strict=True))
        root = _rarity_root(sum(known.values()) >> LANE_BITS * len(header.categories))
        return tuple(
            PredictedCategory(category, score, self._told(place, known, names, root))
            for place, category, score, _ in given
        )

    def _known(self, crcs: Iterable[int]) -> dict[int, int]:
        get = self._words.get
        return {crc: packed for crc in crcs if (packed := get(crc))}

    def _scores(self, known: dict[int, int], rules: Iterable[str]) -> tuple[int, ...]:
        *sums, rarity = self._lanes.unpack(sum(known.values()))
        of_rules = self._lanes.unpack(sum(self._rules.get(rule, 0) for rule in rules))
        root = _rarity_root(rarity)
        header = self.header
        return tuple(
            bias + ruled + scale * each // root
            for bias, ruled, scale, each in zip(header.bias, of_rules, header.scale, sums, strict=False)
        )

    def _told(self, place: int, known: dict[int, int], names: dict[int, str], root: int) -> tuple[str, ...]:
        """The words that speak most for the category at `place`: `initial offering +212` (1/256 of the log-odds)."""
        scale = self.header.scale[place]
        weights = zip(self._lanes.unpack_lane(known.values(), place), known, strict=True)
        shares = ((scale * weight // root, names[crc]) for weight, crc in weights)
        best = sorted((-share, words) for share, words in shares if share > 0)[:MAX_EXPLAINING_WORDS]
        return tuple(f"{words} +{-share}" for share, words in best)


def _rarity_root(rarity: int) -> int:
    return isqrt(max(rarity, MIN_RARITY) << 8)


def dump_model(header: ModelHeader, rows: dict[int, Sequence[int]]) -> bytes:
    """A model file: `rows` are the bytes of each word, the rarity last."""
    ordered = sorted(rows)
    head = msgspec.json.encode(msgspec.structs.replace(header, words=len(ordered)))
    bodies = (bytes([*(weight + 128 for weight in rows[crc][:-1]), rows[crc][-1]]) for crc in ordered)
    return b"".join([head, b"\n", struct.pack(f"<{len(ordered)}I", *ordered), *bodies])


def load_model(data: bytes, name: str) -> LinearModel:
    """Reads the file `name`. Raises `ModelError`."""
    head, _, body = data.partition(b"\n")
    advice = "train it with `newswire train`, or leave prepare.model empty for the packaged one"
    try:
        header = msgspec.json.decode(head, type=ModelHeader)
    except msgspec.DecodeError as error:
        raise ModelError(f"{name}, line 1: no model file ({error}); {advice}") from error
    count = len(header.categories)
    unknown = sorted(set(header.categories) - set(CATEGORIES))
    widths = {len(header.thresholds), len(header.bias), len(header.scale), *map(len, header.rules.values())}
    if header.format != FORMAT or unknown or widths - {count}:
        what = f"format {header.format}" if header.format != FORMAT else f"categories {', '.join(unknown) or 'uneven'}"
        raise ModelError(f"{name}, line 1: this model has {what}, which this program cannot use; {advice}")
    if len(body) != header.words * (5 + count):
        raise ModelError(f"{name}, line 2: {len(body)} bytes of words, not {header.words * (5 + count)}; {advice}")
    crcs = struct.unpack_from(f"<{header.words}I", body)
    rows = SignedLanes(LANE_BITS, count + 1).pack_bytes(body[4 * header.words :], less=[128] * count)
    words = dict(zip(crcs, rows, strict=True))
    return LinearModel(header, words, "model-" + hashlib.sha256(data).hexdigest()[:8])
