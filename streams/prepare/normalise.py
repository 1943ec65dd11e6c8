"""The urgency of an item to which its wire gives none.

IPTC urgency runs from 1, the highest, over 5, normal (NewsML 1 topic set `iptc-urgency`); ninjs 3.1 says 1 to 9. The
words and their steps are those of ANPA 1312's priorities, as in formats/anpa1312.py: flash 1, bulletin 2, urgent 3.

| what the item says | urgency |
|---|---|
| `FLASH` before its headline | 1 |
| `ALERT`, `BULLETIN`, `BREAKING` before it; a headline alone, in capitals or behind a `*`; a kill or withdrawal | 2 |
| `URGENT` before it; a correction | 3 |
| anything else | none: nobody said that it is normal |

From what the wire says to what is true for us: ids, times with a zone, distributor, valid links.
"""

import html as entities
import ipaddress
import re
from datetime import datetime, timedelta, timezone
from typing import Literal
from urllib.parse import quote

import msgspec

from streams.model.records import Raw, Status, Story
from streams.model.sources import Source, Sources
from streams.model.timestamps import format_rfc3339
from streams.prepare.text.dateline import is_release_wire
from streams.prepare.text.plain import clean, one_line
from streams.prepare.text.release_copy import read_headline_status, split_release

_MARKED = re.compile(
    r"[*\s/(\[]*(?:(?P<flash>FLASH|NEWSFLASH)|(?P<alert>ALERT|NEWS ALERT|BULLETIN|BREAKING(?: NEWS)?)"
    r"|(?P<urgent>URGENT|EILT))"
    r"(?:\s*[:*)\]/\u2013\u2014]|\s*--|\s+-\s|-(?=\S))"
)
_URGENCY_OF_MARK = {"flash": 1, "alert": 2, "urgent": 3}
_ALERT_WORDS = 3
"""Words of a headline alone that make an alert; fewer in capitals are a name."""


def derive_urgency(story: Story) -> int | None:
    """1 to 9 as the wire says, else by the table; None where neither says."""
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

# RFC 3986, the parts an http link has.
_LINK = re.compile(
    r"https?://(?:[\w.~!$&'()*+,;=:%-]+@)?(?:[\w.~%-]+|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])(?::\d{1,5})?"
    r"(?:/[\w.~!$&'()*+,;=:@%/-]*)?(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_LAST_ZONE = timezone(timedelta(hours=-12))
"""Where a day ends last: the reading of an embargo whose zone nobody gives."""
_ESCAPED = re.compile(
    r"&(?:(?:amp|#0*38);)*(amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip"
    r"|#(?:0*3[489]|1[6-9]\d|[2-9]\d\d|[1-9]\d{3,4}));"
)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Identity(msgspec.Struct, frozen=True):
    """The provider's id as written, without its version, and the version; empty where the wire gives none."""

    guid: str
    id: str
    version: str


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """The times of an item, RFC 3339 UTC; empty where there is none."""

    first_created: str
    version_created: str
    content_created: str
    embargoed_until: str
    source: TimeSource


def resolve_identity(story: Story, raw: Raw, source: Source, *, alone: bool) -> Identity:
    """Who this item is to its provider. A raw record's `guid` header speaks for it only where it is `alone`."""
    guid = story.guid or (raw.guid if alone else "")
    if story.id:
        return Identity(guid or story.id, story.id, story.version)
    bare, version = source.split_version(guid)
    return Identity(guid, bare, story.version or version)


def resolve_times(story: Story, raw: Raw, source: Source) -> Times:
    """Times of the wire in UTC. No time, or no zone and no default zone: the received time, and said so."""
    version, how = _resolve_time(story.version_created, source)
    if not version:
        version, how = format_rfc3339(raw.received), "received"
    first, _ = _resolve_time(story.first_created, source)
    content, _ = _resolve_time(story.content_created, source)
    embargo, _ = _resolve_time(story.embargoed_until, source)
    if story.embargoed_until is not None and not embargo:
        # Rather too late than too early; beyond the last year, at the end of it.
        embargo = format_rfc3339(story.embargoed_until.replace(tzinfo=_LAST_ZONE)) or "9999-12-31T23:59:59Z"
    return Times(
        first_created=first,
        version_created=version,
        content_created=content,
        embargoed_until=embargo,
        source=how,
    )


def _resolve_time(stamp: datetime | None, source: Source) -> tuple[str, TimeSource]:
    if stamp is None:
        return "", "received"
    if stamp.tzinfo is not None:
        return format_rfc3339(stamp), "wire"
    if source.time_zone is None:
        return "", "received"
    return format_rfc3339(stamp.replace(tzinfo=source.time_zone)), "assumed-zone"


def resolve_distributor(story: Story, raw: Raw, sources: Sources) -> tuple[str, Source | None]:
    """The wire that brought the item: as its content says, else the feed's own. Source id and entry.

    The id is empty for a wire that is not in the table; the entry is None where nobody is known.
    """
    if story.distributor:
        known = sources.by_name(story.distributor)
        if known:
            return known, sources.get(known)
        kind: Literal["release-wire", "other"] = "release-wire" if is_release_wire(story.distributor) else "other"
        return "", Source(name=one_line(story.distributor), kind=kind)
    if raw.source == "unknown":
        return "", None
    return raw.source, sources.get(raw.source)


def normalise_link(url: str) -> str:
    """An http link as a valid URI (RFC 3986), or empty where it cannot be one."""
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


def _unescape_twice(headline: str) -> str:
    """`Questions &amp; answers`, escaped once too often on its way; what would be a tag stays as it is."""
    return _ESCAPED.sub(lambda found: entities.unescape(f"&{found[1]};"), headline) if "&" in headline else headline


def complete_story(story: Story) -> Story:
    """The story with its text cleaned and what its text itself says where the format was silent."""
    copy = split_release(story.text)
    stated = (story.status, copy.status, read_headline_status(story.headline))
    return msgspec.structs.replace(
        story,
        headline=one_line(_unescape_twice(story.headline)),
        subheadline=one_line(_unescape_twice(story.subheadline)),
        text=copy.text,
        boilerplate=clean(f"{story.boilerplate}\n\n{copy.boilerplate}"),
        status=next((status for status in stated if status is not Status.USABLE), Status.USABLE),
        ed_note=clean(story.ed_note) or copy.ed_note,
        dateline=one_line(story.dateline) or copy.dateline,
        located=one_line(story.located) or copy.located,
        distributor=story.distributor or copy.distributor,
        issuer=one_line(story.issuer) or copy.issuer,
        url=story.url or copy.url,
        pictures=story.pictures or copy.pictures,
        copyright_notice=one_line(story.copyright_notice) or copy.copyright_notice,
        copyright_holder=one_line(story.copyright_holder) or copy.copyright_holder,
    )
