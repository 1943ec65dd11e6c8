"""Ritzau's XML and Solita's: what no single sample can show. The samples are in tests/wires/ritzau and solita."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.xml_documents import WIRES, only_rejects, stories

from streams.model.records import Story

SAMPLES = sorted([*(WIRES / "ritzau").glob("*.xml"), *(WIRES / "solita").glob("*.xml")])


@given(st.sampled_from(SAMPLES), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=12))
def test_one_with_bytes_cut_out_or_put_in_is_read_or_refused(sample: Path, at: int, cut: int, put: bytes) -> None:
    body = sample.read_bytes()
    only_rejects(body[: at % len(body)] + put + body[at % len(body) + cut :])


@pytest.mark.parametrize("version", ["", "x", "\u00b2", "9" * 5000])
def test_a_replaced_version_without_a_number_names_no_story(version: str) -> None:
    replaced = f"<RelatedNews><NewsID>n-1</NewsID><Version>{version}</Version></RelatedNews>"
    (story,) = stories(f"<RBNews><NewsID>n-2</NewsID><headline>h</headline><Replaces>{replaced}</Replaces></RBNews>")
    assert isinstance(story, Story)
    assert story.id == "n-2"
