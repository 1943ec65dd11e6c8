"""NewsML 1.2: what no single sample can show. The samples are in tests/wires/newsml-1.2."""

import re
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutations import damage_elements, replace_bytes
from support.raw_records import document
from support.xml_documents import SAMPLES, assert_read_or_refused, parse_stories

from streams.generate import stream
from streams.model.errors import Reject
from streams.model.records import Story
from streams.prepare.formats import newsml_12
from streams.prepare.formats.document import Document
from streams.prepare.normalise import complete_story

NEWSML = SAMPLES["newsml-1.2"]


@given(st.sampled_from(NEWSML), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=12))
def test_a_newsml_with_bytes_cut_out_or_put_in_is_read_or_refused(sample: Path, at: int, cut: int, put: bytes) -> None:
    assert_read_or_refused(replace_bytes(sample.read_bytes(), at, cut, put))


@given(st.sampled_from(NEWSML), st.integers(0, 2**32))
def test_a_newsml_whose_elements_are_shuffled_emptied_or_renamed_is_read_or_refused(sample: Path, seed: int) -> None:
    try:
        opened = document(sample.read_bytes()).xml
    except Reject:
        return
    if opened is None:
        return
    assert_read_or_refused(damage_elements(opened, seed))


NAMES = st.sampled_from(
    ["p", "div", "hl2", "block", "br", "media", "copy", "line", "x", "table", "score", "ul", "h1", "a"]
)
TREES = st.recursive(
    st.tuples(NAMES, st.text("ab. ", max_size=30)),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=4)),
    max_leaves=8,
)


def write_tree(tree: tuple[str, str | list]) -> str:
    name, inside = tree
    return f"<{name}>{inside if isinstance(inside, str) else ''.join(map(write_tree, inside))}</{name}>"


@given(st.lists(TREES, min_size=1, max_size=4), st.sampled_from(["newsml-1.2", "newsml-g2"]))
def test_a_body_that_was_not_understood_never_passes_as_an_item_without_text(trees: list, kind: str) -> None:
    body = "".join(map(write_tree, trees))
    shell = {
        "newsml-1.2": f"<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>Two ships</HeadLine></NewsLines>"
        f"<ContentItem><DataContent>{body}</DataContent></ContentItem></NewsComponent></NewsItem></NewsML>",
        "newsml-g2": f"<newsItem standard='NewsML-G2'><contentMeta><headline>Two ships</headline></contentMeta>"
        f"<contentSet><inlineXML>{body}</inlineXML></contentSet></newsItem>",
    }[kind]
    (story,) = parse_stories(shell)
    words = "".join(inner for inner in re.findall(r">([^<>]+)<", body)).strip(" .")
    in_media = re.sub(r"<media>.*</media>", "", body)
    if words and re.search(r">[^<>]*[ab][^<>]*<", in_media):
        assert isinstance(story, Reject) or story.text


def clean_text_of(content: bytes | str) -> str:
    """Parses the document and returns the clean text of its one item."""
    (story,) = parse_stories(content)
    assert isinstance(story, Story)
    return complete_story(story).text


def test_the_same_release_as_newsml_as_newsml_g2_and_as_ninjs_gives_the_same_clean_text() -> None:
    html = (
        "\n      PORT ELLERY--(BUSINESS WIRE)--The ferry line orders\n      <b>two</b><sup>\u00ae</sup> ships\u00a0"
        "&#8211; for May.\n    </p><p/><ul><li>Anna</li><li>Berta</li></ul><p>They sail in May."
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><p>{html}</p></body></html>'
    newsml = f"""<NewsML><NewsItem><NewsComponent><NewsLines><HeadLine>Two ships</HeadLine></NewsLines><NewsComponent>
      <Role FormalName="Body"/><ContentItem><Format FormalName="XHTML"/><DataContent>
      {page}
      </DataContent></ContentItem></NewsComponent></NewsComponent></NewsItem></NewsML>"""
    g2 = f"""<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" standard="NewsML-G2"><contentMeta>
      <headline>Two ships</headline></contentMeta><contentSet><inlineXML>{page}</inlineXML></contentSet></newsItem>"""
    ninjs = orjson.dumps({"uri": "https://wire.example/1", "headline": "Two ships", "body_xhtml": f"<p>{html}</p>"})
    expected = "The ferry line orders two\u00ae ships \u2013 for May.\n\nAnna\nBerta\n\nThey sail in May."
    assert [clean_text_of(content) for content in (newsml, g2, ninjs)] == [expected] * 3


def test_each_release_that_the_generator_writes_is_read_with_its_listing_and_its_text() -> None:
    items = [
        item
        for item in stream(5, 400, datetime(2026, 3, 2, 9, tzinfo=UTC), rate=0.5)
        if item.headers["content-type"] == "text/xml" and item.truth.outcome == "published"
    ]
    assert len(items) > 10
    for item in items:
        (story,) = parse_stories(item.body)
        assert isinstance(story, Story)
        (organisation,) = story.organisations
        assert [organisation.symbol, organisation.isin] == [
            item.truth.companies[0].symbol,
            item.truth.companies[0].isin,
        ]
        assert story.distributor == "Business Wire"
        assert len(complete_story(story).text) > 100


def test_a_newsml_without_its_document_is_malformed() -> None:
    with pytest.raises(Reject, match="not well-formed"):
        newsml_12.parse(Document(document(b"<NewsML").raw))


def test_the_business_wire_twins_give_the_same_clean_text(shared_data: Path) -> None:
    examples = shared_data / "wire" / "iptc-ninjs" / "examples"
    compared = 0
    for newsml in sorted((examples / "NewsML").glob("*.xml")):
        first = clean_text_of(newsml.read_bytes()).split("\n\n")[0]
        for twin in sorted(examples.glob(f"*/{newsml.stem}.json")):
            # These ninjs carry the first paragraph alone.
            assert clean_text_of(twin.read_bytes()) == first
            compared += 1
    assert compared >= 6
