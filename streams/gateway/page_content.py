"""Builds what the pages show from rows and enriched items: rows, article, structured data (pure).

All texts are plain; the templates escape them. A text with tables or lists is the exception: nh3 makes it safe.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import nh3
import orjson
from lxml.etree import iterwalk
from lxml.html import HtmlElement, fragment_fromstring, tostring
from lxml.html.builder import E

from streams.gateway.labels import name_section
from streams.gateway.ninjs_fields import find_text, list_objects, read_text
from streams.gateway.story_address import build_section_path
from streams.gateway.ticker_row import COMPANY_URN, MAX_HEADLINE, TICKER, TickerRow, format_ticker_time, shorten
from streams.model.printable import make_printable

MAX_PICTURES = 12
MAX_CHIPS = 3
MAX_LINKED = 40
"""Companies of an item that become links in its text."""
URGENT = 2
"""Items of this urgency or a smaller one are marked."""
_TAGS = {
    *("p", "br", "ul", "ol", "li", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("b", "strong", "i", "em", "sup", "sub", "h3", "h4", "blockquote", "pre"),
}
_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_STRUCTURED = re.compile(r"<(?:table|ul|ol)\b", re.I)
_WEB = re.compile(r"https?://", re.I)


class PageChip(msgspec.Struct, frozen=True):
    """A ticker of a row, with the address that it leads to."""

    symbol: str
    name: str
    path: str


class PageRow(msgspec.Struct, frozen=True):
    """A row of a list."""

    day: str
    """The date, on the first row of a day of a list that does not move; else empty."""
    clock: str
    time: str
    headline: str
    language: str
    path: str
    source: str
    source_name: str
    marks: tuple[str, ...]
    """Keys of labels: `corrected`, `updated`, `urgent`."""
    chips: tuple[PageChip, ...]


class PageCompany(msgspec.Struct, frozen=True):
    """A company of an article."""

    name: str
    path: str
    """Empty where the company has no page."""
    symbols: tuple[str, ...]


class PagePicture(msgspec.Struct, frozen=True):
    """A picture of an article."""

    href: str
    caption: str


class PagePart(msgspec.Struct, frozen=True):
    """A run of a paragraph; with a path it is a link to a company."""

    text: str
    path: str = ""


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of a story shows."""

    uri: str
    headline: str
    language: str
    date: str
    """The time of the version, as the site writes it."""
    time: str
    first_time: str
    byline: str
    issuer: str
    source: str
    source_name: str
    summary: str
    paragraphs: tuple[tuple[PagePart, ...], ...]
    safe_html: str
    """The text where it has tables or lists: made safe, so that it may be written as it is. Else empty."""
    boilerplate: tuple[str, ...]
    note: str
    is_restricted: bool
    """Whether the text may not be shown."""
    pictures: tuple[PagePicture, ...]
    companies: tuple[PageCompany, ...]
    categories: tuple[str, ...]
    original: str
    """The address at the source; empty where there is none."""
    copyright: str


def build_page_rows(rows: Iterable[bytes], zone: ZoneInfo, date_format: str | None = None) -> tuple[PageRow, ...]:
    """Builds the rows of a list from their JSON; with a format, the first row of each day says its date."""
    found, last = [], ""
    for each in rows:
        row = msgspec.json.decode(each, type=TickerRow)
        day = _format_time(row.time, zone, date_format.partition(" | ")[0]) if date_format else ""
        found.append(_build_page_row(row, zone, day if day != last else ""))
        last = day
    return tuple(found)


def format_page_time(time: str, zone: ZoneInfo, labels: Mapping[str, str]) -> str:
    """Formats a time as the site does: `12/10/2021 | 07:41am EST`. Empty where the text is no time."""
    return _format_time(time, zone, labels["date_format"])


def _format_time(time: str, zone: ZoneInfo, pattern: str) -> str:
    try:
        local = datetime.fromisoformat(time).astimezone(zone)
    except (ValueError, OverflowError):
        return ""
    return local.strftime(pattern.replace("%p", "am" if local.hour < 12 else "pm"))


