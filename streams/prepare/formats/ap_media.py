"""AP Media API, responses in JSON, versions 1.1 to 2.x (developer.ap.org, "Content metadata fields").

One item stands in `data.item`, several in `data.items[].item`; a bare item is known by AP's own `altids`. `itemid` is
the id of all its versions, `etag` that of one; `version` counts them. `headline_extended` is the sub-headline,
`located` the dateline's place, `ednote` and `editorialtypes` say what became of the item, `embargoed` until when it
waits. Subjects carry their scheme; codes of relation `category` are AP's wire categories. Companies are about the item
where an editor named them, else mentions. The metadata links the story; its text is here only where a feeder put the
NITF's beside it (`nitf.body_html`), as Superdesk's does.
"""

from typing import Any, Literal, TypeGuard

from streams.model.errors import Reason, Reject
from streams.model.records import Code, Organisation, Status, Story
from streams.prepare.formats import _ninjs_fields as parts
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    body,
    code,
    each,
    embargo,
    note_status,
    require_content,
    unique,
)
from streams.prepare.formats._common import urgency as read_urgency
from streams.prepare.formats._ninjs_fields import lower, objects, string
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, one_line

_Type = Literal["text", "audio", "video", "picture", "graphic", "composite"]
_TYPES: dict[str, _Type] = {
    "text": "text", "audio": "audio", "video": "video", "picture": "picture", "photo": "picture",
    "graphic": "graphic", "complexdata": "composite", "composite": "composite",
}  # fmt: skip
_EDITORIAL = {
    "kill": Status.WITHDRAWN, "elimination": Status.WITHDRAWN, "withhold": Status.WITHDRAWN,
    "corrective": Status.CORRECTION, "correction": Status.CORRECTION, "clarification": Status.CORRECTION,
    "lead": Status.UPDATE, "writethru": Status.UPDATE, "update": Status.UPDATE, "add": Status.UPDATE,
}  # fmt: skip
_ENVELOPE = ("api_version", "api_mode", "org_name", "method")


def matches(document: Document) -> bool:
    """The API's envelope, or an item with `altids` of AP's own names."""
    value = document.json
    if not isinstance(value, dict):
        return False
    data = value.get("data")
    inside = isinstance(data, dict) and ("item" in data or "items" in data)
    return (inside and any(name in value for name in _ENVELOPE)) or bool(inside and _items(value)) or _is_item(value)


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """One story an item, or why it is refused: `missing-field`, `malformed`. Raises `Reject`: `empty` (no items)."""
    value = document.json if isinstance(document.json, dict) else {}
    items = [value] if _is_item(value) else _items(value)
    if not items:
        raise Reject(Reason.EMPTY, "a response of the AP Media API without items")
    html = string(lower(value["nitf"]), "body_html") if isinstance(value.get("nitf"), dict) else ""

    def read(item: object, where: str) -> Story:
        if not isinstance(item, dict):
            raise Reject(Reason.MALFORMED, f"{where} is not an object")
        return _story(lower(item), html, where)

    return each(read, [(item, f"item {at}" if len(items) > 1 else "the item") for at, item in enumerate(items)])


def _is_item(value: object) -> TypeGuard[dict[str, Any]]:
    ids = value.get("altids") if isinstance(value, dict) else None
    return isinstance(ids, dict) and isinstance(ids.get("itemid"), str) and not {"etag", "friendlykey"}.isdisjoint(ids)


def _items(value: dict[str, Any]) -> list[Any]:
    data = value.get("data")
    if not isinstance(data, dict):
        return []
    rows = data.get("items")
    if isinstance(rows, list):
        return [row.get("item", row) if isinstance(row, dict) else row for row in rows]
    return [data["item"]] if "item" in data else []


