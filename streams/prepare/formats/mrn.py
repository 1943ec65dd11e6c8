"""LSEG (Refinitiv) Machine Readable News, stories of MRN_STORY as JSON ("Real-Time News: Feed and Archive, User
Guide", data model 2.15: chapters 3 "Story evolution", 5 "Data model", 6.2 "Archives").

A story stands by itself, as `data` of an envelope with `timestamps`, or in the `Items` of an archive. `altId` names it
through its alerts, takes, updates and corrections; `id` names this message; `takeSequence` counts takes, and
`versionCreated` puts messages in order. `pubStatus` is `stat:usable`, `stat:canceled` (deleted) or `stat:withheld`;
which kind of update it is stands before the headline (`UPDATE 1-`, `CORRECTED-`, `REFILE-`). `urgency` 1 is an alert
(a headline without body), 3 a story. Codes are qcodes: `subjects` with `N2:` topics, `R:` RICs, `P:` PermIDs of
companies, `B:`, `E:`, `G:`…; `audiences` `NP:` products, `instancesOf` `NI:` named items; `provider` `NS:` the source.
A later take is read as a version of the whole story.
"""

import re
from typing import Any

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Organisation, Status, Story
from streams.prepare.companies.identifiers import parse_ric
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    parse_code,
    parse_each,
    parse_urgency,
    read_body,
    require_content,
    strip_headline,
    unique_codes,
)
from streams.prepare.formats._ninjs_fields import get_string
from streams.prepare.formats._teletype import unwrap
from streams.prepare.formats.document import Document
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.plain import one_line

_OWN = {"altId", "takeSequence", "pubStatus", "instancesOf", "audiences", "messageType", "versionCreated", "subjects"}
_PROVIDERS = {
    "NS:RTRS": "Reuters", "NS:PRN": "PR Newswire", "NS:BSW": "Business Wire", "NS:CNW": "CNW",
    "NS:HUG": "GlobeNewswire", "NS:PZON": "GlobeNewswire", "NS:MKW": "GlobeNewswire",
}  # fmt: skip
_STATUSES = (
    (Status.WITHDRAWN, re.compile(r"(?:STORY )?(?:WITHDRAWN|WITHDRAWAL|DELETED|KILL(?:ED)?)\b[^a-z]{0,20}[-:\u2013]")),
    (
        Status.CORRECTION,
        re.compile(r"(?:REFILE|CORRECT(?:ED|ION|S))(?: \d{1,2})?(?: ?\([^()]{1,30}\))?(?: \d{1,2})?\s*[-:\u2013]"),
    ),
    (Status.UPDATE, re.compile(r"(?:UPDATE|WRAPUP|RECAST[S]?)(?: \d{1,2})?\s*[-:\u2013]")),
)
_FEW_SHARES = 3
_DESK = re.compile(r"(?m)^[ \t]*(?:\(\([^()]{3,400}\)\)[ \t\r]*|Keywords: [^\n]{1,300})$")


def matches(document: Document) -> bool:
    """An object with five of the model's own names, alone, as `data` or among `Items`."""
    return any(map(_is_story, _list_stories(document.json)))


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """One story an item, or why it is refused: `malformed`, `missing-field`."""
    stories = _list_stories(document.json)
    several = len(stories) > 1
    return parse_each(
        _parse_story, [(story, f"item {at}" if several else "the story") for at, story in enumerate(stories)]
    )


def _list_stories(value: object) -> list[Any]:
    if isinstance(value, dict) and isinstance(value.get("Items"), list):
        value = value["Items"]
    rows = value if isinstance(value, list) else [value]
    return [row["data"] if isinstance(row, dict) and isinstance(row.get("data"), dict) else row for row in rows]


def _is_story(value: object) -> bool:
    return isinstance(value, dict) and len(_OWN & value.keys()) >= 5 and isinstance(value.get("altId"), str)


def _parse_story(value: Any, where: str) -> Story:
    if not isinstance(value, dict):
        raise Reject(Reason.MALFORMED, f"{where} is not an object")
    labelled = one_line(get_string(value, "headline"))
    text, html = _parse_body(value, labelled)
    subjects = [*_list_texts(value, "subjects"), *_list_texts(value, "instancesOf"), *_list_texts(value, "audiences")]
    pub_status = get_string(value, "pubStatus").strip().lower().removeprefix("stat:")
    story = Story(
        guid=get_string(value, "id").strip() or get_string(value, "altId").strip(),
        id=get_string(value, "altId").strip(),
        version=get_string(value, "takeSequence"),
        status=_parse_status(pub_status, labelled, subjects),
        headline=labelled,
        text=text,
        html=html,
        first_created=parse_time(get_string(value, "firstCreated")),
        version_created=parse_time(get_string(value, "versionCreated")),
        embargoed_until=UNTIL_FURTHER_NOTICE if pub_status in ("withheld", "embargoed") else None,
        language=get_string(value, "language").strip(),
        urgency=parse_urgency(value.get("urgency")),
        distributor=_PROVIDERS.get(get_string(value, "provider").strip().upper(), ""),
        codes=unique_codes([parse_code(subject) for subject in subjects]),
        organisations=_parse_organisations(subjects),
    )
    return require_content(story, where)


def _parse_body(value: dict[str, Any], headline: str) -> tuple[str, str]:
    """Text and HTML by `mimeType`; plain text is wrapped, its desk's notes in double brackets are left out."""
    content = get_string(value, "body")
    if "html" in get_string(value, "mimeType").lower() or "html" in get_string(value, "mimetype").lower():
        return read_body("", content, headline)
    return strip_headline(unwrap(_DESK.sub("", content)), headline), ""


def _list_texts(value: dict[str, Any], key: str) -> list[str]:
    found = value.get(key)
    return [entry.strip() for entry in found if isinstance(entry, str)] if isinstance(found, list) else []


def _parse_status(pub_status: str, headline: str, subjects: list[str]) -> Status:
    if pub_status in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    if any(subject.upper() in ("N2:TEST", "NP:TEST", "NI:TEST") for subject in subjects):
        return Status.TEST
    return next((status for status, pattern in _STATUSES if pattern.match(headline)), Status.USABLE)


def _parse_organisations(subjects: list[str]) -> tuple[Organisation, ...]:
    """The shares among the RICs. A story with few is about them; a list of many is of those it mentions."""
    rics = dict.fromkeys(subject[2:] for subject in subjects if subject.startswith("R:"))
    found = tuple(dict.fromkeys(share for ric in rics if (share := parse_ric(ric)) is not None))
    if len(found) <= _FEW_SHARES:
        return found
    return tuple(msgspec.structs.replace(share, rel="mentions") for share in found)
