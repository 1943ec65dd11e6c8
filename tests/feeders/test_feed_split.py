"""Tests of splitting RSS, Atom, RDF and JSON feeds into one document an entry."""

import json
from datetime import UTC, datetime

import pytest

from streams.feeders.feed_split import split_feed
from streams.model.errors import Reason, Reject
from streams.model.records import Raw, RecordRef, StampedRef
from streams.prepare.formats import atom, json_feed, rss
from streams.prepare.formats.document import Document

AT = datetime(2026, 3, 2, tzinfo=UTC)
READERS = {"rss": rss, "atom": atom, "json": json_feed}

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Norvale wire</title><language>en</language>
<item><guid>b</guid><title>Second</title></item>
<item><guid>a</guid><title>First</title></item><ttl>5</ttl></channel></rss>"""


def test_each_entry_is_a_document_of_the_head_and_that_entry_alone_the_oldest_first():
    first, second = split_feed(RSS, "application/rss+xml")
    assert [first.id, second.id] == ["a", "b"]
    assert b"<title>First</title>" in first.body
    assert b"Second" not in first.body
    assert b"<language>en</language>" in first.body
    assert first.content_type == "application/xml; charset=utf-8"


def test_the_digest_is_of_the_entry_and_not_of_the_head():
    later = RSS.replace(b"<ttl>5</ttl>", b"<ttl>9</ttl><lastBuildDate>now</lastBuildDate>")
    assert [entry.digest for entry in split_feed(later, "")] == [entry.digest for entry in split_feed(RSS, "")]


def test_a_changed_entry_has_another_digest_and_the_same_id():
    changed = split_feed(RSS.replace(b"Second", b"Second, corrected"), "")
    assert [entry.id for entry in changed] == ["a", "b"]
    assert changed[0].digest == split_feed(RSS, "")[0].digest
    assert changed[1].digest != split_feed(RSS, "")[1].digest


def test_rdf_entries_beside_the_channel_are_found():
    rdf = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel rdf:about="x"><title>Norvale</title></channel>
    <item rdf:about="https://n.example/1"><title>One</title></item>
    <item rdf:about="https://n.example/2"><title>Two</title></item></rdf:RDF>"""
    two, one = split_feed(rdf, "")
    assert (two.id, one.id) == ("https://n.example/2", "https://n.example/1")
    assert b"Norvale" in one.body
    assert b"Two" not in one.body


