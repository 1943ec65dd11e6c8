"""Reads the identifiers of securities and markets: ISIN, Reuters Instrument Codes (RIC), market identifier codes (MIC).

An ISIN (ISO 6166) is checked here and nowhere else. A RIC names a share and, behind the dot, its exchange. A MIC
(ISO 10383) is found from the names of exchanges that wires and press releases write.
"""

import re
from functools import cache
from importlib import resources

from streams.model.records import Organisation

_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")

RIC_SUFFIXES = {
    # North America
    "N": "XNYS", "A": "XASE", "P": "ARCX", "O": "XNAS", "OQ": "XNAS", "PK": "PINX", "OB": "OTCB", "Z": "BATS",
    "TO": "XTSE", "V": "XTSX", "CD": "XCNQ", "MX": "XMEX",
    # South America
    "SA": "BVMF", "BA": "XBUE", "SN": "XSGO", "LM": "XLIM", "CN": "XBOG",
    # Europe
    "L": "XLON", "PA": "XPAR", "AS": "XAMS", "BR": "XBRU", "LS": "XLIS", "I": "XDUB", "MI": "XMIL", "MC": "XMAD",
    "DE": "XETR", "F": "XFRA", "SG": "XSTU", "MU": "XMUN", "H": "XHAM", "D": "XDUS", "BE": "XBER", "HA": "XHAN",
    "S": "XSWX", "VI": "XWBO", "ST": "XSTO", "CO": "XCSE", "HE": "XHEL", "OL": "XOSL", "IC": "XICE", "TL": "XTAL",
    "RI": "XRIS", "VL": "XLIT", "WA": "XWAR", "PR": "XPRA", "BU": "XBUD", "BX": "XBSE", "AT": "XATH", "IS": "XIST",
    "LU": "XLUX", "MM": "MISX",
    # Middle East and Africa
    "TA": "XTAE", "SE": "XSAU", "AD": "XADS", "DU": "XDFM", "QA": "DSMD", "KW": "XKUW", "BH": "XBAH", "OM": "XMUS",
    "CA": "XCAI", "J": "XJSE", "CS": "XCAS", "LG": "XNSA", "NR": "XNAI",
    # Asia and Pacific
    "T": "XTKS", "HK": "XHKG", "SS": "XSHG", "SH": "XSHG", "SZ": "XSHE", "TW": "XTAI", "TWO": "ROCO",
    "KS": "XKRX", "KQ": "XKOS",
    "NS": "XNSE", "BO": "XBOM", "SI": "XSES", "KL": "XKLS", "JK": "XIDX", "BK": "XBKK", "PS": "XPHS", "HM": "XSTC",
    "HN": "HSTC", "CM": "XCOL", "KA": "XKAR", "DH": "XDHA", "AX": "XASX", "NZ": "XNZE",
}  # fmt: skip
"""RIC suffix -> MIC, for suffixes that mean one exchange. Source: LSEG's lists of exchange codes."""

_SHARE = re.compile(r"(?P<root>[A-Z0-9][A-Z0-9&]{0,11})(?P<share>_p?[a-z]*|[a-z])?\.(?P<suffix>[A-Z]{1,3})")
_BLANK_CLASS = ("ST", "CO", "HE", "OL", "IC")
"""Suffixes of exchanges that write a share class behind a blank (`ERIC B`). Others write a dot (`BRK.B`)."""

