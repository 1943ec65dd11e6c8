"""Reads JSON responses of the AP Media API, versions 1.1 to 2.x.

Source: developer.ap.org, "Content metadata fields".

- One item stands in `data.item`, several in `data.items[].item`. A bare item is known by AP's own `altids`.
- `itemid` is the id of all versions of an item, `etag` the id of one version, and `version` its number.
- `headline_extended` is the subheadline, `located` the place of the dateline, `embargoed` the end of an embargo.
- `ednote` and `editorialtypes` give the status.
- Subjects name their scheme. Codes with the relation `category` are AP's wire categories.
- The item is about companies that an editor named. Companies that a machine named are mentions.
- The metadata only links to the text of the story. The text is here if a feeder put the HTML of the NITF beside it
  (`nitf.body_html`), as Superdesk's feeder does.
"""

from datetime import datetime
from typing import Literal, TypeGuard

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Status, Story
from streams.prepare.formats import _ninjs_fields as parts
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    JsonObject,
    StoryType,
    parse_code,
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

_TYPES: dict[str, StoryType] = {
    "text": "text", "audio": "audio", "video": "video", "picture": "picture", "photo": "picture",
    "graphic": "graphic", "complexdata": "composite", "composite": "composite",
}  # fmt: skip
_EDITORIAL = {
    "kill": Status.WITHDRAWN, "elimination": Status.WITHDRAWN, "withhold": Status.HOLD,
    "corrective": Status.CORRECTION, "correction": Status.CORRECTION, "clarification": Status.CORRECTION,
    "lead": Status.UPDATE, "writethru": Status.UPDATE, "update": Status.UPDATE, "add": Status.UPDATE,
}  # fmt: skip
_ENVELOPE = ("api_version", "api_mode", "org_name", "method")


