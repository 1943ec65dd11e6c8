"""A story: what happens (company_news, agency_news), and paragraphs around it."""

from streams.generate import agency_news, company_news, names, prose
from streams.generate.dice import Dice
from streams.generate.names import short
from streams.generate.telling import Story

LONG_SHARE = 0.006
"""Of releases: filings of up to 60 KB."""
LONG_PARAGRAPHS = (40, 140)
_KINDS = (*((False, kind) for kind in company_news.KINDS), *((True, kind) for kind in agency_news.KINDS))
_DRAWN = tuple((agency, kind) for agency, kind in _KINDS for _ in range(kind.weight))


def tell(dice: Dice, at: int) -> Story:
    """A story of some kind about some company, at a time in milliseconds."""
    agency, kind = dice.pick(_DRAWN)
    company = names.some_company(dice)
    told = kind.tell(dice, company, at)
    if agency:
        count = dice.between(1, 4)
    elif dice.chance(LONG_SHARE):
        count = dice.between(*LONG_PARAGRAPHS)
    else:
        count = dice.between(1, 7)
    name = short(company.name)
    more = (prose.quote(dice, name) if dice.chance(0.3) else prose.paragraph(dice) for _ in range(count))
    return Story(
        headline=told.headline,
        paragraphs=(told.lead, *more),
        about="" if agency else prose.about(dice, name),
        contact="" if agency else f"{names.person(dice)}, press@{name.replace(' ', '').lower()}.example",
        place=dice.pick(names.TOWNS),
        company=company,
        companies=(company,) if kind.about_company else (),
        facts=told.facts,
        figure=told.figure,
        categories=kind.categories,
        agency=agency,
    )
