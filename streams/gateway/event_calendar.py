"""Writes the events that items announce with their day as an iCalendar (RFC 5545).

An event is named by its company and its occasion, so that a new day moves it instead of adding a second one: results,
meetings and calls of one company within `SAME_OCCASION` are one occasion. Conferences differ by their day.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec
import orjson
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from streams.gateway.history_query import parse_moment
from streams.gateway.story_address import build_news_path, build_short_id
from streams.model.printable import make_printable

SAME_OCCASION = timedelta(days=45)
OF_ONE_DAY = frozenset({"investor-conference"})
"""Occasions that a company may have several times a quarter."""
_MINUTE = 60


class DatedEvent(msgspec.Struct, frozen=True):
    """An event as its newest announcement has it."""

    uid: str
    company: str
    name: str
    day: date
    announced: datetime
    """By the newest item that names this day."""
    moved: datetime
    """When it got this day."""
    address: str
    headline: str


class _Announcement(msgspec.Struct, frozen=True):
    company: str
    """What tells the company from others."""
    company_name: str
    kind: str
    name: str
    day: date
    time: datetime
    address: str
    headline: str


def list_events(documents: Iterable[bytes], site: str) -> list[DatedEvent]:
    """Lists the events of enriched items in the order of their days."""
    announcements = [each for document in documents for each in _read_announcements(document, site)]
    occasions: dict[tuple[str, str], list[list[_Announcement]]] = {}
    for each in sorted(announcements, key=lambda one: (one.time, one.day, one.address)):
        known = occasions.setdefault((each.company, each.kind), [])
        span = timedelta() if each.kind in OF_ONE_DAY else SAME_OCCASION
        for occasion in known:
            if abs(occasion[-1].day - each.day) <= span:
                occasion.append(each)
                break
        else:
            known.append([each])
    found = [_build_event(occasion) for known in occasions.values() for occasion in known]
    return sorted(found, key=lambda event: (event.day, event.uid))


def write_calendar(title: str, events: Iterable[DatedEvent]) -> bytes:
    """Writes events as an iCalendar. Equal events give equal bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Newswire Streams//events//EN")
    calendar.add("version", "2.0")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    for event in events:
        part = Event()
        part.add("uid", event.uid)
        # The number of a change must only grow, and this program keeps no count of changes: minutes do as well.
        part.add("sequence", int(event.moved.timestamp()) // _MINUTE)
        part.add("dtstamp", event.announced)
        part.add("last-modified", event.announced)
        part.add("dtstart", event.day)
        part.add("dtend", event.day + timedelta(days=1))
        part.add("summary", f"{event.company}: {event.name}" if event.company else event.name)
        part.add("description", event.headline)
        part.add("url", event.address)
        part.add("categories", [event.name])
        part.add("transp", "TRANSPARENT")
        calendar.add_component(part)
    if not calendar.subcomponents:
        calendar.add_component(_build_zone())  # a calendar has one component or more (RFC 5545, section 3.6)
    return bytes(calendar.to_ical())


def _build_zone() -> Timezone:
    """Builds the time zone UTC, which shows nothing in a calendar."""
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - a local time, as the RFC wants it
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone = Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone


def _read_announcements(document: bytes, site: str) -> list[_Announcement]:
    item: dict[str, Any] = orjson.loads(document)
    time = parse_moment(item.get("versionCreated") or "")
    if time is None:
        return []
    subjects = [each for each in item.get("organisations", ()) if each.get("rel") == "about"]
    company: dict[str, Any] = subjects[0] if subjects else {}
    short_id = build_short_id(item["uri"])
    headlines = {each.get("role"): make_printable(each.get("value", "")) for each in item.get("headlines", ())}
    headline = headlines.get("ticker") or headlines.get("main") or ""
    address = f"{site}{build_news_path(item['uri'], headline)}"
    found = []
    for event in item.get("events", ()):
        kind, _, text = event.get("literal", "").partition(":")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            continue
        key = company.get("uri") or company.get("name") or short_id
        named = make_printable(company.get("name", ""))
        found.append(
            _Announcement(key, named, kind, make_printable(event.get("name", kind)), day, time, address, headline)
        )
    return found


def _build_event(occasion: list[_Announcement]) -> DatedEvent:
    first, last = occasion[0], occasion[-1]
    unmoved = list(takewhile(lambda each: each.day == last.day, reversed(occasion)))
    place = first.day.isoformat()[: 10 if first.kind in OF_ONE_DAY else 7]
    return DatedEvent(
        uid=f"{first.kind}-{place}-{build_short_id(first.company)}@newswire-streams",
        company=last.company_name,
        name=last.name,
        day=last.day,
        announced=last.time,
        moved=unmoved[-1].time,
        address=last.address,
        headline=last.headline,
    )
