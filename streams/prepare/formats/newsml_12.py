"""IPTC NewsML 1.0 to 1.2: an envelope with NewsItems, each a revision with its management and a tree of components.

NewsML 1.2 Functional Specification (iptc.org/std/NewsML/1.2), 5.4 for the envelope, 5.5 for identification, revisions
and status. Dialects read: Business Wire (body, headline and contacts as components with roles; `Securities
Identifier`), AFP, ANP, Belga, EFE, Kyodo (NITF or text as DataContent).
"""

import re
from datetime import datetime
from typing import Literal

from streams.model import Status, Story
from streams.prepare.document import Document
from streams.prepare.formats import _newsml_content as content
from streams.prepare.formats import _newsml_metadata as metadata
from streams.prepare.formats import _nitf
from streams.prepare.formats._each import each
from streams.prepare.formats._fields import UNTIL_FURTHER_NOTICE, embargo, note_status, require_content, urgency
from streams.prepare.formats._xml import Element, attribute, child, children, descendants, local, text
from streams.prepare.text import clean, one_line
from streams.prepare.times import parse_time
from streams.reasons import Reason, Reject

_TYPES: dict[str, Literal["audio", "video", "picture", "graphic"]] = {
    "audio": "audio",
    "video": "video",
    "picture": "picture",
    "photo": "picture",
    "graphic": "graphic",
}
_INSTRUCTIONS = (
    (re.compile(r"kill|cancel|delete|withdraw|retract", re.I), Status.WITHDRAWN),
    (re.compile(r"correct|rectif", re.I), Status.CORRECTION),
    (re.compile(r"update|addition|replace", re.I), Status.UPDATE),
)
_RELEASES = ("release", "press release", "pressrelease", "news release")
_TIMESTAMP = re.compile(r"\d{8}(?:T.*)?")


def matches(document: Document) -> bool:
    """Whether the root is `NewsML`, in any case of version and namespace."""
    return document.xml is not None and local(document.xml) == "NewsML"


def parse(document: Document) -> tuple[Story | Reject, ...]:
    """The stories of its items, those inside packages too. Raises `Reject`: `empty` or `malformed`."""
    root = document.xml
    if root is None:
        raise Reject(Reason.MALFORMED, f"not well-formed XML: {document.xml_error}")
    items = [item for item in descendants(root, "NewsItem") if not _only_holds(item)]
    if not items:
        raise Reject(Reason.EMPTY, "the NewsML holds no NewsItem with news in it")
    many = len(items) > 1
    envelope = child(root, "NewsEnvelope")
    places = [(item, f"NewsItem {i}" if many else "the NewsItem") for i, item in enumerate(items)]
    return each(lambda item, where: _story(item, envelope, where), places)


def _only_holds(item: Element) -> bool:
    """A package of other items without a line of its own, or a set of topics."""
    if child(item, "NewsComponent") is None:
        return child(item, "TopicSet") is not None
    return any(True for _ in descendants(item, "NewsItem")) and not any(
        local(found) == "HeadLine" for found in item.iterfind("*/*/*")
    )


def _story(item: Element, envelope: Element | None, where: str) -> Story:
    management, top = child(item, "NewsManagement"), child(item, "NewsComponent")
    if top is None and child(item, "Update") is not None:
        raise Reject(Reason.MISSING_FIELD, f"{where} holds only Update instructions; send the whole revision")
    body = content.arrange(content.parts(top, where))
    around = metadata.around(body.component if body.component is not None else _deepest(top))
    guid, id_, version = _identity(child(item, "Identification", "NewsIdentifier"))
    note = _note(management, around)
    story = Story(
        guid=guid,
        id=id_,
        version=version,
        type=next((_TYPES[name] for one in around if (name := content.role(one)) in _TYPES), "text"),
        status=_status(management, note),
        headline=metadata.line(around, "HeadLine") or body.headline,
        subheadline=metadata.line(around, "SubHeadLine") or body.subheadline,
        summary=body.summary,
        text=body.text,
        html=body.html,
        boilerplate=body.contact,
        first_created=_time(management, "FirstCreated"),
        version_created=_time(management, "ThisRevisionCreated") or _time(envelope, "DateAndTime"),
        content_created=parse_time(text(metadata.nearest(around, "DescriptiveMetadata", "DateLineDate"))),
        embargoed_until=_embargo(management, where),
        language=metadata.language([*around, item]),
        urgency=urgency(metadata.formal(child(management, "Urgency"))),
        ed_note=note,
        slugline=metadata.line(around, "SlugLine"),
        byline=metadata.line(around, "ByLine"),
        dateline=_dateline(around),
        located=metadata.located(around),
        copyright_notice=metadata.line(around, "CopyrightLine"),
        copyright_holder=one_line(text(metadata.nearest(around, "RightsMetadata", "Copyright", "CopyrightHolder"))),
        usage_terms=metadata.terms(around),
        distributor=_distributor(item, envelope, around),
        issuer=_issuer(around),
        codes=metadata.codes(around),
        organisations=metadata.organisations(item, around),
        pictures=content.pictures(top),
    )
    return require_content(_nitf.fill(story, body.nitf), where)


