"""Writes JSON of agencies and aggregators: ninjs 1.x (Reuters), ninjs 3.1, and plain JSON (Dow Jones, EQS, …)."""

from collections.abc import Mapping

import orjson

from streams.generate import names
from streams.generate.calendar import format_rfc3339, to_utc
from streams.generate.writers.issue import Issue, WrittenItem

_PLAIN_STATUS = {"usable": "usable", "correction": "correction", "killed": "killed", "test": "test"}


def write_reuters(issue: Issue) -> WrittenItem:
    """Writes ninjs 1.x whose guid contains the version. An alert has no body; a kill has the status `canceled`."""
    story = issue.story
    guid = f"tag:reuters.com,{to_utc(issue.first_created).year}:newsml_KGN{issue.key:08}:{issue.version}"
    item = {
        "uri": guid,
        "type": "text",
        "language": story.language,
        "versioncreated": format_rfc3339(issue.created),
        "firstcreated": format_rfc3339(issue.first_created),
        "pubstatus": "canceled" if issue.status == "killed" else "usable",
        "urgency": 3 if story.paragraphs else 1,
        "headline": _build_headline(issue),
        "body_text": "" if issue.status == "killed" else "\n\n".join(story.paragraphs),
        "ednote": issue.note,
        "embargoed": format_rfc3339(issue.embargoed_until) if issue.embargoed_until else "",
        "located": story.place,
        "organisation": [
            {"name": one.name, "symbols": [{"ticker": one.symbol, "exchange": one.exchange}]} for one in story.companies
        ],
    }
    return _write_json("reuters", item, f"KGN{issue.key:08}.json")


def write_ninjs3(issue: Issue) -> WrittenItem:
    """Writes ninjs 3.1, as an exchange or a newer agency sends it."""
    story = issue.story
    killed = issue.status == "killed"
    item = {
        "standard": {"name": "ninjs", "version": "3.1"},
        "uri": f"urn:newsml:bourse.example:{issue.key}",
        "type": "text",
        "version": str(issue.version),
        "language": story.language,
        "versionCreated": format_rfc3339(issue.created),
        "firstCreated": format_rfc3339(issue.first_created),
        "pubStatus": "canceled" if killed else "withheld" if issue.embargoed_until else "usable",
        "embargoedUntil": format_rfc3339(issue.embargoed_until) if issue.embargoed_until else "",
        "edNote": issue.note,
        "headlines": [{"role": "main", "value": _build_headline(issue)}],
        "bodies": []
        if killed or not story.paragraphs
        else [{"role": "main", "contentType": "text/plain", "value": "\n\n".join(story.paragraphs)}],
        "organisations": [
            {
                "name": one.name,
                "symbols": [
                    {"symbol": one.symbol, "exchange": one.exchange, "symbolType": "urn:newswire:symbol:ticker"},
                    {"symbol": one.isin, "symbolType": "urn:newswire:symbol:isin"},
                ],
            }
            for one in story.companies
        ],
        "infoSources": [{"name": names.strip_legal_form(story.company.name), "role": "issuer"}],
    }
    return _write_json("bourse", item, f"{issue.key}-{issue.version}.json")


def write_dowjones(issue: Issue) -> WrittenItem:
    """Writes plain JSON of an agency."""
    return _write_plain_json(issue, "dowjones", f"DJ{issue.key:09}", "")


def write_eqs(issue: Issue) -> WrittenItem:
    """Writes plain JSON of a European release wire."""
    return _write_plain_json(issue, "eqs", f"EQS-{issue.key}", "EQS News")


def write_aggregator(issue: Issue) -> WrittenItem:
    """Writes plain JSON of an aggregator, which sends headline and text unchanged under an id of its own."""
    return _write_plain_json(issue, "acquiremedia", f"AQ{issue.key}", "")


def _write_plain_json(issue: Issue, source: str, item_id: str, distributor: str) -> WrittenItem:
    story = issue.story
    body = "" if issue.status == "killed" else "\n\n".join(story.paragraphs)
    item = {
        "id": item_id,
        "version": str(issue.version),
        "source": distributor,
        "date": format_rfc3339(issue.created),
        "title": _build_headline(issue),
        "body": body,
        "language": story.language,
        "status": _PLAIN_STATUS.get(issue.status, "usable"),
    }
    return _write_json(source, item, f"{item_id}.json")


def _build_headline(issue: Issue) -> str:
    if issue.status == "correction":
        return f"CORRECTED-{issue.story.headline}"
    return f"ADVISORY-{issue.story.headline}" if issue.status == "advisory" else issue.story.headline


def _write_json(source: str, item: Mapping[str, object], origin: str) -> WrittenItem:
    return WrittenItem(
        source=source,
        body=orjson.dumps({key: value for key, value in item.items() if value}),
        content_type="application/json",
        origin=origin,
    )
