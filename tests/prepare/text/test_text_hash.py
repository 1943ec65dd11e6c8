"""The hash of a text ignores how it is set; a figure or a direction is part of it. It never moves."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.text_hash import hash_text, normalise_words

HEADLINE, TEXT = "Brenner Bank lifts its dividend", "The bank will pay 12.5 cents, it said."


def test_the_hash_is_sha256_of_the_words() -> None:
    words = b"brenner bank lifts its dividend\nthe bank will pay 12 5 cents it said"
    assert hash_text(HEADLINE, TEXT) == hashlib.sha256(words).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        "the BANK will pay 12.5 cents, it said",
        "The bank  will\n\npay 12.5 cents \u2014 it said!",
        "\u201cThe bank will pay 12.5 cents,\u201d it said.",
        "The bank will pay \uff11\uff12.\uff15 cents, it said.",
    ],
    ids=["case", "white space", "punctuation", "Unicode form"],
)
def test_case_white_space_and_punctuation_do_not_change_the_hash(other: str) -> None:
    assert hash_text(HEADLINE, other) == hash_text(HEADLINE, TEXT)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pays 12.5 cents", "pays 125 cents"),
        ("rose 5 percent", "fell 5 percent"),
        ("change: 5%", "change: -5%"),
        ("change: $5", "change: \u2212$5"),
        ("change: .5", "change: \u2013.5"),
    ],
)
def test_another_figure_or_sign_changes_the_hash(one: str, other: str) -> None:
    assert hash_text("", one) != hash_text("", other)


def test_a_hyphen_between_words_is_no_minus() -> None:
    assert normalise_words("COVID-19 in 2020-2021, page - 5") == "covid 19 in 2020 2021 page 5"


def test_a_headline_is_no_part_of_the_text() -> None:
    assert hash_text("one two", "three") != hash_text("one", "two three")


@given(st.text())
def test_the_unicode_form_of_any_text_does_not_matter(text: str) -> None:
    assert normalise_words(unicodedata.normalize("NFD", text)) == normalise_words(unicodedata.normalize("NFC", text))
    assert normalise_words(f" {text}\n") == normalise_words(text)


def test_a_link_is_no_part_of_the_text() -> None:
    plain = hash_text("A shop", "Ferries sail at noon.")
    assert hash_text("A shop", "Ferries sail https://norwick.example/a?b=1 at noon. www.norwick.example") == plain


def test_the_hash_of_a_text_never_moves() -> None:
    text = (
        "OSLO, March 4, 2031 /Wire/ -- Norwick\u2019s sales rose 12.5% to \u20ac1,500m, or -3% at constant rates.\n\n"
        "About Norwick\nNorwick makes pumps. \u7acb\u3061\u4e0a\u3052 https://norwick.example/n?id=1"
    )
    assert hash_text("UPDATE 1 - Norwick: \ufb01rst \u00bd-year RESULTS", text) == (
        "bdf07aafc515cfe2bc3d54349169347f07b0f421aa8c66c711489f34e5063182"
    )
