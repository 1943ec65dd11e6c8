"""Feeds and the calendar: what they hold, that our own feeder reads them back, and what changes in them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import icalendar
import msgspec
import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree
from multidict import CIMultiDictProxy
from support.history import Pen, company

from streams.config.loader import load
from streams.config.settings import SavedSearch
from streams.feeders.feed_split import split_feed
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.history import HistoryStore
from streams.gateway.hub import Hub
from streams.gateway.server import Gateway
from streams.gateway.story_address import build_short_id
from streams.gateway.ticker_view import TickerView
from streams.model.records import Raw, RecordRef, StampedRef, Story
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format

KINDS = ("atom", "rss", "json")
TOKEN = {"NEWSWIRE_GATEWAY_TOKEN": "one-secret"}
RIGHT = {"Authorization": "Bearer one-secret"}


class Site:
    """A gateway whose history a test fills."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None, **gateway: Any) -> None:
        base = load(environ={})
        self.settings = msgspec.structs.replace(
            base,
            gateway=msgspec.structs.replace(base.gateway, site="https://news.example.com/", **gateway),
            searches={"pumps": SavedSearch(filter="q=pumps", title="All on pumps")},
        )
        self.store = HistoryStore(folder, "news.latest")
        self.store.open()
        self.store.is_complete = True
        self.pen = Pen(self.store)
        self._environ = environ or {}

    def get(self, path: str, **headers: str) -> tuple[int, bytes, CIMultiDictProxy[str]]:
        async def run() -> tuple[int, bytes, CIMultiDictProxy[str]]:
            hub = Hub()
            hub.open(TickerView(10, 100, {0: 0}))
            access = Access(self.settings.gateway, self._environ)
            app = Gateway(self.settings, hub, TickerConsumer(self.settings, hub), access, self.store).app()
            async with TestClient(TestServer(app)) as client, client.get(path, headers=headers) as answer:
                return answer.status, await answer.read(), answer.headers

        return asyncio.run(run())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, TOKEN)
    yield made
    made.store.close()


def read_back(body: bytes, content_type: str) -> list[Story]:
    """Reads a feed as our feeder and prepare do: entry by entry, the oldest first."""
    stories = []
    for entry in split_feed(body, content_type):
        raw = Raw(
            source="",
            received=datetime(2026, 3, 2, tzinfo=UTC),
            body=entry.body,
            content_type=entry.content_type,
            position=StampedRef(RecordRef("", 0, 0), 0),
        )
        document = Document(raw)
        stories += [each for each in find_format(document).parse(document) if isinstance(each, Story)]
    return stories


