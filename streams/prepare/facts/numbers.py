"""Finds figures with their unit: money, percentages, rates, per-share values, counts of shares, quantities."""

import re
from decimal import Decimal

from streams.model.records import FactKind
from streams.prepare.facts._matching import NUMBER, SPACED_NUMBER, FoundFact, Span, build_alternation
from streams.prepare.facts.currencies import CODES, COUNTRIES, DOLLARS, HUNDREDTHS, SCALES, SYMBOLS, WORDS, WRITTEN

MAX_DIGITS = 20

_ENDS = frozenset("\t\n;:()[]/\u2022|\"',.")
_BEGINS = frozenset((*SYMBOLS, *map(chr, range(65, 91)), "s", "."))

_UNITS = (
    "mw gw kw mwh gwh kwh tonnes tons tonne ton mt kg ounces oz barrels barrel bpd boe boepd gallons bushels acres "
    "hectares km kilometers kilometres miles metres meters megawatts gigawatts jobs employees workers people staff "
    "positions stores vehicles units customers patients subscribers homes aircraft bags points"
)
_MONEY = (
    rf"(?:(?P<country>{build_alternation(COUNTRIES)})[ -])?"
    rf"(?P<money>{build_alternation([*WORDS, *map(str.lower, CODES)])}|[$€£¥₹])(?![a-z])"
)
_SHARE = (
    r"(?: in cash| net)?,? ?(?:per|a|an|each|/|je|par|pro) ?(?:[a-z-]+ ){0,2}"
    r"(?:share|shares|ads|adr|unit|warrant|aktie|action|shr)\b"
)
_AFTER = re.compile(
    rf"(?P<percent> ?%|[ -]?(?:percent|per cent|per-cent|pct|prozent|pour cent|por ciento|per cento|procent)\b)"
    rf"(?P<points>[ -]points?\b|punkte\b)?"
    rf"|[ -]?(?:percentage[ -]points?\b|(?P<basis>basis[ -]points?\b|bps?\b|basispunkte\b))"
    rf"|(?:[ -]?(?P<scale>{build_alternation(SCALES)})(?![a-z])(?:\.(?= ?(?:euro?|chf|franken|us|€|\$)))?)?"
    rf"(?:(?:[ -]| of )?(?:{_MONEY})(?P<share>{_SHARE})?"
    rf"|(?P<per>{_SHARE})"
    rf"|(?P<shares> (?:(?:of|its|the|new|newly|issued|outstanding|ordinary|common|preferred|preference|additional"
    rf"|class|[abc]|american|depositary|voting|registered|bearer|treasury|restricted) ){{0,4}}"
    rf"(?:shares?|adss?|adrs?|stock options|warrants|aktien|actions)\b)"
    rf"|[ -](?:new |more |additional |metric |full-time )?(?P<unit>{build_alternation(_UNITS.split())})\b)?"
)
"""What may follow a number, in lower case: percent, points, scale, currency, shares or a unit."""
_TO = re.compile(
    r" ?(?P<word>-|\u2013|\u2014|to|and|bis|bis zu|à|and up to) ?(?P<sign>(?:US|C|A|HK)?[$€£¥₹]|[A-Z]{3} )?(?=\d)"
)
_TO_BEGINS = frozenset(("-", "\u2013", "\u2014", "t", "a", "b", "\xe0"))
_RATE_BEFORE = re.compile(
    r"(?:coupon|yield(?:s|ing|ed)?|(?:interest|policy|deposit|lending|repo|prime|key|base|bank|benchmark|funds|discount"
    r"|mortgage|cash|federal|zins) ?(?:rates?|satz)|sofr|euribor|libor|interest|leitzins|verzinsung)"
    r"(?: (?:of|at|to|by|is|was|from|plus|steady|unchanged|fixed|target)){0,3} ?[+]? ?\Z"
)
_RATE_WORDS = ("rate", "yield", "coupon", "interest", "bor", "sofr", "satz", "zins", "verzinsung")
"""Every match of `_RATE_BEFORE` contains one of these; a quick check before it."""
_RATE_AFTER = re.compile(
    r" (?:per annum|p\.a\.|per year|annual interest|coupon|interest|(?:[a-z]+ ){0,3}(?:notes|bonds|debentures)\b"
    r"|yield|treasur)"
)
_BEFORE = re.compile(r"(?:^|[^A-Za-z.])(?P<code>[A-Z][A-Za-z]{1,3}|kr|dlrs)\.? ?\Z")
_DOLLAR = re.compile(r"(?:^|[^A-Za-z])(?P<letters>[A-Za-z.]{1,4}) ?\Z")
_UNIT_WORDS = (*WORDS, *CODES, *COUNTRIES, *SCALES, *_UNITS.split(), *SYMBOLS, "%")
_FILLS = (
    "percentage percent per-cent pct prozent pour por procent basis bps bp basispunkte to and bis à - \u2013 \u2014 of "
    "its the new newly issued outstanding ordinary common preferred preference additional class a b c american "
    "depositary voting registered bearer treasury restricted shares share ads adr stock warrants aktien actions in "
    "net a an each / je par more metric full-time"
)
_OPENINGS = frozenset(word[:2].lower().ljust(2) for word in (*_UNIT_WORDS, *_FILLS.split()))
"""First two letters of everything that may follow a figure and a blank; a quick check before `_AFTER`."""
_FRACTION = re.compile(r"(?<![\d/.,])(?:(?P<whole>\d{1,4})[- ])?(?P<above>\d{1,2})/(?P<below>\d{1,2})\Z", re.ASCII)
_HALVINGS = {"2": 1, "4": 2, "8": 3, "16": 4, "32": 5, "64": 6}
"""Denominator of prices and rates -> number of decimals that its fractions need."""
_LETTERS = frozenset(("k", "m", "b", "t", "mm", "md", "cr", "mil"))

