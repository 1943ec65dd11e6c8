"""Reads the codes that notices of issuers carry in their text: the headline category of RNS, the items of a form 8-K.

RNS ends each announcement with `END` and a line of fifteen letters; the first three are the code of its headline
category (`HOLBLGDCLXDDGSL` is `HOL`, `IR BRGDCRUDDGSB` is `IR`). EDGAR lists the items of a form 8-K as
`Item 2.02: Results of Operations`.
"""

import re

from streams.model.records import Code

RNS_SCHEME = "rns"
ITEM_SCHEME = "edgar:item"
_RNS = re.compile(r"RNS Number ?: ?\d{3,5}[A-Z]|provided by (?:RNS|Reach)\b|(?:RNS|Reach) is approved by")
_RNS_END = re.compile(r"(?m)^END[ \t]*\n\s*(?P<code>[A-Z]{2}[A-Z ])[A-Z]{12}[ \t]*$")
_FORM = re.compile(r"(?:form )?8-K(?:/A)?\b", re.I)
_ITEM = re.compile(r"\bItem (?P<item>\d\.\d\d)\b(?:[:.] ?(?P<name>[A-Z][\w,;()' -]{3,120}))?")
_MOST_ITEMS = 20


def read_notice_codes(headline: str, summary: str, text: str, codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """Returns the codes that the text adds to those of the wire; none where it is no such notice."""
    found = []
    if "\nEND" in text and _RNS.search(text) and (end := _RNS_END.search(text)):
        found.append(Code(RNS_SCHEME, end["code"].strip(), ""))
    if _FORM.match(headline) or any(_FORM.fullmatch(code.code) for code in codes):
        items = list(_ITEM.finditer(f"{summary}\n{text}"))[:_MOST_ITEMS]
        found += [Code(ITEM_SCHEME, item["item"], (item["name"] or "").strip()) for item in items]
    return tuple(dict.fromkeys(code for code in found if code not in codes))