def _deepest(top: Element | None) -> Element | None:
    """Where there is no text: the first component that has a headline."""
    found = [one for one in content.components(top) if metadata.line([one], "HeadLine")]
    return found[0] if found else top


def _identity(identifier: Element | None) -> tuple[str, str, str]:
    """Identifier as written, without its revision, and the revision (section 5.5.1).

    The public identifier is `urn:newsml:ProviderId:DateId:NewsItemId:RevisionId` and the `Update` letter unless that is
    N. Where a provider writes something else there, it is made of the parts.
    """
    names = ("ProviderId", "DateId", "NewsItemId", "RevisionId")
    provider, date, number, revision = (one_line(text(child(identifier, name))) for name in names)
    public = one_line(text(child(identifier, "PublicIdentifier")))
    letter = attribute(child(identifier, "RevisionId"), "Update").removeprefix("N")
    bare = public
    for end in (f":{revision}{letter}", f":{revision}"):
        if revision and public.endswith(end):
            return public, public.removesuffix(end), revision
    if number and number not in public:
        bare = f"urn:newsml:{provider}:{date}:{number}"
        public = f"{bare}:{revision}" if revision else bare
    return public, bare, revision


def _status(management: Element | None, note: str) -> Status:
    stated = metadata.formal(child(management, "Status")).lower()
    kind = metadata.formal(child(management, "NewsItemType")).lower()
    if "test" in (stated, kind):
        return Status.TEST
    if stated in ("canceled", "cancelled", "killed", "withdrawn"):
        return Status.WITHDRAWN
    orders = [metadata.formal(one) for one in children(management, "Instruction")]
    return next(
        (status for pattern, status in _INSTRUCTIONS if any(map(pattern.search, orders))),
        Status.ADVISORY if kind == "advisory" else note_status(note),
    )


def _embargo(management: Element | None, where: str) -> datetime | None:
    """The time at which an embargoed or withheld item becomes usable (`StatusWillChange`, may be repeated)."""
    if metadata.formal(child(management, "Status")).lower() not in ("embargoed", "withheld"):
        return None
    for change in children(management, "StatusWillChange"):
        if metadata.formal(child(change, "FutureStatus")).lower() == "usable":
            return embargo(text(child(change, "DateAndTime")), f"{where}: StatusWillChange") or UNTIL_FURTHER_NOTICE
    return UNTIL_FURTHER_NOTICE


def _time(parent: Element | None, name: str) -> datetime | None:
    return parse_time(text(child(parent, name)))


def _note(management: Element | None, around: list[Element]) -> str:
    orders = [clean(text(child(one, "Comment"))) for one in children(management, "Instruction")]
    line = metadata.typed_line(around, "editorsnote", "editorialnote", "advisoryline", "notetoeditors")
    return "\n".join(dict.fromkeys(filter(None, (*orders, line))))


def _dateline(around: list[Element]) -> str:
    line = metadata.line(around, "DateLine")
    return "" if _TIMESTAMP.fullmatch(line) else line.rstrip(" -\u2013\u2014")


def _distributor(item: Element, envelope: Element | None, around: list[Element]) -> str:
    """Who provides the item; else who sent it, its service, or the domain of its identifier."""
    return (
        metadata.party(around, "Provider")
        or metadata.formal(child(envelope, "SentFrom", "Party"))
        or metadata.formal(child(envelope, "NewsService"))
        or one_line(text(child(item, "Identification", "NewsIdentifier", "ProviderId")))
    )


def _issuer(around: list[Element]) -> str:
    """The source of a release is the company that speaks."""
    genres = [
        metadata.formal(one).lower()
        for each_ in around
        for one in children(child(each_, "DescriptiveMetadata"), "Genre")
    ]
    return metadata.party(around, "Source") if any(genre in _RELEASES for genre in genres) else ""
