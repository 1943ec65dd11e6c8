"""The metadata of a NewsML 1.2 component: lines, codes, securities, rights; the nearest component around it wins.

NewsML 1.2 Functional Specification: metadata of a NewsComponent holds for all inside it unless one of these says
otherwise. `Property` pairs a formal name with a value; which names there are is the provider's own.
"""

import re
from collections.abc import Iterator

from streams.model import Code, Organisation
from streams.prepare.formats._fields import ISIN, code, unique
from streams.prepare.formats._xml import Element, attribute, child, children, descendants, local, text
from streams.prepare.text import one_line

_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")
_IPTC = re.compile(r"iptcsubjectcodes?", re.I)
_SPLIT = re.compile(r"[;|]")
_NAMES = {
    "symbol": ("tickersymbol", "ticker", "symbol", "stocksymbol"),
    "exchange": ("exchange", "stockexchange", "market"),
    "isin": ("isin", "isincode"),
    "name": ("company", "companyname", "organisation", "organization"),
}
_SYMBOL_SCHEMES = ("ric", "ticker", "tickersymbol", "symbol")


def around(component: Element | None) -> list[Element]:
    """The component and those around it, the nearest first."""
    if component is None:
        return []
    outer = [found for found in component.iterancestors() if local(found) in ("NewsComponent", "NewsItem")]
    inside = (
        [local(found) for found in outer].index("NewsItem")
        if any(local(f) == "NewsItem" for f in outer)
        else len(outer)
    )
    return [component, *outer[:inside]]


def line(components: list[Element], *names: str) -> str:
    """The first line of `NewsLines` with one of these names that is not empty; names in any case (`Headline`)."""
    wanted = [name.lower() for name in names]
    for component in components:
        lines = child(component, "NewsLines")
        for found in lines if lines is not None else ():
            if local(found).lower() in wanted and (said := text(found)):
                return one_line(said)
    return ""


def typed_line(components: list[Element], *kinds: str) -> str:
    """The text of a `NewsLine` of one of these types (lower case, no blanks)."""
    for component in components:
        for found in children(child(component, "NewsLines"), "NewsLine"):
            kind = attribute(child(found, "NewsLineType"), "FormalName").replace(" ", "").lower()
            if kind in kinds and text(child(found, "NewsLineText")):
                return one_line(text(child(found, "NewsLineText")))
    return ""


def nearest(components: list[Element], *path: str) -> Element | None:
    """The element at a path of local names in the nearest component that has it."""
    return next((found for component in components if (found := child(component, *path)) is not None), None)


def formal(element: Element | None) -> str:
    """The formal name of an element."""
    return one_line(attribute(element, "FormalName"))


def party(components: list[Element], kind: str) -> str:
    """The party of `AdministrativeMetadata` in this role (Provider, Source…)."""
    found = (formal(child(component, "AdministrativeMetadata", kind, "Party")) for component in components)
    return next(filter(None, found), "")


def language(components: list[Element]) -> str:
    """`Language` of the description, else `xml:lang`."""
    stated = (formal(child(component, "DescriptiveMetadata", "Language")) for component in components)
    marked = (attribute(component, "lang") for component in components)
    return next(filter(None, (*stated, *marked)), "")


def located(components: list[Element]) -> str:
    """The city of the place where the item comes from: `Location` with `HowPresent` Origin or without."""
    for component in components:
        for place in children(child(component, "DescriptiveMetadata"), "Location"):
            city = _values(place).get("city", "")
            if city and attribute(place, "HowPresent") in ("", "Origin"):
                return city
    return ""


def terms(components: list[Element]) -> str:
    """The usage rights as text."""
    rights = nearest(components, "RightsMetadata", "UsageRights")
    names = ("UsageType", "Geography", "Limitations")
    return "; ".join(filter(None, (one_line(text(child(rights, name))) for name in names)))


def codes(components: list[Element]) -> tuple[Code, ...]:
    """Subject codes, genres, keywords, and a provider's own keywords (`BWIndustryKeywords`) with the name as scheme."""
    found: list[Code | None] = []
    for component in components:
        described = child(component, "DescriptiveMetadata")
        for group in children(described, "SubjectCode"):
            found += [_subject(one) for one in group if local(one) in _SUBJECTS]
        found += [Code("genre", formal(one)) for one in children(described, "Genre") if formal(one)]
        lines = [one_line(text(one)) for one in children(child(component, "NewsLines"), "KeywordLine")]
        found += [Code("keyword", word.strip()) for words in lines for word in _SPLIT.split(words) if word.strip()]
        for holder in (described, *children(component, "Metadata")):
            for entry in children(holder, "Property"):
                name, value = formal(entry), one_line(attribute(entry, "Value"))
                if value and name.lower() in ("keyword", "keywords"):
                    found += [Code("keyword", word.strip()) for word in _SPLIT.split(value) if word.strip()]
                elif value and name.endswith("Keywords"):
                    found.append(Code(name, value))
    return unique(found)


def _subject(element: Element) -> Code | None:
    scheme = attribute(element, "Scheme") or attribute(element, "Vocabulary")
    return code(formal(element), "" if _IPTC.fullmatch(scheme) else scheme)


def organisations(item: Element, components: list[Element]) -> tuple[Organisation, ...]:
    """Companies by properties that stand together (Ticker Symbol, Exchange, ISIN); companies among the topics."""
    holders = [
        holder
        for component in components
        for name in ("DescriptiveMetadata", "Metadata")
        for holder in children(component, name)
    ]
    found = [entry for holder in holders for entry in _securities(holder)]
    return tuple(dict.fromkeys((*found, *_topics(item))))


def _securities(holder: Element) -> Iterator[Organisation]:
    stated = _values(holder)
    name, symbol, exchange, isin = (
        next((value for key, value in stated.items() if key in _NAMES[kind]), "")
        for kind in ("name", "symbol", "exchange", "isin")
    )
    entry = Organisation(name=name, symbol=symbol, exchange=exchange, isin=_isin(isin))
    if entry.symbol or entry.isin:
        yield entry
    for inner in children(holder, "Property"):
        if len(inner):
            yield from _securities(inner)


def _values(holder: Element) -> dict[str, str]:
    """The properties that have a value, by formal name (lower case, no blanks); the first of each name."""
    found: dict[str, str] = {}
    for entry in children(holder, "Property"):
        if value := one_line(attribute(entry, "Value")):
            found.setdefault(formal(entry).replace(" ", "").lower(), value)
    return found


def _isin(value: str) -> str:
    return value if ISIN.fullmatch(value) else ""


def _topics(item: Element) -> Iterator[Organisation]:
    """Topics of type Company (section 5.3): their formal names are codes of the schemes that they name."""
    for topic in descendants(item.getroottree().getroot(), "Topic"):
        if formal(child(topic, "TopicType")).lower() not in ("company", "organisation", "organization"):
            continue
        stated = {attribute(one, "Scheme").lower(): one_line(text(one)) for one in children(topic, "FormalName")}
        symbol = next((stated[name] for name in _SYMBOL_SCHEMES if stated.get(name)), "")
        isin = _isin(stated.get("isin", ""))
        if symbol or isin:
            yield Organisation(name=one_line(text(child(topic, "Description"))), symbol=symbol, isin=isin)
