"""Parses enriched items into rows of the ticker (schemas/README.md, section 6), for `tail` and the gateway."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec
import orjson

from streams.gateway.story_address import build_news_path
from streams.model.headers import SOURCE_URN, KafkaHeaders, headers_as_text
from streams.model.printable import make_printable
from streams.model.records import PubStatus
from streams.model.sources import Sources

MAX_NAME, MAX_COMPANIES = 100, 5
COMPANY_URN = "urn:newswire:company:"
"""The prefix of a company's id in the `uri` of an organisation."""
MAX_HEADLINE = 300
"""A headline is shown up to so many characters: a text that stands in its place is not."""
WITHDRAWN = "news.item.withdrawn"
RowStatus = Literal["new", "updated", "corrected", "withdrawn"]
TICKER = "urn:newswire:symbol:ticker"


class ItemPart(msgspec.Struct, frozen=True):
    """A headline, subject, source or id of an item; each kind has some of these fields."""

    role: str = ""
    rel: str = ""
    name: str = ""
    literal: str = ""
    value: str = ""


class ItemSymbol(msgspec.Struct, frozen=True, rename="camel"):
    """A ticker or ISIN of a company."""

    symbol: str = ""
    exchange: str = ""
    symbol_type: str = ""


class ItemOrganisation(msgspec.Struct, frozen=True):
    """A company of an item."""

    uri: str = ""
    name: str = ""
    rel: str = ""
    symbols: tuple[ItemSymbol, ...] = ()


class ShownFields(msgspec.Struct, frozen=True, rename="camel"):
    """The fields of an enriched item that a row is made of. A field of another type makes it no item of ours."""

    uri: str
    version: str = ""
    version_created: str = ""
    language: str = ""
    pub_status: str = ""
    urgency: int = 0
    headlines: tuple[ItemPart, ...] = ()
    descriptions: tuple[ItemPart, ...] = ()
    subjects: tuple[ItemPart, ...] = ()
    organisations: tuple[ItemOrganisation, ...] = ()
    events: tuple[ItemPart, ...] = ()
    info_sources: tuple[ItemPart, ...] = ()
    alt_ids: tuple[ItemPart, ...] = ()


class RowCompany(msgspec.Struct, frozen=True):
    """A company that a row is about and that has a page."""

    id: str
    """Such as `cik-886128`."""
    name: str
    symbols: tuple[str, ...]
    """Tickers without their exchange."""


class TickerRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One row of the ticker. Its text has no control character and nothing that turns the direction of writing."""

    id: str
    """The `ce_id`."""
    uri: str
    version: str
    time: str
    """`versionCreated`, RFC 3339 UTC."""
    headline: str
    """The headline of role `ticker`, else of role `main`."""
    source: str
    """The display code of the distributor, else of the source: `PR`."""
    categories: tuple[str, ...]
    symbols: tuple[str, ...]
    """Tickers without their exchange: `FCEL`."""
    language: str
    url: str
    status: RowStatus
    """`corrected`: the wire calls this version a correction; `updated`: any other later version.

    A withdrawn row only says which row to remove."""
    source_name: str = ""
    """The full name of that source: `PR Newswire`."""
    urgency: int = 0
    """1 (highest) to 9, as in the item; missing where the item has none."""
    companies: tuple[RowCompany, ...] = ()
    """The companies that the item is about, at most 5."""
    page: str = ""
    """The path of the story's page at the gateway."""
    replayed: bool = False
    """True where a replay or the desk changed it: nothing happened in the world, so no ticker may flash the row."""


class Tombstone(msgspec.Struct, frozen=True):
    """A record without a value: a story left the topic with this version."""

    id: str
    """The `ce_id`."""
    uri: str
    version: str
    time: str
    """The received time of the item that caused it."""
    source: str
    """The display code of its source."""
    is_withdrawn: bool
    """False where the story only moved to other topics."""

    def as_row(self) -> TickerRow:
        """Returns the row that says which row to remove."""
        return TickerRow(
            id=self.id,
            uri=self.uri,
            version=self.version,
            time=self.time,
            headline="",
            source=self.source,
            categories=(),
            symbols=(),
            language="",
            url="",
            status="withdrawn",
        )


def parse_shown_fields(value: bytes) -> ShownFields:
    """Parses the value of a record of a public topic. Raises ValueError where it is no enriched item."""
    try:
        return msgspec.convert(orjson.loads(value), ShownFields)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    except msgspec.ValidationError as error:
        raise ValueError(f"not the fields of an enriched item: {error}") from error


def parse_ticker_row(value: bytes, headers: KafkaHeaders, sources: Sources) -> TickerRow:
    """Parses a record of a public topic. Raises ValueError where it is no enriched item."""
    return build_ticker_row(parse_shown_fields(value), headers_as_text(headers), sources)


