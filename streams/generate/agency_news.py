"""What agencies tell of companies, markets and the rest of the invented world, in English."""

from streams.generate import names
from streams.generate.calendar import DAY, day, month, weekday
from streams.generate.dice import Dice
from streams.generate.kinds import Kind, Words, led, money, percent_of
from streams.generate.names import short
from streams.generate.truth import Company


def _rating(dice: Dice, company: Company, _at: int) -> Words:
    broker, name = f"{dice.pick(names.FAMILY)} Securities", short(company.name)
    target = f"${dice.between(8, 480)}.{dice.between(10, 99)}"
    old, new = dice.pick((("Hold", "Buy"), ("Buy", "Hold"), ("Neutral", "Sell"), ("Hold", "Sell")))
    headline = dice.pick(
        (
            f"{broker} Raises Price Target on {name} to {target}",
            f"{name} {'Upgraded' if new == 'Buy' else 'Downgraded'} to {new} from {old} at {broker}, Target {target}",
            f"{broker} Initiates Coverage of {name} With {new} Rating, Price Target {target}",
        )
    )
    lead = f"Analysts at {broker} rate {led(company)} at {new} and set a price target of {target}."
    return Words(headline, lead, {"amount": target, "broker": broker, "rating": new}, "amount")


def _rumour(dice: Dice, company: Company, _at: int) -> Words:
    amount, other, name = money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} in Talks to Buy {short(other.name)} for {amount}, Sources Say",
            f"{name} Is Said to Consider Sale of Unit Worth {amount}",
            f"{name} Reportedly Nears {amount} Deal With {short(other.name)}",
        )
    )
    lead = (
        f"{led(company)} is in talks with {other.name} about a deal worth {amount}, people familiar said on "
        f"condition of anonymity. A spokesperson for {name} declined to comment."
    )
    return Words(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _leader(dice: Dice, company: Company, _at: int) -> Words:
    person, amount = names.person(dice), money(dice, company)
    headline = dice.pick(
        (
            f"Billionaire Investor {person} Gives {amount} to {dice.pick(names.TOWNS)} Museum",
            f"Billionaire {person} Buys {amount} Island Near {dice.pick(names.TOWNS)}",
            f"Founder {person} on Leadership, Money and Her {amount} Bet on {dice.pick(names.REGIONS)}",
        )
    )
    lead = (
        f"{person}, the billionaire founder of {short(company.name)}, spent {amount}, a profile of the investor says."
    )
    return Words(headline, lead, {"person": person, "amount": amount}, "amount")


def _session(dice: Dice, _company: Company, at: int) -> Words:
    percent, region = percent_of(dice, 4), dice.pick(names.REGIONS)
    points = f"{dice.between(1200, 38000)}.{dice.between(10, 99)}"
    up, when = dice.chance(0.5), weekday(at)
    gains, rose = ("Gains", "rose") if up else ("Loses", "fell")
    headline = dice.pick(
        (
            f"{region} Stocks {'Rise' if up else 'Fall'} {percent} as Index Closes at {points}",
            f"Stocks End {'Higher' if up else 'Lower'}: {region} Index {gains} {percent} to {points}",
        )
    )
    lead = f"Stocks in {region} {rose} on {when}; the index closed at {points}, a move of {percent}."
    return Words(headline, lead, {"percent": percent, "index": points, "place": region}, "index")


def _macro(dice: Dice, _company: Company, at: int) -> Words:
    percent, region, when = percent_of(dice, 12), dice.pick(names.REGIONS), month(at - 30 * DAY)
    what = dice.pick(("Inflation", "Unemployment Rate", "Retail Sales Growth", "Output Growth", "GDP Growth"))
    headline = dice.pick(
        (
            f"{region} {what} at {percent} in {when}, Statistics Office Says",
            f"{region} {what} Slows to {percent} in {when}, Below Forecasts",
        )
    )
    lead = f"{what} in {region} came to {percent} in {when}, the statistics office said."
    return Words(headline, lead, {"percent": percent, "period": when, "place": region}, "percent")


def _commodity(dice: Dice, _company: Company, at: int) -> Words:
    price, percent = f"${dice.between(21, 2400)}.{dice.between(10, 99)}", percent_of(dice, 6)
    good, unit = dice.pick((("Brent crude", "barrel"), ("Copper", "tonne"), ("Wheat", "bushel"), ("Gold", "ounce")))
    up = dice.chance(0.5)
    headline = f"{good} Prices {'Rise' if up else 'Fall'} {percent} to {price} per {unit.title()}"
    lead = f"{good} for next delivery was {'up' if up else 'down'} {percent} at {price} per {unit} on {weekday(at)}."
    return Words(headline, lead, {"amount": price, "percent": percent, "product": good}, "amount")


def _central_bank(dice: Dice, _company: Company, at: int) -> Words:
    rate, region = f"{dice.between(1, 9)}.{dice.pick(('25', '50', '75'))} percent", dice.pick(names.REGIONS)
    bank = f"Central Bank of {region}"
    headline = dice.pick(
        (
            f"{bank} Raises Interest Rate to {rate}",
            f"{bank} Holds Key Interest Rate at {rate} on {day(at)}",
            f"{region} 10-Year Bond Yield Climbs to {rate} as Central Bank Signals Hike",
        )
    )
    lead = f"The {bank} set its interest rate at {rate} at a meeting on {day(at)} led by {names.person(dice)}."
    return Words(headline, lead, {"percent": rate, "place": region, "date": day(at)}, "percent")


def _fund(dice: Dice, company: Company, _at: int) -> Words:
    amount, house = money(dice, company), f"{dice.pick(names.SECOND)} & {dice.pick(names.FAMILY)} Asset Management"
    fund = dice.pick(names.FUNDS)
    headline = dice.pick(
        (
            f"{house} Launches {fund} Fund With {amount}",
            f"{house} {fund} ETF Draws {amount} of Inflows",
            f"Regulator Fines Broker {house} {amount} Over Reporting",
        )
    )
    lead = f"{house} reported {amount} for its {fund} fund, regulators and managers of the fund said."
    return Words(headline, lead, {"amount": amount, "fund": fund}, "amount")


def _sector(dice: Dice, company: Company, at: int) -> Words:
    trade, percent = short(company.name).rpartition(" ")[2].lower(), percent_of(dice)
    headline = dice.pick(
        (
            f"Global {trade.title()} Industry to Grow {percent} a Year, Report Says",
            f"{trade.title()} Sector Faces Shortage of Staff as Orders Rise {percent}",
        )
    )
    lead = f"The {trade} industry as a whole expects orders to change by {percent} in {month(at)}, a trade body said."
    return Words(headline, lead, {"percent": percent, "period": month(at), "sector": trade}, "percent")


_C = "companies"
KINDS = (
    Kind(6, _rating, (_C, "companies.analyst-recommendations")),
    Kind(4, _rumour, (_C, "companies.rumors")),
    Kind(2, _leader, ("business-leaders",), about_company=False),
    Kind(5, _session, ("markets",), about_company=False),
    Kind(4, _macro, ("economy-forex",), about_company=False),
    Kind(4, _commodity, ("commodities",), about_company=False),
    Kind(3, _central_bank, ("interest-rates",), about_company=False),
    Kind(2, _fund, ("finance-pro",), about_company=False),
    Kind(2, _sector, ("sectors",), about_company=False),
)
