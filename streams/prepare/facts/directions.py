"""Directions: does the news say more or less, up or down? Of the headline and the first sentences only."""

import re

from streams.prepare.facts.found import Found

LEAD = 400
"""Characters of the text that are looked at: deeper in a text everything rises and falls."""

_UP = (
    "rais(?:es?|ed|ing)|ris(?:es?|ing)|rose|gain(?:s|ed)?|increas(?:es?|ed|ing)|up|higher|climb(?:s|ed)?"
    "|jump(?:s|ed)?|surg(?:es?|ed|ing)|soar(?:s|ed|ing)?|upgrad(?:es?|ed)|advanc(?:es|ed)|grow(?:s|n)?|grew"
    "|boost(?:s|ed)?|lift(?:s|ed)?|hik(?:es?|ed)|exceed(?:s|ed)?|rall(?:y|ies|ied)|profit|steigt|stieg|erhöht|hebt"
    "|steigert|anhebung|plus|hausse|relève|augmente|progresse|上涨|上升|增长|上调"
)
_DOWN = (
    "cut(?:s|ting)?|lower(?:s|ed|ing)?|fall(?:s|en|ing)?|fell|drop(?:s|ped)?|decreas(?:es?|ed|ing)"
    "|(?<!step )(?<!steps )(?<!stepping )down|declin(?:es?|ed|ing)|slump(?:s|ed)?|plung(?:es?|ed)|tumbl(?:es?|ed)"
    "|slid(?:es?)?|sink(?:s|ing)?|sank|downgrad(?:es?|ed)|reduc(?:es?|ed|ing)|trim(?:s|med)?|shrink(?:s|ing)?|shrank"
    "|loss(?:es)?|loses|lost|slip(?:s|ped)?|eas(?:es|ed)|weak(?:er|ens)|miss(?:es|ed)|sinkt|fällt|senkt|kürzt"
    "|verlust|minus|rückgang|baisse|abaisse|recule|chute|perte|下跌|下降|下调|亏损"
)
_FLAT = (
    "unchanged|maintain(?:s|ed)?|reaffirm(?:s|ed)?|reiterat(?:es|ed)|affirm(?:s|ed)?|confirms guidance|steady"
    "|bestätigt|confirme"
)
_WORD = r"[^\W\u3040-\u9fff]"  # Chinese and Japanese stand without blanks
_ANY = re.compile(rf"(?<!{_WORD})(?:(?P<up>{_UP})|(?P<down>{_DOWN})|(?P<flat>{_FLAT}))(?!{_WORD})", re.I)


def find(text: str, headline: int) -> list[Found]:
    """Directions of the headline (its length is given) and of the lead behind it."""
    return [
        (found.start(), found.end(), "direction", found.lastgroup or "")
        for found in _ANY.finditer(text, 0, headline + 1 + LEAD)
    ]