TEXT = "Norwick Pumps said <so> & more.\n\nIt has 3 plants."
HOSTILE = "Profit < 3 & ]]> <script>alert(1)</script> \x0b“done” \U0001f600"


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_feeder_reads_a_feed_back_to_the_same_stories(site: Site, kind: str) -> None:
    site.pen.put("plain", "Norwick Pumps opens a plant", body=TEXT, event={"firstCreated": "2026-03-02T09:00:00Z"})
    site.pen.put("german", "Norwick eröffnet ein Werk", language="de-CH", categories=["companies", "markets"])
    site.pen.put("hostile", HOSTILE)
    status, body, headers = site.get(f"/feeds/latest.{kind}")
    assert status == 200
    stories = read_back(body, headers["Content-Type"])
    assert [each.guid for each in stories] == [
        f"urn:newswire:story:{build_short_id(f'urn:newswire:prnewswire:{name}')}"
        for name in ("plain", "german", "hostile")
    ]
    plain, german, hostile = stories
    assert (plain.headline, plain.text, plain.language) == ("Norwick Pumps opens a plant", TEXT, "en")
    assert (str(plain.first_created), str(plain.version_created)) == (
        "2026-03-02 09:00:00+00:00",
        "2026-03-02 10:00:00+00:00",
    )
    assert plain.url == (
        "https://news.example.com/news/norwick-pumps-opens-a-plant-" + build_short_id("urn:newswire:prnewswire:plain")
    )
    assert (german.headline, german.language) == ("Norwick eröffnet ein Werk", "de-CH")
    assert "Profit < 3 & ]]>" in hostile.headline.replace("&lt;", "<")
    if kind != "json":
        assert {each.distributor for each in stories} == {"PR Newswire"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_corrected_story_changes_its_one_entry_and_a_withdrawn_one_goes(site: Site, kind: str) -> None:
    site.pen.put("a", "Norwick Pumps opens a plant")
    site.pen.put("b")
    before = {each.id: each.digest for each in split_feed(site.get(f"/feeds/companies.{kind}")[1], "")}
    site.pen.put("a", "Norwick Pumps shuts a plant", version=2)
    after = {each.id: each.digest for each in split_feed(site.get(f"/feeds/companies.{kind}")[1], "")}
    changed = f"urn:newswire:story:{build_short_id('urn:newswire:prnewswire:a')}"
    assert [each for each in after if before.get(each) != after[each]] == [changed]
    site.pen.put("a", version=3, withdrawn=True)
    body = site.get(f"/feeds/companies.{kind}")[1]
    assert b"plant" in body
    assert b"shuts" not in body
    withdrawn = [each.guid for each in read_back(body, "") if each.status == "withdrawn"]
    assert withdrawn == ([changed] if kind == "atom" else [])


def test_a_feed_that_has_not_changed_is_a_304(site: Site) -> None:
    site.pen.put("a")
    for path in ("/feeds/latest.atom", "/feeds/latest.rss", "/feeds/latest.json", "/calendar.ics", "/latest?q=pumps"):
        tag = site.get(path)[2]["ETag"]
        assert site.get(path, **{"If-None-Match": tag})[:2] == (304, b""), path


def test_a_feed_takes_the_filters_of_a_search_and_leads_on_to_older_stories(site: Site) -> None:
    for number in range(5):
        site.pen.put(f"n{number}", organisations=[company("Norwick Pumps", f"cik-{number % 2}")])
    found = orjson.loads(site.get("/feeds/companies.json?company=cik-0&limit=2")[1])
    assert [each["title"] for each in found["items"]] == ["Norwick Pumps opens a plant"] * 2
    older = found["next_url"].removeprefix("https://news.example.com")
    assert len(orjson.loads(site.get(older)[1])["items"]) == 1
    assert "next_url" not in orjson.loads(site.get(older)[1])


def test_a_saved_search_is_a_feed(site: Site) -> None:
    site.pen.put("a", "Norwick Pumps opens a plant")
    site.pen.put("b", "Harlow Mills opens a plant")
    found = orjson.loads(site.get("/feeds/pumps.json")[1])
    assert (found["title"], [each["title"] for each in found["items"]]) == (
        "All on pumps",
        ["Norwick Pumps opens a plant"],
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_of_a_restricted_story_is_in_a_feed_for_a_token_only(site: Site, kind: str) -> None:
    site.pen.put("open", body="Anyone may read this.")
    site.pen.put("owned", body="Only licensed readers may read this.", rights="restricted")
    _, body, headers = site.get(f"/feeds/latest.{kind}")
    assert (b"Anyone may" in body, b"licensed readers" in body) == (True, False)
    assert headers["Cache-Control"] == "public, max-age=1"
    _, body, headers = site.get(f"/feeds/latest.{kind}", **RIGHT)
    assert (b"Anyone may" in body, b"licensed readers" in body) == (True, True)
    assert (headers["Cache-Control"], headers["Vary"].split(", ")[0]) == ("private, no-cache", "Authorization")
    assert site.get(f"/feeds/latest.{kind}", Authorization="Bearer no")[0] == 401


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/feeds/ipos.atom", 404, b"there is no such feed"),
        ("/feeds/latest.xml", 404, b"not found"),
        ("/feeds/latest.atom?category=markets", 400, b"there is no parameter 'category' here: use ticker"),
        ("/feeds/pumps.atom?q=x", 400, b"there is no parameter 'q' here: use before, limit"),
        ("/calendar.ics?about=2", 400, b"about is '2'"),
    ],
)
def test_a_feed_that_does_not_exist_is_refused_with_a_sentence(site: Site, path: str, status: int, said: bytes) -> None:
    answered, body, _ = site.get(path)
    assert (answered, body[: len(said)]) == (status, said)


