"""The fingerprint of a text takes time in proportion to its length."""

from streams.prepare.text.fingerprint import fingerprint_text


def test_links_and_addresses_are_left_out_however_many_there_are() -> None:
    links = " ".join(f"www.norwick{n}.example/boats" for n in range(500))
    assert fingerprint_text("", f"Two boats. {links} a.quill@norwick.example")[1].words == 2
    assert fingerprint_text("", "Two boats. www.norwick.example/boats a.quill@norwick.example")[1].words == 2


def test_a_word_of_a_hundred_thousand_letters_is_read_once() -> None:
    assert fingerprint_text("", f"{'a' * 100_000} quill@norwick.example")[1].words == 1
