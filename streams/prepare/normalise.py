"""Normalises what a wire states: identity, times in UTC, distributor, links, status, urgency.

Urgency runs from 1, the highest, over 5, normal (IPTC, NewsML 1 topic set `iptc-urgency`), to 9 (ninjs 3.1). Where the
wire gives none, the item's headline and status decide. The words and their values are the priorities of ANPA 1312, as
in formats/anpa1312.py: flash 1, bulletin 2, urgent 3.

| the item | urgency |
|---|---|
| `FLASH` before the headline | 1 |
| `ALERT`, `BULLETIN`, `BREAKING` before it; a headline alone, in capitals or behind a `*`; a kill or withdrawal | 2 |
| `URGENT` before it; a correction | 3 |
| any other | none, for nobody says that it is normal |
"""

import html as entities
import ipaddress
import re
from datetime import datetime, timedelta, timezone
from typing import Literal, NamedTuple
from urllib.parse import quote

import msgspec

from streams.model.records import Raw, Status, Story
from streams.model.sources import Source, Sources
from streams.model.timestamps import HOLD, format_rfc3339
from streams.prepare.text.dateline import is_release_wire
from streams.prepare.text.plain import clean, one_line
from streams.prepare.text.release_copy import read_headline_status, split_release, take_headline

_MARKED = re.compile(
    r"[*\s/(\[]*(?:(?P<flash>FLASH|NEWSFLASH)|(?P<alert>ALERT|NEWS ALERT|BULLETIN|BREAKING(?: NEWS)?)"
    r"|(?P<urgent>URGENT|EILT))"
    r"(?:\s*[:*)\]/\u2013\u2014]|\s*--|\s+-\s|-(?=\S))"
)
_URGENCY_OF_MARK = {"flash": 1, "alert": 2, "urgent": 3}
_ALERT_WORDS = 3
"""Words that a headline without a text must have to be an alert; fewer words in capitals are a name."""


def derive_urgency(story: Story) -> int | None:
    """Returns the urgency, 1 to 9, that the wire gives, else that of the table above; None where neither gives one."""
    if story.urgency is not None and 1 <= story.urgency <= 9:
        return story.urgency
    if marked := _MARKED.match(story.headline):
        return _URGENCY_OF_MARK[marked.lastgroup or ""]
    if story.status is Status.WITHDRAWN or _is_alert(story):
        return 2
    return 3 if story.status is Status.CORRECTION else None


def _is_alert(story: Story) -> bool:
    if story.text or story.summary or story.html or story.type != "text" or story.status is Status.ADVISORY:
        return False
    words = story.headline.split()
    return len(words) >= _ALERT_WORDS and (story.headline.isupper() or story.headline.startswith("*"))


TimeSource = Literal["wire", "assumed-zone", "received"]