def test_a_deleted_atom_entry_is_an_entry_too():
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">
    <title>Norvale</title><entry><id>urn:1</id><title>One</title></entry>
    <at:deleted-entry ref="urn:0" when="2026-03-02T10:00:00Z"/></feed>"""
    assert [entry.id for entry in split_feed(atom, "application/atom+xml")] == ["urn:0", "urn:1"]


def test_a_json_feed_keeps_its_head():
    feed = b'{"version":"https://jsonfeed.org/version/1.1","title":"N","items":[{"id":2,"content_text":"b"},{"id":1,"content_text":"a"}]}'
    one, two = split_feed(feed, "application/feed+json")
    assert (one.id, two.id) == ("1", "2")
    assert (
        one.body == b'{"version":"https://jsonfeed.org/version/1.1","title":"N","items":[{"id":1,"content_text":"a"}]}'
    )


def test_an_entry_without_an_id_is_known_by_its_link_or_by_its_digest():
    rss = b"<rss><channel><item><title>One</title></item><item><link>https://n.example/</link></item></channel></rss>"
    by_link, by_digest = split_feed(rss, "")
    assert by_link.id == "https://n.example/"
    assert by_digest.id == by_digest.digest


def test_a_truncated_feed_is_one_entry_so_that_the_pipeline_refuses_it():
    (whole,) = split_feed(RSS[:150], "application/rss+xml")
    assert whole.body == RSS[:150]
    assert whole.content_type == "application/rss+xml"


def test_a_feed_without_entries_has_none():
    assert split_feed(b"<rss><channel><title>N</title></channel></rss>", "") == ()


def test_a_page_in_place_of_a_feed_is_refused():
    with pytest.raises(Reject) as refused:
        split_feed(b"<html><body>We are mending the site</body></html>", "application/rss+xml")
    assert refused.value.reason == Reason.UNKNOWN_FORMAT


ITEM = "<item><guid>{0}</guid><link>{1}</link><title>{2}</title></item>"
ENTRY = "<entry><id>{0}</id><link href='{1}'/><title>{2}</title></entry>"
FEEDS = {
    "rss": lambda rows: f"<rss><channel>{''.join(ITEM.format(*row) for row in rows)}</channel></rss>",
    "atom": lambda rows: f"<feed xmlns='{ATOM}'>{''.join(ENTRY.format(*row) for row in rows)}</feed>",
    "json": lambda rows: json.dumps(
        {"version": "https://jsonfeed.org/version/1", "items": [dict(zip(FIELDS, row, strict=True)) for row in rows]}
    ),
}
ATOM = "http://www.w3.org/2005/Atom"
FIELDS = ("id", "url", "title")
WIRE = "https://n.example"


@pytest.mark.parametrize("kind", FEEDS)
@pytest.mark.parametrize(
    ("rows", "shared"),
    [
        ([("a", f"{WIRE}/1", "Plant opens"), ("b", f"{WIRE}/2", "Sales rise")], ["", ""]),
        ([("a", f"{WIRE}/1", "Plant opens"), ("a", f"{WIRE}/2", "Sales rise")], ["guid", "guid"]),
        ([("a", f"{WIRE}/", "Plant opens"), ("a", f"{WIRE}/", "Sales rise")], ["guid,link", "guid,link"]),
        (
            [("a", f"{WIRE}/1", "Plant opens"), ("b", f"{WIRE}/2", "Sales rise"), ("a", f"{WIRE}/3", "Chief goes")],
            ["guid", "", "guid"],
        ),
        ([("a", f"{WIRE}/1", "Plant opens"), ("a", f"{WIRE}/1", "Plant opens (corrected)")], ["", ""]),
    ],
)
def test_an_id_that_the_feed_gives_to_several_entries_is_marked_as_shared(kind, rows, shared):
    entries = split_feed(FEEDS[kind](rows).encode(), "")[::-1]
    assert [entry.shared_id for entry in entries] == shared
    assert [entry.key == (entry.digest if mark else entry.id) for entry, mark in zip(entries, shared, strict=True)] == [
        True
    ] * len(rows)


@pytest.mark.parametrize("kind", FEEDS)
@pytest.mark.parametrize("link", ["own", "same"])
def test_each_entry_alone_gives_the_story_that_the_whole_feed_gives(kind, link):
    links = [f"{WIRE}/{'same' if link == 'same' else number}" for number in range(3)]
    rows = [("same", links[0], "Plant opens"), ("same", links[1], "Sales rise"), ("own", links[2], "Chief goes")]
    body = FEEDS[kind](rows).encode()

    def read(document, **headers):
        raw = Raw(source="n", received=AT, body=document, position=StampedRef(RecordRef("", 0, 0), 0), **headers)
        return [(story.guid, story.headline) for story in READERS[kind].parse(Document(raw))]

    alone = [
        read(entry.body, guid="" if entry.shared_id else entry.id, shared_id=entry.shared_id)
        for entry in split_feed(body, "")[::-1]
    ]
    assert [story for stories in alone for story in stories] == read(body)


def test_a_withdrawn_entry_and_the_story_that_it_withdraws_share_their_id_rightly():
    atom = f"""<feed xmlns="{ATOM}" xmlns:at="http://purl.org/atompub/tombstones/1.0">
    <entry><id>urn:1</id><title>One</title></entry><at:deleted-entry ref="urn:1"/></feed>"""
    assert [entry.shared_id for entry in split_feed(atom.encode(), "")] == ["", ""]
