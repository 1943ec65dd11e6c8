"""Reads plain JSON: one object for an item, or an array of them (schemas/README.md, section 5).

Keys: `id, version, source, date, title, subtitle, body, url, language, author, status`. Each may be missing or null,
but `title` or `body` must be there. `source` names the distributor. `body` is text or HTML. Other keys are ignored,
except the synonyms in `OTHER_NAMES`, which are read where the key itself has no text, and the names of an embargo.
"""

import re
from datetime import UTC, datetime

from streams.model.errors import Reason, Reject
from streams.model.records import Status, Story
from streams.model.timestamps import UNTIL_FURTHER_NOTICE
from streams.prepare.formats._common import JsonObject, parse_each, read_body, require_content
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import clean, one_line

KEYS = ("id", "version", "source", "date", "title", "subtitle", "body", "url", "language", "author", "status")
OTHER_NAMES = {
    "title": ("headline",),
    "body": ("text", "content", "body_text", "body_html", "full_text", "article_text", "description"),
    "subtitle": ("subheadline", "summary"),
    "date": (
        *("published", "published_at", "publishedAt", "pubDate", "datetime", "timestamp", "published_utc"),
        *("date_published", "datePublished", "publication_date", "publishedDate", "published_date", "published_on"),
        *("release_date", "created", "created_at", "createdAt", "date_created", "time"),
    ),
    "url": ("link", "article_url", "web_url", "permalink"),
    "language": ("lang",),
    "author": ("byline",),
}
"""Key -> synonyms, tried in order. They are not in schemas/README.md, so a wrong type is no error."""
EMBARGO_NAMES = ("embargoed_until", "embargoedUntil", "embargo_until", "embargo", "embargoed")
"""Keys that name an embargo, read though they are not documented: an item that is published too early stays read."""
_NO_EMBARGO = ("", "0", "no", "none", "false", "null", "n/a")
_KNOWN = frozenset(KEYS).union(*OTHER_NAMES.values())
_NUMBERS_TOO = ("id", "version")
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\d{3}|\.\d{1,9})?")
_FIRST_EPOCH = 700_000_000
"""March 1992: a smaller number is no time of a wire."""
_TEXT_WORDS = 25
_STATUS = {
    "": Status.USABLE,
    "usable": Status.USABLE,
    "correction": Status.CORRECTION,
    "update": Status.UPDATE,
    "withdrawn": Status.WITHDRAWN,
    "canceled": Status.WITHDRAWN,
    "cancelled": Status.WITHDRAWN,
    "killed": Status.WITHDRAWN,
    "hold": Status.HOLD,
    "withheld": Status.HOLD,
    "test": Status.TEST,
}


def matches(document: Document) -> bool:
    """Whether the JSON is such an object, or an array that contains one.

    The object has `title` or `body`, or a headline and a text under synonyms, or no unknown key at all.
    """
    value = document.json
    return any(map(_is_item, value)) if isinstance(value, list) else _is_item(value)


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each object into a story, or into its `Reject`: `malformed` (a key of a wrong type), `missing-field`."""
    value = document.json
    if not isinstance(value, list):
        return parse_each(_parse_item, [(value, "")])
    return parse_each(_parse_item, [(entry, f"item {index}: ") for index, entry in enumerate(value)])


def _is_item(value: object) -> bool:
    if not isinstance(value, dict) or not value:
        return False
    if any(key[:1] in ("$", "_", "@") for key in value):
        return False  # a schema, a database's own record, linked data
    if "title" in value or "body" in value:
        return True
    named = bool(_find_other_name(value, "title") and _find_other_name(value, "body"))
    return named or value.keys() <= _KNOWN


def _parse_item(value: object, where: str) -> Story:
    if not isinstance(value, dict):
        raise Reject(Reason.MALFORMED, f"{where}not an object")
    field = {key: _get_text(value, key, where) for key in KEYS}
    status = _STATUS.get(field["status"].strip().lower())
    if status is None:
        raise Reject(
            Reason.MALFORMED,
            f"{where}status {field['status'][:40]!r} is none of {', '.join(filter(None, _STATUS))}",
        )
    headline = one_line(field["title"])
    text, html = read_body(field["body"], "", headline)
    if not text and (unread := _find_unread_text(value)):
        raise Reject(
            Reason.MISSING_FIELD, f"{where}the text stands under {unread[:60]!r}, which is not read; call it `body`"
        )
    story = Story(
        guid=field["id"].strip(),
        version=field["version"].strip(),
        status=status,
        headline=headline,
        subheadline=one_line(field["subtitle"]),
        text=text,
        html=html,
        version_created=parse_time(field["date"]),
        embargoed_until=_read_embargo(value),
        language=field["language"].strip(),
        byline=one_line(field["author"]),
        distributor=one_line(field["source"]),
        url=clean(field["url"]),
    )
    return require_content(story, f"{where}the item (keys title and body)")


def _get_text(item: JsonObject, key: str, where: str) -> str:
    value = item.get(key)
    if value is None or value == "":
        return _find_other_name(item, key)
    if isinstance(value, int) and not isinstance(value, bool) and key in _NUMBERS_TOO:
        return str(value)
    if key == "date":
        value = _format_epoch(value)
    if not isinstance(value, str):
        raise Reject(Reason.MALFORMED, f"{where}{key} is {_describe_type(value)}, not text")
    return value


def _find_other_name(item: JsonObject, key: str) -> str:
    """Returns the text under a synonym of the key; empty if there is none."""
    values = (item.get(name) for name in OTHER_NAMES.get(key, ()))
    texts = map(_format_epoch, values) if key == "date" else values
    return next((text for text in texts if isinstance(text, str) and text.strip()), "")


def _read_embargo(item: JsonObject) -> datetime | None:
    """Reads the end of the embargo that an object names in its own way; one whose end cannot be read never ends."""
    stated = (str(_format_epoch(item.get(name) or "")).strip() for name in EMBARGO_NAMES)
    ends = [parse_time(text) or UNTIL_FURTHER_NOTICE for text in stated if text.lower() not in _NO_EMBARGO]
    timed = [end for end in ends if end != UNTIL_FURTHER_NOTICE]
    return next(iter(timed or ends), None)


def _format_epoch(value: object) -> object:
    """Formats seconds or milliseconds since 1970, as a number or as digits; anything else is returned unchanged."""
    digits = value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
    found = _EPOCH.fullmatch(digits.strip())
    if found is None:
        return value
    seconds = int(found["seconds"])
    return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds >= _FIRST_EPOCH else value


def _find_unread_text(item: JsonObject) -> str:
    """Finds the unknown key that holds a text of several sentences; empty if none does."""
    return next(
        (
            key
            for key, value in item.items()
            if key not in _KNOWN and isinstance(value, str) and len(value.split()) >= _TEXT_WORDS
        ),
        "",
    )


def _describe_type(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), "of a wrong type")
