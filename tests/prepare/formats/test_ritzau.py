"""Ritzau's XML and Solita's: what no single sample can show. The samples are in tests/wires/ritzau and solita."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.mutations import replace_bytes
from support.xml_documents import WIRES, assert_read_or_refused, parse_stories

from streams.model.records import Story

SAMPLES = sorted([*(WIRES / "ritzau").glob("*.xml"), *(WIRES / "solita").glob("*.xml")])


@given(st.sampled_from(SAMPLES), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=12))
def test_a_sample_with_bytes_cut_out_or_put_in_is_read_or_refused(sample: Path, at: int, cut: int, put: bytes) -> None:
    assert_read_or_refused(replace_bytes(sample.read_bytes(), at, cut, put))


@pytest.mark.parametrize("version", ["", "x", "\u00b2", "9" * 5000])
def test_a_replaced_version_without_a_number_is_ignored(version: str) -> None:
    replaced = f"<RelatedNews><NewsID>n-1</NewsID><Version>{version}</Version></RelatedNews>"
    (story,) = parse_stories(
        f"<RBNews><NewsID>n-2</NewsID><headline>h</headline><Replaces>{replaced}</Replaces></RBNews>"
    )
    assert isinstance(story, Story)
    assert story.id == "n-2"
