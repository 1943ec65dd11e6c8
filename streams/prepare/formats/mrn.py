"""Reads stories of LSEG (Refinitiv) Machine Readable News: MRN_STORY as JSON.

Source: "Real-Time News: Feed and Archive, User Guide", data model 2.15, chapters 3 "Story evolution", 5 "Data model"
and 6.2 "Archives".

- A story stands alone, as `data` of an envelope with `timestamps`, or in the `Items` of an archive.
- `altId` is the id of a story through its alerts, takes, updates and corrections. `id` is the id of one message.
- `takeSequence` counts takes; a later take is read as a version of the whole story. `versionCreated` orders messages.
- `pubStatus` is `stat:usable`, `stat:canceled` (deleted) or `stat:withheld`. The kind of an update is written before
  the headline (`UPDATE 1-`, `CORRECTED-`, `REFILE-`).
- `urgency` 1 is an alert (a headline without body), 3 a story.
- Codes are qcodes: in `subjects` `N2:` topics, `R:` RICs, `P:` PermIDs of companies, and others; in `audiences` `NP:`
  products; in `instancesOf` `NI:` named items; in `provider` `NS:` the source.
"""

import re

import msgspec

from streams.model.errors import Reason, Reject
from streams.model.records import Organisation, Status, Story
from streams.prepare.companies.identifiers import parse_ric
from streams.prepare.formats._common import (
    UNTIL_FURTHER_NOTICE,
    JsonObject,
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
    """Whether the JSON holds an object with `altId` and five of the model's own properties."""
    return any(map(_is_story, _list_stories(document.json)))


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """Parses each item into a story, or into its `Reject`: `malformed`, `missing-field`."""
    stories = _list_stories(document.json)
    several = len(stories) > 1
    return parse_each(
        _parse_story, [(story, f"item {at}" if several else "the story") for at, story in enumerate(stories)]
    )


def _list_stories(value: object) -> list[object]:
    if isinstance(value, dict) and isinstance(value.get("Items"), list):
        value = value["Items"]
    rows = value if isinstance(value, list) else [value]
    return [row["data"] if isinstance(row, dict) and isinstance(row.get("data"), dict) else row for row in rows]


def _is_story(value: object) -> bool:
    return isinstance(value, dict) and len(_OWN & value.keys()) >= 5 and isinstance(value.get("altId"), str)


def _parse_story(value: object, where: str) -> Story:
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


def _parse_body(value: JsonObject, headline: str) -> tuple[str, str]:
    """Returns text and HTML by `mimeType`. Plain text is unwrapped, and notes of the desk (`((…))`) are left out."""
    content = get_string(value, "body")
    if "html" in get_string(value, "mimeType").lower() or "html" in get_string(value, "mimetype").lower():
        return read_body("", content, headline)
    return strip_headline(unwrap(_DESK.sub("", content)), headline), ""


def _list_texts(value: JsonObject, key: str) -> list[str]:
    found = value.get(key)
    return [entry.strip() for entry in found if isinstance(entry, str)] if isinstance(found, list) else []


def _parse_status(pub_status: str, headline: str, subjects: list[str]) -> Status:
    if pub_status in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    if any(subject.upper() in ("N2:TEST", "NP:TEST", "NI:TEST") for subject in subjects):
        return Status.TEST
    return next((status for status, pattern in _STATUSES if pattern.match(headline)), Status.USABLE)


def _parse_organisations(subjects: list[str]) -> tuple[Organisation, ...]:
    """Parses the shares among the RICs. A story with at most three is about them; otherwise it mentions them."""
    rics = dict.fromkeys(subject[2:] for subject in subjects if subject.startswith("R:"))
    found = tuple(dict.fromkeys(share for ric in rics if (share := parse_ric(ric)) is not None))
    if len(found) <= _FEW_SHARES:
        return found
    return tuple(msgspec.structs.replace(share, rel="mentions") for share in found)
