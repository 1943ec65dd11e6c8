"""Openings of English agency stories about companies, markets and the economy."""

from streams.generate import names
from streams.generate.calendar import DAY, format_day, format_month, format_weekday
from streams.generate.kinds import Opening, StoryKind, draw_amount, draw_percent, format_listed
from streams.generate.names import strip_legal_form
from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany


def _rating(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    broker, name = f"{rng.pick(names.FAMILY)} Securities", strip_legal_form(company.name)
    target = f"${rng.between(8, 480)}.{rng.between(10, 99)}"
    old, new = rng.pick((("Hold", "Buy"), ("Buy", "Hold"), ("Neutral", "Sell"), ("Hold", "Sell")))
    headline = rng.pick(
        (
            f"{broker} Raises Price Target on {name} to {target}",
            f"{name} {'Upgraded' if new == 'Buy' else 'Downgraded'} to {new} from {old} at {broker}, Target {target}",
            f"{broker} Initiates Coverage of {name} With {new} Rating, Price Target {target}",
        )
    )
    lead = f"Analysts at {broker} rate {format_listed(company)} at {new} and set a price target of {target}."
    return Opening(headline, lead, {"amount": target, "broker": broker, "rating": new}, "amount")


def _rumour(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, other, name = draw_amount(rng, company), names.draw_company(rng), strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} in Talks to Buy {strip_legal_form(other.name)} for {amount}, Sources Say",
            f"{name} Is Said to Consider Sale of Unit Worth {amount}",
            f"{name} Reportedly Nears {amount} Deal With {strip_legal_form(other.name)}",
        )
    )
    lead = (
        f"{format_listed(company)} is in talks with {other.name} about a deal worth {amount}, people familiar said on "
        f"condition of anonymity. A spokesperson for {name} declined to comment."
    )
    return Opening(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _leader(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    person, amount = names.draw_person(rng), draw_amount(rng, company)
    headline = rng.pick(
        (
            f"Billionaire Investor {person} Gives {amount} to {rng.pick(names.TOWNS)} Museum",
            f"Billionaire {person} Buys {amount} Island Near {rng.pick(names.TOWNS)}",
            f"Founder {person} on Leadership, Money and Her {amount} Bet on {rng.pick(names.REGIONS)}",
        )
    )
    name = strip_legal_form(company.name)
    lead = f"{person}, the billionaire founder of {name}, spent {amount}, a profile of the investor says."
    return Opening(headline, lead, {"person": person, "amount": amount}, "amount")


def _session(rng: Rng, _company: InventedCompany, at: int) -> Opening:
    percent, region = draw_percent(rng, 4), rng.pick(names.REGIONS)
    points = f"{rng.between(1200, 38000)}.{rng.between(10, 99)}"
    up, when = rng.chance(0.5), format_weekday(at)
    gains, rose = ("Gains", "rose") if up else ("Loses", "fell")
    headline = rng.pick(
        (
            f"{region} Stocks {'Rise' if up else 'Fall'} {percent} as Index Closes at {points}",
            f"Stocks End {'Higher' if up else 'Lower'}: {region} Index {gains} {percent} to {points}",
        )
    )
    lead = f"Stocks in {region} {rose} on {when}; the index closed at {points}, a move of {percent}."
    return Opening(headline, lead, {"percent": percent, "index": points, "place": region}, "index")


def _macro(rng: Rng, _company: InventedCompany, at: int) -> Opening:
    percent, region, when = draw_percent(rng, 12), rng.pick(names.REGIONS), format_month(at - 30 * DAY)
    what = rng.pick(("Inflation", "Unemployment Rate", "Retail Sales Growth", "Output Growth", "GDP Growth"))
    headline = rng.pick(
        (
            f"{region} {what} at {percent} in {when}, Statistics Office Says",
            f"{region} {what} Slows to {percent} in {when}, Below Forecasts",
        )
    )
    lead = f"{what} in {region} came to {percent} in {when}, the statistics office said."
    return Opening(headline, lead, {"percent": percent, "period": when, "place": region}, "percent")


def _commodity(rng: Rng, _company: InventedCompany, at: int) -> Opening:
    price, percent = f"${rng.between(21, 2400)}.{rng.between(10, 99)}", draw_percent(rng, 6)
    good, unit = rng.pick((("Brent crude", "barrel"), ("Copper", "tonne"), ("Wheat", "bushel"), ("Gold", "ounce")))
    up = rng.chance(0.5)
    headline = f"{good} Prices {'Rise' if up else 'Fall'} {percent} to {price} per {unit.title()}"
    direction, when = "up" if up else "down", format_weekday(at)
    lead = f"{good} for next delivery was {direction} {percent} at {price} per {unit} on {when}."
    return Opening(headline, lead, {"amount": price, "percent": percent, "product": good}, "amount")


def _central_bank(rng: Rng, _company: InventedCompany, at: int) -> Opening:
    rate, region = f"{rng.between(1, 9)}.{rng.pick(('25', '50', '75'))} percent", rng.pick(names.REGIONS)
    bank = f"Central Bank of {region}"
    headline = rng.pick(
        (
            f"{bank} Raises Interest Rate to {rate}",
            f"{bank} Holds Key Interest Rate at {rate} on {format_day(at)}",
            f"{region} 10-Year Bond Yield Climbs to {rate} as Central Bank Signals Hike",
        )
    )
    lead = (
        f"The {bank} set its interest rate at {rate} at a meeting on {format_day(at)} led by {names.draw_person(rng)}."
    )
    return Opening(headline, lead, {"percent": rate, "place": region, "date": format_day(at)}, "percent")


def _fund(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, house = draw_amount(rng, company), f"{rng.pick(names.SECOND)} & {rng.pick(names.FAMILY)} Asset Management"
    fund = rng.pick(names.FUNDS)
    headline = rng.pick(
        (
            f"{house} Launches {fund} Fund With {amount}",
            f"{house} {fund} ETF Draws {amount} of Inflows",
            f"Regulator Fines Broker {house} {amount} Over Reporting",
        )
    )
    lead = f"{house} reported {amount} for its {fund} fund, regulators and managers of the fund said."
    return Opening(headline, lead, {"amount": amount, "fund": fund}, "amount")


def _sector(rng: Rng, company: InventedCompany, at: int) -> Opening:
    trade, percent = strip_legal_form(company.name).rpartition(" ")[2].lower(), draw_percent(rng)
    headline = rng.pick(
        (
            f"Global {trade.title()} Industry to Grow {percent} a Year, Report Says",
            f"{trade.title()} Sector Faces Shortage of Staff as Orders Rise {percent}",
        )
    )
    period = format_month(at)
    lead = f"The {trade} industry as a whole expects orders to change by {percent} in {period}, a trade body said."
    return Opening(headline, lead, {"percent": percent, "period": period, "sector": trade}, "percent")


_C = "companies"
KINDS = (
    StoryKind(6, _rating, (_C, "companies.analyst-recommendations")),
    StoryKind(4, _rumour, (_C, "companies.rumors")),
    StoryKind(2, _leader, ("business-leaders",), about_company=False),
    StoryKind(5, _session, ("markets",), about_company=False),
    StoryKind(4, _macro, ("economy-forex",), about_company=False),
    StoryKind(4, _commodity, ("commodities",), about_company=False),
    StoryKind(3, _central_bank, ("interest-rates",), about_company=False),
    StoryKind(2, _fund, ("finance-pro",), about_company=False),
    StoryKind(2, _sector, ("sectors",), about_company=False),
)
