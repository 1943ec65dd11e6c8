"""Parses enriched items into rows of the ticker (schemas/README.md, section 6), for `tail` and the gateway."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec
import orjson

from streams.model.headers import SOURCE_URN, KafkaHeaders, headers_as_text
from streams.model.printable import make_printable
from streams.model.records import PubStatus
from streams.model.sources import Sources

_TICKER = "urn:newswire:symbol:ticker"
JsonObject = Mapping[str, object]
"""An object of an item that may have any shape: every field is checked before use."""


class TickerRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
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
    status: Literal["new", "corrected", "withdrawn"]
    """A withdrawn row only says which row to remove."""
    replayed: bool = False
    """True where a replay reclassified the story: nothing happened in the world, so no ticker may flash the row."""


def parse_ticker_row(value: bytes, headers: KafkaHeaders, sources: Sources) -> TickerRow:
    """Parses a record of a public topic. Raises ValueError where it is no enriched item."""
    named = headers_as_text(headers)
    event = _parse_event(value)
    uri, version = _read_text(event, "uri"), _read_text(event, "version")
    if not uri:
        raise ValueError("an enriched item has a `uri`; this is none")
    return TickerRow(
        id=make_printable(named.get("ce_id") or f"{uri}/{version}"),
        uri=uri,
        version=version,
        time=_read_text(event, "versionCreated"),
        headline=_pick_headline(event),
        source=_pick_source_code(event, named.get("ce_source", ""), sources),
        categories=tuple(
            _read_text(each, "literal") for each in _read_objects(event, "subjects") if each.get("rel") == "category"
        ),
        symbols=tuple(dict.fromkeys(symbol for _, symbol in _read_tickers(event))),
        language=_read_text(event, "language"),
        url=next(
            (
                _read_text(each, "value")
                for each in _read_objects(event, "altIds")
                if each.get("role") == "canonical-url"
            ),
            "",
        ),
        status=_pick_status(named.get("ce_type", ""), _read_text(event, "pubStatus"), version, "replay-job" in named),
        replayed="replay-job" in named,
    )


def parse_listings(value: bytes) -> tuple[str, ...]:
    """Parses the tickers of an item with their exchanges: `XNAS:FCEL`. Raises ValueError where it is no JSON object."""
    return tuple(
        dict.fromkeys(
            f"{market}:{symbol}" if market else symbol for market, symbol in _read_tickers(_parse_event(value))
        )
    )


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
    corrected = " (corrected)" if row.status == "corrected" and not row.replayed else ""
    return f"{time}  {row.headline}{corrected}  {row.source}"


def _parse_event(value: bytes) -> JsonObject:
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(event, dict):
        raise ValueError("an enriched item is a JSON object; this is none")
    return event


def _read_text(fields: JsonObject, name: str) -> str:
    value = fields.get(name)
    return make_printable(value) if isinstance(value, str) else ""


def _read_objects(fields: JsonObject, name: str) -> list[JsonObject]:
    value = fields.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _pick_headline(event: JsonObject) -> str:
    by_role = {each.get("role"): _read_text(each, "value") for each in _read_objects(event, "headlines")}
    return by_role.get("ticker") or by_role.get("main") or ""


def _read_tickers(event: JsonObject) -> list[tuple[str, str]]:
    """Reads the exchange and symbol of each ticker."""
    return [
        (_read_text(symbol, "exchange"), _read_text(symbol, "symbol"))
        for organisation in _read_objects(event, "organisations")
        for symbol in _read_objects(organisation, "symbols")
        if symbol.get("symbolType") == _TICKER
    ]


def _pick_source_code(event: JsonObject, ce_source: str, sources: Sources) -> str:
    for each in _read_objects(event, "infoSources"):
        if each.get("role") == "distributor":
            if code := _read_text(each, "literal"):
                return code
            if key := sources.by_name(_read_text(each, "name")):
                return make_printable(sources.get(key).code)
    return make_printable(sources.get(unquote(ce_source.removeprefix(SOURCE_URN))).code)


def _pick_status(
    ce_type: str, pub_status: str, version: str, replayed: bool
) -> Literal["new", "corrected", "withdrawn"]:
    if ce_type == "news.item.withdrawn" or pub_status == PubStatus.CANCELED:
        return "withdrawn"
    return "corrected" if replayed or ce_type == "news.item.revised" or version not in ("", "1") else "new"