EXCHANGES = {
    "nyse": "XNYS", "newyorkstockexchange": "XNYS", "bignyse": "XNYS",
    "nysearca": "ARCX", "arca": "ARCX",
    "nyseamerican": "XASE", "nyseamer": "XASE", "nysea": "XASE", "nysemkt": "XASE", "amex": "XASE",
    "americanstockexchange": "XASE",
    "nasdaq": "XNAS", "nasdaqgs": "XNAS", "nasdaqgm": "XNAS", "nasdaqcm": "XNAS", "nasdaqglobalselect": "XNAS",
    "nasdaqglobal": "XNAS", "nasdaqcapital": "XNAS", "nasdaqnms": "XNAS", "nasdaqsc": "XNAS",
    "cboebzx": "BATS", "bats": "BATS", "cboe": "BATS",
    "otc": "OTCM", "otcmarkets": "OTCM", "otcmkts": "OTCM", "usotc": "OTCM", "otcbb": "OTCM", "otcid": "OTCM",
    "otcqb": "OTCB", "otcqbventure": "OTCB", "otcqx": "OTCQ", "otcqxbest": "OTCQ", "otcqxinternational": "OTCQ",
    "otcpink": "PINX", "otcpk": "PINX", "otcpinksheets": "PINX", "pink": "PINX", "pinksheets": "PINX",
    "pinksheet": "PINX", "otcpinkcurrent": "PINX", "otcpinkopen": "PINX", "otcexpert": "EXPM",
    "tsx": "XTSE", "torontostockexchange": "XTSE", "toronto": "XTSE", "tor": "XTSE",
    "tsxv": "XTSX", "tsxventure": "XTSX", "tsxve": "XTSX", "cve": "XTSX", "cdnx": "XTSX", "tsxventureexchange": "XTSX",
    "cse": "XCNQ", "cnsx": "XCNQ", "cnx": "XCNQ", "cnq": "XCNQ", "canadiansecuritiesexchange": "XCNQ",
    "neo": "NEOE", "cboeca": "NEOE", "cboecanada": "NEOE", "aequitasneo": "NEOE", "neoexchange": "NEOE",
    "lse": "XLON", "lon": "XLON", "london": "XLON", "londonstockexchange": "XLON", "lsemain": "XLON",
    "aim": "XLON", "lseaim": "XLON", "aimlse": "XLON", "aquis": "AQSE", "aqse": "AQSE",
    "euronextparis": "XPAR", "paris": "XPAR", "epa": "XPAR", "euronextgrowthparis": "ALXP", "alternext": "ALXP",
    "euronextamsterdam": "XAMS", "amsterdam": "XAMS", "ams": "XAMS",
    "euronextbrussels": "XBRU", "brussels": "XBRU", "ebr": "XBRU",
    "euronextlisbon": "XLIS", "lisbon": "XLIS", "els": "XLIS",
    "euronextdublin": "XDUB", "dublin": "XDUB", "euronextmilan": "MTAA", "bit": "MTAA", "borsaitaliana": "MTAA",
    "milan": "MTAA", "osloborsnorway": "XOSL", "euronextoslo": "XOSL", "oslobors": "XOSL", "oslo": "XOSL",
    "ose": "XOSL", "osebx": "XOSL", "euronextoslobors": "XOSL", "euronextgrowthoslo": "MERK",
    "frankfurt": "XFRA", "fse": "XFRA", "fra": "XFRA", "fwb": "XFRA", "bf": "XFRA", "frankfurtstockexchange": "XFRA",
    "boersefrankfurt": "XFRA", "xetra": "XETR", "etr": "XETR",
    "berlin": "XBER", "ber": "XBER", "stuttgart": "XSTU", "stu": "XSTU", "dusseldorf": "XDUS", "duesseldorf": "XDUS",
    "munich": "XMUN", "muenchen": "XMUN", "hamburg": "XHAM", "tradegate": "XGAT",
    "six": "XSWX", "sixswiss": "XSWX", "swx": "XSWX", "vtx": "XSWX", "zurich": "XSWX",
    "vienna": "XWBO", "wbag": "XWBO", "vie": "XWBO", "bme": "XMAD", "madrid": "XMAD",
    "nasdaqstockholm": "XSTO", "stockholm": "XSTO", "omxstockholm": "XSTO", "sto": "XSTO",
    "nasdaqfirstnorth": "FNSE", "nasdaqfirstnorthgrowth": "FNSE", "firstnorth": "FNSE",
    "nasdaqomxstockholm": "XSTO", "nasdaqomxcopenhagen": "XCSE", "nasdaqomxhelsinki": "XHEL",
    "nasdaqomxiceland": "XICE",
    "nasdaqcopenhagen": "XCSE", "copenhagen": "XCSE", "cph": "XCSE", "omxcopenhagen": "XCSE",
    "nasdaqhelsinki": "XHEL", "helsinki": "XHEL", "hel": "XHEL", "omxhelsinki": "XHEL",
    "nasdaqiceland": "XICE", "nasdaqtallinn": "XTAL", "nasdaqriga": "XRIS", "nasdaqvilnius": "XLIT",
    "nasdaqdubai": "DIFX", "warsaw": "XWAR", "wse": "XWAR", "gpw": "XWAR", "athens": "XATH", "ase": "XATH",
    "athex": "XATH", "bist": "XIST", "borsaistanbul": "XIST", "tase": "XTAE", "telaviv": "XTAE", "moex": "MISX",
    "jse": "XJSE", "johannesburg": "XJSE",
    "asx": "XASX", "australiansecuritiesexchange": "XASX", "nzx": "XNZE", "nzse": "XNZE",
    "hkex": "XHKG", "sehk": "XHKG", "hkse": "XHKG", "hkg": "XHKG", "hk": "XHKG", "hongkong": "XHKG",
    "hongkongstockexchange": "XHKG",
    "tse": "XTKS", "tyo": "XTKS", "tokyo": "XTKS", "tokyostockexchange": "XTKS",
    "krx": "XKRX", "kospi": "XKRX", "kse": "XKRX", "kosdaq": "XKOS",
    "sse": "XSHG", "shanghai": "XSHG", "shanghaistockexchange": "XSHG", "sha": "XSHG", "ssestar": "XSHG",
    "szse": "XSHE", "shenzhen": "XSHE", "she": "XSHE", "shenzhenstockexchange": "XSHE", "chinext": "XSHE",
    "twse": "XTAI", "tpe": "XTAI", "tpex": "ROCO", "sgx": "XSES", "ses": "XSES", "sgxst": "XSES",
    "nse": "XNSE", "bse": "XBOM", "bom": "XBOM", "idx": "XIDX", "bursamalaysia": "XKLS", "set": "XBKK",
    "b3": "BVMF", "bovespa": "BVMF", "bvmf": "BVMF", "bmv": "XMEX", "tadawul": "XSAU", "adx": "XADS", "dfm": "XDFM",
    "egx": "XCAI", "psx": "XKAR", "pse": "XPHS", "hose": "XSTC", "hsx": "XSTC", "hnx": "HSTC",
}  # fmt: skip
"""Letters and digits of an exchange's name as press releases write it -> MIC. No other name counts as an exchange."""
_WIDE_NAMES = {
    "XNYS": "纽交所 紐交所 纽约证券交易所 紐約證券交易所 纽约证交所 紐約證交所 ニューヨーク証券取引所",
    "XNAS": "纳斯达克 納斯達克 纳斯达克交易所 納斯達克交易所 ナスダック",
    "XHKG": "香港联交所 香港聯交所 联交所 聯交所 港交所 香港交易所 香港联合交易所 香港聯合交易所 香港证券交易所 "
    "香港證券交易所 香港証券取引所",
    "XSHG": "上交所 上海证券交易所 上海證券交易所 上海证交所 上海証券取引所",
    "XSHE": "深交所 深圳证券交易所 深圳證券交易所 深圳证交所 深圳証券取引所",
    "XTKS": "東証 东证 東證 東京証券取引所 东京证券交易所 東京證券交易所",
    "XNGO": "名証 名古屋証券取引所",
    "XTAI": "台证所 台證所 臺證所 台湾证券交易所 台灣證券交易所 臺灣證券交易所 台湾証券取引所",
    "XSES": "新交所 新加坡交易所 新加坡证券交易所 シンガポール取引所",
    "XLON": "伦交所 倫交所 伦敦证券交易所 倫敦證券交易所 ロンドン証券取引所",
}
"""MIC -> names of the exchange in Chinese and Japanese."""
_WIDE = {name: mic for mic, names in _WIDE_NAMES.items() for name in names.split()}
_BEHIND_WIDE = re.compile(
    r"(?:全球精选市场|全球精選市場|主板|创业板|創業板|科创板|科創板|プライム|スタンダード|グロース|マザーズ|[一二12]部|市場|市场"
    r"|上場|上市公司|上市|股票|股份|证券|證券|証券|銘柄)*(?:代码|代碼|代号|代號|编号|編號|コード|番号)?\Z"
)
"""What stands between the name of an exchange and the colon: its segment, `stock code`."""
_WIDE_LETTER = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_LATIN = str.maketrans({"ø": "o", "ö": "oe", "ü": "ue", "ä": "ae", "å": "aa", "é": "e"})
_ADDED = ("stockmarket", "stockexchange", "market", "exchange", "bestmarket", "plc", "group", "llc", "inc")
_PLAIN = re.compile(r"[^a-z0-9]")


