"""The language of an item: what the wire says, else its script, else its commonest words; empty rather than guessed."""

import re

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Kana before Han: Japanese has both.
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
}
_WORDS = {
    "en": "the of and to in for on with that is by from its at as has said will are was be this it an or not",
    "de": "der die das und von zu mit den für im auf ist des dem nicht ein eine wird bei sich als auch an hat",
    "fr": "le la les des et du en un une pour dans par sur est que qui au aux plus sont avec ce ses ne pas",
    "es": "el la los las de y en del que por con una un para se al es su como más ha lo sus este",
    "it": "il di e la che in per un una del della dei con da le si non al è nel sono alla ha gli dal",
    "nl": "de het een en van in op voor met dat is te zijn door aan bij naar niet wordt om ook heeft als er",
    "sv": "och att det som en på är av för med den till har i om ett de inte från vid",
}
_COMMON = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
SAMPLE = 600
"""Characters looked at."""
ENOUGH = 3
"""Common words that must be met, and twice as many as of any other language."""


def language(stated: str, headline: str, text: str) -> str:
    """BCP 47, with the language subtag in lower case."""
    tag = stated.strip().replace("_", "-")
    if _TAG.fullmatch(tag):
        head, _, rest = tag.partition("-")
        return f"{head.lower()}-{rest}" if rest else head.lower()
    sample = f"{headline} {text[:SAMPLE]}"
    letters = sum(map(str.isalpha, sample))
    for code, script in _SCRIPTS.items():
        if letters and len(script.findall(sample)) * 5 > letters:
            return code
    words = [word.casefold() for word in _WORD.findall(sample)]
    counts = sorted(((sum(word in common for word in words), code) for code, common in _COMMON.items()), reverse=True)
    (most, code), (next_most, _) = counts[:2]
    return code if most >= ENOUGH and most >= 2 * next_most else ""
