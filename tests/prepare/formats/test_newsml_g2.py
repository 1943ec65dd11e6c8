"""NewsML-G2: what no single sample can show. The samples are in tests/wires/newsml-g2."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.mutations import damage_elements, replace_bytes
from support.raw_records import document

from streams.model.errors import Reject
from streams.prepare.formats import newsml_g2
from streams.prepare.formats._xml import to_html

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "wires" / "newsml-g2").glob("*.xml"))


def assert_read_or_refused(body: bytes) -> None:
    opened = document(body)
    try:
        if newsml_g2.matches(opened):
            assert newsml_g2.parse(opened)
    except Reject:
        pass


@given(st.sampled_from(SAMPLES), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=12))
def test_a_sample_with_bytes_cut_out_or_put_in_is_read_or_refused(sample: Path, at: int, cut: int, put: bytes) -> None:
    assert_read_or_refused(replace_bytes(sample.read_bytes(), at, cut, put))


@given(st.sampled_from(SAMPLES), st.integers(0, 2**32))
def test_a_sample_whose_elements_are_shuffled_emptied_or_renamed_is_read_or_refused(sample: Path, seed: int) -> None:
    opened = document(sample.read_bytes()).xml
    if opened is None:
        return
    assert_read_or_refused(damage_elements(opened, seed))


@pytest.mark.parametrize(
    ("xml", "html"),
    [
        ("<body><p>a</p><!-- note --><p>b</p></body>", "<p>a</p><p>b</p>"),
        ('<b xmlns:x="urn:x"><x:p x:id="1" id="2">a<x:br/>b</x:p></b>', '<p id="2">a<br>b</p>'),
        ("<b>one<script>alert(1)</script>two</b>", "onetwo"),
        ("<b><header><p>kicker</p><h1> The  title </h1></header><p>a</p></b>", "<p>a</p>"),
        ("<b><p>a</p><h2>The title</h2><p>b</p></b>", "<p>a</p><h2>The title</h2><p>b</p>"),
    ],
)
def test_a_body_becomes_html_without_namespaces_comments_scripts_and_its_own_title(xml: str, html: str) -> None:
    assert to_html(etree.fromstring(xml), "The title") == html


def test_every_real_wire_item_is_read_or_refused(shared_data: Path) -> None:
    matched = 0
    for path in sorted((shared_data / "wire").rglob("*")):
        if path.is_file():
            opened = document(path.read_bytes())
            try:
                matched += newsml_g2.matches(opened)
                assert_read_or_refused(path.read_bytes())
            except Reject:
                continue
    assert matched > 40