def build_ticker_row(item: ShownFields, headers: Mapping[str, str], sources: Sources) -> TickerRow:
    """Builds the row of an item. Raises ValueError where it has no `uri`, or its record no `ce_id`."""
    uri, version, ce_id = (
        make_printable(item.uri),
        make_printable(item.version),
        make_printable(headers.get("ce_id", "")),
    )
    if not uri:
        raise ValueError("an enriched item has a `uri`; this one's is empty")
    if not ce_id:
        raise ValueError("a record of ours has the header `ce_id`; this one has none")
    headline = _pick_headline(item)
    code, name = _pick_source(item, headers.get("ce_source", ""), sources)
    return TickerRow(
        id=ce_id,
        uri=uri,
        version=version,
        time=make_printable(item.version_created),
        headline=headline,
        source=code,
        source_name=shorten(name, MAX_NAME) if name != code else "",
        urgency=item.urgency if 0 < item.urgency < 10 else 0,
        companies=tuple(_list_subjects(item))[:MAX_COMPANIES],
        page=build_news_path(uri, headline),
        categories=tuple(make_printable(each.literal) for each in item.subjects if each.rel == "category"),
        symbols=tuple(dict.fromkeys(symbol for _, symbol in _list_tickers(item.organisations))),
        language=make_printable(item.language),
        url=next((make_printable(each.value) for each in item.alt_ids if each.role == "canonical-url"), ""),
        status=_pick_status(headers, item.pub_status, version),
        replayed=_is_no_news(headers),
    )


def list_listings(organisations: Iterable[ItemOrganisation]) -> tuple[str, ...]:
    """Lists the tickers of companies with their exchanges: `XNAS:FCEL`."""
    tickers = _list_tickers(organisations)
    return tuple(dict.fromkeys(f"{market}:{symbol}" if market else symbol for market, symbol in tickers))


def parse_tombstone(key: bytes | None, headers: KafkaHeaders, sources: Sources) -> Tombstone | None:
    """Parses a record without a value; None where it is of no story, such as `newswire:roll`."""
    uri, named = make_printable((key or b"").decode("utf-8", "replace")), headers_as_text(headers)
    ce_id = make_printable(named.get("ce_id", ""))
    of_uri, _, version = ce_id.rpartition("/")
    if not uri or of_uri != uri:
        return None
    source = make_printable(_source_code(named.get("ce_source", ""), sources))
    is_withdrawn = named.get("ce_type") == WITHDRAWN
    return Tombstone(ce_id, uri, version, make_printable(named.get("ce_time", "")), source, is_withdrawn)


def shorten(text: str, most: int) -> str:
    """Cuts a text after a whole word, with `…`, so that it has at most `most` characters."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut[: cut.rfind(' ')] if ' ' in cut else cut}…"


def format_ticker_time(time: str, zone: ZoneInfo) -> str:
    """Formats an RFC 3339 time for the ticker: `07:54a`, `12:05p`. Blanks where the text is no time."""
    try:
        local = datetime.fromisoformat(time).astimezone(zone)
    except (ValueError, OverflowError):
        return " " * len("07:54a")
    return f"{local.hour % 12 or 12:02}:{local.minute:02}{'a' if local.hour < 12 else 'p'}"


def format_ticker_line(row: TickerRow, zone: ZoneInfo) -> str:
    """Formats a row as a line of a terminal: `07:54a  HEADLINE  PR`."""
    time = format_ticker_time(row.time, zone)
    if row.status == "withdrawn":
        return f"{time}  withdrawn: {row.uri}"
    mark = f" ({row.status})" if row.status in ("updated", "corrected") else ""
    return f"{time}  {row.headline}{mark}  {row.source}"


def _is_no_news(headers: Mapping[str, str]) -> bool:
    return "replay-job" in headers or "desk-action" in headers


def _pick_headline(item: ShownFields) -> str:
    by_role = {each.role: make_printable(each.value) for each in item.headlines}
    return shorten(by_role.get("ticker") or by_role.get("main") or "", MAX_HEADLINE)


def _list_tickers(organisations: Iterable[ItemOrganisation]) -> list[tuple[str, str]]:
    """Lists the exchange and symbol of each ticker."""
    return [
        (make_printable(symbol.exchange), make_printable(symbol.symbol))
        for organisation in organisations
        for symbol in organisation.symbols
        if symbol.symbol_type == TICKER
    ]


def _pick_source(item: ShownFields, ce_source: str, sources: Sources) -> tuple[str, str]:
    """Picks display code and name of the distributor, else of the source."""
    for each in item.info_sources:
        if each.role == "distributor":
            name = make_printable(each.name)
            if code := make_printable(each.literal):
                return code, name
            if key := sources.by_name(name):
                return make_printable(sources.get(key).code), name
    source = sources.get(unquote(ce_source.removeprefix(SOURCE_URN)))
    return make_printable(source.code), make_printable(source.name)


def _source_code(ce_source: str, sources: Sources) -> str:
    return sources.get(unquote(ce_source.removeprefix(SOURCE_URN))).code


def _list_subjects(item: ShownFields) -> Iterator[RowCompany]:
    for each in item.organisations:
        if each.rel == "about" and each.uri.startswith(COMPANY_URN):
            symbols = tuple(dict.fromkeys(symbol for _, symbol in _list_tickers([each])))
            yield RowCompany(each.uri.removeprefix(COMPANY_URN), shorten(make_printable(each.name), MAX_NAME), symbols)


def _pick_status(headers: Mapping[str, str], pub_status: str, version: str) -> RowStatus:
    """Picks the status. A version that a replay or the desk caused has that of the version before (ticker_view.py).

    A revision of a release that had no header `revision` yet may be a correction or not, so it is an update.
    """
    if headers.get("ce_type") == WITHDRAWN or pub_status == PubStatus.CANCELED:
        return "withdrawn"
    if headers.get("revision") == "correction":
        return "corrected"
    if _is_no_news(headers):
        return "new"
    return "updated" if headers.get("ce_type") == "news.item.revised" or version not in ("", "1") else "new"
