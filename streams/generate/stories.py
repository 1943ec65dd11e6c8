"""What happens in the invented world, in English: a table of kinds, each with its words, facts and categories."""

from collections.abc import Callable
from typing import NamedTuple

from streams.generate import names, prose
from streams.generate.calendar import DAY, day, month, weekday
from streams.generate.dice import Dice
from streams.generate.names import short
from streams.generate.telling import Story
from streams.generate.truth import Company

QUARTERS = ("first", "second", "third", "fourth")
LONG_SHARE = 0.006
"""Of releases: annual reports of up to 60 KB."""
LONG_PARAGRAPHS = (40, 130)


class _Told(NamedTuple):
    headline: str
    lead: str
    facts: dict[str, str]
    figure: str


class _Kind(NamedTuple):
    weight: int
    agency: bool
    tell: Callable[[Dice, Company, int], _Told]
    categories: tuple[str, ...]
    about_company: bool = True


def tell(dice: Dice, at: int) -> Story:
    """A story of some kind about some company, at a time in milliseconds."""
    kind = _DRAWN[dice.below(len(_DRAWN))]
    company = names.some_company(dice)
    told = kind.tell(dice, company, at)
    if kind.agency:
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
        about="" if kind.agency else prose.about(dice, name),
        contact="" if kind.agency else f"{names.person(dice)}, press@{name.replace(' ', '').lower()}.example",
        place=dice.pick(names.TOWNS),
        company=company,
        companies=(company,) if kind.about_company else (),
        facts=told.facts,
        figure=told.figure,
        categories=kind.categories,
        agency=kind.agency,
    )


def _money(dice: Dice, company: Company) -> str:
    sign = {"XLON": "£", "XETR": "€", "XPAR": "€"}.get(company.exchange, "$")
    return f"{sign}{dice.between(2, 989)}.{dice.between(1, 9)} million"


def _percent(dice: Dice, most: int = 48) -> str:
    return f"{dice.between(1, most)}.{dice.between(1, 9)} percent"


def _led(company: Company) -> str:
    return f"{company.name} ({names.listing(company)})"


def _results(dice: Dice, company: Company, _at: int) -> _Told:
    quarter, amount, percent = dice.pick(QUARTERS), _money(dice, company), _percent(dice)
    move = dice.pick(("up", "down"))
    name = short(company.name)
    headline = dice.pick(
        (
            f"{name} Reports {quarter.title()} Quarter Revenue of {amount}",
            f"{name} Announces {quarter.title()} Quarter Results: Revenue {amount}",
            f"{name} Reports Financial Results for the {quarter.title()} Quarter, Revenue {amount}",
        )
    )
    lead = (
        f"{_led(company)} today reported revenue of {amount} for its {quarter} quarter, {move} {percent} from the year "
        f"before. Net income was {_money(dice, company)}, and cash at the end of the quarter {_money(dice, company)}."
    )
    return _Told(headline, lead, {"amount": amount, "percent": percent, "period": f"{quarter} quarter"}, "amount")


def _warning(dice: Dice, company: Company, _at: int) -> _Told:
    amount, name = _money(dice, company), short(company.name)
    headline = dice.pick(
        (
            f"{name} Lowers Full-Year Guidance, Now Expects Revenue of {amount}",
            f"{name} Cuts Full-Year Outlook to {amount} on Weak Demand",
            f"{name} Issues Profit Warning: Revenue Now Seen at {amount}",
        )
    )
    lead = (
        f"{_led(company)} lowered its guidance for the full year and now expects revenue of about {amount}, as orders "
        f"from {dice.pick(names.REGIONS)} came in {_percent(dice)} below plan."
    )
    return _Told(headline, lead, {"amount": amount}, "amount")


def _appointment(dice: Dice, company: Company, at: int) -> _Told:
    person, title, name = names.person(dice), dice.pick(prose.TITLES), short(company.name)
    start, years = day(at + dice.between(3, 60) * DAY), f"{dice.between(11, 39)} years"
    headline = dice.pick(
        (
            f"{name} Appoints {person} as {title.title()}",
            f"{name} Names {person} {title.title()}",
            f"{person} Joins {name} as {title.title()}",
        )
    )
    lead = (
        f"{_led(company)} today announced the appointment of {person} as {title}, effective {start}. "
        f"{person.split()[1]} brings {years} of experience and succeeds {names.person(dice)}, who retires."
    )
    return _Told(headline, lead, {"person": person, "date": start, "title": title, "years": years}, "years")


