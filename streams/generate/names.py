"""Invented companies, people and places. A company's number determines its name, ticker, exchange and ISIN."""

from functools import lru_cache

from streams.generate.rng import Rng
from streams.generate.truth import InventedCompany


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    "Amber Ashen Badger Barley Beacon Birch Bramble Brindle Cedar Cinder Clover Copper Corvid Curlew Dapple Dusk "
    "Ember Fallow Falcon Fennel Fern Flint Foxglove Garnet Gannet Granite Hazel Heron Hollow Indigo Juniper Kestrel "
    "Lapwing Larch Lichen Linnet Lupin Magpie Mallow Marram Merlin Mica Moss Nettle Oaken Ochre Osprey Otter Pewter "
    "Plover Quartz Quill Raven Rowan Russet Sable Saffron Sedge Slate Sorrel Sparrow Tamarind Teasel Thistle Umber "
    "Velvet Verdant Walnut Willow Yarrow Zephyr"
)
SECOND = _words(
    "Arbor Bank Barrow Basin Bay Bluff Bridge Brook Cairn Canal Cape Cliff Combe Cove Creek Crest Dale Delta Dune "
    "Fell Ferry Field Firth Ford Forge Gate Glen Gorge Grove Harbour Haven Heath Hill Isle Lane Ledge Loch Marsh "
    "Mead Mere Mill Moor Orchard Pass Pier Point Quay Reach Ridge Shoal Spire Strand Terrace Vale Wharf Weir Wold "
    "Yard"
)
TRADES = _words(
    "Pumps Software Lithium Therapeutics Foods Rail Ferries Optics Timber Bearings Wind Solar Cement Textiles "
    "Robotics Diagnostics Brewing Paper Logistics Semiconductors Mining Copper Energy Pharma Insurance Bank Media "
    "Toys Tools Aviation Batteries Chemicals Chocolate Furniture Glass Hydrogen Telecom Turbines Uranium Water"
)
_FORMS = (
    ("US", "Inc.", "XNAS", "Nasdaq"),
    ("US", "Corp.", "XNYS", "NYSE"),
    ("CA", "Ltd.", "XTSE", "TSX"),
    ("CA", "Corp.", "XTSX", "TSXV"),
    ("GB", "plc", "XLON", "LSE"),
    ("DE", "AG", "XETR", "Xetra"),
    ("FR", "SA", "XPAR", "Euronext Paris"),
    ("SE", "AB", "XSTO", "Nasdaq Stockholm"),
    ("US", "Inc.", "XNYS", "NYSE"),
    ("CH", "AG", "XSWX", "SIX"),
)
EXCHANGE_NAMES = {mic: name for _, _, mic, name in _FORMS}
COUNT = len(FIRST) * len(SECOND) * len(TRADES)
"""Number of companies."""

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
GIVEN = _words(
    "Abelone Aldous Anouk Ansel Beatrix Benno Calista Casimir Cosima Dagny Dario Edda Emeric Fenna Florian Gisela "
    "Hedda Ignace Ilse Jarek Jorunn Kasper Leonie Lorcan Maren Mattis Nadja Odile Orson Petra Quentin Ragna Rufus "
    "Sanna Soren Tamsin Theo Ulla Viggo Wanda Xenia Ylva Zeno"
)
FAMILY = _words(
    "Abernethwaite Aldercott Birkensole Brackwater Caldermoss Carrowby Dunstable-Roe Eskerby Fairwold Farnaby "
    "Gravenholt Greyling Halloway-Pike Harrowgate Ibbotvale Jessamy Kettlewick Lindqvane Lorimark Marchbanks-Rae "
    "Mosswright Nettlefold Oakenshaw Ostrander-Vey Pellinore Penhallow Quillfeather Ravenscar Sallowfield "
    "Sandoval-Brix Thornquist Tolliver-Ash Underbarrow Vandermoor Wetherlam Whitlock-Dane Yarborne Zellander"
)
TOWNS = (
    "Ashmere", "Brackwater", "Calder Bay", "Dunmarrow", "Eastholm", "Fallowgate", "Grimsdale", "Harlow Sound",
    "Isenbruck", "Karlsund", "Lorne Bay", "Marlow Quay", "Nordhafen", "Oakhaven", "Pellworth", "Quernmore", "Ravensund",
    "Saltmarsh", "Thornbury Vale", "Ulverhead", "Valdemar", "Westmark", "Yarrowdale", "Zwillingen",
)  # fmt: skip
REGIONS = ("Nova Albia", "Westmark", "Upper Larn", "East Corven", "Tessaly", "Marrow Coast", "Northmoor", "Val Doré")
FUNDS = ("Global Equity", "Short Duration Bond", "Small Companies", "Income", "Green Infrastructure", "Index Tracker")
CHINESE_PLACES = ("柳溪市", "青岚县", "白鹭湾", "云杉镇", "石桥市", "望江县")
CHINESE_PEOPLE = ("林舒逸", "赵明溪", "陈若川", "沈知远", "周砚秋", "顾南乔")


@lru_cache(maxsize=65_536)
def build_company(number: int) -> InventedCompany:
    """Builds the company with this number (modulo `COUNT`)."""
    number %= COUNT
    mixed = number * 50_021 % COUNT  # neighbours should not share a first name
    first = FIRST[mixed % len(FIRST)]
    second = SECOND[mixed // len(FIRST) % len(SECOND)]
    trade = TRADES[mixed // (len(FIRST) * len(SECOND))]
    country, form, mic, _ = _FORMS[number * 7 % 10]
    symbol = first[0] + second[0] + _LETTERS[number % 26] + _LETTERS[number // 26 % 26]
    return InventedCompany(
        f"{first} {second} {trade} {form}", symbol, mic, build_isin(country, 100_000_000 + number * 37)
    )


def build_isin(country: str, number: int) -> str:
    """Builds an ISIN (ISO 6166) from a country and nine digits, with its check digit."""
    stem = f"{country}{number % 1_000_000_000:09}"
    digits = "".join(str(int(character, 36)) for character in stem)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return f"{stem}{-total % 10}"


def strip_legal_form(name: str) -> str:
    """Removes the legal form from a company's name."""
    return name.rpartition(" ")[0]


def format_listing(company: InventedCompany) -> str:
    """Formats exchange and ticker: `Nasdaq: ABCD`."""
    return f"{EXCHANGE_NAMES[company.exchange]}: {company.symbol}"


def draw_person(rng: Rng) -> str:
    """Draws a person: a given name and a family name."""
    return f"{rng.pick(GIVEN)} {rng.pick(FAMILY)}"


def draw_company(rng: Rng) -> InventedCompany:
    """Draws a company."""
    return build_company(rng.below(COUNT))
