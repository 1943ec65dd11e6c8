"""Headers of Kafka records as text: bad bytes, repeated names and missing values."""

import pytest

from streams.model.headers import decode_header, header_text, headers_as_text, read_source_id

HEADERS = [("source", b"one"), ("guid", b"caf\xe9"), ("source", b"two"), ("empty", None)]


def test_bad_bytes_are_replaced_unless_the_reader_is_strict() -> None:
    assert headers_as_text(HEADERS)["guid"] == decode_header(b"caf\xe9") == "caf\ufffd"
    with pytest.raises(UnicodeDecodeError):
        headers_as_text(HEADERS, "strict")


def test_of_a_repeated_name_one_reader_takes_the_first_value_and_the_other_the_last() -> None:
    assert header_text(HEADERS, "source") == "one"
    assert headers_as_text(HEADERS)["source"] == "two"


def test_a_missing_header_and_one_without_a_value_are_empty_text() -> None:
    assert [header_text(HEADERS, name) for name in ("empty", "absent")] == ["", ""]
    assert headers_as_text(HEADERS)["empty"] == ""


def test_the_source_id_is_unquoted_from_its_urn() -> None:
    assert read_source_id([("ce_source", b"urn:newswire:source:b%C3%B6rse")]) == "b\u00f6rse"
    assert read_source_id([]) == ""
