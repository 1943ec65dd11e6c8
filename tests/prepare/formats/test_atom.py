"""Atom: what no single sample can show. The samples are in tests/wires/atom."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutations import draw_damaged
from support.raw_records import document

from streams.model.errors import Reject
from streams.prepare.formats import atom

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "wires" / "atom").glob("*.xml"))


def build_feed(entry: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>t</title>{entry}</entry></feed>'


@pytest.mark.parametrize("body", ["<rss/>", "<html><body><feed/></body></html>", "<NewsML/>", "feed", ""])
def test_other_documents_do_not_match(body: str) -> None:
    assert not atom.matches(document(body))


def test_the_alternate_link_is_the_url_and_html_comes_first() -> None:
    links = (
        '<link rel="self" href="s"/><link rel="alternate" type="application/pdf" href="p"/>'
        '<link type="text/html" href="h"/>'
    )
    (story,) = atom.parse(document(build_feed(links), origin="https://x.example/atom.xml"))
    assert story.url == "https://x.example/h"


def test_without_an_id_the_link_is_the_id() -> None:
    (story,) = atom.parse(document(build_feed('<link href="https://x.example/1"/>')))
    assert story.guid == "https://x.example/1"


def test_updated_is_the_time_of_the_version_and_published_of_the_first_version() -> None:
    (story,) = atom.parse(document(build_feed("<published>2021-12-10T12:41:00Z</published>")))
    assert story.version_created == story.first_created == datetime(2021, 12, 10, 12, 41, tzinfo=UTC)
    (story,) = atom.parse(document(build_feed("<updated>2021-12-10T12:41:00Z</updated>")))
    assert story.first_created is None


def test_an_entry_of_which_a_repair_leaves_nothing_is_refused() -> None:
    broken = '<feed xmlns=">"><at:deleted-entry tag:atom.example,2021:1" when="2021-12-11T08:00:00Z"/></feed>'
    with pytest.raises(Reject, match="the feed is not well-formed XML"):
        atom.parse(document(broken))


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.stem for sample in SAMPLES])
@given(data=st.data())
def test_a_mutated_sample_is_read_or_refused_and_nothing_else(sample: Path, data: st.DataObject) -> None:
    opened = document(draw_damaged(data, sample.read_bytes()))
    try:
        if atom.matches(opened):
            assert atom.parse(opened)
    except Reject:
        pass
