"""Builds stories in English: an opening of some kind (company_news, agency_news), and paragraphs after it."""

from streams.generate import agency_news, company_news, names, prose
from streams.generate.names import strip_legal_form
from streams.generate.rng import Rng
from streams.generate.story import InventedStory

LONG_SHARE = 0.006
"""Share of the releases that are long filings of up to 60 KB."""
LONG_PARAGRAPHS = (40, 140)
_KINDS = (*((False, kind) for kind in company_news.KINDS), *((True, kind) for kind in agency_news.KINDS))
_WEIGHTED_KINDS = tuple((agency, kind) for agency, kind in _KINDS for _ in range(kind.weight))


def build_english_story(rng: Rng, at: int) -> InventedStory:
    """Builds a story of a random kind about a random company. `at` is in milliseconds since 1970."""
    agency, kind = rng.pick(_WEIGHTED_KINDS)
    company = names.draw_company(rng)
    opening = kind.write_opening(rng, company, at)
    if agency:
        count = rng.between(1, 4)
    elif rng.chance(LONG_SHARE):
        count = rng.between(*LONG_PARAGRAPHS)
    else:
        count = rng.between(1, 7)
    name = strip_legal_form(company.name)
    more = (prose.build_quote(rng, name) if rng.chance(0.3) else prose.build_paragraph(rng) for _ in range(count))
    return InventedStory(
        headline=opening.headline,
        paragraphs=(opening.lead, *more),
        about="" if agency else prose.build_company_description(rng, name),
        contact="" if agency else f"{names.draw_person(rng)}, press@{name.replace(' ', '').lower()}.example",
        place=rng.pick(names.TOWNS),
        company=company,
        companies=(company,) if kind.about_company else (),
        facts=opening.facts,
        figure=opening.figure,
        categories=kind.categories,
        agency=agency,
    )
