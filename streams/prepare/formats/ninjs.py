"""Reads IPTC ninjs 1.x, 2.x and 3.x, and Superdesk's dialect of 1.x (`guid`, `source`, `keywords`, `service`).

Source: iptc.org/std/ninjs; the schemas describe each property.

Keys are compared without regard to case, because 2.x and 3.x differ in little else. A document is one news object, an
array of them, or an envelope that holds them in `item` or `items`. Superdesk's `guid` is the id of the item; its `uri`
is only an address of the API.
"""

import re
from datetime import datetime
from typing import TypeGuard, get_args

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Status, Story
from streams.prepare.formats import _ninjs_fields as parts
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    JsonObject,
    StoryType,
    parse_each,
    parse_embargo,
    parse_end,
    parse_note_status,
    parse_urgency,
    read_body,
    require_content,
    unique_codes,
)
from streams.prepare.formats._ninjs_fields import get_objects, get_string, lower_keys
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, one_line

_PROPERTIES = """
versioncreated firstcreated contentcreated embargoed embargoeduntil pubstatus representationtype mimetype
profile headlines bodies descriptions by byline located slugline ednote copyrightholder copyrightnotice
usageterms rightsinfo linkedrights encodedrights expires person people organisation organisations place
places subject subjects genre genres object objects infosource infosources renditions associations altids
trustindicator trustindicators advice advices digitalsourcetype contentwarnings $standard standard
eventdetails plannedcoverage
"""
_MARKS = frozenset(_PROPERTIES.split())
_COMMON = frozenset(("uri", "type", "version", "language", "urgency", "title", "event", "events"))
"""Properties that other JSON has too. An object is ninjs by these only if it has no other property."""
_MARK = re.compile(r"(?:headline|body|description)(?:_\w+)?")
_TYPES: dict[str, StoryType] = {name: name for name in get_args(StoryType)}
_NO_NEWS = ("event", "planning")


def matches(document: Document) -> bool:
    """Whether the JSON is a ninjs object, an array that contains one, or an envelope with ninjs objects only."""
    value = document.json
    if isinstance(value, list):
        return any(map(_is_ninjs, value))
    return _is_ninjs(value) or _open_envelope(value) is not None


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject`: `malformed`, `missing-field`.

    Raises `Reject` `empty` if the document holds only events and planning.
    """
    value = document.json
    values = value if isinstance(value, list) else _open_envelope(value) or [value]
    places = [
        (entry, f"item {index}" if len(values) > 1 else "the item")
        for index, entry in enumerate(values)
        if not _is_event_or_planning(entry)
    ]
    if not places:
        raise Reject(Reason.EMPTY, "ninjs events or planning only, no news item")
    return parse_each(_parse_entry, places)


def _is_event_or_planning(entry: object) -> bool:
    if not _is_ninjs(entry):
        return False
    item = lower_keys(entry)
    return get_string(item, "type") in _NO_NEWS or "eventdetails" in item or "plannedcoverage" in item


def _parse_entry(entry: object, where: str) -> Story:
    if not _is_ninjs(entry):
        raise Reject(Reason.MALFORMED, f"{where} is no ninjs object, though others of the array are")
    return _parse_item(lower_keys(entry), where)


def _is_ninjs(value: object) -> TypeGuard[JsonObject]:
    if not isinstance(value, dict) or any(key.startswith("_") for key in value):
        return False  # `_id`, `_etag`…: a Superdesk record, not what it publishes
    keys = {key.lower() for key in value}
    if isinstance(value.get("uri"), str) and value["uri"].strip():
        marked = not keys.isdisjoint(_MARKS) or any(key != "body" and _MARK.fullmatch(key) is not None for key in keys)
        return marked or keys <= _COMMON or value.get("type") in (*_TYPES, "component", *_NO_NEWS)
    guid = isinstance(value.get("guid"), str) and bool(value["guid"].strip())
    return guid and "type" in keys and not keys.isdisjoint(("versioncreated", "pubstatus"))


def _open_envelope(value: object) -> list[object] | None:
    if not isinstance(value, dict):
        return None
    inside = value.get("item", value.get("items"))
    return inside if isinstance(inside, list) and inside and all(map(_is_ninjs, inside)) else None


def _parse_item(item: JsonObject, where: str) -> Story:
    for key in ("headline", "body_text", "body_html", "body_xhtml", "by", "byline"):
        if not isinstance(item.get(key) or "", str):
            raise Reject(Reason.MALFORMED, f"{where}: {key} is not text")
    note = clean(get_string(item, "ednote"))
    story_type = _TYPES.get(get_string(item, "type"), "text")
    plain, html, boilerplate = parts.parse_bodies(item)
    headline = one_line(parts.find_headline(item, "main") or get_string(item, "title"))
    text, html = read_body(plain, html, headline)
    summary = parts.parse_summary(item)
    pictures = parts.parse_pictures(item, own=story_type in ("picture", "graphic"))
    if story_type in ("picture", "graphic", "audio", "video") and not summary:
        summary = text
    distributor, issuer = parts.parse_parties(item)
    story = Story(
        guid=(get_string(item, "guid") or get_string(item, "uri")).strip(),
        version=get_string(item, "version").strip(),
        type=story_type,
        status=_parse_status(item, note),
        headline=headline,
        subheadline=one_line(parts.find_headline(item, "sub")),
        summary=summary,
        text=text,
        html=html,
        boilerplate=boilerplate,
        first_created=parse_time(get_string(item, "firstcreated")),
        version_created=parse_time(get_string(item, "versioncreated")),
        content_created=parse_time(get_string(item, "contentcreated")),
        embargoed_until=_parse_embargo(item, where),
        rights_end=parse_end(get_string(item, "expires")),
        language=get_string(item, "language").strip(),
        urgency=parse_urgency(item.get("urgency")),
        ed_note=note,
        slugline=one_line(get_string(item, "slugline")),
        byline=one_line(get_string(item, "by") or get_string(item, "byline")),
        located=one_line(get_string(item, "located")),
        copyright_notice=clean(get_string(item, "copyrightnotice")),
        copyright_holder=one_line(get_string(item, "copyrightholder")),
        usage_terms=clean(get_string(item, "usageterms")),
        distributor=distributor,
        issuer=issuer,
        url=parts.find_canonical_url(item),
        codes=_parse_codes(item),
        organisations=parts.parse_organisations(item),
        pictures=pictures,
    )
    return require_content(story, where)


def _parse_status(item: JsonObject, note: str) -> Status:
    if get_string(item, "pubstatus").lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    return parse_note_status(note)


def _parse_embargo(item: JsonObject, where: str) -> datetime | None:
    key = "embargoeduntil" if "embargoeduntil" in item else "embargoed"
    if item.get(key) is not None and not isinstance(item[key], str):
        raise Reject(Reason.MALFORMED, f"{where}: {key} is not text; the item may be under embargo")
    until = parse_embargo(get_string(item, key), f"{where}: {key}")
    if until is None and get_string(item, "pubstatus").lower() == "withheld":
        return UNTIL_FURTHER_NOTICE
    return until


def _parse_codes(item: JsonObject) -> tuple[Code, ...]:
    found = [parts.parse_subject(entry) for name in ("subject", "subjects") for entry in get_objects(item.get(name))]
    for name, scheme in (("genre", "genre"), ("genres", "genre"), ("service", "service")):
        found += [parts.parse_subject(entry, scheme) for entry in get_objects(item.get(name))]
    keywords = item.get("keywords")
    if isinstance(keywords, list):
        found += [Code("keyword", clean(word)) for word in keywords if isinstance(word, str) and clean(word)]
    return unique_codes(found)