def build_article(
    document: bytes, row: TickerRow, zone: ZoneInfo, labels: Mapping[str, str], *, is_restricted: bool
) -> Article:
    """Builds the article of an enriched item. A restricted item has no body (restricted.py left it out)."""
    item = orjson.loads(document)
    companies = tuple(_build_companies(item))
    text = find_text(item, "bodies", "main") or find_text(item, "descriptions", "summary")
    html = find_text(item, "bodies", "html")
    names = {role: make_printable(find_text(item, "infoSources", role, "name")) for role in ("distributor", "issuer")}
    original = find_text(item, "altIds", "canonical-url")
    return Article(
        uri=row.uri,
        headline=make_printable(find_text(item, "headlines", "main")) or row.headline,
        language=row.language,
        date=format_page_time(row.time, zone, labels),
        time=row.time,
        first_time=read_text(item.get("firstCreated")) or row.time,
        byline=make_printable(read_text(item.get("by"))),
        issuer=names["issuer"],
        source=row.source,
        source_name=row.source_name or names["distributor"] or row.source,
        summary=shorten(make_printable(find_text(item, "descriptions", "summary") or text), MAX_HEADLINE),
        paragraphs=link_companies(_split_paragraphs(text), companies),
        safe_html=link_html(clean_html(html), companies) if _STRUCTURED.search(html) else "",
        boilerplate=_split_paragraphs(find_text(item, "bodies", "boilerplate")),
        note=make_printable(read_text(item.get("edNote"))),
        is_restricted=is_restricted,
        pictures=tuple(_build_pictures(item)),
        companies=companies,
        categories=row.categories,
        original=original if _WEB.match(original) else "",
        copyright=_build_copyright(item, row, names["distributor"] or row.source_name),
    )


def build_schema_org(article: Article, address: str, labels: Mapping[str, str]) -> dict[str, object]:
    """Builds the schema.org `NewsArticle` of a story."""
    about = [
        {"@type": "Corporation", "name": each.name, **({"tickerSymbol": each.symbols[0]} if each.symbols else {})}
        for each in article.companies
        if each.name
    ]
    author = {"@type": "Person", "name": article.byline} if article.byline else None
    publisher = {"@type": "Organization", "name": article.source_name}
    fields = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": shorten(article.headline, 110),
        "description": article.summary,
        "datePublished": article.first_time,
        "dateModified": article.time,
        "inLanguage": article.language,
        "mainEntityOfPage": address,
        "url": address,
        "author": author or {"@type": "Organization", "name": article.issuer or article.source_name},
        "publisher": publisher,
        "articleSection": [name_section(labels, each) for each in article.categories],
        "image": [each.href for each in article.pictures],
        "about": about,
        "isBasedOn": article.original,
        "copyrightNotice": article.copyright,
        "isAccessibleForFree": not article.is_restricted,
    }
    return {name: value for name, value in fields.items() if value not in ("", [], None)}


def clean_html(html: str) -> str:
    """Makes the HTML text of an item safe once more: tags of text, tables and lists, without links and styles."""
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=set(), link_rel=None)


def link_companies(paragraphs: Sequence[str], companies: Sequence[PageCompany]) -> tuple[tuple[PagePart, ...], ...]:
    """Splits paragraphs so that the first mention of each company is a link to its page."""
    waiting = _linked_names(companies)
    return tuple(_split_at_names(paragraph, waiting) for paragraph in paragraphs)


def link_html(html: str, companies: Sequence[PageCompany]) -> str:
    """Makes the first mention of each company in a safe HTML text a link to its page."""
    waiting = _linked_names(companies)
    root = fragment_fromstring(html, create_parent="div")
    for event, element in list(iterwalk(root, events=("start", "end"))):  # in the order of the text
        parent = element.getparent()
        if event == "start":
            element.text = _insert_links(element, 0, _split_at_names(element.text or "", waiting))
        elif parent is not None:
            parts = _split_at_names(element.tail or "", waiting)
            element.tail = _insert_links(parent, parent.index(element) + 1, parts)
    return escape(root.text or "") + "".join(tostring(each, encoding="unicode") for each in root)


