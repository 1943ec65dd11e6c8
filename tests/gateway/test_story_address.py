"""Addresses of stories and sections."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.gateway.story_address import (
    SECTION_PATHS,
    build_news_path,
    build_short_id,
    find_short_id,
    parse_short_id,
)

URI = "urn:newswire:prnewswire:20211210HK01"


@pytest.mark.parametrize(
    ("headline", "slug"),
    [
        ("ACME WIDGETS : opens a plant", "acme-widgets-opens-a-plant-"),
        ("Übernahme: Café für 5 Mio.", "ubernahme-cafe-fur-5-mio-"),
        ("中国の株", ""),
        ("../../etc/passwd <script>", "etc-passwd-script-"),
        ("word " * 40, "word-" * 16),
        ("x" * 200, "x" * 80 + "-"),
    ],
)
def test_the_path_has_words_of_the_headline_and_the_id(headline: str, slug: str) -> None:
    assert build_news_path(URI, headline) == f"/news/{slug}{build_short_id(URI)}"


@given(st.text(), st.text())
def test_the_id_is_found_in_every_path(uri: str, headline: str) -> None:
    uri = uri.encode("utf-8", "replace").decode()
    assert find_short_id(build_news_path(uri, headline).removeprefix("/news/")) == build_short_id(uri)


@pytest.mark.parametrize("name", ["", "-", "a-plant", "a-0123456789abcde", "a-0123456789ABCDEF", "0123456789abcdef0"])
def test_what_is_no_id_is_none(name: str) -> None:
    assert find_short_id(name) == ""
    assert parse_short_id(name) is None


def test_each_section_has_a_path() -> None:
    assert SECTION_PATHS["/"] == "latest"
    assert SECTION_PATHS["/companies/ipos"] == "companies.ipos"
    assert len(SECTION_PATHS) == 20
