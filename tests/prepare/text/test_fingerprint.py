"""The hash of a text ignores how it is set; a figure or a direction is part of it."""

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.prepare.text.fingerprint import fingerprint_text, normalise_words


def hash_of(headline: str, text: str) -> str:
    return fingerprint_text(headline, text)[0]


HEADLINE, TEXT = "Brenner Bank lifts its dividend", "The bank will pay 12.5 cents, it said."


def test_the_hash_is_sha256_of_the_words():
    words = b"brenner bank lifts its dividend\nthe bank will pay 12 5 cents it said"
    assert hash_of(HEADLINE, TEXT) == hashlib.sha256(words).hexdigest()


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
def test_case_white_space_and_punctuation_do_not_change_the_hash(other):
    assert hash_of(HEADLINE, other) == hash_of(HEADLINE, TEXT)


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
def test_another_figure_or_sign_changes_the_hash(one, other):
    assert hash_of("", one) != hash_of("", other)


def test_a_hyphen_between_words_is_no_minus():
    assert normalise_words("COVID-19 in 2020-2021, page - 5") == "covid 19 in 2020 2021 page 5"


def test_a_headline_is_no_part_of_the_text():
    assert hash_of("one two", "three") != hash_of("one", "two three")


@given(st.text())
def test_the_unicode_form_of_any_text_does_not_matter(text):
    assert normalise_words(unicodedata.normalize("NFD", text)) == normalise_words(unicodedata.normalize("NFC", text))
    assert normalise_words(f" {text}\n") == normalise_words(text)


def test_links_and_addresses_are_left_out_however_many_there_are() -> None:
    links = " ".join(f"www.norwick{n}.example/boats" for n in range(500))
    assert fingerprint_text("", f"Two boats. {links} a.quill@norwick.example")[1].words == 2
    assert fingerprint_text("", "Two boats. www.norwick.example/boats a.quill@norwick.example")[1].words == 2


def test_a_word_of_a_hundred_thousand_letters_is_read_once() -> None:
    assert fingerprint_text("", f"{'a' * 100_000} quill@norwick.example")[1].words == 1
