"""Builds the ninjs 3.1 document of an item, without the fields that decide adds (schemas/README.md, section 3)."""

import re
from typing import NotRequired, TypedDict
from urllib.parse import quote

from streams.model.records import Code, Company, Label, Picture, Story
from streams.model.timestamps import HOLD
from streams.model.topics import CATEGORIES
from streams.prepare.classify.sectors import Sector
from streams.prepare.facts.events import AnnouncedEvent
from streams.prepare.normalise import Distributor, Identity, Times, derive_urgency, normalise_link
from streams.prepare.text.countries import find_dateline_country

_QCODE = re.compile(r"\s+")


class NinjsText(TypedDict):
    """A headline, description or body of ninjs."""

    role: str
    contentType: str
    value: str
    charCount: NotRequired[int]
    wordCount: NotRequired[int]


def build_document(
    story: Story,
    *,
    identity: Identity,
    times: Times,
    language: str,
    ticker: str,
    organisations: tuple[Company, ...],
    events: tuple[AnnouncedEvent, ...] = (),
    labels: tuple[Label, ...],
    sectors: tuple[Sector, ...] = (),
    distributor: Distributor,
    carrier: Distributor | None = None,
    safe_html: str,
    content_hash: str,
) -> dict[str, object]:
    """Returns the document as a dict in its final order of keys; empty fields are left out."""
    fields: dict[str, object] = {
        "type": story.type,
        "language": language,
        "firstCreated": times.first_created,
        "versionCreated": times.version_created,
        "contentCreated": times.content_created,
        "embargoedUntil": "" if times.embargoed_until == HOLD else times.embargoed_until,
        "urgency": derive_urgency(story),
        "copyrightHolder": story.copyright_holder,
        "copyrightNotice": story.copyright_notice,
        "usageTerms": story.usage_terms,
        "edNote": story.ed_note,
        "headlines": _build_headlines(story, ticker),
        "descriptions": _build_texts(("summary", story.summary), ("dateline", story.dateline)),
        "bodies": _build_bodies(story, safe_html),
        "by": story.byline,
        "slugline": story.slugline,
        "located": story.located,
        "places": _build_places(story.dateline),
        "organisations": build_organisations(organisations),
        "subjects": [
            *map(_build_category_subject, labels),
            *map(_build_sector_subject, sectors),
            *map(_build_provider_subject, dict.fromkeys(story.codes)),
        ],
        "infoSources": _build_info_sources(story, distributor, carrier),
        "altIds": _build_alt_ids(identity, story.url, content_hash),
        "associations": _build_associations(story.pictures),
        **_build_events(events, organisations),
    }
    return {name: value for name, value in fields.items() if value not in ("", None, [])}


def _build_texts(*pairs: tuple[str, str]) -> list[NinjsText]:
    return [{"role": role, "contentType": "text/plain", "value": value} for role, value in pairs if value]


def _build_headlines(story: Story, ticker: str) -> list[NinjsText]:
    return _build_texts(
        ("main", story.headline),
        ("ticker", ticker),
        ("subheadline", story.subheadline),
    )


def _build_bodies(story: Story, safe_html: str) -> list[NinjsText]:
    bodies = _build_texts(("main", story.text), ("html", safe_html), ("boilerplate", story.boilerplate))
    for body in bodies:
        if body["role"] == "html":
            body["contentType"] = "text/html"
        else:
            body["charCount"] = len(body["value"])
            body["wordCount"] = len(body["value"].split())
    return bodies


def build_organisations(organisations: tuple[Company, ...]) -> list[dict[str, object]]:
    """Builds the rows of `organisations`."""
    rows: list[dict[str, object]] = []
    for row in organisations:
        symbols = []
        for listing in row.listings:
            ticker = {
                "exchange": listing.exchange,
                "symbolType": "urn:newswire:symbol:ticker",
                "symbol": listing.symbol,
            }
            symbols.append({name: value for name, value in ticker.items() if value})
        symbols += [{"symbolType": "urn:newswire:symbol:isin", "symbol": isin} for isin in row.isins]
        rows.append(
            {
                **({"uri": row.uri} if row.uri else {}),
                **({"name": row.name} if row.name else {}),
                "rel": row.rel,
                **({"symbols": symbols} if symbols else {}),
            }
        )
    return rows


def _build_places(dateline: str) -> list[dict[str, object]]:
    """Returns the country of the dateline; `located` holds its city."""
    code, name = find_dateline_country(dateline)
    return [{"name": name, "rel": "located", "literal": code}] if code else []


def _build_events(events: tuple[AnnouncedEvent, ...], organisations: tuple[Company, ...]) -> dict[str, object]:
    """Returns `events`, each with its day in `literal`, and `eventDetails`, which has room for the first one only."""
    if not events:
        return {}
    rows = [{"name": event.name, "rel": "announced", "literal": f"{event.id}:{event.day}"} for event in events]
    details: dict[str, object] = {"dates": {"expectedStartDate": events[0].day}}
    names = {row.name for row in organisations if row.rel == "about" and row.name}
    if len(names) == 1:
        details["organiser"] = {"name": names.pop()}
    return {"events": rows, "eventDetails": details}


def _build_category_subject(label: Label) -> dict[str, object]:
    return {
        "name": CATEGORIES[label.category],
        "rel": "category",
        "uri": f"urn:newswire:category:{label.category}",
        "literal": label.category,
        "creator": label.creator,
        "confidence": label.confidence,
    }


def _build_sector_subject(sector: Sector) -> dict[str, object]:
    return {
        "name": sector.name,
        "rel": "sector",
        "uri": sector.uri,
        "literal": f"medtop:{sector.code}",
        "creator": sector.creator,
        "confidence": sector.confidence,
    }


def _build_provider_subject(code: Code) -> dict[str, object]:
    literal = _QCODE.sub("_", f"{code.scheme}:{code.code}" if code.scheme else code.code)
    return {**({"name": code.name} if code.name else {}), "rel": "provider", "literal": literal}


def _build_info_sources(story: Story, distributor: Distributor, carrier: Distributor | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for role, one in (("distributor", distributor), ("carrier", carrier)):
        if one is None or one.source is None:
            continue
        row = {"name": one.source.name or one.source_id, "role": role, "literal": one.source.code}
        if one.source_id:
            row["uri"] = f"urn:newswire:source:{quote(one.source_id, safe='')}"
        rows.append({field: value for field, value in row.items() if value})
    if story.issuer:
        rows.append({"name": story.issuer, "role": "issuer"})
    return rows


def _build_alt_ids(identity: Identity, url: str, content_hash: str) -> list[dict[str, str]]:
    rows = [
        ("provider-guid", identity.guid),
        ("canonical-url", normalise_link(url)),
        ("content-hash", f"sha256:{content_hash}"),
    ]
    return [{"role": role, "value": value} for role, value in rows if value]


def _build_associations(pictures: tuple[Picture, ...]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for picture in pictures:
        href = normalise_link(picture.href)
        if not href or any(row["uri"] == href for row in rows):
            continue
        name = f"picture-{len(rows) + 1}"
        rendition = {"name": "original", "href": href, "contentType": picture.content_type}
        row: dict[str, object] = {
            "name": name,
            "uri": href,
            "type": "picture",
            "renditions": [{field: value for field, value in rendition.items() if value}],
        }
        if picture.caption:
            row["descriptions"] = [{"role": "caption", "contentType": "text/plain", "value": picture.caption}]
        rows.append(row)
    return rows