def build_company_path(company: str) -> str:
    """Builds the path of a company's page from its id."""
    return f"/company/{quote(company, safe='')}"


def list_section_links(labels: Mapping[str, str], categories: Iterable[str]) -> list[tuple[str, str, str]]:
    """Lists id, path and name of sections."""
    return [(each, build_section_path(each), name_section(labels, each)) for each in categories]


def _linked_names(companies: Iterable[PageCompany]) -> dict[str, str]:
    return {each.name: each.path for each in companies if each.path and len(each.name) > 2}


def _split_at_names(text: str, waiting: dict[str, str]) -> tuple[PagePart, ...]:
    """Splits a text at the names that wait for their first mention, and takes those that it has out of them."""
    parts: list[PagePart] = []
    while waiting and (match := _name_pattern(tuple(waiting)).search(text)):
        parts += [PagePart(text[: match.start()])] if match.start() else []
        parts.append(PagePart(match[0], waiting.pop(match[0])))
        text = text[match.end() :]
    return (*parts, PagePart(text)) if text else tuple(parts)


def _insert_links(parent: HtmlElement, place: int, parts: Sequence[PagePart]) -> str:
    """Inserts the links of a split text as children from a place on. Returns the text before the first one."""
    before, last = "", None
    for part in parts:
        if part.path:
            last = E.a(part.text, href=part.path)
            parent.insert(place, last)
            place += 1
        elif last is None:
            before = part.text
        else:
            last.tail = part.text
    return before


def _name_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)[:MAX_LINKED]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")


def _build_page_row(row: TickerRow, zone: ZoneInfo, day: str) -> PageRow:
    marks = ("urgent",) if 0 < row.urgency <= URGENT else ()
    if row.status in ("updated", "corrected"):
        marks = (*marks, row.status)
    return PageRow(
        day=day,
        clock=format_ticker_time(row.time, zone).strip(),
        time=row.time,
        headline=row.headline,
        language=row.language,
        path=row.page,
        source=row.source,
        source_name=row.source_name or row.source,
        marks=marks,
        chips=tuple(_build_chips(row))[:MAX_CHIPS],
    )


def _build_chips(row: TickerRow) -> Iterable[PageChip]:
    seen = set()
    for company in row.companies:
        for symbol in company.symbols:
            seen.add(symbol)
            yield PageChip(symbol, company.name, build_company_path(company.id))
    for symbol in row.symbols:
        if symbol not in seen:
            yield PageChip(symbol, symbol, f"/?ticker={quote(symbol, safe='')}")


def _build_companies(item: Mapping[str, object]) -> Iterable[PageCompany]:
    for each in list_objects(item.get("organisations")):
        name, uri = make_printable(read_text(each.get("name"))), read_text(each.get("uri"))
        symbols = tuple(
            f"{exchange}:{symbol}" if (exchange := make_printable(read_text(one.get("exchange")))) else symbol
            for one in list_objects(each.get("symbols"))
            if read_text(one.get("symbolType")) == TICKER and (symbol := make_printable(read_text(one.get("symbol"))))
        )
        if name or symbols:
            has_page = uri.startswith(COMPANY_URN)
            yield PageCompany(name, build_company_path(uri.removeprefix(COMPANY_URN)) if has_page else "", symbols)


def _build_pictures(item: Mapping[str, object]) -> Iterable[PagePicture]:
    for each in list_objects(item.get("associations"))[:MAX_PICTURES]:
        renditions = list_objects(each.get("renditions"))
        href = read_text(renditions[0].get("href")) if renditions else ""
        if read_text(each.get("type")) == "picture" and _WEB.match(href):
            yield PagePicture(href, make_printable(find_text(each, "descriptions", "caption")))


def _build_copyright(item: Mapping[str, object], row: TickerRow, name: str) -> str:
    if notice := make_printable(read_text(item.get("copyrightNotice"))):
        return notice
    return f"© {name} {row.time[:4]}" if name and row.time[:4].isdecimal() else ""


def _split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(part for each in re.split(r"\n{2,}", text) if (part := make_printable(each)))
