"""Detects the language of an item: as the wire states it, else by its script, else by its letters; never a guess.

The model is that of py3langid (BSD): naive Bayes over byte sequences. Its sums are computed in whole numbers here, so
that every machine decides alike.
"""

import re
from functools import cache

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Kana before Han: Japanese has both.
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
}
_MODEL_LANGUAGES = "en de fr es it nl da no sv fi pt pl cs hu ro ru uk bg tr id"
LANGUAGES = tuple(_MODEL_LANGUAGES.split())
"""The languages among which the model chooses. Those with a script of their own need no model."""
_FURNITURE = re.compile(r"https?://\S+|[@#$]\w+|\([^()]{0,40}:[^()]{0,40}\)|\d[\d.,]*")
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE_CHARACTERS = 160
"""Characters of headline and text that are read."""
MIN_WORDS = 4
"""Words that a text must have for the model to decide."""
_UNIT = 1024
ENGLISH_BONUS = 6 * _UNIT
"""Bonus of English: most wire copy is English, and its headlines are full of names from other languages."""
MIN_MARGIN = 1 * _UNIT
"""Lead that the best language must have over the next, in natural logarithms of a likelihood."""


def detect_language(stated: str, headline: str, text: str) -> str:
    """Returns the BCP 47 tag with its language subtag in lower case; empty where the language is not certain."""
    tag = stated.strip().replace("_", "-")
    if _TAG.fullmatch(tag):
        head, _, rest = tag.partition("-")
        return f"{head.lower()}-{rest}" if rest else head.lower()
    sample = f"{headline}\n{text[:SAMPLE_CHARACTERS]}"[:SAMPLE_CHARACTERS]
    if not sample.isascii():
        letters = sum(map(str.isalpha, sample))
        for code, script in _SCRIPTS.items():
            if letters and len(script.findall(sample)) * 5 > letters:
                return code
    sample = _FURNITURE.sub(" ", sample)
    return _classify_letters(sample) if len(_WORD.findall(sample)) >= MIN_WORDS else ""


def _classify_letters(sample: str) -> str:
    """Returns the language that the model finds most likely; empty where another one is nearly as likely."""
    found = load_language_model().score(" ".join(sample.split()))
    (best, code), (next_best, _) = sorted(((score, code) for code, score in found.items()), reverse=True)[:2]
    return code if best - next_best >= MIN_MARGIN else ""


class LanguageModel:
    """Scores each language for a text, in whole numbers: 1,024 for one natural logarithm."""

    def __init__(self) -> None:
        import numpy as np
        from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

        read = LanguageIdentifier.from_model_file(MODEL_FILE)
        read.set_languages(LANGUAGES)
        self._numpy, self._visit_counts = np, visit_counts
        self._identifier = read
        self._classes: list[str] = read.nb_classes
        self._table = np.rint(np.asarray(read.nb_ptc, dtype=np.float64) * _UNIT).astype(np.int64)
        self._prior = np.rint(np.asarray(read.nb_pc, dtype=np.float64) * _UNIT).astype(np.int64)

    def score(self, text: str) -> dict[str, int]:
        """Returns the score of each language, the bonus of English included."""
        np, read = self._numpy, self._identifier
        visits = self._visit_counts(read.tk_nextmove, read._rowbase, read.tk_output, read._encode(text)) or {}
        features = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
        weights = np.rint(np.log1p(np.fromiter(visits.values(), dtype=np.float64, count=len(visits))) * _UNIT)
        sums = (weights.astype(np.int64) @ self._table[features]) // _UNIT + self._prior
        found: dict[str, int] = {}
        for code, score in zip(self._classes, sums.tolist(), strict=True):
            found[code] = max(found.get(code, score), score)
        found["en"] += ENGLISH_BONUS
        return found


@cache
def load_language_model() -> LanguageModel:
    """Loads the model once. It takes a second, so a child process loads it before its first item."""
    return LanguageModel()