def has_isin_form(text: str) -> bool:
    """Whether the text has the form of an ISIN: two letters, nine letters or digits, one digit. Checks no digit."""
    return _ISIN.fullmatch(text) is not None


def is_valid_isin(isin: str) -> bool:
    """Whether the text is an ISIN with a correct check digit (Luhn, with A as 10 to Z as 35)."""
    if not has_isin_form(isin):
        return False
    digits = "".join(str(int(character, 36)) for character in isin)
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def parse_ric(ric: str) -> Organisation | None:
    """Returns the share that a RIC names; None for an index (`.SPX`), a currency (`EUR=`), a future, other exchanges.

    A small letter at the end of the root is the share class: `BRKb.N` is BRK.B, `ERICb.ST` is ERIC B.
    """
    found = _SHARE.fullmatch(ric.strip())
    if found is None or found["suffix"] not in RIC_SUFFIXES:
        return None
    share = (found["share"] or "").replace("_", "")
    mark = " " if found["suffix"] in _BLANK_CLASS else "."
    symbol = found["root"] + (mark + share.upper() if share else "")
    return Organisation(symbol=symbol, exchange=RIC_SUFFIXES[found["suffix"]], rel="about")


def find_mic(exchange: str) -> str:
    """Returns the MIC of an exchange, given as a MIC in use or as a name in `EXCHANGES`; empty for anything else."""
    exchange = exchange.strip()
    if len(exchange) == 4 and exchange in _read_operating_mics():
        return exchange
    if _WIDE_LETTER.search(exchange):
        bare = _BEHIND_WIDE.sub("", exchange.replace(" ", ""), count=1)
        return _WIDE.get(bare) or (find_mic(bare) if bare.isascii() and bare else "")
    plain = _PLAIN.sub("", exchange.casefold().translate(_LATIN)).removeprefix("the")
    if found := EXCHANGES.get(plain):
        return found
    return next((EXCHANGES[bare] for end in _ADDED if (bare := plain.removesuffix(end)) in EXCHANGES), "")


def find_operating_mic(code: str) -> str:
    """Returns the MIC of the operator of a market: XNYS for NYSE Arca (ARCX). An unknown code is returned unchanged."""
    return _read_operating_mics().get(code, code)


@cache
def _read_operating_mics() -> dict[str, str]:
    """Reads the packaged list: each MIC in use -> its operating MIC (ISO 10383)."""
    text = resources.files("streams.prepare.companies").joinpath("mics.txt").read_text(encoding="ascii")
    rows = (line.split() for line in text.splitlines() if not line.startswith("#"))
    return {segment: operating for operating, *segments in rows for segment in (operating, *segments)}