def test_a_feed_is_read_by_pages_of_other_sites_that_are_allowed(tmp_path: Path) -> None:
    site = Site(tmp_path, origins="https://paper.example")
    headers = site.get("/feeds/latest.json", Origin="https://paper.example")[2]
    assert headers["Access-Control-Allow-Origin"] == "https://paper.example"
    assert headers["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After"
    assert "Access-Control-Allow-Origin" not in site.get("/feeds/latest.json", Origin="https://other.example")[2]
    site.store.close()


def test_feeds_have_what_their_standards_require(site: Site) -> None:
    site.pen.put("a", body="", event={"headlines": []}, rights="restricted")
    site.pen.put("b", version=1)
    space = {"a": "http://www.w3.org/2005/Atom"}
    feed = etree.fromstring(site.get("/feeds/companies.ipos.atom")[1])
    assert feed.xpath("string(a:updated)", namespaces=space) == "1970-01-01T00:00:00Z"
    feed = etree.fromstring(site.get("/feeds/latest.atom?q=pumps")[1])
    for path in ("a:id", "a:title", "a:updated", "a:author/a:name", "a:link[@rel='self']", "a:link[@rel='alternate']"):
        assert len(feed.xpath(path, namespaces=space)) == 1, path
    feed = etree.fromstring(site.get("/feeds/latest.atom")[1])
    for entry in feed.xpath("a:entry", namespaces=space):
        for path in ("a:id", "a:title", "a:updated", "a:link[@rel='alternate']"):
            assert len(entry.xpath(path, namespaces=space)) == 1, path
        assert all(each.text for each in entry.xpath("a:content | a:summary", namespaces=space))
    assert etree.fromstring(site.get("/feeds/companies.ipos.rss")[1]).find("channel/lastBuildDate") is None
    channel = etree.fromstring(site.get("/feeds/latest.rss")[1])[0]
    assert [channel.findtext(name) for name in ("title", "link", "description")] == [
        "Latest News",
        "https://news.example.com/",
        "Latest News",
    ]
    assert {item.find("guid").get("isPermaLink") for item in channel.findall("item")} == {"false"}
    for item in orjson.loads(site.get("/feeds/latest.json")[1])["items"]:
        assert {"id", "url", "title", "date_published"} <= item.keys()
        assert "content_text" in item or "content_html" in item


def event(kind: str, day: str) -> dict[str, Any]:
    return {"events": [{"name": kind.capitalize(), "rel": "announced", "literal": f"{kind}:{day}"}]}


NORWICK = company("Norwick Pumps", "cik-1")


def read_calendar(site: Site, path: str = "/calendar.ics") -> list[tuple[str, str, str, int]]:
    """Reads the events: uid, day, title, number of the change."""
    status, body, headers = site.get(path)
    assert (status, headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return [
        (str(each["UID"]), each.decoded("DTSTART").isoformat(), str(each["SUMMARY"]), int(each["SEQUENCE"]))
        for each in icalendar.Calendar.from_ical(body).walk("VEVENT")
    ]


def test_an_event_that_moves_keeps_its_uid_and_one_that_is_told_again_does_not_change(site: Site) -> None:
    site.pen.put("a", time="2026-03-02T10:00:00Z", organisations=[NORWICK], event=event("results", "2026-04-28"))
    [(uid, day, title, first)] = read_calendar(site)
    assert (day, title) == ("2026-04-28", "Norwick Pumps: Results")
    site.pen.put("b", time="2026-03-03T10:00:00Z", organisations=[NORWICK], event=event("results", "2026-04-28"))
    assert read_calendar(site) == [(uid, day, title, first)]
    site.pen.put("c", time="2026-03-04T10:00:00Z", organisations=[NORWICK], event=event("results", "2026-05-04"))
    [(same, day, _, second)] = read_calendar(site)
    assert (same, day) == (uid, "2026-05-04")
    assert second > first
    site.pen.put("d", time="2026-03-05T10:00:00Z", organisations=[NORWICK], event=event("results", "2026-07-28"))
    assert [each[1] for each in read_calendar(site)] == ["2026-05-04", "2026-07-28"]
    assert len({each[0] for each in read_calendar(site)}) == 2


def test_events_of_two_companies_and_two_conferences_are_apart_and_withdrawn_ones_go(site: Site) -> None:
    harlow = company("Harlow Mills", "cik-2")
    site.pen.put("a", organisations=[NORWICK], event=event("results", "2026-04-28"))
    site.pen.put("b", organisations=[harlow], event=event("results", "2026-04-28"))
    site.pen.put("c", organisations=[harlow], event=event("investor-conference", "2026-05-12"))
    site.pen.put("d", organisations=[harlow], event=event("investor-conference", "2026-05-14"))
    site.pen.put("e", organisations=[harlow])
    assert [each[1:3] for each in read_calendar(site, "/calendar.ics?company=cik-2")] == [
        ("2026-04-28", "Harlow Mills: Results"),
        ("2026-05-12", "Harlow Mills: Investor-conference"),
        ("2026-05-14", "Harlow Mills: Investor-conference"),
    ]
    assert len({each[0] for each in read_calendar(site)}) == 4
    site.pen.put("b", version=2, withdrawn=True)
    assert len(read_calendar(site)) == 3


def test_a_calendar_without_events_has_a_component_nevertheless(site: Site) -> None:
    body = site.get("/calendar.ics")[1].replace(b"\r\n", b"\n")
    assert b"\nBEGIN:VTIMEZONE\nTZID:UTC\nBEGIN:STANDARD\nDTSTART:19700101T000000\n" in body
    site.pen.put("a", organisations=[NORWICK], event=event("results", "2026-04-28"))
    assert b"VTIMEZONE" not in site.get("/calendar.ics")[1]


def test_an_event_of_a_restricted_story_is_for_a_token_only(site: Site) -> None:
    site.pen.put("a", organisations=[NORWICK], event=event("results", "2026-04-28"), rights="restricted")
    assert read_calendar(site) == []
    assert b"Norwick Pumps: Results" in site.get("/calendar.ics", **RIGHT)[1]
