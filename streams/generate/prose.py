"""Builds filler sentences of a release, in so many variants that two releases have none in common."""

from streams.generate import names
from streams.generate.rng import Rng

_WHO = (
    "The company", "Management", "The board", "Its engineering team", "The group", "A joint committee", "The division",
    "Its commercial arm", "The new unit", "A team of forty specialists", "The operating company", "Its planning office",
)  # fmt: skip
_DOES = (
    "has begun to review", "will simplify", "intends to renew", "is doubling", "has set aside funds for",
    "continues to test", "will open to customers", "has handed over", "is retiring", "plans to standardise",
    "has completed the audit of", "expects to triple", "is moving to a single site", "has patented", "will relaunch",
)  # fmt: skip
_THING = (
    "the northern warehouse", "a line of silent compressors", "its training workshop", "the river pumping station",
    "an archive of field measurements", "the pilot furnace", "its spare-parts catalogue", "a fleet of electric carts",
    "the tidal test basin", "the second assembly hall", "its customer portal", "the quality laboratory",
    "a range of folding masts", "the cold store", "its apprentice programme", "the packaging line", "two loading docks",
    "the control software", "a network of sensors", "the maintenance contract model", "its recycling scheme",
    "the visitors' gallery", "a family of ceramic filters", "the signalling workshop", "its weather desk",
)  # fmt: skip
_WHERE = ("in {}", "near {}", "at its site in {}", "outside {}", "at the harbour of {}", "across the {} district")
_WHEN = (
    "before the end of spring", "over eighteen months", "by the middle of next year", "in three steps",
    "once the permits are in hand", "without interrupting deliveries", "during the winter shutdown",
    "ahead of the original timetable", "as soon as suppliers allow", "while prices of steel remain stable",
    "in step with demand", "after two years of trials", "under a plan agreed with the works council",
)  # fmt: skip
_WHY = (
    "to shorten delivery times", "so that spare parts arrive within a day", "to cut the use of water by a third",
    "because customers asked for longer warranties", "to prepare for stricter noise rules",
    "to make room for new staff",
    "in answer to higher freight rates", "so that older models can be repaired", "to replace imported parts",
    "because the old site floods in autumn", "to bring design and sales under one roof", "and to free working capital",
)  # fmt: skip
_SAID = ("said", "added", "noted", "explained")
_WE = (
    "We spent a long time listening", "Our people know this work", "This is a patient business", "We measure twice",
    "Nobody here likes surprises", "We would rather be early", "Good tools outlast fashions",
    "The order book is honest",
    "Our neighbours keep us on our toes", "We learned a great deal from the pilot", "Every shift counted",
)  # fmt: skip
_AND = (
    "and now the results can be seen on the shop floor", "and that is why we chose to begin small",
    "and we will report on it every quarter", "and customers notice the difference within a week",
    "and the next step follows in the autumn", "and I thank everyone who stayed with it through the rain",
    "and it leaves us free to choose our suppliers", "and we would do the same again tomorrow",
    "and the figures will speak for themselves", "and there is more to come from the workshop",
)  # fmt: skip
TITLES = (
    "chief executive", "chief financial officer", "chair of the board", "head of operations", "president",
    "managing director", "chief technology officer", "general counsel", "head of sales", "treasurer",
)  # fmt: skip
_MADE = ("makes", "designs", "maintains", "leases", "ships", "insures", "finances", "installs")
_FOR = ("small towns", "harbours", "hospitals", "hill farms", "rail depots", "schools", "canal boats", "observatories")
_CAUTION = (
    "This release contains forward-looking statements that involve risks and uncertainties; actual results may differ.",
    "Forward-looking statements are based on what was known on the day of this release and may prove wrong.",
    "Statements about the future are forward-looking statements; the company has no duty to update them.",
)


def build_sentence(rng: Rng) -> str:
    """Builds a sentence with a subject, a plan, and a place, a time or a reason."""
    pick = rng.pick
    shape = rng.below(5)
    thing = pick(_THING)
    where = pick(_WHERE).format(pick(names.TOWNS))
    if shape == 0:
        return f"{pick(_WHO)} {pick(_DOES)} {thing} {where} {pick(_WHEN)}."
    if shape == 1:
        return f"{pick(_WHO)} {pick(_DOES)} {thing} {pick(_WHEN)}, {pick(_WHY)}."
    if shape == 2:
        few, many = rng.between(2, 60), rng.between(61, 940)
        return f"Of {many} customers asked, {few} percent named {thing} first and {pick(_THING)} second."
    if shape == 3:
        return f"Work on {thing} {where} employs {rng.between(11, 870)} people {pick(_WHY)}."
    return f"{pick(_WHO)} {pick(_DOES)} {thing} and {pick(_THING)}; both stand {where}."


def build_paragraph(rng: Rng) -> str:
    """Builds a paragraph of two to four sentences."""
    return " ".join([build_sentence(rng) for _ in range(rng.between(2, 4))])


def build_quote(rng: Rng, company: str) -> str:
    """Builds a quotation of a person of the company, with name and title."""
    pick = rng.pick
    return (
        f'"{pick(_WE)}, {pick(_AND)}. {build_sentence(rng)}" {pick(_SAID)} {names.draw_person(rng)}, '
        f"{pick(TITLES)} of {company}."
    )


def build_company_description(rng: Rng, company: str) -> str:
    """Builds the company's description of itself that stands below a release."""
    return (
        f"{company} {rng.pick(_MADE)} {rng.pick(_THING)[4:]} for {rng.pick(_FOR)}. It has {rng.between(40, 9000)} "
        f"staff in {rng.pick(names.TOWNS)} and was invented for this stream. {rng.pick(_CAUTION)}"
    )
