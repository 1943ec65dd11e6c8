"""Builds look-alikes: notices from one template that differ in a name, a date or a figure. Each is its own story."""

from typing import NamedTuple

from streams.generate import names
from streams.generate.calendar import DAY, format_day, format_month
from streams.generate.rng import Rng
from streams.generate.story import InventedStory
from streams.generate.truth import InventedCompany

PER_SERIES = (3, 12)
"""Least and most notices that one sender sends within minutes."""


class _Template(NamedTuple):
    """The text of a notice.

    It contains `{name}`, `{listed}`, `{isin}`, `{day}`, `{month}`, `{figure}`, `{second}`, `{fund}`, `{holder}`.
    """

    headline: str
    paragraphs: tuple[str, ...]
    categories: tuple[str, ...]
    figure: str
    """`price`, `shares`, `percent`, `points` or `amount`."""


_TEMPLATES = (
    _Template(
        "Net Asset Value(s)",
        (
            "The unaudited net asset value of {name} {fund} Fund (ISIN {isin}) at the close of business on {day}, "
            "including income, was {figure} per share, and excluding income {second} per share.",
            "The figure is calculated in line with the guidance of the trade body for investment companies and is not "
            "audited. The next value will be published on the following business day.",
        ),
        ("finance-pro",),
        "price",
    ),
    _Template(
        "{name} : Holding(s) in Company",
        (
            "1. Issuer to which voting rights are attached: {listed}",
            "2. Reason for the notification: an acquisition or disposal of voting rights",
            "3. Person subject to the notification obligation: {holder}",
            "4. Date on which the threshold was crossed: {day}",
            "5. Total of voting rights after the transaction: {figure}, before it: {second}",
        ),
        ("companies", "companies.capital-markets-transactions"),
        "percent",
    ),
    _Template(
        "{name} Declares Quarterly Dividend",
        (
            "The board of directors of {listed} has declared a regular quarterly cash dividend of {figure} per share. "
            "The dividend is payable on {day} to shareholders of record two weeks before.",
            "In the year before, the dividend for the same quarter was {second} per share.",
        ),
        ("companies", "companies.corporate-actions"),
        "price",
    ),
    _Template(
        "{name} : Transaction in Own Shares",
        (
            "{listed} announces that on {day} it bought {figure} of its ordinary shares under its buyback programme.",
            "After settlement the company holds {second} shares in treasury. The shares will be cancelled.",
            "ISIN: {isin}",
        ),
        ("companies", "companies.corporate-actions"),
        "shares",
    ),
    _Template(
        "Index Notice: {name} Added to {holder} Index",
        (
            "With effect from the opening on {day}, {listed} will be added to the {holder} Index.",
            "The divisor of the index will be {figure}; the weight cap stays as published. Previous divisor: {second}.",
        ),
        ("companies", "markets"),
        "points",
    ),
    _Template(
        "{name} Announces Monthly Sales",
        (
            "{listed} today announced unaudited consolidated sales for {month} of {figure}.",
            "In the same month of the year before, sales were {second}. The figures may be adjusted.",
        ),
        ("companies", "companies.events"),
        "amount",
    ),
)


def build_series(rng: Rng, at: int) -> list[InventedStory]:
    """Builds notices from a random template: mostly of different companies, else of one company and different dates."""
    template = rng.pick(_TEMPLATES)
    one = names.draw_company(rng) if rng.chance(0.3) else None
    return [
        _build_notice(rng, template, one or names.draw_company(rng), at, back)
        for back in range(1, rng.between(*PER_SERIES) + 1)
    ]


def _build_notice(rng: Rng, template: _Template, company: InventedCompany, at: int, back: int) -> InventedStory:
    name, date, period = (
        names.strip_legal_form(company.name),
        format_day(at - back * DAY),
        format_month(at - back * 31 * DAY),
    )
    values = {
        "name": name,
        "listed": f"{company.name} ({names.format_listing(company)})",
        "isin": company.isin,
        "day": date,
        "month": period,
        "figure": _draw_figure(rng, template.figure),
        "second": _draw_figure(rng, template.figure),
        "fund": rng.pick(names.FUNDS),
        "holder": rng.pick(names.FAMILY),
    }
    text = " ".join(template.paragraphs)
    keys = {"amount": "figure", "date": "day", "period": "month", "fund": "fund"}
    return InventedStory(
        headline=template.headline.format(**values),
        paragraphs=tuple(paragraph.format(**values) for paragraph in template.paragraphs),
        place=rng.pick(names.TOWNS),
        company=company,
        companies=(company,),
        facts={fact: values[key] for fact, key in keys.items() if f"{{{key}}}" in text},
        figure="amount",
        categories=template.categories,
    )


def _draw_figure(rng: Rng, kind: str) -> str:
    if kind == "price":
        return f"${rng.between(0, 940)}.{rng.between(1000, 9999)}"
    if kind == "percent":
        return f"{rng.between(3, 29)}.{rng.between(1000, 9999)} percent"
    if kind == "shares":
        return f"{rng.between(1, 989)},{rng.between(100, 999)}"
    if kind == "points":
        return f"{rng.between(1000, 99999)}.{rng.between(1000, 9999)}"
    return f"${rng.between(1, 940)}.{rng.between(100, 999)} million"
