"""The language of an item: what the wire says, else its script, else its letters; empty rather than guessed.

The model is py3langid's (BSD): naive Bayes over byte sequences. Its sums are made in whole numbers here, so that every
machine decides the same.
"""

import re
from functools import cache
from typing import Any

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
"""Those that the model chooses from, beside the languages with a script of their own."""
_FURNITURE = re.compile(r"https?://\S+|[@#$]\w+|\([^()]{0,40}:[^()]{0,40}\)|\d[\d.,]*")
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE_CHARACTERS = 160
"""Characters looked at."""
MIN_WORDS = 4
"""Words that a text must have."""
_UNIT = 1024
ENGLISH_BONUS = 6 * _UNIT
"""What English is given in advance: most wire copy is, and its headlines are full of other languages' names."""
MIN_MARGIN = 1 * _UNIT
"""By how much the best must be ahead of the next, in natural logarithms of a likelihood."""


def detect_language(stated: str, headline: str, text: str) -> str:
    """BCP 47, with the language subtag in lower case."""
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
    """The language whose byte sequences these are; empty where two are nearly as likely."""
    found = load_language_model().scores(" ".join(sample.split()))
    (best, code), (next_best, _) = sorted(((score, code) for code, score in found.items()), reverse=True)[:2]
    return code if best - next_best >= MIN_MARGIN else ""


@cache
def load_language_model() -> Any:
    """The model, read once: a second of work, so a worker's child reads it before its first item."""
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

    class Exact:
        """Scores in whole numbers, 1,024 for one natural logarithm."""

        def __init__(self) -> None:
            read = LanguageIdentifier.from_model_file(MODEL_FILE)
            read.set_languages(LANGUAGES)
            self._read = read
            self._classes = read.nb_classes
            self._table = np.rint(np.asarray(read.nb_ptc, dtype=np.float64) * _UNIT).astype(np.int64)
            self._prior = np.rint(np.asarray(read.nb_pc, dtype=np.float64) * _UNIT).astype(np.int64)

        def scores(self, text: str) -> dict[str, int]:
            read = self._read
            visits = visit_counts(read.tk_nextmove, read._rowbase, read.tk_output, read._encode(text)) or {}
            places = np.fromiter(visits.keys(), dtype=np.intp, count=len(visits))
            weights = np.rint(np.log1p(np.fromiter(visits.values(), dtype=np.float64, count=len(visits))) * _UNIT)
            sums = (weights.astype(np.int64) @ self._table[places]) // _UNIT + self._prior
            found: dict[str, int] = {}
            for code, score in zip(self._classes, sums.tolist(), strict=True):
                found[code] = max(found.get(code, score), score)
            found["en"] += ENGLISH_BONUS
            return found

    return Exact()
