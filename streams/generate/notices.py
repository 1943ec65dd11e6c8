"""Look-alikes: notices of one template that differ in a name, a date or a figure, and are each a story of its own."""

from typing import NamedTuple

from streams.generate import names
from streams.generate.calendar import DAY, day, month
from streams.generate.dice import Dice
from streams.generate.telling import Story
from streams.generate.truth import Company

PER_SERIES = (3, 12)
"""Notices that one sender brings within minutes."""


class _Template(NamedTuple):
    """Words with `{name}`, `{listed}`, `{isin}`, `{day}`, `{month}`, `{figure}`, `{second}`, `{fund}`, `{holder}`."""

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


def series(dice: Dice, at: int) -> list[Story]:
    """Notices of one template, each about another company; some about one company and another date or figure."""
    template = dice.pick(_TEMPLATES)
    one = names.some_company(dice) if dice.chance(0.3) else None
    return [
        _notice(dice, template, one or names.some_company(dice), at, back)
        for back in range(1, dice.between(*PER_SERIES) + 1)
    ]


def _notice(dice: Dice, template: _Template, company: Company, at: int, back: int) -> Story:
    name, date, period = names.short(company.name), day(at - back * DAY), month(at - back * 31 * DAY)
    values = {
        "name": name,
        "listed": f"{company.name} ({names.listing(company)})",
        "isin": company.isin,
        "day": date,
        "month": period,
        "figure": _figure(dice, template.figure),
        "second": _figure(dice, template.figure),
        "fund": dice.pick(names.FUNDS),
        "holder": dice.pick(names.FAMILY),
    }
    words = " ".join(template.paragraphs)
    told = {"amount": "figure", "date": "day", "period": "month", "fund": "fund"}
    return Story(
        headline=template.headline.format(**values),
        paragraphs=tuple(paragraph.format(**values) for paragraph in template.paragraphs),
        place=dice.pick(names.TOWNS),
        company=company,
        companies=(company,),
        facts={fact: values[key] for fact, key in told.items() if f"{{{key}}}" in words},
        figure="amount",
        categories=template.categories,
    )


def _figure(dice: Dice, kind: str) -> str:
    if kind == "price":
        return f"${dice.between(0, 940)}.{dice.between(1000, 9999)}"
    if kind == "percent":
        return f"{dice.between(3, 29)}.{dice.between(1000, 9999)} percent"
    if kind == "shares":
        return f"{dice.between(1, 989)},{dice.between(100, 999)}"
    if kind == "points":
        return f"{dice.between(1000, 99999)}.{dice.between(1000, 9999)}"
    return f"${dice.between(1, 940)}.{dice.between(100, 999)} million"
