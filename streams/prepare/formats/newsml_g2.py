"""IPTC NewsML-G2 2.x: a newsItem, a packageItem, or a newsMessage of them; elements by local name.

Also GlobeNewswire's dialect (`MWFinRel:Instrument`). Specification: iptc.org/std/NewsML-G2. A packageItem is
an item of type composite without text. Concepts, knowledge, planning and catalogs are no news: `empty`.
"""

import re
from datetime import datetime
from typing import Literal

from streams.model import Status, Story
from streams.prepare.document import Document
from streams.prepare.formats import _g2_concepts as concepts
from streams.prepare.formats import _g2_content as content_set
from streams.prepare.formats import _nitf
from streams.prepare.formats._each import each
from streams.prepare.formats._fields import (
    UNTIL_FURTHER_NOTICE,
    embargo,
    is_link,
    note_status,
    require_content,
    urgency,
)
from streams.prepare.formats._xml import Element, attribute, child, children, local, text
from streams.prepare.text import clean, one_line
from streams.prepare.times import parse_time
from streams.reasons import Reason, Reject

_NEWS = ("newsItem", "packageItem")
_OTHER = ("conceptItem", "knowledgeItem", "planningItem", "catalogItem")
_TYPES: dict[str, Literal["text", "audio", "video", "picture", "graphic", "composite"]] = {
    "text": "text",
    "audio": "audio",
    "video": "video",
    "picture": "picture",
    "graphic": "graphic",
    "animated": "graphic",
    "composite": "composite",
}
_SIGNALS = {
    "test": Status.TEST,
    "kill": Status.WITHDRAWN,
    "withdraw": Status.WITHDRAWN,
    "withdrawn": Status.WITHDRAWN,
    "retract": Status.WITHDRAWN,
    "retraction": Status.WITHDRAWN,
    "advisory": Status.ADVISORY,
    "correction": Status.CORRECTION,
    "update": Status.UPDATE,
}
"""Local codes of `sig:` (NewsCodes signal) and of providers' own signal schemes, the strongest first."""

_SIGNAL_SCHEME = re.compile(r"(?:\w*sig(?:nal)?:|https?://\S*signal/)(\w+)", re.I)
_PRIVATE = re.compile(r"private|nonpublic|notepad|contacts", re.I)
"""Roles of notes that name staff, with mail address and telephone (STT, dpa)."""

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d.*")


