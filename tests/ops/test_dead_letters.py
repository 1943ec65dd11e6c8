from streams.ops.dead_letters import count_dead_letters, format_dead_letter, read_dead_letters, select_dead_letters

HEADERS = (
    ("ce_source", b"urn:newswire:source:acme%20wire%3A2"),
    ("ce_time", b"2026-03-02T10:00:00Z"),
    ("error-code", b"malformed"),
)
NOTE = (("letter-state", b"discarded"), ("letter-by", b"ann"), ("letter-why", b"a test feed"))


def test_a_dead_letter_names_its_source_as_the_feeder_wrote_it() -> None:
    found = read_dead_letters([(b"news.raw/0/1/0", b"{", HEADERS)])
    assert found["news.raw/0/1/0"].source == "acme wire:2"
    assert found["news.raw/0/1/0"].record_ref == ("news.raw", 0, 1)


def test_a_note_closes_the_dead_letter_with_its_key() -> None:
    rows = [(b"news.raw/0/1/0", b"{", HEADERS), (b"news.raw/0/2/0", b"[", HEADERS), (b"news.raw/0/1/0", None, NOTE)]
    found = read_dead_letters(rows)
    assert [letter.id for letter in select_dead_letters(found.values())] == ["news.raw/0/2/0"]
    closed = found["news.raw/0/1/0"]
    assert (closed.state, closed.by, closed.why, closed.body) == ("discarded", "ann", "a test feed", b"{")
    assert list(count_dead_letters(found.values())) == [("malformed", "acme wire:2", 2)]


def test_a_dead_letter_is_shown_with_the_file_that_its_raw_record_came_from() -> None:
    (letter,) = read_dead_letters([(b"news.raw/0/1/0", b"{", HEADERS)]).values()
    assert "from wires/a\\x1bb.xml" in list(format_dead_letter(letter, "wires/a\x1bb.xml"))
    assert "its raw record is gone" in list(format_dead_letter(letter, None))
    assert not any(line.startswith("from") for line in format_dead_letter(letter, ""))
