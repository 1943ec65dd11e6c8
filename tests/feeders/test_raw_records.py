"""Tests of received times and of the headers of raw records."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.feeders.files import RawFile
from streams.feeders.raw_records import assign_received_times, build_file_headers, parse_received_at

NOON = datetime(2021, 12, 10, 12, 0, tzinfo=UTC)


def make_item(body=b"", mtime=0.0, **more):
    return RawFile("in/a.xml", 0, "application/xml", body, mtime, **more)


def no_time(_file, _fallback):
    return None


def assign_times(mode, items, wire=no_time):
    return [time for _, time in assign_received_times(items, mode, lambda: NOON, wire)]


@pytest.mark.parametrize("word", ["now", "mtime", "wire"])
def test_keywords_are_parsed_as_they_are(word):
    assert parse_received_at(word) == word


@pytest.mark.parametrize("text", ["2021-12-10T12:54:00Z", "2021-12-10T07:54:00-05:00", "2021-12-10t12:54:00z"])
def test_a_time_with_its_zone_is_parsed_to_utc(text):
    assert parse_received_at(text) == datetime(2021, 12, 10, 12, 54, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "2021-12-10", "2021-12-10T12:54:00", "2021-13-10T12:54:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_time_without_a_zone_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="2021-12-10T12:54:00Z"):
        parse_received_at(text)


def test_one_time_is_that_of_all_items():
    assert assign_times(NOON, [make_item(), make_item()]) == [NOON, NOON]


def test_the_files_time_is_in_whole_seconds():
    assert assign_times("mtime", [make_item(mtime=1.9)]) == [datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)]


def test_an_impossible_file_time_is_now():
    assert assign_times("mtime", [make_item(mtime=1e18)]) == [NOON]


def test_an_item_without_a_wire_time_has_that_of_the_item_before_and_the_first_now():
    hours = {b"1": NOON + timedelta(hours=1), b"2": NOON - timedelta(hours=2)}
    items = [make_item(body) for body in (b"", b"1", b"", b"2", b"")]
    assert assign_times("wire", items, lambda file, _fallback: hours.get(file.body)) == [
        NOON,
        NOON + timedelta(hours=1),
        NOON + timedelta(hours=1),
        NOON - timedelta(hours=2),
        NOON - timedelta(hours=2),
    ]


def test_a_raw_record_has_source_type_time_and_origin():
    assert build_file_headers(make_item(), "prnewswire", NOON) == [
        ("source", b"prnewswire"),
        ("content-type", b"application/xml"),
        ("received-at", b"2021-12-10T12:00:00Z"),
        ("origin", b"in/a.xml"),
    ]


def test_stdin_has_no_origin_and_an_unknown_type_gives_no_header():
    assert build_file_headers(RawFile("-", 0, "", b"", 0.0), "unknown", NOON) == [
        ("source", b"unknown"),
        ("received-at", b"2021-12-10T12:00:00Z"),
    ]


def test_a_stub_has_the_size_of_the_item():
    assert build_file_headers(make_item(too_large=9_000_000), "unknown", NOON)[-1] == ("too-large", b"9000000")


def test_milliseconds_are_kept_where_there_are_any():
    assert build_file_headers(make_item(), "x", NOON + timedelta(milliseconds=5))[2] == (
        "received-at",
        b"2021-12-10T12:00:00.005Z",
    )
