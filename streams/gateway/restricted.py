"""Lists what may be shown of an item whose text is restricted: what is not in the list is left out."""

import orjson

from streams.gateway.ninjs_fields import list_objects
from streams.gateway.ticker_row import MAX_HEADLINE, shorten

MAX_SUMMARY = 300
MAX_NAME, MAX_LINK = 200, 4000
"""The most characters of a name or a time, and of an id or a link. A longer one is left out."""

_PLAIN = {
    *("version", "type", "representationType", "language", "pubStatus", "urgency", "by", "located", "copyrightHolder"),
    *("firstCreated", "versionCreated", "contentCreated", "embargoedUntil"),
}
"""Fields of the item itself: times and names."""
_TEXTS = {"headlines": ({"main", "ticker"}, MAX_HEADLINE), "descriptions": ({"summary"}, MAX_SUMMARY)}
"""Texts, each with its roles and its most characters."""
_NAMED = {"uri", "name", "rel", "role", "literal", "confidence", "creator", "symbol", "exchange", "symbolType", "value"}
_LISTS = {
    "subjects": {"category", "sector", "event"},
    "organisations": {"about", "mentions"},
    "places": {"located"},
    "infoSources": {"distributor", "carrier", "issuer"},
    "altIds": {"canonical-url", "provider-guid"},
}
"""Lists of names and links, each with the `rel` or `role` of the entries that may be shown."""


def restrict_document(document: bytes) -> bytes:
    """Returns an enriched item with headline, summary, times, names, categories and link only, as ninjs."""
    event = orjson.loads(document)
    shown = {name: value for name, value in event.items() if name in _PLAIN and _is_short(value, MAX_NAME)}
    shown["uri"] = event["uri"]
    for name, (roles, most) in _TEXTS.items():
        if texts := [_cut(each, most) for each in list_objects(event.get(name)) if _is_one_of(each.get("role"), roles)]:
            shown[name] = texts
    for name, kinds in _LISTS.items():
        parts = [
            _keep_names(each)
            for each in list_objects(event.get(name))
            if _is_one_of(each.get("rel"), kinds) or _is_one_of(each.get("role"), kinds)
        ]
        if parts:
            shown[name] = parts
    return orjson.dumps(shown)


def _is_one_of(value: object, names: set[str]) -> bool:
    return isinstance(value, str) and value in names


def _is_short(value: object, most: int) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and len(value) <= most)


def _cut(text: dict[str, object], most: int) -> dict[str, object]:
    value = text.get("value")
    return {"role": text["role"], "value": shorten(value, most) if isinstance(value, str) else ""}


def _keep_names(part: dict[str, object]) -> dict[str, object]:
    kept = {
        name: value
        for name, value in part.items()
        if name in _NAMED and _is_short(value, MAX_LINK if name in ("uri", "value") else MAX_NAME)
    }
    if symbols := [_keep_names(each) for each in list_objects(part.get("symbols"))]:
        kept["symbols"] = symbols
    return kept
