"""The fingerprint of a text holds its dates, and takes time in proportion to its length."""

import pytest

from streams.prepare.text.fingerprint import fingerprint_text


def test_links_and_addresses_are_left_out_however_many_there_are() -> None:
    links = " ".join(f"www.norwick{n}.example/boats" for n in range(500))
    assert fingerprint_text("", f"Two boats. {links} a.quill@norwick.example")[1].words == 2
    assert fingerprint_text("", "Two boats. www.norwick.example/boats a.quill@norwick.example")[1].words == 2


def test_a_word_of_a_hundred_thousand_letters_is_read_once() -> None:
    assert fingerprint_text("", f"{'a' * 100_000} quill@norwick.example")[1].words == 1


@pytest.mark.parametrize(
    ("language", "text", "dates"),
    [
        ("en", "The board met on Monday, 31 July, and again in August. It may meet in spring.", ("aug", "jul", "mon")),
        ("fr", "Le conseil s'est réuni le 31 juillet puis en août. Le dec est ouvert.", ("aug", "jul")),
        ("es", "El consejo se reunió el 31 de julio y en agosto.", ("aug", "jul")),
        ("it", "Il consiglio si è riunito il 31 luglio e in agosto.", ("aug", "jul")),
        ("de", "Der Vorstand trat am 31. Juli und im August zusammen.", ("aug", "jul")),
    ],
)
def test_a_month_is_a_date_in_the_language_of_the_text(language: str, text: str, dates: tuple[str, ...]) -> None:
    assert fingerprint_text("", text, language=language)[1].dates == dates
