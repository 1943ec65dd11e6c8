"""What a wire states is normalised: identity, times, links, distributor, status, urgency."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from streams.config.loader import load
from streams.model.records import Picture, Raw, RecordRef, StampedRef, Status, Story
from streams.model.sources import Source
from streams.model.timestamps import format_rfc3339
from streams.prepare.normalise import (
    Identity,
    complete_story,
    derive_urgency,
    normalise_link,
    resolve_carrier,
    resolve_distributor,
    resolve_identity,
    resolve_rights_end,
    resolve_times,
)

AT = StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_000)
SOURCES = load(environ={}).source_table
NEW_YORK = Source(zone="America/New_York")
NOWHERE = Source()
REUTERS = "tag:reuters.com,2026:newsml_L8N0XX0XX"
AFP = "urn:newsml:afp.com:20260302T120000Z:doc-1abc"
naive = datetime.fromisoformat
is_uri = Draft202012Validator.FORMAT_CHECKER.conforms


def raw_record(source: str = "norwire", guid: str = "") -> Raw:
    received = datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)
    return Raw(source=source, received=received, body=b"x", guid=guid, position=AT)


def identity_of(source: str, alone: bool = True, header: str = "", **fields: str) -> Identity:
    return resolve_identity(Story(**fields), raw_record(source, header), SOURCES.get(source), alone=alone)


@pytest.mark.parametrize(
    ("source", "guid", "bare", "version"),
    [
        ("reuters", f"{REUTERS}:3", REUTERS, "3"),
        ("reuters", REUTERS, REUTERS, ""),
        ("reuters", "L8N0XX0XX:3", "L8N0XX0XX:3", ""),
        ("afp", f"{AFP}:2", AFP, "2"),
        ("afp", f"{AFP}:2U", AFP, "2"),
        ("prnewswire", "202603020730PR_NEWS_USPR_HK01:3", "202603020730PR_NEWS_USPR_HK01:3", ""),
        ("norwire", "a:1", "a:1", ""),
        ("norwire", "", "", ""),
    ],
)
def test_an_id_is_split_by_the_rule_of_its_source(source, guid, bare, version):
    assert identity_of(source, guid=guid) == Identity(guid, bare, version)


@pytest.mark.parametrize(
    ("stated", "source", "end"),
    [
        (None, NOWHERE, ""),
        ("2026-04-01T12:00:00+02:00", NOWHERE, "2026-04-01T10:00:00Z"),
        ("2026-04-01T12:00:00", NEW_YORK, "2026-04-01T16:00:00Z"),
        ("2026-04-01T12:00:00", NOWHERE, "2026-03-31T22:00:00Z"),
        (None, Source(expires_days=7), "2026-03-09T12:00:00.250Z"),
        (None, Source(expires_days=0.5), "2026-03-03T00:00:00.250Z"),
        ("2026-04-01T12:00:00Z", Source(expires_days=7), "2026-03-09T12:00:00.250Z"),
        ("2026-03-05T12:00:00Z", Source(expires_days=7), "2026-03-05T12:00:00Z"),
        ("2026-03-02T10:00:00Z", NOWHERE, ""),
        ("2014-03-02T10:00:00Z", Source(expires_days=7), "2026-03-09T12:00:00.250Z"),
    ],
)
def test_rights_end_at_the_earlier_end_of_the_item_and_of_its_source(stated, source, end):
    when = naive(stated) if stated else None
    story = Story(rights_end=when, version_created=naive("2026-03-02T10:00:00+00:00"))
    raw = raw_record()
    assert resolve_rights_end(story, resolve_times(story, raw, source), raw.received, source) == end


def test_an_id_and_version_that_the_format_separates_stay_as_they_are():
    assert identity_of("reuters", guid=f"{REUTERS}:3", id=REUTERS, version="4") == Identity(
        f"{REUTERS}:3", REUTERS, "4"
    )
    assert identity_of("norwire", id="N1", version="4") == Identity("N1", "N1", "4")


def test_a_version_that_the_format_gives_wins_over_the_ids():
    assert identity_of("reuters", guid=f"{REUTERS}:3", version="7") == Identity(f"{REUTERS}:3", REUTERS, "7")


def test_the_guid_header_counts_only_for_a_lone_item_without_an_id():
    assert identity_of("reuters", header=f"{REUTERS}:3") == Identity(f"{REUTERS}:3", REUTERS, "3")
    assert identity_of("norwire", header="H", guid="N1") == Identity("N1", "N1", "")
    assert identity_of("norwire", alone=False, header="H") == Identity("", "", "")


def times_of(source: Source = NOWHERE, **fields: datetime) -> dict[str, str]:
    found = resolve_times(Story(**fields), raw_record(), source)
    return {name: getattr(found, name) for name in found.__struct_fields__ if getattr(found, name)}


def test_a_time_with_a_zone_is_the_time_of_the_wire():
    stamp = datetime(2026, 3, 2, 7, 41, tzinfo=timezone(timedelta(hours=-5)))
    assert times_of(NEW_YORK, version_created=stamp, content_created=stamp) == {
        "version_created": "2026-03-02T12:41:00Z",
        "content_created": "2026-03-02T12:41:00Z",
        "source": "wire",
    }


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (naive("2026-01-02T07:41"), "2026-01-02T12:41:00Z"),
        (naive("2026-07-02T07:41"), "2026-07-02T11:41:00Z"),
        (naive("2026-03-08T01:59"), "2026-03-08T06:59:00Z"),
        (naive("2026-03-08T03:00"), "2026-03-08T07:00:00Z"),
        (naive("2026-03-08T02:30"), "2026-03-08T07:30:00Z"),
        (naive("2026-11-01T01:30"), "2026-11-01T05:30:00Z"),
    ],
    ids=["winter", "summer", "before the gap", "after the gap", "in the gap", "the first of two"],
)
def test_a_time_without_zone_is_in_its_sources_zone_through_daylight_saving(local, utc):
    found = times_of(NEW_YORK, version_created=local)
    assert (found["version_created"], found["source"]) == (utc, "assumed-zone")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"version_created": naive("2026-03-02T07:41")},
        {"version_created": datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))},
        {"version_created": datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))},
        {"first_created": naive("2026-03-02T07:41"), "content_created": naive("2026-03-02T07:41")},
    ],
    ids=["no time", "no zone", "after the calendar", "before the calendar", "other times without zone"],
)
def test_the_received_time_replaces_a_missing_time_or_a_time_without_zone_and_is_marked(fields):
    stamp = "2026-03-02T12:00:00.250Z"
    assert times_of(**fields) == {"version_created": stamp, "source": "received"}


def test_first_created_is_kept_where_the_wire_gives_it():
    fields = {"version_created": naive("2026-03-02T08:00"), "first_created": naive("2026-03-01T08:00")}
    assert times_of(NEW_YORK, **fields)["first_created"] == "2026-03-01T13:00:00Z"


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "2026-03-02T12:00:00Z"),
        (250_000, "2026-03-02T12:00:00.250Z"),
        (1999, "2026-03-02T12:00:00.001Z"),
        (999, "2026-03-02T12:00:00Z"),
    ],
)
def test_milliseconds_are_kept_and_finer_digits_are_cut(micro, text):
    assert format_rfc3339(datetime(2026, 3, 2, 12, 0, 0, micro, tzinfo=UTC)) == text


@pytest.mark.parametrize(
    ("source", "stamp", "utc"),
    [
        (NEW_YORK, naive("2026-03-03T08:00"), "2026-03-03T13:00:00Z"),
        (NOWHERE, naive("2026-03-03T08:00"), "2026-03-03T20:00:00Z"),
        (NOWHERE, datetime(2026, 3, 3, 8, tzinfo=timezone(timedelta(hours=1))), "2026-03-03T07:00:00Z"),
        (NEW_YORK, naive("9999-12-31T23:00"), "9999-12-31T23:59:59Z"),
        (NOWHERE, datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))), "9999-12-31T23:59:59Z"),
    ],
)
def test_an_embargo_without_a_zone_is_never_dropped(source, stamp, utc):
    assert times_of(source, embargoed_until=stamp)["embargoed_until"] == utc


ANY_TIME = st.datetimes(timezones=st.none() | st.timezones() | st.just(timezone(timedelta(hours=14))))


@given(st.none() | ANY_TIME, st.none() | ANY_TIME, st.none() | ANY_TIME, st.sampled_from([NEW_YORK, NOWHERE]))
def test_every_resolved_time_is_rfc_3339(version, first, embargo, source):
    found = resolve_times(
        Story(version_created=version, first_created=first, embargoed_until=embargo), raw_record(), source
    )
    for stamp in (found.first_created, found.version_created, found.embargoed_until):
        assert not stamp or (is_uri(stamp, "date-time") and stamp.endswith("Z"))
    assert bool(found.embargoed_until) == (embargo is not None)
    assert found.version_created


@pytest.mark.parametrize(
    ("url", "valid"),
    [
        ("https://news.example/a-b.html?x=1&y=%20#z", "https://news.example/a-b.html?x=1&y=%20#z"),
        (" http://news.example ", "http://news.example"),
        ("HTTPS://News.example/A", "https://News.example/A"),
        ("http://news.example/Fähre 1.jpg", "http://news.example/F%C3%A4hre%201.jpg"),
        ("http://news.example/100%", "http://news.example/100%25"),
        ("http://news.example/a|b", "http://news.example/a%7Cb"),
        ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("http://user:pw@news.example:8080/a", "http://user:pw@news.example:8080/a"),
    ],
)
def test_a_link_becomes_a_uri(url, valid):
    assert normalise_link(url) == valid
    assert is_uri(valid, "uri")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "//a.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http://",
        "http:///a",
        "http://[1]/",
        "http://[::1%25eth0]/",
        "http://a:x/",
        "http://a.example/#a#b",
    ],
)
def test_a_text_that_cannot_be_an_http_link_gives_none(url):
    assert normalise_link(url) == ""


HOSTS = st.sampled_from(["", "a.example", "[::1]", "[::]", "[1]", "[::ffff:1.2.3.4]", "[1::2::3]", "ä.example", "a b"])


@given(
    st.text(st.characters())
    | st.builds("http://{}{}".format, HOSTS, st.text(st.sampled_from("aä:/?#[]@%1Ff &;.\ud800\n")))
)
@example("http://[:::]/")
@example("http://[fe80::1.2.3]/")
@example("http://a.example:99999/")
def test_any_string_gives_no_link_or_a_valid_uri(url):
    found = normalise_link(url)
    assert found == "" or is_uri(found, "uri")
    assert normalise_link(found) == found


def test_the_distributor_is_the_wire_that_the_content_names_else_the_feed():
    assert resolve_distributor(Story(distributor="PRNewswire"), raw_record("norwire"), SOURCES) == (
        "prnewswire",
        SOURCES.get("prnewswire"),
    )
    assert resolve_distributor(Story(), raw_record("reuters"), SOURCES) == ("reuters", SOURCES.get("reuters"))
    assert resolve_distributor(Story(), raw_record("norwire"), SOURCES) == (
        "norwire",
        Source(name="norwire", code="NO"),
    )


def test_a_distributor_that_is_not_in_the_table_keeps_its_name():
    assert resolve_distributor(Story(distributor=" Harbour\nWire "), raw_record(), SOURCES) == (
        "",
        Source(name="Harbour Wire"),
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Marl Newswire", "release-wire"),
        ("24-7PressRelease", "release-wire"),
        ("NewMediaWire", "release-wire"),
        ("News Direct", "release-wire"),
        ("The Marl Courier", "other"),
        ("Marl Barbed Wire Co.", "other"),
    ],
)
def test_a_distributor_that_is_not_in_the_table_is_a_release_wire_by_its_name(name, kind):
    _, entry = resolve_distributor(Story(distributor=name), raw_record("unknown"), SOURCES)
    assert entry is not None
    assert (entry.name, entry.kind) == (name, kind)


def test_the_source_unknown_is_no_distributor():
    assert resolve_distributor(Story(), raw_record("unknown"), SOURCES) == ("", None)
    assert resolve_distributor(Story(distributor="Business Wire"), raw_record("unknown"), SOURCES)[0] == "businesswire"


@pytest.mark.parametrize(
    ("story", "feed", "distributor", "carrier"),
    [
        (
            Story(distributor="The Associated Press", wire="Business Wire"),
            "norwire",
            "Business Wire",
            "Associated Press",
        ),
        (
            Story(distributor="The Associated Press", copyright_holder="BUSINESS WIRE"),
            "ap",
            "Business Wire",
            "Associated Press",
        ),
        (Story(distributor="AFP", wire="GlobeNewswire"), "afp", "GlobeNewswire", "AFP"),
        (Story(distributor="The Marl Courier", wire="PR Newswire"), "norwire", "PR Newswire", "The Marl Courier"),
        (Story(distributor="Ritzau", wire="Marl Newswire"), "norwire", "Marl Newswire", "Ritzau"),
        (Story(distributor="PR Newswire", wire="PR Newswire"), "reuters", "PR Newswire", "Reuters"),
        (Story(wire="Newsfile", copyright_holder="Newsfile"), "dowjones", "Newsfile", "Dow Jones Newswires"),
        # Nobody carries it: the feed of the wire itself, a site, an aggregator.
        (Story(distributor="PR Newswire", wire="PR Newswire"), "prnewswire", "PR Newswire", ""),
        (Story(distributor="PR Newswire", wire="PR Newswire"), "norwire", "PR Newswire", ""),
        (Story(distributor="PR Newswire", wire="PR Newswire"), "acquiremedia", "PR Newswire", ""),
        # It is no release: an agency's own news, though another holds the copyright or stands in the dateline.
        (Story(distributor="Associated Press", copyright_holder="Associated Press"), "ap", "Associated Press", ""),
        (Story(distributor="Associated Press", copyright_holder="The Marl Courier"), "ap", "Associated Press", ""),
        (Story(distributor="AFP", wire="Reuters"), "afp", "AFP", ""),
        (Story(copyright_holder="Business Wire"), "norwire", "norwire", ""),
    ],
)
def test_the_wire_of_a_release_and_the_agency_that_carries_it_are_two(story, feed, distributor, carrier):
    found = resolve_distributor(story, raw_record(feed), SOURCES)
    carried = resolve_carrier(story, raw_record(feed), SOURCES, found)
    assert (found.source.name, carried.source.name if carried else "") == (distributor, carrier)


RELEASE = (
    "In the news release, Pellworth Foods Reports, issued by Pellworth over PR Newswire, the figure should read 41."
    " The complete, corrected release follows:\n\n"
    "DAYTON, Ohio, Dec. 10, 2021 /PRNewswire/ -- Pellworth Foods reported sales of 41 million dollars.\n\n"
    "Photo - https://images.example/p.jpg\n\n/C O R R E C T I O N -- Pellworth Foods/\n\n"
    "SOURCE Pellworth Foods\n\n© Pellworth 2021"
)


def test_the_text_fills_fields_that_the_format_leaves_empty():
    story = complete_story(Story(headline=" Pellworth\nReports ", text=RELEASE))
    assert (story.headline, story.text) == (
        "Pellworth Reports",
        "Pellworth Foods reported sales of 41 million dollars.",
    )
    assert (story.located, story.issuer, story.distributor) == ("DAYTON", "Pellworth Foods", "PR Newswire")
    assert story.status is Status.CORRECTION
    assert story.ed_note.endswith("the figure should read 41. The complete, corrected release follows:")
    assert story.pictures == (Picture(href="https://images.example/p.jpg"),)
    assert (story.copyright_notice, story.copyright_holder) == ("© Pellworth 2021", "Pellworth")


def test_a_field_that_the_format_fills_is_not_overwritten():
    said = Story(
        headline="CORRECTED: Pellworth Reports",
        text=RELEASE,
        status=Status.WITHDRAWN,
        ed_note="Note",
        located="Ulm",
        issuer="Elm Grove",
        distributor="Business Wire",
        copyright_holder="Elm",
    )
    story = complete_story(said)
    assert (story.status, story.ed_note, story.located, story.issuer, story.distributor, story.copyright_holder) == (
        Status.WITHDRAWN,
        "Note",
        "Ulm",
        "Elm Grove",
        "Business Wire",
        "Elm",
    )


@pytest.mark.parametrize(
    ("headline", "status"),
    [("Ferries sail", "usable"), ("CORRECTED: Ferries sail", "correction"), ("KILL: Ferries sail", "withdrawn")],
)
def test_a_mark_in_the_headline_gives_the_status(headline, status):
    assert complete_story(Story(headline=headline, text="x")).status == status


@given(st.text(max_size=80), st.text(max_size=300))
def test_completing_twice_is_completing_once(headline, text):
    once = complete_story(Story(headline=headline))
    assert complete_story(once) == once
    assert complete_story(Story(text=text)).text.strip() == complete_story(Story(text=text)).text


@pytest.mark.parametrize(
    ("headline", "shown"),
    [
        ("Questions &amp; answers", "Questions & answers"),
        ("Marl &amp;amp; Kessen", "Marl & Kessen"),
        ("Marl &#038; Kessen&#8217;s mill", "Marl & Kessen\u2019s mill"),
        ("&lt;b&gt; is a tag, R&D; no entity", "&lt;b&gt; is a tag, R&D; no entity"),
        ("&am&#112;;", "&am&#112;;"),
    ],
)
def test_a_headline_that_was_escaped_twice_is_decoded(headline, shown):
    assert complete_story(Story(headline=headline)).headline == shown


@pytest.mark.parametrize(
    ("headline", "expected"),
    [
        ("FLASH: Norwick agrees to a merger", 1),
        ("ALERT - Norwick agrees to a merger", 2),
        ("BREAKING NEWS: Norwick agrees to a merger", 2),
        ("URGENT: Norwick agrees to a merger", 3),
        ("NORWICK AGREES TO A MERGER", 2),
        ("*DJ Norwick agrees to a merger", 2),
        ("Norwick agrees to a merger", None),
        ("NORWICK PUMPS", None),
        ("Flash floods close a plant", None),
        ("诺维克水泵公司开设新工厂", None),
    ],
)
def test_a_headline_alone_is_as_urgent_as_it_is_marked(headline, expected):
    assert derive_urgency(Story(headline=headline)) == expected


def test_a_headline_in_capitals_above_a_text_is_no_alert():
    assert derive_urgency(Story(headline="NORWICK AGREES TO A MERGER", text="Norwick said so.")) is None


@pytest.mark.parametrize(("status", "expected"), [(Status.WITHDRAWN, 2), (Status.CORRECTION, 3), (Status.UPDATE, None)])
def test_kills_and_corrections_are_urgent(status, expected):
    assert derive_urgency(Story(headline="Norwick", text="Norwick.", status=status)) == expected


def test_the_urgency_of_the_wire_comes_first():
    assert derive_urgency(Story(headline="FLASH: Norwick", urgency=5)) == 5


@pytest.mark.parametrize("stated", [0, 10, -1])
def test_an_urgency_out_of_its_range_is_ignored(stated):
    assert derive_urgency(Story(headline="FLASH: Norwick", urgency=stated)) == 1
