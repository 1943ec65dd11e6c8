"""Openings of English releases that companies publish."""

from streams.generate import names, prose
from streams.generate.calendar import DAY, format_day
from streams.generate.kinds import Opening, StoryKind, draw_amount, draw_percent, format_listed
from streams.generate.names import strip_legal_form
from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany

QUARTERS = ("first", "second", "third", "fourth")


def _results(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    quarter, amount, percent = rng.pick(QUARTERS), draw_amount(rng, company), draw_percent(rng)
    move = rng.pick(("up", "down"))
    name = strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} Reports {quarter.title()} Quarter Revenue of {amount}",
            f"{name} Announces {quarter.title()} Quarter Results: Revenue {amount}",
            f"{name} Reports Financial Results for the {quarter.title()} Quarter, Revenue {amount}",
        )
    )
    lead = (
        f"{format_listed(company)} today reported revenue of {amount} for its {quarter} quarter, {move} {percent} from "
        f"the year before. Net income was {draw_amount(rng, company)}, and cash at the end of the quarter "
        f"{draw_amount(rng, company)}."
    )
    return Opening(headline, lead, {"amount": amount, "percent": percent, "period": f"{quarter} quarter"}, "amount")


def _warning(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, name = draw_amount(rng, company), strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} Lowers Full-Year Guidance, Now Expects Revenue of {amount}",
            f"{name} Cuts Full-Year Outlook to {amount} on Weak Demand",
            f"{name} Issues Profit Warning: Revenue Now Seen at {amount}",
        )
    )
    lead = (
        f"{format_listed(company)} lowered its guidance for the full year and now expects revenue of about {amount}, "
        f"as orders from {rng.pick(names.REGIONS)} came in {draw_percent(rng)} below plan."
    )
    return Opening(headline, lead, {"amount": amount}, "amount")


def _appointment(rng: Rng, company: InventedCompany, at: int) -> Opening:
    person, title, name = names.draw_person(rng), rng.pick(prose.TITLES), strip_legal_form(company.name)
    start, years = format_day(at + rng.between(3, 60) * DAY), f"{rng.between(11, 39)} years"
    headline = rng.pick(
        (
            f"{name} Appoints {person} as {title.title()}",
            f"{name} Names {person} {title.title()}",
            f"{person} Joins {name} as {title.title()}",
        )
    )
    lead = (
        f"{format_listed(company)} today announced the appointment of {person} as {title}, effective {start}. "
        f"{person.split()[1]} brings {years} of experience and succeeds {names.draw_person(rng)}, who retires."
    )
    return Opening(headline, lead, {"person": person, "date": start, "title": title, "years": years}, "years")


def _contract(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, other, name = draw_amount(rng, company), names.draw_company(rng), strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} Wins {amount} Contract from {strip_legal_form(other.name)}",
            f"{name} Signs {amount} Supply Agreement with {strip_legal_form(other.name)}",
            f"{name} Receives Order Worth {amount} from {strip_legal_form(other.name)}",
        )
    )
    lead = (
        f"{format_listed(company)} has won a contract worth {amount} from {other.name}. Deliveries run over "
        f"{rng.between(2, 9)} years from {rng.pick(names.TOWNS)}."
    )
    return Opening(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _acquisition(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, other, name = draw_amount(rng, company), names.draw_company(rng), strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} to Acquire {strip_legal_form(other.name)} for {amount}",
            f"{name} Completes Acquisition of {strip_legal_form(other.name)} for {amount}",
            f"{name} Sells {strip_legal_form(other.name)} Stake for {amount}",
        )
    )
    lead = (
        f"{format_listed(company)} announced the transaction with the owners of {other.name} at a price of {amount} "
        f"in cash. It is subject to approval by the authorities of {rng.pick(names.REGIONS)}."
    )
    return Opening(headline, lead, {"amount": amount, "counterparty": other.name}, "amount")


