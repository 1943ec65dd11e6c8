"""Finding a story by what people have of it."""

from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.decide.output_records import build_uri
from streams.ops.story_finder import SearchedDocument, StoryFinder, list_spellings


@pytest.mark.parametrize(
    "spelled",
    [
        "urn:newswire:afp:tag%3Aafp.com%2C2031%3Aa%2Fb-c",
        "urn:newswire:afp:tag%3aafp.com%2c2031%3aa%2fb-c",
        "urn:newswire:afp:tag:afp.com,2031:a/b-c",
        "URN:NewsWire:afp:tag%3Aafp%2Ecom%2C2031%3Aa%2Fb%2Dc",
        "afp:tag:afp.com,2031:a/b-c",
        " afp:tag%3aafp.com%2c2031%3aa%2fb-c\n",
    ],
)
def test_a_uri_is_found_in_any_spelling(spelled: str) -> None:
    assert "urn:newswire:afp:tag%3Aafp.com%2C2031%3Aa%2Fb-c" in list_spellings(spelled)


def test_a_number_behind_a_slash_may_be_a_version_or_a_part_of_the_id() -> None:
    assert list_spellings("afp:a%2f7/2") == ("afp:a%2f7/2", "urn:newswire:afp:a%2F7%2F2", "urn:newswire:afp:a%2F7/2")


@pytest.mark.parametrize("wanted", ["news.raw/0/17/0", "https://wire.example/a", "Norwick Ferries opens a yard"])
def test_what_is_no_uri_is_left_alone(wanted: str) -> None:
    assert list_spellings(wanted) == (wanted,)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20), st.booleans())
def test_however_an_id_is_encoded_the_uri_is_the_one_of_the_topics(local: str, prefixed: bool) -> None:
    uri = build_uri("desk", local)
    assert uri in list_spellings(uri.lower() if local.islower() and local.isascii() else uri)
    assert uri in list_spellings(f"{'urn:newswire:' if prefixed else ''}desk:{quote(local, safe='')}")


def document(uri: str, headline: str, guid: str = "", url: str = "") -> SearchedDocument:
    ids = {"provider-guid": guid, "canonical-url": url, "content-hash": "sha256:12"}
    return msgspec.convert(
        {
            "uri": uri,
            "headlines": [{"role": "main", "value": headline}] if headline else [],
            "altIds": [{"role": role, "value": value} for role, value in ids.items() if value],
        },
        SearchedDocument,
    )


YARD = document("urn:newswire:afp:Y%2F1", "Norwick Ferries opens a yard", "Y/1:3", "https://www.wire.example/yard?p=1")
BOAT = document("urn:newswire:pr:B1", "Norwick Ferries orders a boat", "B1")
BOATS = document("urn:newswire:pr:B2", "Norwick Ferries orders a boat, and another", "B2")


@pytest.mark.parametrize(
    ("wanted", "uris"),
    [
        ("Y/1", [YARD.uri]),
        ("Y/1:3", [YARD.uri]),
        ("http://wire.example/yard?p=1&utm_source=mail#top", [YARD.uri]),
        ("wire.example", []),
        ("NORWICK yard", [YARD.uri]),
        ("norwick ferries", [YARD.uri, BOAT.uri, BOATS.uri]),
        ("norwick ferries orders a boat", [BOAT.uri]),
        ("boat another", [BOATS.uri]),
        ("yard boat", []),
        ("sha256:12", []),
        ("?", []),
    ],
)
def test_ids_addresses_and_words_of_headlines_find_their_stories(wanted: str, uris: list[str]) -> None:
    search = StoryFinder(wanted)
    for each in (YARD, BOAT, BOATS):
        search.look(each)
    assert list(search.found) == uris


def test_a_story_that_was_withdrawn_later_keeps_the_headline_by_which_it_was_found() -> None:
    search = StoryFinder("Y/1")
    search.look(YARD)
    search.look(document(YARD.uri, "", "Y/1:4"))
    assert search.found == {YARD.uri: "Norwick Ferries opens a yard"}