def matches(document: Document) -> bool:
    """Whether the JSON is a response of the API, or an item whose `altids` have AP's own names."""
    value = document.json
    if not isinstance(value, dict):
        return False
    data = value.get("data")
    inside = isinstance(data, dict) and ("item" in data or "items" in data)
    return (
        (inside and any(name in value for name in _ENVELOPE)) or bool(inside and _list_items(value)) or _is_item(value)
    )


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject`: `missing-field`, `malformed`.

    Raises `Reject` `empty` for a response without items.
    """
    value = document.json if isinstance(document.json, dict) else {}
    items = [value] if _is_item(value) else _list_items(value)
    if not items:
        raise Reject(Reason.EMPTY, "a response of the AP Media API without items")
    nitf = value.get("nitf")
    html = get_string(lower_keys(nitf), "body_html") if isinstance(nitf, dict) else ""

    def read(item: object, where: str) -> Story:
        if not isinstance(item, dict):
            raise Reject(Reason.MALFORMED, f"{where} is not an object")
        return _parse_item(lower_keys(item), html, where)

    return parse_each(read, [(item, f"item {at}" if len(items) > 1 else "the item") for at, item in enumerate(items)])


def _is_item(value: object) -> TypeGuard[JsonObject]:
    ids = value.get("altids") if isinstance(value, dict) else None
    return isinstance(ids, dict) and isinstance(ids.get("itemid"), str) and not {"etag", "friendlykey"}.isdisjoint(ids)


def _list_items(value: JsonObject) -> list[object]:
    data = value.get("data")
    if not isinstance(data, dict):
        return []
    rows = data.get("items")
    if isinstance(rows, list):
        return [row.get("item", row) if isinstance(row, dict) else row for row in rows]
    return [data["item"]] if "item" in data else []


def _parse_item(item: JsonObject, html: str, where: str) -> Story:
    alternative_ids = item.get("altids")
    ids = lower_keys(alternative_ids) if isinstance(alternative_ids, dict) else {}
    story_type = _TYPES.get(get_string(item, "type").lower(), "text")
    headline = one_line(get_string(item, "headline") or get_string(item, "title"))
    text, html = read_body("", html or get_string(item, "body_nitf") or get_string(item, "body_html"), headline)
    note = clean(get_string(item, "ednote"))
    caption = clean(get_string(item, "description_caption"))
    story = Story(
        guid=get_string(ids, "etag") or get_string(item, "uri"),
        id=get_string(ids, "itemid"),
        version=get_string(item, "version"),
        type=story_type,
        status=_parse_status(item, note),
        headline=headline,
        subheadline=one_line(get_string(item, "headline_extended")),
        summary=clean(get_string(item, "description_summary")) or caption,
        text=text,
        html=html,
        first_created=parse_time(get_string(item, "firstcreated")),
        version_created=parse_time(get_string(item, "versioncreated")),
        embargoed_until=_parse_embargo(item, where),
        rights_end=parse_end(get_string(item, "expires")),
        language=get_string(item, "language"),
        urgency=parse_urgency(item.get("urgency")),
        ed_note=note,
        slugline=one_line(get_string(item, "slugline")),
        byline=_parse_byline(item),
        located=_parse_located(item),
        copyright_notice=clean(get_string(item, "copyrightnotice")),
        usage_terms=clean("\n".join(term for term in _as_list(item.get("usageterms")) if isinstance(term, str))),
        distributor="Associated Press",
        url=_find_canonical_url(item),
        codes=_parse_codes(item),
        organisations=_parse_organisations(item),
        pictures=parts.parse_pictures({**item, "description": caption}, own=story_type in ("picture", "graphic")),
    )
    return require_content(story, where)


def _parse_status(item: JsonObject, note: str) -> Status:
    if get_string(item, "pubstatus").lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    signals = {entry.lower() for entry in _as_list(item.get("signals")) if isinstance(entry, str)}
    if "test" in signals:
        return Status.TEST
    named = [entry.lower() for entry in _as_list(item.get("editorialtypes")) if isinstance(entry, str)]
    stated = [_EDITORIAL[name] for name in named if name in _EDITORIAL]
    order = (Status.WITHDRAWN, Status.HOLD, Status.CORRECTION, Status.UPDATE)
    return min((*stated, parse_note_status(note)), key=lambda one: order.index(one) if one in order else len(order))


def _parse_embargo(item: JsonObject, where: str) -> datetime | None:
    until = parse_embargo(get_string(item, "embargoed"), f"{where}: embargoed")
    if until is None and get_string(item, "pubstatus").lower() in ("withheld", "embargoed"):
        return UNTIL_FURTHER_NOTICE
    return until


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _parse_byline(item: JsonObject) -> str:
    lines = [one_line(get_string(entry, "by")) for entry in get_objects(item.get("bylines"))]
    people = get_objects([item.get("photographer"), item.get("producer")])
    return "; ".join(filter(None, lines)) or next((name for one in people if (name := get_string(one, "name"))), "")


def _parse_located(item: JsonObject) -> str:
    stated = one_line(get_string(item, "located")).partition(",")[0]
    place = next(iter(get_objects([item.get("datelinelocation")])), {})
    return stated or one_line(get_string(place, "city"))


def _find_canonical_url(item: JsonObject) -> str:
    links = [
        get_string(entry, "href") for entry in get_objects(item.get("links")) if get_string(entry, "rel") == "canonical"
    ]
    return next(iter(links), "")


def _parse_codes(item: JsonObject) -> tuple[Code, ...]:
    found: list[Code | None] = []
    for entry in get_objects(item.get("subject")):
        category = "category" in _as_list(entry.get("rels"))
        scheme = get_string(entry, "scheme") or ("category" if category else "")
        name = get_string(entry, "name")
        found.append(parse_code(get_string(entry, "code"), scheme, "" if name == get_string(entry, "code") else name))
    words = [one_line(word) for word in _as_list(item.get("keywords")) if isinstance(word, str)]
    return unique_codes([*found, *(Code("keyword", word) for word in words if word)])


def _parse_organisations(item: JsonObject) -> tuple[Organisation, ...]:
    found: list[Organisation] = []
    for entry in [*get_objects(item.get("organisation")), *get_objects(item.get("company"))]:
        if "ancestor" in _as_list(entry.get("rels")):
            continue
        rel: Literal["about", "mentions"] = "mentions" if get_string(entry, "creator") == "Machine" else "about"
        rows = get_objects(entry.get("symbols")) or [{}]
        for row in rows:
            symbol = get_string(row, "ticker") or get_string(row, "instrument").rpartition(":")[2]
            found.append(
                Organisation(
                    name=one_line(get_string(entry, "name")),
                    symbol=symbol,
                    exchange=get_string(row, "exchange"),
                    rel=rel,
                )
            )
    return tuple(dict.fromkeys(one for one in found if one.name or one.symbol))
