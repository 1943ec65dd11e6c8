"""A raw record is read from its headers and its bytes, or refused with a reason."""

import codecs
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.model.errors import Reason, Reject
from streams.model.records import Raw, RecordRef, StampedRef
from streams.model.topics import MAX_RAW_BYTES
from streams.prepare.raw_records import MAX_HEADER, MAX_SOURCE, accept_raw_record, check_raw_record

AT = StampedRef(RecordRef("news.raw", 2, 17), 1_772_452_800_000)
RECORDED = datetime(2026, 3, 2, 12, tzinfo=UTC)
HEADERS = (("source", b"norwire"), ("received-at", b"2026-03-02T11:59:00Z"))


def received_time_of(header: bytes | None, position: StampedRef = AT) -> datetime:
    headers = () if header is None else (("received-at", header),)
    return accept_raw_record(position, headers, b"x").received


def refusal_of(raw: Raw) -> tuple[Reason, str]:
    with pytest.raises(Reject) as caught:
        check_raw_record(raw)
    return caught.value.reason, caught.value.message


def test_the_headers_of_the_raw_topic_are_read():
    headers = (
        ("source", b"norwire"),
        ("content-type", b"text/plain"),
        ("received-at", b"2026-03-02T11:59:00Z"),
        ("origin", "fähre.txt".encode()),
        ("guid", b"N1"),
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("attempts", b"3"),
    )
    assert accept_raw_record(AT, headers, b"body") == Raw(
        source="norwire",
        received=datetime(2026, 3, 2, 11, 59, tzinfo=UTC),
        body=b"body",
        content_type="text/plain",
        origin="fähre.txt",
        guid="N1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        attempts=3,
        position=AT,
    )


@pytest.mark.parametrize(
    ("header", "time"),
    [
        (b"2026-03-02T11:59:00Z", datetime(2026, 3, 2, 11, 59, tzinfo=UTC)),
        (b"2026-03-02T06:59:00-05:00", datetime(2026, 3, 2, 11, 59, tzinfo=UTC)),
        (b"2026-03-02t11:59:00z", datetime(2026, 3, 2, 11, 59, tzinfo=UTC)),
        (b" 2026-03-02T11:59:00.250Z ", datetime(2026, 3, 2, 11, 59, 0, 250_000, tzinfo=UTC)),
        (b"1987-10-19T09:30:00Z", datetime(1987, 10, 19, 9, 30, tzinfo=UTC)),
        (b"2026-03-02T13:00:00Z", datetime(2026, 3, 2, 13, tzinfo=UTC)),
    ],
    ids=["UTC", "other zone", "small letters", "milliseconds", "long past", "exactly an hour ahead"],
)
def test_the_received_time_is_that_of_the_header(header, time):
    assert received_time_of(header) == time


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"yesterday",
        b"2026-03-02T11:59:00",
        b"2026-03-02",
        b"\xff\xfe",
        b"2026-03-02T13:00:00.001Z",
        b"2026-13-02T11:59:00Z",
        b"9999-12-31T23:59:59Z",
        b"9999-12-31T23:59:59-05:00",
        b"0001-01-01T00:00:00+05:00",
    ],
)
def test_the_received_time_is_that_of_the_record_where_the_header_is_missing_unreadable_or_over_an_hour_ahead(header):
    assert received_time_of(header) == RECORDED


def test_a_record_of_the_last_hour_of_the_calendar_is_accepted():
    last = StampedRef(RecordRef("news.raw", 0, 0), 253_402_300_799_000)
    assert received_time_of(b"2026-03-02T11:59:00Z", last) == datetime(2026, 3, 2, 11, 59, tzinfo=UTC)


def test_the_records_timestamp_keeps_its_milliseconds():
    at = StampedRef(RecordRef("news.raw", 0, 0), 1_772_452_800_123)
    assert received_time_of(None, at) == datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)


def test_of_a_header_given_twice_the_last_counts():
    assert accept_raw_record(AT, (("source", b"one"), ("source", b"two")), b"x").source == "two"


def test_bytes_that_are_not_utf8_are_replaced():
    assert accept_raw_record(AT, (("source", b"b\xf6rse"),), b"x").source == "b\ufffdrse"


