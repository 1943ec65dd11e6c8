import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import build_command, build_item, build_refusal

from streams.model.codec import NoLogRecordError, UnknownFormatError, decode, decode_record, encode
from streams.model.records import LOG_FORMAT, Item, LogRecord, RecordRef, Refusal, StampedRef, Status


@pytest.mark.parametrize(
    "record",
    [
        build_item(status=Status.WITHDRAWN, symbols=("XNAS:BRKV",), embargo="2031-03-04T14:00:00Z"),
        build_refusal(body=bytes(range(256))),
        build_command("release", detail={"any": ["thing", 1]}),
    ],
)
def test_a_log_record_is_equal_after_encoding_and_decoding(record: LogRecord) -> None:
    assert decode(encode(record)) == record


def test_the_document_of_an_item_passes_as_the_same_bytes() -> None:
    raw = '{"slugline": "Ä\\u00e9" , "urgency":1.0}'.encode()
    back = decode(encode(build_item(event=raw)))
    assert bytes(back.event) == raw  # type: ignore[union-attr]


@pytest.mark.parametrize("record", [build_item(), build_refusal(), build_command("kill")])
def test_every_record_carries_the_format_version(record: LogRecord) -> None:
    assert json.loads(encode(record))["format"] == LOG_FORMAT


@pytest.mark.parametrize("record", [build_item(), build_refusal(), build_command("kill")])
def test_a_record_of_another_format_is_refused_with_its_number(record: LogRecord) -> None:
    fields = {**json.loads(encode(record)), "format": 4}
    with pytest.raises(UnknownFormatError, match="a log record of format 4; this release reads format 1 or 2 or 3"):
        decode(json.dumps(fields).encode())


def test_an_item_of_format_1_is_read_with_restricted_rights() -> None:
    fields = {**json.loads(encode(build_item(rights="full"))), "format": 1}
    del fields["rights"]
    found = decode(json.dumps(fields).encode())
    assert isinstance(found, Item)
    assert (found.format, found.rights) == (1, "restricted")


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b'{"kind":"story","format":1}', b"\xff", b'{"kind":"item"}'])
def test_bytes_that_are_no_log_record_are_refused(value: bytes) -> None:
    with pytest.raises(NoLogRecordError, match="not a log record of format 1 or 2 or 3"):
        decode(value)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_log_record_or_refused(value: bytes) -> None:
    with pytest.raises(NoLogRecordError):
        decode(value)


PLACE = StampedRef(RecordRef("news.internal.items", 0, 41), 1_930_000_000_000)


@pytest.mark.parametrize("value", [b"hello", b"\xff\x00", b'{"format":0,"kind":"command"}', b"[" * 200_000, b"", None])
def test_bytes_that_are_no_log_record_become_a_refusal_that_names_their_offset(value: bytes | None) -> None:
    record = decode_record(value, PLACE)
    assert isinstance(record, Refusal)
    assert (record.code, record.stage, record.body) == ("malformed", "decide", value or b"")
    assert str(record.origin) == "news.internal.items/0/41/0"
    assert record.message.startswith("news.internal.items/0/41 is not a log record")


@pytest.mark.parametrize("value", [b'{"format":4}', b'{"kind":"story","format":7,"new":[1]}'])
def test_a_newer_format_names_its_offset_its_version_and_the_remedy(value: bytes) -> None:
    with pytest.raises(UnknownFormatError) as caught:
        decode_record(value, PLACE)
    assert str(caught.value) == (
        f"{PLACE.record} is a log record of format {json.loads(value)['format']}; this release reads format 1 or 2 or"
        " 3: a newer release wrote it, so run that release or a newer one"
    )
