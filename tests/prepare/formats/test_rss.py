"""RSS: what no single sample can show. The samples are in tests/wires/rss."""

from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutations import draw_damaged
from support.raw_records import document

from streams.model.errors import Reason, Reject
from streams.prepare.formats import rss

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "wires" / "rss").glob("*.xml"))


def build_feed(item: str) -> str:
    return f'<rss version="2.0"><channel><item>{item}</item></channel></rss>'


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE html><html><head><title>rss</title></head><body><rss></rss></body></html>",
        '<feed xmlns="http://www.w3.org/2005/Atom"/>',
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description/></r:RDF>',
        "<newsItem/>",
        "rss",
        "",
    ],
)
def test_other_documents_do_not_match(body: str) -> None:
    assert not rss.matches(document(body))


def test_a_root_behind_declaration_comment_and_doctype_matches() -> None:
    assert rss.matches(document("\ufeff<?xml version='1.0'?><!-- <html> -->\n<!DOCTYPE rss>\n<rss/>"))


def test_a_relative_link_is_resolved_by_xml_base_or_by_the_feeds_address() -> None:
    (story,) = rss.parse(
        document(build_feed("<title>t</title><link>/a</link>"), origin="https://x.example/feed/rss.xml")
    )
    assert story.url == "https://x.example/a"
    (story,) = rss.parse(document(build_feed('<title>t</title><link xml:base="https://y.example/b/">c</link>')))
    assert story.url == "https://y.example/b/c"


def test_a_guid_that_is_a_permalink_is_the_link() -> None:
    (story,) = rss.parse(document(build_feed("<title>t</title><guid>https://x.example/1</guid>")))
    assert (story.guid, story.url) == ("https://x.example/1", "https://x.example/1")
    (story,) = rss.parse(document(build_feed('<title>t</title><guid isPermaLink="false">https://x.example/1</guid>')))
    assert (story.guid, story.url) == ("https://x.example/1", "")


def test_a_source_that_is_no_wire_is_no_distributor() -> None:
    (story,) = rss.parse(document(build_feed("<title>t</title><source url='x'>Wire and Cable Monthly</source>")))
    assert story.distributor == ""


@pytest.mark.parametrize(
    "title",
    [
        "<x:b>Ferries sail</x:b>",
        "Ferries &nbsp;sail",
        "Ferries\x0b sail",
        "<b a='1' a='2'>Ferries</b> sail",
        "<!-- a -- b -->Ferries sail",
        "<b a>Ferries</b> sail",
        "Ferries sail&#0;",
    ],
)
def test_an_error_that_changes_no_text_is_recovered(title: str) -> None:
    (story,) = rss.parse(document(build_feed(f"<title>{title}</title>")))
    assert story.headline == "Ferries sail"


@pytest.mark.parametrize("title", ["5 < 6 sail", "<![CDATA[5 < 6 &amp; AT&T]]>&x", "a <"])
def test_a_bare_less_than_sign_stays_in_the_text(title: str) -> None:
    (story,) = rss.parse(document(build_feed(f"<title>{title}</title>")))
    assert "<" in story.headline


@pytest.mark.parametrize(
    "item",
    [
        "<title>Ferries sail",
        "<title>Ferries <b>sail</title>",
        "<title>Ferries <br>sail</title>",
        "<title>Ferries</p> sail</title>",
        "<title>Ferries <a href=x>sail</a></title>",
        "<title>Ferries ]]>sail</title>",
        "<title>Ferries <![CDATA[sail</title>",
        "<title>Ferries <!-- sail</title>",
    ],
)
def test_an_error_that_would_change_the_text_is_refused(item: str) -> None:
    with pytest.raises(Reject, match=r"^the feed is not well-formed XML: .") as caught:
        rss.parse(document(build_feed(item)))
    assert caught.value.reason is Reason.MALFORMED


@given(data=st.data())
def test_an_item_that_is_cut_anywhere_is_never_read(data: st.DataObject) -> None:
    body = build_feed("<title>Ferries</title><description>They pay $0.25 a share &amp; sail.</description>")
    cut = body[: data.draw(st.integers(1, body.index("</item>")))]
    opened = document(cut)
    if rss.matches(opened):
        with pytest.raises(Reject):
            rss.parse(opened)


@given(
    st.lists(st.text("ab <>&;/p", max_size=12), min_size=1, max_size=6),
    st.sampled_from(["<p>", "</p>", "<b", "<![CDATA[", "<!--", "]]>"]),
    st.data(),
)
def test_a_broken_item_costs_itself_alone(titles: list[str], fault: str, data: st.DataObject) -> None:
    items = [f"<item><title>t{n} {escape(title)}</title></item>" for n, title in enumerate(titles)]
    broken = data.draw(st.integers(0, len(items)))
    items.insert(broken, f"<item><title>{fault}x</title></item>")
    found = rss.parse(document(f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'))
    assert [isinstance(one, Reject) for one in found] == [n == broken for n in range(len(items))]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.stem for sample in SAMPLES])
@given(data=st.data())
def test_a_mutated_sample_is_read_or_refused_and_nothing_else(sample: Path, data: st.DataObject) -> None:
    opened = document(draw_damaged(data, sample.read_bytes()))
    try:
        if rss.matches(opened):
            assert rss.parse(opened)
    except Reject:
        pass


def test_many_open_comments_behind_a_broken_feed_are_refused_in_time_proportional_to_their_length() -> None:
    behind = "</x>" + "<!--" * 500_000  # a search that begins again at each would need an hour
    first, second = rss.parse(document((build_feed("<title>Oats rose</title>") + behind).encode()))
    assert not isinstance(first, Reject)
    assert isinstance(second, Reject)
    assert second.reason is Reason.MALFORMED