UnitReading = tuple[int, FactKind, str, str, int]
"""The unit behind a number: its end, kind, unit, scale word and power of ten."""


def find_figures(text: str, lower: str, places: list[Span], *, decimal_comma: bool) -> list[FoundFact]:
    """Finds the numbers at these places that have a unit, in order. `lower` is the text in lower case."""
    found: list[FoundFact] = []
    last = 0
    for start, end in places:
        if start < last:
            continue
        after = text[end : end + 1]
        if after in _ENDS or (after == " " and lower[end + 1 : end + 3] not in _OPENINGS):
            # Without a unit behind it, only a currency before it makes it a fact.
            before = text[start - 2 : start - 1] if text[start - 1 : start] == " " else text[start - 1 : start]
            if before not in _BEGINS:
                continue
        if read := _read_figure(text, lower, start, end, decimal_comma):
            found.append(read)
            last = read[1]
    return found


def _read_figure(text: str, lower: str, start: int, end: int, comma: bool) -> FoundFact | None:
    before = text[max(0, start - 2) : start]
    if before[-1:] == "/" and before[0].isdigit():
        digits, start = _read_fraction(text, start, end)
    elif before[-1:] == "-" and before[0].isdigit():
        return None  # the `400` of `747-400`; the end of a range is read together with its beginning
    else:
        digits = _parse_digits(text[start:end], comma)
    if digits is None:
        return None
    begin, currency = _read_currency_before(text, start)
    if not currency and _is_letter(text[start - 1 : start]):
        return None  # A320, COVID19
    first = _read_unit(lower, end, currency)
    stop = first[0] if first else end
    between = _TO.match(text, stop) if lower[stop : stop + 2].lstrip(" ")[:1] in _TO_BEGINS else None
    if between and (between["word"] != "and" or "etween" in text[max(0, start - 14) : start]):
        second = _read_range_end(text, lower, between, currency, comma)
        if second and (joined := _format_range(digits, first, second)):
            minus = _read_minus(text, begin)
            return begin - len(minus), second[0][0], second[0][1], f"{minus}{joined}"
    if first is None:
        return None
    stop, kind, unit, _, zeros = first
    minus = _read_minus(text, begin)
    if kind == "percent" and _is_rate(lower, begin, stop):
        kind = "rate"
    return begin - len(minus), stop, kind, _format_value(f"{minus}{format_decimal(digits, zeros)}", kind, unit)


def _to_decimal(digits: tuple[str, int], zeros: int) -> Decimal:
    return Decimal(format_decimal(digits, zeros))


def _read_fraction(text: str, start: int, end: int) -> tuple[tuple[str, int] | None, int]:
    """Reads the fraction whose denominator stands here (`7-1/4` as 7.25) and its start; None for a date such as 3/7."""
    found = _FRACTION.search(text, max(0, start - 12), end)
    if found is None or found["below"] not in _HALVINGS:
        return None, start
    decimals = _HALVINGS[found["below"]]
    value = int(found["whole"] or 0) * 10**decimals + int(found["above"]) * 10**decimals // int(found["below"])
    return (str(value), decimals), found.start()


def _format_value(figure: str, kind: FactKind, unit: str) -> str:
    if kind in ("amount", "per-share"):
        return f"{unit} {figure}"
    return f"{figure} {unit}" if unit else figure


def _read_range_end(
    text: str, lower: str, between: re.Match[str], currency: str, comma: bool
) -> tuple[UnitReading, tuple[str, int]] | None:
    number = (SPACED_NUMBER if comma else NUMBER).match(text, between.end())
    digits = _parse_digits(number[0], comma) if number else None
    if number is None or digits is None:
        return None
    read = _read_unit(lower, number.end(), currency)
    return (read, digits) if read else None


def _format_range(first: tuple[str, int], own: UnitReading | None, second: tuple[UnitReading, tuple[str, int]]) -> str:
    """Formats a range such as `3..4 %`; empty if the two numbers have different units.

    A unit or scale that the first number leaves out is that of the second.
    """
    (_, kind, unit, scale, zeros), last = second
    if own is not None and (own[1], own[2]) != (kind, unit):
        return ""
    low = own[4] if own is not None and own[3] else zeros if scale or own is None else 0
    if _to_decimal(first, low) > _to_decimal(last, zeros):
        return ""  # `747-400 aircraft`
    return _format_value(f"{format_decimal(first, low)}..{format_decimal(last, zeros)}", kind, unit)