def _placement(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    amount, name = draw_amount(rng, company), strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} Closes {amount} Private Placement",
            f"{name} Prices {amount} Offering of Senior Notes",
            f"{name} Raises {amount} in Series {rng.pick('BCD')} Financing Round",
        )
    )
    lead = f"{format_listed(company)} has raised gross proceeds of {amount}; {draw_percent(rng)} will repay debt."
    return Opening(headline, lead, {"amount": amount}, "amount")


def _ipo(rng: Rng, company: InventedCompany, at: int) -> Opening:
    shares, name = f"{rng.between(2, 40)}.{rng.between(1, 9)} million shares", strip_legal_form(company.name)
    date = format_day(at + rng.between(2, 20) * DAY)
    headline = rng.pick(
        (
            f"{name} Announces Pricing of Initial Public Offering of {shares}",
            f"{name} Launches IPO of {shares}",
            f"{name} Files for Initial Public Offering of {shares}",
        )
    )
    lead = (
        f"{company.name} offers {shares} in its initial public offering. The shares are to begin trading on "
        f"{date} under the symbol {company.symbol} ({names.format_listing(company)})."
    )
    return Opening(headline, lead, {"amount": shares, "date": date}, "amount")


def _dividend(rng: Rng, company: InventedCompany, at: int) -> Opening:
    cents, date = f"${rng.between(0, 4)}.{rng.between(11, 99)}", format_day(at + rng.between(10, 50) * DAY)
    name = strip_legal_form(company.name)
    headline = rng.pick(
        (
            f"{name} Raises Quarterly Dividend to {cents} per Share",
            f"{name} Board Declares Special Dividend of {cents} per Share",
            f"{name} Announces {rng.between(2, 5)}-for-1 Stock Split and Dividend of {cents}",
        )
    )
    lead = f"The board of {format_listed(company)} has declared a dividend of {cents} per share, payable on {date}."
    return Opening(headline, lead, {"amount": cents, "date": date}, "amount")


def _meeting(rng: Rng, company: InventedCompany, at: int) -> Opening:
    hour, name = f"{rng.between(8, 11)}:{rng.pick(('00', '15', '30'))} a.m.", strip_legal_form(company.name)
    date, quarter, days = format_day(at + rng.between(4, 40) * DAY), rng.pick(QUARTERS), f"{rng.between(7, 90)} days"
    headline = rng.pick(
        (
            f"{name} to Report {quarter.title()} Quarter Results on {date}",
            f"{name} to Host {quarter.title()} Quarter Conference Call on {date}",
            f"{name} Will Hold Its Annual General Meeting on {date}",
        )
    )
    lead = (
        f"{format_listed(company)} will hold a conference call on {date} at {hour} Eastern Time. Shareholders may dial "
        f"in or follow the webcast; a replay stays available for {days}."
    )
    return Opening(headline, lead, {"date": date, "time": hour, "replay": days}, "replay")


def _product(rng: Rng, company: InventedCompany, _at: int) -> Opening:
    count, name, thing = f"{rng.between(12, 890)} units", strip_legal_form(company.name), prose.build_sentence(rng)
    model = f"{rng.pick(names.FIRST)} {rng.between(2, 99)}"
    headline = rng.pick((f"{name} Launches the {model}", f"{name} Unveils {model} at {rng.pick(names.TOWNS)} Fair"))
    lead = f"{format_listed(company)} today presented the {model}, of which {count} are on order. {thing}"
    return Opening(headline, lead, {"product": model, "count": count}, "count")


_C = "companies"
KINDS = (
    StoryKind(12, _results, (_C, "companies.events")),
    StoryKind(4, _warning, (_C, "companies.profit-warnings")),
    StoryKind(9, _appointment, (_C, "companies.appointments")),
    StoryKind(9, _contract, (_C, "companies.new-contracts")),
    StoryKind(7, _acquisition, (_C, "companies.capital-markets-transactions")),
    StoryKind(5, _placement, (_C, "companies.capital-markets-transactions")),
    StoryKind(3, _ipo, (_C, "companies.ipos")),
    StoryKind(4, _dividend, (_C, "companies.corporate-actions")),
    StoryKind(7, _meeting, ("calendar", _C, "companies.events")),
    StoryKind(8, _product, (_C,)),
)