def test_a_header_without_a_value_counts_as_absent():
    raw = accept_raw_record(AT, (("source", None), ("guid", None), ("received-at", None)), None)
    assert (raw.source, raw.guid, raw.received, raw.body) == ("", "", RECORDED, b"")


@pytest.mark.parametrize("text", [b"garbage", b"00-4bf9-00f0-01", b"00-" + b"A" * 32 + b"-" + b"b" * 16 + b"-01"])
def test_an_invalid_traceparent_is_dropped(text):
    assert accept_raw_record(AT, (("traceparent", text),), b"x").traceparent == ""


@pytest.mark.parametrize("text", [b"many", b"-1", b"1.5", b"99999", b"9" * 5000])
def test_an_unreadable_number_of_attempts_is_one(text):
    assert accept_raw_record(AT, (("attempts", text),), b"x").attempts == 1


def test_a_content_type_is_cut_where_it_would_not_fit_the_headers_of_an_outcome():
    raw = accept_raw_record(AT, (*HEADERS, ("content-type", b"t" * 900_000), ("too-large", b"9" * 9000)), b"x")
    assert [len(raw.content_type), len(raw.too_large)] == [MAX_HEADER] * 2


def test_a_source_that_is_too_long_for_a_name_is_refused_with_its_length():
    check_raw_record(accept_raw_record(AT, (("source", b"s" * MAX_SOURCE),), b"x"))
    assert refusal_of(accept_raw_record(AT, (("source", b"s" * 900_000),), b"x")) == (
        Reason.MALFORMED,
        f"the header `source` has 900000 characters; at most {MAX_SOURCE} name a feed",
    )


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (b"a\r\nX: y", "a X: y"),
        ("\u202enor\u200bwire\ufeff".encode(), "norwire"),
        (b"nor\x1b[31mwire\0", "nor[31mwire"),
        (b"  norwire \n", "norwire"),
    ],
)
def test_source_and_content_type_are_one_line_without_invisible_characters(header, text):
    raw = accept_raw_record(AT, (("source", header), ("content-type", header)), b"x")
    assert (raw.source, raw.content_type) == (text, text)


def test_a_stub_is_refused_as_too_large_with_the_size_that_the_feeder_met():
    raw = accept_raw_record(AT, (*HEADERS, ("too-large", b"90000000")), b'{"too-large": {}}')
    assert refusal_of(raw) == (Reason.TOO_LARGE, f"the feeder met 90000000 bytes; the limit is {MAX_RAW_BYTES}")


def test_the_limit_itself_is_accepted_and_one_byte_more_is_not():
    check_raw_record(accept_raw_record(AT, HEADERS, b"x" * MAX_RAW_BYTES))
    assert refusal_of(accept_raw_record(AT, HEADERS, b"x" * (MAX_RAW_BYTES + 1)))[0] is Reason.TOO_LARGE


@pytest.mark.parametrize("headers", [(), (("source", b""),), (("source", b" \t"),), (("source", None),)])
def test_a_record_without_a_source_is_refused(headers):
    reason, message = refusal_of(accept_raw_record(AT, headers, b"Ferries sail again"))
    assert (reason, "`source`" in message) == (Reason.MISSING_SOURCE, True)


EMPTY = [
    None,
    b"",
    b" \r\n\t ",
    b"\0\0\0",
    b" \0\n",
    *(
        mark + " \r\n".encode(name)
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
            (codecs.BOM_UTF32_LE, "utf-32-le"),
            (codecs.BOM_UTF32_BE, "utf-32-be"),
        )
    ),
    codecs.BOM_UTF8,
    b" " + codecs.BOM_UTF8,
]


@pytest.mark.parametrize("value", EMPTY)
def test_a_record_without_content_is_empty(value):
    assert refusal_of(accept_raw_record(AT, HEADERS, value)) == (Reason.EMPTY, "the record has no content")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["source", "received-at", "guid", "attempts", "traceparent", "too-large", "x"]),
            st.none() | st.binary(max_size=40),
        )
    ),
    st.none() | st.binary(max_size=40),
)
def test_no_header_and_no_value_makes_the_reader_raise(headers, value):
    raw = accept_raw_record(AT, headers, value)
    assert raw.received.tzinfo is UTC
    assert (raw.received - RECORDED).total_seconds() <= 3600