def _contract(dice: Dice, company: Company, _at: int) -> _Told:
    amount, other, name = _money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} Wins {amount} Contract from {short(other.name)}",
            f"{name} Signs {amount} Supply Agreement with {short(other.name)}",
            f"{name} Receives Order Worth {amount} from {short(other.name)}",
        )
    )
    lead = (
        f"{_led(company)} has won a contract worth {amount} from {other.name}. Deliveries run over "
        f"{dice.between(2, 9)} years from {dice.pick(names.TOWNS)}."
    )
    return _Told(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _acquisition(dice: Dice, company: Company, _at: int) -> _Told:
    amount, other, name = _money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} to Acquire {short(other.name)} for {amount}",
            f"{name} Completes Acquisition of {short(other.name)} for {amount}",
            f"{name} Sells {short(other.name)} Stake for {amount}",
        )
    )
    lead = (
        f"{_led(company)} announced the transaction with the owners of {other.name} at a price of {amount} in cash. "
        f"It is subject to approval by the authorities of {dice.pick(names.REGIONS)}."
    )
    return _Told(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _placement(dice: Dice, company: Company, _at: int) -> _Told:
    amount, name = _money(dice, company), short(company.name)
    headline = dice.pick(
        (
            f"{name} Closes {amount} Private Placement",
            f"{name} Prices {amount} Offering of Senior Notes",
            f"{name} Raises {amount} in Series {dice.pick('BCD')} Financing Round",
        )
    )
    lead = f"{_led(company)} has raised gross proceeds of {amount}; {_percent(dice)} will repay debt."
    return _Told(headline, lead, {"amount": amount}, "amount")


def _ipo(dice: Dice, company: Company, at: int) -> _Told:
    shares, name = f"{dice.between(2, 40)}.{dice.between(1, 9)} million shares", short(company.name)
    date = day(at + dice.between(2, 20) * DAY)
    headline = dice.pick(
        (
            f"{name} Announces Pricing of Initial Public Offering of {shares}",
            f"{name} Launches IPO of {shares}",
            f"{name} Files for Initial Public Offering of {shares}",
        )
    )
    lead = (
        f"{company.name} offers {shares} in its initial public offering. The shares are to begin trading on "
        f"{date} under the symbol {company.symbol} ({names.listing(company)})."
    )
    return _Told(headline, lead, {"amount": shares, "date": date}, "amount")


def _dividend(dice: Dice, company: Company, at: int) -> _Told:
    cents, date = f"${dice.between(0, 4)}.{dice.between(11, 99)}", day(at + dice.between(10, 50) * DAY)
    name = short(company.name)
    headline = dice.pick(
        (
            f"{name} Raises Quarterly Dividend to {cents} per Share",
            f"{name} Board Declares Special Dividend of {cents} per Share",
            f"{name} Announces {dice.between(2, 5)}-for-1 Stock Split and Dividend of {cents}",
        )
    )
    lead = f"The board of {_led(company)} has declared a dividend of {cents} per share, payable on {date}."
    return _Told(headline, lead, {"amount": cents, "date": date}, "amount")


def _meeting(dice: Dice, company: Company, at: int) -> _Told:
    hour, name = f"{dice.between(8, 11)}:{dice.pick(('00', '15', '30'))} a.m.", short(company.name)
    date, quarter, days = day(at + dice.between(4, 40) * DAY), dice.pick(QUARTERS), f"{dice.between(7, 90)} days"
    headline = dice.pick(
        (
            f"{name} to Report {quarter.title()} Quarter Results on {date}",
            f"{name} to Host {quarter.title()} Quarter Conference Call on {date}",
            f"{name} Will Hold Its Annual General Meeting on {date}",
        )
    )
    lead = (
        f"{_led(company)} will hold a conference call on {date} at {hour} Eastern Time. Shareholders may dial in or "
        f"follow the webcast; a replay stays available for {days}."
    )
    return _Told(headline, lead, {"date": date, "time": hour, "replay": days}, "replay")


def _product(dice: Dice, company: Company, _at: int) -> _Told:
    count, name, thing = f"{dice.between(12, 890)} units", short(company.name), prose.sentence(dice)
    model = f"{dice.pick(names.FIRST)} {dice.between(2, 99)}"
    headline = dice.pick((f"{name} Launches the {model}", f"{name} Unveils {model} at {dice.pick(names.TOWNS)} Fair"))
    lead = f"{_led(company)} today presented the {model}, of which {count} are on order. {thing}"
    return _Told(headline, lead, {"product": model, "count": count}, "count")


def _rating(dice: Dice, company: Company, _at: int) -> _Told:
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
    lead = f"Analysts at {broker} rate {_led(company)} at {new} and set a price target of {target}."
    return _Told(headline, lead, {"amount": target, "broker": broker, "rating": new}, "amount")


def _rumour(dice: Dice, company: Company, _at: int) -> _Told:
    amount, other, name = _money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} in Talks to Buy {short(other.name)} for {amount}, Sources Say",
            f"{name} Is Said to Consider Sale of Unit Worth {amount}",
            f"{name} Reportedly Nears {amount} Deal With {short(other.name)}",
        )
    )
    lead = (
        f"{_led(company)} is in talks about a deal worth {amount}, people familiar with the matter said on "
        f"condition of anonymity. A spokesperson for {name} declined to comment."
    )
    return _Told(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _leader(dice: Dice, company: Company, _at: int) -> _Told:
    person, amount = names.person(dice), _money(dice, company)
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
    return _Told(headline, lead, {"person": person, "amount": amount}, "amount")


def _session(dice: Dice, _company: Company, at: int) -> _Told:
    percent, region = _percent(dice, 4), dice.pick(names.REGIONS)
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
    return _Told(headline, lead, {"percent": percent, "index": points, "place": region}, "index")


def _macro(dice: Dice, _company: Company, at: int) -> _Told:
    percent, region, when = _percent(dice, 12), dice.pick(names.REGIONS), month(at - 30 * DAY)
    what = dice.pick(("Inflation", "Unemployment Rate", "Retail Sales Growth", "Output Growth", "GDP Growth"))
    headline = dice.pick(
        (
            f"{region} {what} at {percent} in {when}, Statistics Office Says",
            f"{region} {what} Slows to {percent} in {when}, Below Forecasts",
        )
    )
    lead = f"{what} in {region} came to {percent} in {when}, the statistics office said."
    return _Told(headline, lead, {"percent": percent, "period": when, "place": region}, "percent")


def _commodity(dice: Dice, _company: Company, at: int) -> _Told:
    price, percent = f"${dice.between(21, 2400)}.{dice.between(10, 99)}", _percent(dice, 6)
    good, unit = dice.pick((("Brent crude", "barrel"), ("Copper", "tonne"), ("Wheat", "bushel"), ("Gold", "ounce")))
    up = dice.chance(0.5)
    headline = f"{good} Prices {'Rise' if up else 'Fall'} {percent} to {price} a {unit.title()}"
    lead = f"{good} for next delivery was {'up' if up else 'down'} {percent} at {price} a {unit} on {weekday(at)}."
    return _Told(headline, lead, {"amount": price, "percent": percent, "product": good}, "amount")


def _central_bank(dice: Dice, _company: Company, at: int) -> _Told:
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
    return _Told(headline, lead, {"percent": rate, "place": region, "date": day(at)}, "percent")


def _fund(dice: Dice, company: Company, _at: int) -> _Told:
    amount, house = _money(dice, company), f"{dice.pick(names.SECOND)} & {dice.pick(names.FAMILY)} Asset Management"
    fund = dice.pick(names.FUNDS)
    headline = dice.pick(
        (
            f"{house} Launches {fund} Fund With {amount}",
            f"{house} {fund} ETF Draws {amount} of Inflows",
            f"Regulator Fines Broker {house} {amount} Over Reporting",
        )
    )
    lead = f"{house} reported {amount} for its {fund} fund, regulators and managers of the fund said."
    return _Told(headline, lead, {"amount": amount, "fund": fund}, "amount")


def _sector(dice: Dice, company: Company, at: int) -> _Told:
    trade, percent = short(company.name).rpartition(" ")[2].lower(), _percent(dice)
    headline = dice.pick(
        (
            f"Global {trade.title()} Industry to Grow {percent} a Year, Report Says",
            f"{trade.title()} Sector Faces Shortage of Staff as Orders Rise {percent}",
        )
    )
    lead = f"The {trade} industry as a whole expects orders to change by {percent} in {month(at)}, a trade body said."
    return _Told(headline, lead, {"percent": percent, "period": month(at), "sector": trade}, "percent")


_C = "companies"
_KINDS = (
    _Kind(12, False, _results, (_C, "companies.events")),
    _Kind(4, False, _warning, (_C, "companies.profit-warnings")),
    _Kind(9, False, _appointment, (_C, "companies.appointments")),
    _Kind(9, False, _contract, (_C, "companies.new-contracts")),
    _Kind(7, False, _acquisition, (_C, "companies.capital-markets-transactions")),
    _Kind(5, False, _placement, (_C, "companies.capital-markets-transactions")),
    _Kind(3, False, _ipo, (_C, "companies.ipos")),
    _Kind(4, False, _dividend, (_C, "companies.corporate-actions")),
    _Kind(7, False, _meeting, ("calendar", _C, "companies.events")),
    _Kind(8, False, _product, (_C,)),
    _Kind(6, True, _rating, (_C, "companies.analyst-recommendations")),
    _Kind(4, True, _rumour, (_C, "companies.rumors")),
    _Kind(2, True, _leader, ("business-leaders",), about_company=False),
    _Kind(5, True, _session, ("markets",), about_company=False),
    _Kind(4, True, _macro, ("economy-forex",), about_company=False),
    _Kind(4, True, _commodity, ("commodities",), about_company=False),
    _Kind(3, True, _central_bank, ("interest-rates",), about_company=False),
    _Kind(2, True, _fund, ("finance-pro",), about_company=False),
    _Kind(2, True, _sector, ("sectors",), about_company=False),
)
_DRAWN = tuple(kind for kind in _KINDS for _ in range(kind.weight))
