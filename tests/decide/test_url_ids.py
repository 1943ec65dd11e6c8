"""Ids that are one web address written in several ways."""

import pytest

from streams.decide.url_ids import normalise_url_id


@pytest.mark.parametrize(
    "spelling",
    [
        "https://wire.example/n/4711",
        "http://www.wire.example/n/4711/",
        "HTTP://WIRE.example:80/n/4711",
        "https://wire.example/n/4711?utm_source=rss&utm_medium=feed",
        "https://wire.example/n/4711?fbclid=x#comments",
        "https://wire.example/n/4711#xtor=RSS-1",
    ],
)
def test_spellings_of_one_address_give_one_id(spelling: str) -> None:
    assert normalise_url_id(spelling) == "url:wire.example/n/4711"


def test_what_names_another_item_is_kept() -> None:
    assert normalise_url_id("https://wire.example/n?id=2&lang=en") == "url:wire.example/n?id=2&lang=en"
    assert normalise_url_id("https://wire.example/live#post-17") == "url:wire.example/live#post-17"
    assert normalise_url_id("https://wire.example:8443/n") == "url:wire.example:8443/n"


@pytest.mark.parametrize("other", ["4711", "urn:newsml:wire.example:1", "https://", "https://[::1/a", "tag:a,2026:1"])
def test_an_id_that_is_no_address_has_no_other_spelling(other: str) -> None:
    assert normalise_url_id(other) == ""
