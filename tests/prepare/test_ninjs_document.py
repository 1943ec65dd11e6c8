"""The document of any item is valid ninjs 3.1 and holds the fields that schemas/README.md names."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ninjs_schema import errors
from support.raw_records import AT, raw

from streams.config.loader import load
from streams.decide.documents import build_withdrawn_document, finalize_document
from streams.model import codec
from streams.model.records import Code, Item, Label, Organisation, Picture, Status, Story
from streams.model.topics import CATEGORIES
from streams.prepare import ninjs_document, normalise
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.classify.sectors import Sector
from streams.prepare.companies.resolve import resolve_companies
from streams.prepare.facts.events import AnnouncedEvent
from streams.prepare.loading import load_knowledge
from streams.prepare.text.language import detect_language
from streams.prepare.text.plain import sanitise_html
from streams.prepare.ticker_headline import build_ticker_headline

KNOWLEDGE = load_knowledge(load(environ={}))
WIRES = Path(__file__).resolve().parents[1] / "wires"
SAMPLES = sorted(
    path
    for path in WIRES.glob("*/*")
    if path.suffix != ".md" and not path.name.endswith((".expected.json", ".headers.json"))
)
DECIDED = {"uri": "urn:newswire:norwire:N1", "version": "1", "pubStatus": "usable", "representationType": "full"}
ACME = Organisation(name="Acme Widgets", symbol="ACME", exchange="XNAS")


def decode_published(document: bytes) -> dict[str, Any]:
    found = json.loads(finalize_document(document, **DECIDED))
    assert list(found)[:4] == list(DECIDED)
    return found


def build_published(
    story: Story,
    labels: tuple[Label, ...] = (),
    source: str = "norwire",
    guid: str = "",
    events: tuple[AnnouncedEvent, ...] = (),
    sectors: tuple[Sector, ...] = (),
) -> dict[str, Any]:
    record = raw("x", source=source, guid=guid)
    entry = KNOWLEDGE.sources.get(source)
    story = normalise.complete_story(story)
    organisations = resolve_companies(story, KNOWLEDGE.reference)[0]
    document = ninjs_document.build_document(
        story,
        identity=normalise.resolve_identity(story, record, entry, alone=True),
        times=normalise.resolve_times(story, record, entry),
        language=detect_language(story.language, story.headline, story.text),
        ticker=build_ticker_headline(story, organisations),
        organisations=organisations,
        events=events,
        labels=labels,
        sectors=sectors,
        distributor=normalise.resolve_distributor(story, record, KNOWLEDGE.sources),
        safe_html=sanitise_html(story.html),
        content_hash="ab" * 32,
    )
    return decode_published(orjson.dumps(document))


def test_a_full_story_fills_every_field():
    story = Story(
        guid="N1:2",
        id="N1",
        version="2",
        headline="Acme Widgets opens a plant",
        subheadline="Forty jobs",
        summary="A plant opens.",
        text="WUXI, China, March 2, 2026 /PRNewswire/ -- Acme Widgets (NASDAQ: ACME) opened a plant on Monday.",
        html="<p onclick='x()'>Acme</p><script>x()</script>",
        boilerplate="About Acme",
        first_created=datetime(2026, 3, 1, tzinfo=UTC),
        version_created=datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC),
        embargoed_until=datetime(2026, 3, 2, 10, tzinfo=UTC),
        language="en_us",
        urgency=3,
        ed_note="Checked.",
        slugline="acme-plant",
        byline="Dana Irwell",
        copyright_notice="© Acme 2026",
        copyright_holder="Acme",
        usage_terms="Free",
        issuer="Acme Widgets",
        url="HTTP://news.example/a b",
        codes=(Code("medtop", "04000000", "economy"), Code("medtop", "04000000", "economy"), Code("", "a b")),
        organisations=(Organisation(name="Acme Widgets", symbol="ACME", exchange="Nasdaq", isin="US0378331005"),),
        pictures=(Picture(href="http://images.example/p.jpg", caption="The plant", content_type="image/jpeg"),),
    )
    banking = Sector("20000274", "banking", 70, "words:bank@sectors-1")
    found = build_published(story, (Label("companies.ipos", 92, "rule:x@rules-1", ("ipo",)),), sectors=(banking,))
    assert errors(found) == []
    assert found == {
        **DECIDED,
        "type": "text",
        "language": "en-us",
        "firstCreated": "2026-03-01T00:00:00Z",
        "versionCreated": "2026-03-02T09:30:00.250Z",
        "embargoedUntil": "2026-03-02T10:00:00Z",
        "urgency": 3,
        "copyrightHolder": "Acme",
        "copyrightNotice": "© Acme 2026",
        "usageTerms": "Free",
        "edNote": "Checked.",
        "headlines": [
            {"role": "main", "contentType": "text/plain", "value": "Acme Widgets opens a plant"},
            {"role": "ticker", "contentType": "text/plain", "value": "Acme Widgets opens a plant"},
            {"role": "subheadline", "contentType": "text/plain", "value": "Forty jobs"},
        ],
        "descriptions": [
            {"role": "summary", "contentType": "text/plain", "value": "A plant opens."},
            {"role": "dateline", "contentType": "text/plain", "value": "WUXI, China, March 2, 2026 /PRNewswire/"},
        ],
        "bodies": [
            {
                "role": "main",
                "contentType": "text/plain",
                "value": "Acme Widgets (NASDAQ: ACME) opened a plant on Monday.",
                "charCount": 53,
                "wordCount": 9,
            },
            {"role": "html", "contentType": "text/html", "value": "<p>Acme</p>"},
            {
                "role": "boilerplate",
                "contentType": "text/plain",
                "value": "About Acme",
                "charCount": 10,
                "wordCount": 2,
            },
        ],
        "by": "Dana Irwell",
        "slugline": "acme-plant",
        "located": "WUXI",
        "places": [{"name": "China", "rel": "located", "literal": "CN"}],
        "organisations": [
            {
                "uri": "urn:newswire:company:US0378331005",
                "name": "Acme Widgets",
                "rel": "about",
                "symbols": [
                    {"exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker", "symbol": "ACME"},
                    {"symbolType": "urn:newswire:symbol:isin", "symbol": "US0378331005"},
                ],
            }
        ],
        "subjects": [
            {
                "name": "IPOs",
                "rel": "category",
                "uri": "urn:newswire:category:companies.ipos",
                "literal": "companies.ipos",
                "creator": "rule:x@rules-1",
                "confidence": 92,
            },
            {
                "name": "banking",
                "rel": "sector",
                "uri": "http://cv.iptc.org/newscodes/mediatopic/20000274",
                "literal": "medtop:20000274",
                "creator": "words:bank@sectors-1",
                "confidence": 70,
            },
            {"name": "economy", "rel": "provider", "literal": "medtop:04000000"},
            {"rel": "provider", "literal": "a_b"},
        ],
        "infoSources": [
            {
                "name": "PR Newswire",
                "role": "distributor",
                "literal": "PR",
                "uri": "urn:newswire:source:prnewswire",
            },
            {"name": "Acme Widgets", "role": "issuer"},
        ],
        "altIds": [
            {"role": "provider-guid", "value": "N1:2"},
            {"role": "canonical-url", "value": "http://news.example/a%20b"},
            {"role": "content-hash", "value": f"sha256:{'ab' * 32}"},
        ],
        "associations": [
            {
                "name": "picture-1",
                "uri": "http://images.example/p.jpg",
                "type": "picture",
                "renditions": [
                    {"name": "original", "href": "http://images.example/p.jpg", "contentType": "image/jpeg"}
                ],
                "descriptions": [{"role": "caption", "contentType": "text/plain", "value": "The plant"}],
            }
        ],
    }


@pytest.mark.parametrize("urgency", [0, 10, -1, None])
def test_an_urgency_out_of_its_range_is_left_out(urgency):
    assert "urgency" not in build_published(Story(headline="Ferries", urgency=urgency))


def test_announced_events_are_listed_and_the_first_has_its_details():
    story = Story(headline="Acme", organisations=(ACME,))
    two = (
        AnnouncedEvent("results", "Results", "2026-11-26"),
        AnnouncedEvent("conference-call", "Conference call", "2026-11-27"),
    )
    found = build_published(story, events=two)
    assert errors(found) == []
    assert found["events"] == [
        {"name": "Results", "rel": "announced", "literal": "results:2026-11-26"},
        {"name": "Conference call", "rel": "announced", "literal": "conference-call:2026-11-27"},
    ]
    assert found["eventDetails"] == {
        "dates": {"expectedStartDate": "2026-11-26"},
        "organiser": {"name": "Acme Widgets"},
    }


def test_an_item_that_announces_nothing_has_no_events():
    assert not {"events", "eventDetails"} & set(build_published(Story(headline="Ferries on December 3, 2026")))


def test_pictures_with_a_valid_link_are_numbered_each_once():
    hrefs = ("javascript:alert(1)", "http://a.example/1", "http://a.example/1", "", "http://a.example/2 3")
    found = build_published(Story(headline="Ferries", pictures=tuple(Picture(href=href) for href in hrefs)))
    assert [(row["name"], row["uri"]) for row in found["associations"]] == [
        ("picture-1", "http://a.example/1"),
        ("picture-2", "http://a.example/2%203"),
    ]


def test_a_source_id_is_percent_encoded_in_the_uri_of_its_distributor():
    [row] = build_published(Story(headline="Ferries"), source="bö rse/1")["infoSources"]
    assert row["uri"] == "urn:newswire:source:b%C3%B6%20rse%2F1"


TEXT = st.text(max_size=25)
HREF = TEXT | st.builds("http://{}".format, st.text(st.sampled_from("a.:/[]1%?#@ ä"), max_size=20))
TIME = st.none() | st.datetimes(timezones=st.none() | st.timezones())
STORIES = st.builds(
    Story,
    guid=TEXT,
    id=TEXT,
    version=TEXT,
    type=st.sampled_from(["text", "audio", "video", "picture", "graphic", "composite"]),
    status=st.sampled_from(Status),
    **dict.fromkeys(
        [
            "headline",
            "subheadline",
            "summary",
            "text",
            "html",
            "boilerplate",
            "language",
            "ed_note",
            "slugline",
            "byline",
            "dateline",
            "located",
            "copyright_notice",
            "copyright_holder",
            "usage_terms",
            "distributor",
            "issuer",
        ],
        TEXT,
    ),
    first_created=TIME,
    version_created=TIME,
    content_created=TIME,
    embargoed_until=TIME,
    urgency=st.none() | st.integers(-5, 15),
    url=HREF,
    codes=st.lists(st.builds(Code, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    organisations=st.lists(
        st.builds(
            Organisation,
            name=TEXT,
            symbol=TEXT,
            exchange=TEXT | st.just("NYSE"),
            isin=TEXT | st.just("US0378331005"),
            rel=st.sampled_from(["about", "mentions"]),
        ),
        max_size=3,
    ).map(tuple),
    pictures=st.lists(st.builds(Picture, href=HREF, caption=TEXT, content_type=TEXT), max_size=3).map(tuple),
)
LABELS = st.lists(
    st.builds(Label, st.sampled_from(sorted(CATEGORIES)), st.integers(1, 100), st.just("rule:x@1")), max_size=3
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(STORIES, LABELS, st.sampled_from(["norwire", "reuters", "unknown", "b ö/"]), TEXT)
def test_the_document_of_any_story_is_valid_ninjs(story, labels, source, guid):
    assert errors(build_published(story, labels, source, guid)) == []


def prepare_sample(sample: Path) -> list[Item]:
    beside = sample.with_name(f"{sample.stem}.headers.json")
    headers = {"source": "prnewswire", **(json.loads(beside.read_text("utf-8")) if beside.exists() else {})}
    record = RawMessage(AT, tuple((name, text.encode()) for name, text in headers.items()), sample.read_bytes())
    done = prepare_message(record, KNOWLEDGE)
    assert done.bug == ""
    return [found for _, value in done.records if isinstance(found := codec.decode(value), Item)]


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in SAMPLES}))
def test_the_document_of_every_sample_is_valid_ninjs(folder):
    items = [(path, item) for path in SAMPLES if path.parent.name == folder for item in prepare_sample(path)]
    assert items
    wrong = {path.name: found for path, item in items if (found := errors(decode_published(bytes(item.event))))}
    assert wrong == {}


def test_a_withdrawn_sample_has_no_word_of_its_story_and_stays_valid():
    [item] = prepare_sample(WIRES / "newsml-g2" / "signal-kill.xml")
    notice = build_withdrawn_document(b"{}", bytes(item.event), source=item.source, note="Withdrawn by its source")
    found = decode_published(notice)
    assert not {"bodies", "headlines", "descriptions", "subjects"} & found.keys()
    assert errors(found) == []
