"""NITF: what no single sample can show. The samples are in tests/wires/nitf."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.mutations import replace_bytes
from support.raw_records import document
from support.xml_documents import SAMPLES, assert_read_or_refused, parse_stories

from streams.model.records import Story

NITF = SAMPLES["nitf"]


@given(st.sampled_from(NITF), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=12))
def test_a_nitf_with_bytes_cut_out_or_put_in_is_read_or_refused(sample: Path, at: int, cut: int, put: bytes) -> None:
    assert_read_or_refused(replace_bytes(sample.read_bytes(), at, cut, put))


def test_a_nitf_alone_and_inside_newsml_and_newsml_g2_gives_the_same_text_and_byline() -> None:
    nitf = (
        "<nitf><body><body.head><hedline><hl1>Two ships</hl1></hedline><byline>By Ada Quill<byttl>Wire</byttl></byline>"
        "</body.head><body.content><block><hl2>Order</hl2><p>The line\n  orders <org>two</org> ships.</p></block>"
        "<table><tr><td>Anna</td><td>300</td></tr></table></body.content>"
        "<body.end><tagline>Ben Quay contributed.</tagline></body.end></body></nitf>"
    )
    item = f"<NewsComponent><ContentItem><DataContent>{nitf}</DataContent></ContentItem></NewsComponent>"
    g2 = f'<newsItem standard="NewsML-G2"><contentSet><inlineXML>{nitf}</inlineXML></contentSet></newsItem>'
    read = [parse_stories(body)[0] for body in (nitf, f"<NewsML><NewsItem>{item}</NewsItem></NewsML>", g2)]
    said = {(s.headline, s.byline, s.text, s.html) for s in read if isinstance(s, Story)}
    assert said == {
        (
            "Two ships",
            "By Ada Quill",
            "Order\n\nThe line orders two ships.\n\nAnna\t300\n\nBen Quay contributed.",
            "<div><h3>Order</h3><p>The line\n  orders <org>two</org> ships.</p></div><table><tr><td>Anna</td>"
            "<td>300</td></tr></table><p>Ben Quay contributed.</p>",
        )
    }


def test_a_nitf_in_latin_1_without_a_declaration_is_read() -> None:
    assert document("<nitf><head><title>Caf\u00e9</title></head></nitf>".encode("cp1252")).xml is not None