# The parts of an http link by RFC 3986.
_LINK = re.compile(
    r"https?://(?:[\w.~!$&'()*+,;=:%-]+@)?(?:[\w.~%-]+|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])(?::\d{1,5})?"
    r"(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_LAST_ZONE = timezone(timedelta(hours=-12))
"""The zone where a day ends last. It is assumed for an embargo without a zone, so that it never ends too early."""
_FIRST_ZONE = timezone(timedelta(hours=14))
"""The zone where a day ends first. It is assumed for an end of rights without a zone, so that no text is shown after
it."""
_ESCAPED = re.compile(
    r"&(?:(?:amp|#0*38);)*(amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip"
    r"|#(?:0*3[489]|1[6-9]\d|[2-9]\d\d|[1-9]\d{3,4}));"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Identity(msgspec.Struct, frozen=True):
    """The provider's id of an item; a field is empty where the wire gives none."""

    guid: str
    """The id as the wire writes it."""
    id: str
    """The id without its version."""
    version: str


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The times of an item, RFC 3339 in UTC; empty where there is none."""

    first_created: str
    version_created: str
    content_created: str
    embargoed_until: str
    source: TimeSource
    """Where `version_created` comes from."""


class Distributor(NamedTuple):
    """The wire that brought an item."""

    source_id: str
    """Its id in the table of sources; empty where the table does not have it."""
    source: Source | None
    """None where nobody is known."""


def resolve_identity(story: Story, raw: Raw, source: Source, *, alone: bool) -> Identity:
    """Returns the provider's id of an item.

    The `guid` header of the raw record counts only where the item is `alone` in that record.
    """
    guid = story.guid or (raw.guid if alone else "")
    if story.id:
        return Identity(guid or story.id, story.id, story.version)
    bare, version = source.split_version(guid)
    return Identity(guid, bare, story.version or version)


def resolve_times(story: Story, raw: Raw, source: Source, wire: Source | None = None) -> Times:
    """Returns the times of the wire in UTC.

    The zone of a time that has none is that of the source, else that of the `wire` which wrote the times.
    `version_created` is the received time where the wire gives none, or gives no zone and neither of the two has one;
    `source` says so.
    """
    if wire is not None and not source.zone:
        source = wire
    version, how = _resolve_time(story.version_created, source)
    if not version:
        version, how = format_rfc3339(raw.received), "received"
    first, _ = _resolve_time(story.first_created, source)
    content, _ = _resolve_time(story.content_created, source)
    embargo, _ = _resolve_time(story.embargoed_until, source)
    if story.embargoed_until is not None and not embargo:
        # Better too late than too early.
        embargo = format_rfc3339(story.embargoed_until.replace(tzinfo=_LAST_ZONE)) or HOLD
    return Times(
        first_created=first,
        version_created=version,
        content_created=content,
        embargoed_until=embargo,
        source=how,
    )


def resolve_rights_end(story: Story, times: Times, received: datetime, source: Source) -> str:
    """Returns when the rights to use the text end, RFC 3339: the earlier end of the item and of its source.

    An end of the item that is not after its own `version_created` is a mistake of the wire and is left out.
    """
    ends: list[datetime] = []
    if story.rights_end is not None:
        zone = source.time_zone or _FIRST_ZONE
        end = story.rights_end if story.rights_end.tzinfo else story.rights_end.replace(tzinfo=zone)
        if end > datetime.fromisoformat(times.version_created):
            ends.append(end)
    if source.expires_days:
        ends.append(received + timedelta(days=source.expires_days))
    return format_rfc3339(min(ends)) if ends else ""


def _resolve_time(stamp: datetime | None, source: Source) -> tuple[str, TimeSource]:
    if stamp is None:
        return "", "received"
    if stamp.tzinfo is not None:
        return format_rfc3339(stamp), "wire"
    if source.time_zone is None:
        return "", "received"
    return format_rfc3339(stamp.replace(tzinfo=source.time_zone)), "assumed-zone"


def resolve_distributor(story: Story, raw: Raw, sources: Sources) -> Distributor:
    """Returns the wire that brought the item: the one that its content names, else that of the feed.

    Of a release that somebody else carries, it is the release wire: the copy names it, or it holds the copyright.
    """
    named = _resolve_named(story, raw, sources)
    if named.source is None or named.source.kind == "release-wire":
        return named
    if story.distributor or named.source.kind == "agency":
        return _find_release_wire(story, sources) or named
    return named


def resolve_carrier(story: Story, raw: Raw, sources: Sources, distributor: Distributor) -> Distributor | None:
    """Returns the agency that passes on a release of another wire; None where nobody does."""
    if distributor.source is None or distributor.source.kind != "release-wire":
        return None
    named = _resolve_named(story, raw, sources)
    if named != distributor:
        return named
    feed = _resolve_feed(raw, sources)
    is_agency = feed.source is not None and feed.source.kind == "agency"
    return feed if is_agency and feed != distributor else None


def _resolve_named(story: Story, raw: Raw, sources: Sources) -> Distributor:
    return _resolve_name(story.distributor, sources) if story.distributor else _resolve_feed(raw, sources)


def _resolve_name(name: str, sources: Sources) -> Distributor:
    if known := sources.by_name(name):
        return Distributor(known, sources.get(known))
    kind: Literal["release-wire", "other"] = "release-wire" if is_release_wire(name) else "other"
    return Distributor("", Source(name=one_line(name), kind=kind))


def _resolve_feed(raw: Raw, sources: Sources) -> Distributor:
    if raw.source == "unknown":
        return Distributor("", None)
    return Distributor(raw.source, sources.get(raw.source))


def _find_release_wire(story: Story, sources: Sources) -> Distributor | None:
    """Finds the release wire of the copy: its dateline, its last lines, or the holder of its copyright."""
    found = (_resolve_name(name, sources) for name in (story.wire, story.copyright_holder) if name)
    return next((one for one in found if one.source is not None and one.source.kind == "release-wire"), None)


def normalise_link(url: str) -> str:
    """Returns an http link as a valid URI (RFC 3986); empty where it cannot be one."""
    scheme, _, rest = url.strip().partition("://")
    if scheme.lower() not in ("http", "https"):
        return ""
    rest = _BAD_ESCAPE.sub("%25", quote(rest, safe="/:?#[]@!$&'()*+,;=%~", errors="surrogatepass"))
    found = _LINK.fullmatch(f"{scheme.lower()}://{rest}")
    return found[0] if found and _is_address(found["ipv6"]) else ""


def _is_address(ipv6: str | None) -> bool:
    try:
        return ipv6 is None or bool(ipaddress.IPv6Address(ipv6))
    except ValueError:
        return False


def _decode_twice_escaped(headline: str) -> str:
    """Decodes a headline that was escaped once too often, `Questions &amp; answers`; escaped tags stay as they are."""
    return _ESCAPED.sub(lambda found: entities.unescape(f"&{found[1]};"), headline) if "&" in headline else headline


def complete_story(story: Story) -> Story:
    """Returns the story with its text cleaned, and with what its text states where the format states nothing."""
    copy = split_release(story.text)
    stated = (story.status, copy.status, read_headline_status(story.headline))
    headline, text = take_headline(one_line(_decode_twice_escaped(story.headline)), copy.text)
    return msgspec.structs.replace(
        story,
        headline=headline,
        subheadline=one_line(_decode_twice_escaped(story.subheadline)),
        byline=one_line(story.byline) or copy.byline,
        text=text,
        boilerplate=clean(f"{story.boilerplate}\n\n{copy.boilerplate}"),
        status=next((status for status in stated if status is not Status.USABLE), Status.USABLE),
        ed_note=clean(story.ed_note) or copy.ed_note,
        dateline=one_line(story.dateline) or copy.dateline,
        located=one_line(story.located) or copy.located,
        distributor=story.distributor or copy.distributor,
        wire=copy.distributor,
        issuer=one_line(story.issuer) or copy.issuer,
        url=story.url or copy.url,
        pictures=story.pictures or copy.pictures,
        copyright_notice=one_line(story.copyright_notice) or copy.copyright_notice,
        copyright_holder=one_line(story.copyright_holder) or copy.copyright_holder,
    )