def _read_unit(lower: str, end: int, currency: str) -> UnitReading | None:
    """Reads the unit from the text behind a number and the currency before it; None if there is no unit."""
    found = _AFTER.match(lower, end)
    if found is None:
        return None
    part = found.groupdict()
    if part["percent"]:
        return found.end(), "percent", "pp" if part["points"] else "%", "", 0
    if part["basis"]:
        return found.end(), "percent", "bp", "", 0
    stop, scale = found.end(), part["scale"] or ""
    if stop > end and not (scale or part["money"] or part["per"] or part["shares"] or part["unit"]):
        return stop, "percent", "pp", "", 0
    money = _find_currency(part, currency)
    if scale in _LETTERS and not money and not part["shares"]:
        return None
    zeros = SCALES.get(scale, 0)
    if part["money"] and part["money"] in HUNDREDTHS:
        zeros -= 2
    if money:
        if part["unit"] or part["shares"]:
            stop = max(found.end("scale"), end)
        return stop, "per-share" if part["share"] or part["per"] else "amount", money, scale, zeros
    if part["shares"]:
        return stop, "shares", "", scale, zeros
    if part["unit"]:
        return stop, "quantity", part["unit"], scale, zeros
    return None


def _find_currency(part: dict[str, str | None], currency: str) -> str:
    written = part["money"] or ""
    if currency or not written:
        return currency
    country = COUNTRIES.get(part["country"] or "", "")
    return country or WORDS.get(written, "") or SYMBOLS.get(written, written.upper())


def _read_currency_before(text: str, start: int) -> tuple[int, str]:
    """Returns the start of a figure with the currency before it, and the ISO 4217 code.

    Without a currency: the start of the number and an empty code.
    """
    at = start - 1 if text[start - 1 : start] == " " else start
    symbol = text[at - 1 : at]
    if symbol == "$":
        letters = _DOLLAR.search(text, max(0, at - 6), at - 1)
        if letters and letters["letters"] in DOLLARS:
            return letters.start("letters"), DOLLARS[letters["letters"]]
        return at - 1, "USD"
    if symbol in SYMBOLS:
        return at - 1, SYMBOLS[symbol]
    if symbol.isalpha() or symbol == ".":
        word = _BEFORE.search(text, max(0, start - 7), start)
        if word and (word["code"] in CODES or word["code"] in WRITTEN):
            code = word["code"]
            return word.start("code"), code if code in CODES else WRITTEN[code]
    return start, ""


def _read_minus(text: str, start: int) -> str:
    before = text[max(0, start - 2) : start]
    return "-" if before[-1:] in ("-", "\u2212", "\u2013") and not before[:-1].strip(" (\n\t") else ""


def _is_letter(character: str) -> bool:
    return character.isalpha() and character < "\u2000"


def _is_rate(lower: str, start: int, end: int) -> bool:
    if _RATE_AFTER.match(lower, end):
        return True
    begin = max(0, start - 45)
    before = lower[begin:start]
    return any(word in before for word in _RATE_WORDS) and bool(_RATE_BEFORE.search(lower, begin, start))


def _parse_digits(written: str, comma: bool) -> tuple[str, int] | None:
    """Returns the digits of a number without separators, and how many are decimals; None for a date or version."""
    if written.isdigit():
        return (written, 0) if len(written) <= MAX_DIGITS else None
    whole = written.replace("'", "").replace("\u2019", "").replace(" ", "")
    commas, dots = whole.count(","), whole.count(".")
    if len(whole) > MAX_DIGITS or not whole.isascii():
        return None
    mark = ""
    if commas and dots:
        mark = max(",.", key=whole.rfind)
        if whole.count(mark) > 1:
            return None
    elif commas == 1:
        mark = "," if comma or len(whole.rpartition(",")[2]) != 3 else ""
    elif dots == 1:
        mark = "" if comma and len(whole.rpartition(".")[2]) == 3 else "."
    elif dots and any(len(group) != 3 for group in whole.split(".")[1:]):
        return None
    ones, _, decimals = whole.partition(mark) if mark else (whole, "", "")
    return ones.replace(",", "").replace(".", "") + decimals, len(decimals)


def format_decimal(digits: tuple[str, int], zeros: int) -> str:
    """Formats digits and decimals with a power of ten as a plain number: (`125`, 1) with 6 zeros is `12500000`."""
    figures, decimals = digits
    shift = zeros - decimals
    if shift >= 0:
        return (figures + "0" * shift).lstrip("0") or "0"
    figures = figures.rjust(1 - shift, "0")
    ones, part = figures[:shift].lstrip("0") or "0", figures[shift:].rstrip("0")
    return f"{ones}.{part}" if part else ones
