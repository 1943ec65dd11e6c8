"""What companies tell of themselves, in English."""

from streams.generate import names, prose
from streams.generate.calendar import DAY, day
from streams.generate.dice import Dice
from streams.generate.kinds import Kind, Words, led, money, percent_of
from streams.generate.names import short
from streams.generate.truth import Company

QUARTERS = ("first", "second", "third", "fourth")


def _results(dice: Dice, company: Company, _at: int) -> Words:
    quarter, amount, percent = dice.pick(QUARTERS), money(dice, company), percent_of(dice)
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
        f"{led(company)} today reported revenue of {amount} for its {quarter} quarter, {move} {percent} from the year "
        f"before. Net income was {money(dice, company)}, and cash at the end of the quarter {money(dice, company)}."
    )
    return Words(headline, lead, {"amount": amount, "percent": percent, "period": f"{quarter} quarter"}, "amount")


def _warning(dice: Dice, company: Company, _at: int) -> Words:
    amount, name = money(dice, company), short(company.name)
    headline = dice.pick(
        (
            f"{name} Lowers Full-Year Guidance, Now Expects Revenue of {amount}",
            f"{name} Cuts Full-Year Outlook to {amount} on Weak Demand",
            f"{name} Issues Profit Warning: Revenue Now Seen at {amount}",
        )
    )
    lead = (
        f"{led(company)} lowered its guidance for the full year and now expects revenue of about {amount}, as orders "
        f"from {dice.pick(names.REGIONS)} came in {percent_of(dice)} below plan."
    )
    return Words(headline, lead, {"amount": amount}, "amount")


def _appointment(dice: Dice, company: Company, at: int) -> Words:
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
        f"{led(company)} today announced the appointment of {person} as {title}, effective {start}. "
        f"{person.split()[1]} brings {years} of experience and succeeds {names.person(dice)}, who retires."
    )
    return Words(headline, lead, {"person": person, "date": start, "title": title, "years": years}, "years")


def _contract(dice: Dice, company: Company, _at: int) -> Words:
    amount, other, name = money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} Wins {amount} Contract from {short(other.name)}",
            f"{name} Signs {amount} Supply Agreement with {short(other.name)}",
            f"{name} Receives Order Worth {amount} from {short(other.name)}",
        )
    )
    lead = (
        f"{led(company)} has won a contract worth {amount} from {other.name}. Deliveries run over "
        f"{dice.between(2, 9)} years from {dice.pick(names.TOWNS)}."
    )
    return Words(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _acquisition(dice: Dice, company: Company, _at: int) -> Words:
    amount, other, name = money(dice, company), names.some_company(dice), short(company.name)
    headline = dice.pick(
        (
            f"{name} to Acquire {short(other.name)} for {amount}",
            f"{name} Completes Acquisition of {short(other.name)} for {amount}",
            f"{name} Sells {short(other.name)} Stake for {amount}",
        )
    )
    lead = (
        f"{led(company)} announced the transaction with the owners of {other.name} at a price of {amount} in cash. "
        f"It is subject to approval by the authorities of {dice.pick(names.REGIONS)}."
    )
    return Words(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _placement(dice: Dice, company: Company, _at: int) -> Words:
    amount, name = money(dice, company), short(company.name)
    headline = dice.pick(
        (
            f"{name} Closes {amount} Private Placement",
            f"{name} Prices {amount} Offering of Senior Notes",
            f"{name} Raises {amount} in Series {dice.pick('BCD')} Financing Round",
        )
    )
    lead = f"{led(company)} has raised gross proceeds of {amount}; {percent_of(dice)} will repay debt."
    return Words(headline, lead, {"amount": amount}, "amount")


def _ipo(dice: Dice, company: Company, at: int) -> Words:
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
    return Words(headline, lead, {"amount": shares, "date": date}, "amount")


def _dividend(dice: Dice, company: Company, at: int) -> Words:
    cents, date = f"${dice.between(0, 4)}.{dice.between(11, 99)}", day(at + dice.between(10, 50) * DAY)
    name = short(company.name)
    headline = dice.pick(
        (
            f"{name} Raises Quarterly Dividend to {cents} per Share",
            f"{name} Board Declares Special Dividend of {cents} per Share",
            f"{name} Announces {dice.between(2, 5)}-for-1 Stock Split and Dividend of {cents}",
        )
    )
    lead = f"The board of {led(company)} has declared a dividend of {cents} per share, payable on {date}."
    return Words(headline, lead, {"amount": cents, "date": date}, "amount")


def _meeting(dice: Dice, company: Company, at: int) -> Words:
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
        f"{led(company)} will hold a conference call on {date} at {hour} Eastern Time. Shareholders may dial in or "
        f"follow the webcast; a replay stays available for {days}."
    )
    return Words(headline, lead, {"date": date, "time": hour, "replay": days}, "replay")


def _product(dice: Dice, company: Company, _at: int) -> Words:
    count, name, thing = f"{dice.between(12, 890)} units", short(company.name), prose.sentence(dice)
    model = f"{dice.pick(names.FIRST)} {dice.between(2, 99)}"
    headline = dice.pick((f"{name} Launches the {model}", f"{name} Unveils {model} at {dice.pick(names.TOWNS)} Fair"))
    lead = f"{led(company)} today presented the {model}, of which {count} are on order. {thing}"
    return Words(headline, lead, {"product": model, "count": count}, "count")


_C = "companies"
KINDS = (
    Kind(12, _results, (_C, "companies.events")),
    Kind(4, _warning, (_C, "companies.profit-warnings")),
    Kind(9, _appointment, (_C, "companies.appointments")),
    Kind(9, _contract, (_C, "companies.new-contracts")),
    Kind(7, _acquisition, (_C, "companies.capital-markets-transactions")),
    Kind(5, _placement, (_C, "companies.capital-markets-transactions")),
    Kind(3, _ipo, (_C, "companies.ipos")),
    Kind(4, _dividend, (_C, "companies.corporate-actions")),
    Kind(7, _meeting, ("calendar", _C, "companies.events")),
    Kind(8, _product, (_C,)),
)
