"""Reuters Instrument Codes of shares: the suffix behind the dot names the exchange."""

import re

from streams.model import Organisation

SUFFIXES = {
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
    "T": "XTKS", "HK": "XHKG", "SS": "XSHG", "SZ": "XSHE", "TW": "XTAI", "TWO": "ROCO", "KS": "XKRX", "KQ": "XKOS",
    "NS": "XNSE", "BO": "XBOM", "SI": "XSES", "KL": "XKLS", "JK": "XIDX", "BK": "XBKK", "PS": "XPHS", "HM": "XSTC",
    "HN": "HSTC", "CM": "XCOL", "KA": "XKAR", "DH": "XDHA", "AX": "XASX", "NZ": "XNZE",
}  # fmt: skip
"""Suffix -> ISO 10383 MIC of the exchange, where one exchange is meant; as LSEG's lists of exchange codes have them."""

_SHARE = re.compile(r"(?P<root>[A-Z0-9][A-Z0-9&]{0,11})(?P<share>_p?[a-z]*|[a-z])?\.(?P<suffix>[A-Z]{1,3})")
_BLANK_CLASS = ("ST", "CO", "HE", "OL", "IC")
"""Exchanges where a share's class follows a blank (`ERIC B`); elsewhere a dot (`BRK.B`)."""


def listing(ric: str) -> Organisation | None:
    """The share that a RIC names; None for an index (`.SPX`), a currency (`EUR=`), a future, an unknown exchange.

    A small letter at the end of the root is the share's class: `BRKb.N` is BRK.B, `ERICb.ST` is ERIC B.
    """
    found = _SHARE.fullmatch(ric.strip())
    if found is None or found["suffix"] not in SUFFIXES:
        return None
    share = (found["share"] or "").replace("_", "")
    mark = " " if found["suffix"] in _BLANK_CLASS else "."
    symbol = found["root"] + (mark + share.upper() if share else "")
    return Organisation(symbol=symbol, exchange=SUFFIXES[found["suffix"]], rel="about")
