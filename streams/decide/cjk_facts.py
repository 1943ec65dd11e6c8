"""Finds facts in Japanese and Chinese texts, which set no blanks between words: a company and the currencies."""

import re

from streams.decide.similarity import Sides

_LETTERS = "[\u30a0-\u30ff\u3400-\u9fff]"
_COMPANY = re.compile(
    rf"(?P<name>{_LETTERS}{{2,20}}?)(?:株式会社|(?:股份)?有限(?:责任)?公司)|株式会社(?P<behind>{_LETTERS}{{2,20}})"
)
_MONEY = re.compile(r"(?<=[\d万亿億兆千百])(?:美元|欧元|港元|港币|日元|英镑|米ドル|ドル|ユーロ|ポンド|ウォン|元|円)")


def find_other_facts(new: str, old: str) -> list[tuple[str, Sides]]:
    """Finds what makes two stories of two texts: `names` with the first company of each, `opposites` with currencies.

    A company is known by its legal form. Its name may stand behind other words: `关于哈罗泵业股份有限公司`.
    """
    found: list[tuple[str, Sides]] = []
    mine, theirs = _MONEY.findall(new), _MONEY.findall(old)
    if len(mine) == len(theirs):
        changed = [(one, other) for one, other in zip(mine, theirs, strict=True) if one != other]
        found.append(("opposites", (tuple(one for one, _ in changed), tuple(other for _, other in changed))))
    names = _COMPANY.search(new), _COMPANY.search(old)
    if names[0] and names[1]:
        here, there = (match["name"] or match["behind"] for match in names if match)
        shorter, longer = sorted((here, there), key=len)
        if not longer.endswith(shorter) and not longer.startswith(shorter):
            found.append(("names", ((here,), (there,))))
    return found