def matches(document: Document) -> bool:
    """Whether the root is an item or message of G2: by name, and namespace, `standard` or structure."""
    root = document.xml
    if root is None:
        return False
    name = local(root)
    if name not in (*_NEWS, *_OTHER, "newsMessage"):
        return False
    return (
        "iptc.org/std/nar" in str(root.tag)
        or attribute(root, "standard").lower() == "newsml-g2"
        or any(child(root, mark) is not None for mark in ("itemMeta", "itemSet", "contentMeta"))
    )


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """The stories of news items and packages, or why one is refused. Raises `Reject`: `empty` or `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    if local(root) == "newsMessage":
        items = [item for holder in children(root, "itemSet") for item in holder if _is_news(item)]
        if not items:
            raise Reject(Reason.EMPTY, "the newsMessage holds no newsItem and no packageItem")
    elif local(root) in _NEWS:
        items = [root]
    else:
        raise Reject(Reason.EMPTY, f"a {local(root)} holds no news item")
    many = len(items) > 1
    places = [(item, f"{local(item)} {i}" if many else f"the {local(item)}") for i, item in enumerate(items)]
    return each(_story, places)


def _is_news(item: Element) -> bool:
    """Not a package that is merely a list of the other items of its message."""
    bare = child(item, "itemMeta") is None and child(item, "contentMeta") is None
    return local(item) == "newsItem" or (local(item) == "packageItem" and not bare)


def _story(item: Element, where: str) -> Story:
    meta, content = child(item, "itemMeta"), child(item, "contentMeta")
    rights = children(item, "rightsInfo")
    package = local(item) == "packageItem"
    headline = _by_role(content, "headline", "main", no=("sub",)) or _title(meta)
    story_type = "composite" if package else _TYPES.get(concepts.local_code(child(meta, "itemClass")), "text")
    body = content_set.Body() if package else content_set.read(child(item, "contentSet"), headline)
    note = _notes(meta)
    guid = attribute(item, "guid")
    summary = _by_role(content, "description", "summary")
    story = Story(
        guid=guid,
        id=guid,
        version=attribute(item, "version"),
        type=story_type,
        status=_status(meta, note),
        headline=headline,
        subheadline=_by_role(content, "headline", "sub", strict=True) or one_line(text(child(content, "subheadline"))),
        summary=summary,
        text=body.text,
        html=body.html,
        first_created=_time(meta, "firstCreated"),
        version_created=_time(meta, "versionCreated") or _time(content, "contentModified"),
        content_created=_time(content, "contentCreated"),
        embargoed_until=_embargo(meta, where),
        language=attribute(child(content, "language"), "tag") or attribute(item, "lang"),
        urgency=urgency(text(child(content, "urgency"))),
        ed_note=note,
        slugline=_first(content, "slugline"),
        byline=_first(content, "by"),
        dateline=_dateline(content),
        located=next(filter(None, map(concepts.concept_name, children(content, "located"))), ""),
        copyright_notice=_of_rights(rights, "copyrightNotice"),
        copyright_holder=next((name for one in rights if (name := concepts.party(child(one, "copyrightHolder")))), ""),
        usage_terms=_of_rights(rights, "usageTerms"),
        distributor=concepts.party(child(meta, "provider")),
        issuer=next(
            (concepts.party(one) for one in children(content, "infoSource") if "issuer" in attribute(one, "role")),
            "",
        ),
        url=_url(meta),
        codes=concepts.codes(content, meta),
        organisations=concepts.organisations(item, content),
        pictures=content_set.pictures(child(item, "contentSet"), summary or headline) if not package else (),
    )
    return require_content(_nitf.fill(story, body.nitf), where)


def _first(parent: Element | None, name: str) -> str:
    return next(filter(None, (one_line(text(found)) for found in children(parent, name))), "")


def _by_role(parent: Element | None, name: str, role: str, *, no: tuple[str, ...] = (), strict: bool = False) -> str:
    """The text of this role; else, unless `strict`, of the first without a role, or with any but `no`."""
    found = [(attribute(one, "role").rpartition(":")[2].lower(), one_line(text(one))) for one in children(parent, name)]
    found = [(key, value) for key, value in found if value]
    for wanted in (role, ""):
        exact = [value for key, value in found if (key.startswith(wanted) if wanted else not key)]
        if exact or strict:
            return next(iter(exact), "")
    return next((value for key, value in found if not key.startswith(no or ("\0",))), "")


def _title(meta: Element | None) -> str:
    return next((one_line(text(one)) for one in children(meta, "title") if not attribute(one, "role")), "")


def _time(parent: Element | None, name: str) -> datetime | None:
    return parse_time(text(child(parent, name)))


def _embargo(meta: Element | None, where: str) -> datetime | None:
    element = child(meta, "embargoed")
    until = embargo(text(element), f"{where}: embargoed")
    withheld = concepts.local_code(child(meta, "pubStatus")).lower() == "withheld"
    if until is None and (withheld or element is not None):
        return UNTIL_FURTHER_NOTICE  # an empty `embargoed` has no known end
    return until


def _notes(meta: Element | None) -> str:
    notes = [
        clean(text(one))
        for one in children(meta, "edNote")
        if _PRIVATE.search(attribute(one, "role") + " " + attribute(one, "pubconstraint")) is None
    ]
    return "\n".join(dict.fromkeys(filter(None, notes)))


def _status(meta: Element | None, note: str) -> Status:
    signals = [attribute(one, "qcode") or attribute(one, "uri") for one in children(meta, "signal")]
    said = {found[1].lower() for signal in signals if (found := _SIGNAL_SCHEME.fullmatch(signal))}
    if "test" in said:
        return Status.TEST
    if concepts.local_code(child(meta, "pubStatus")).lower() in ("canceled", "cancelled"):
        return Status.WITHDRAWN
    return next((status for name, status in _SIGNALS.items() if name in said), note_status(note))


def _dateline(content: Element | None) -> str:
    dateline = _first(content, "dateline")
    return "" if _TIMESTAMP.fullmatch(dateline) else dateline  # Reuters writes the time there


def _of_rights(rights: list[Element], name: str) -> str:
    return next((value for one in rights if (value := _first(one, name))), "")


def _url(meta: Element | None) -> str:
    for link in children(meta, "link"):
        rel = attribute(link, "rel").rpartition(":")[2].lower()
        if rel in ("canonical", "permalink") and is_link(attribute(link, "href")):
            return attribute(link, "href")
    return ""