def _story(item: dict[str, Any], html: str, where: str) -> Story:
    ids = lower(item["altids"]) if isinstance(item.get("altids"), dict) else {}
    story_type = _TYPES.get(string(item, "type").lower(), "text")
    headline = one_line(string(item, "headline") or string(item, "title"))
    text, html = body("", html or string(item, "body_nitf") or string(item, "body_html"), headline)
    note = clean(string(item, "ednote"))
    caption = clean(string(item, "description_caption"))
    story = Story(
        guid=string(ids, "etag") or string(item, "uri"),
        id=string(ids, "itemid"),
        version=string(item, "version"),
        type=story_type,
        status=_status(item, note),
        headline=headline,
        subheadline=one_line(string(item, "headline_extended")),
        summary=clean(string(item, "description_summary")) or caption,
        text=text,
        html=html,
        first_created=parse_time(string(item, "firstcreated")),
        version_created=parse_time(string(item, "versioncreated")),
        embargoed_until=_embargo(item, where),
        language=string(item, "language"),
        urgency=read_urgency(item.get("urgency")),
        ed_note=note,
        slugline=one_line(string(item, "slugline")),
        byline=_byline(item),
        located=_located(item),
        copyright_notice=clean(string(item, "copyrightnotice")),
        usage_terms=clean("\n".join(term for term in _list(item.get("usageterms")) if isinstance(term, str))),
        distributor="Associated Press",
        url=_canonical(item),
        codes=_codes(item),
        organisations=_organisations(item),
        pictures=parts.pictures({**item, "description": caption}, own=story_type in ("picture", "graphic")),
    )
    return require_content(story, where)


def _status(item: dict[str, Any], note: str) -> Status:
    if string(item, "pubstatus").lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    signals = {entry.lower() for entry in _list(item.get("signals")) if isinstance(entry, str)}
    if "test" in signals:
        return Status.TEST
    named = [entry.lower() for entry in _list(item.get("editorialtypes")) if isinstance(entry, str)]
    stated = [_EDITORIAL[name] for name in named if name in _EDITORIAL]
    order = (Status.WITHDRAWN, Status.CORRECTION, Status.UPDATE)
    return min((*stated, note_status(note)), key=lambda one: order.index(one) if one in order else len(order))


def _embargo(item: dict[str, Any], where: str) -> Any:
    until = embargo(string(item, "embargoed"), f"{where}: embargoed")
    if until is None and string(item, "pubstatus").lower() in ("withheld", "embargoed"):
        return UNTIL_FURTHER_NOTICE
    return until


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _byline(item: dict[str, Any]) -> str:
    lines = [one_line(string(entry, "by")) for entry in objects(item.get("bylines"))]
    people = objects([item.get("photographer"), item.get("producer")])
    return "; ".join(filter(None, lines)) or next((name for one in people if (name := string(one, "name"))), "")


def _located(item: dict[str, Any]) -> str:
    stated = one_line(string(item, "located")).partition(",")[0]
    place = next(iter(objects([item.get("datelinelocation")])), {})
    return stated or one_line(string(place, "city"))


def _canonical(item: dict[str, Any]) -> str:
    links = [string(entry, "href") for entry in objects(item.get("links")) if string(entry, "rel") == "canonical"]
    return next(iter(links), "")


def _codes(item: dict[str, Any]) -> tuple[Code, ...]:
    found: list[Code | None] = []
    for entry in objects(item.get("subject")):
        category = "category" in _list(entry.get("rels"))
        scheme = string(entry, "scheme") or ("category" if category else "")
        name = string(entry, "name")
        found.append(code(string(entry, "code"), scheme, "" if name == string(entry, "code") else name))
    words = [one_line(word) for word in _list(item.get("keywords")) if isinstance(word, str)]
    return unique([*found, *(Code("keyword", word) for word in words if word)])


def _organisations(item: dict[str, Any]) -> tuple[Organisation, ...]:
    found: list[Organisation] = []
    for entry in [*objects(item.get("organisation")), *objects(item.get("company"))]:
        if "ancestor" in _list(entry.get("rels")):
            continue
        rel: Literal["about", "mentions"] = "mentions" if string(entry, "creator") == "Machine" else "about"
        rows = objects(entry.get("symbols")) or [{}]
        for row in rows:
            symbol = string(row, "ticker") or string(row, "instrument").rpartition(":")[2]
            found.append(
                Organisation(
                    name=one_line(string(entry, "name")), symbol=symbol, exchange=string(row, "exchange"), rel=rel
                )
            )
    return tuple(dict.fromkeys(one for one in found if one.name or one.symbol))
