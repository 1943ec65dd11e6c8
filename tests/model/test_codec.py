import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import build_command, build_item, build_refusal

from streams.model.codec import UnknownFormatError, decode, encode
from streams.model.records import LOG_FORMAT, LogRecord, Status


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
    fields = {**json.loads(encode(record)), "format": 2}
    with pytest.raises(UnknownFormatError, match="a log record of format 2; this release reads format 1"):
        decode(json.dumps(fields).encode())


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b'{"kind":"story","format":1}', b"\xff", b'{"kind":"item"}'])
def test_bytes_that_are_no_log_record_are_refused(value: bytes) -> None:
    with pytest.raises(UnknownFormatError, match="not a log record of format 1"):
        decode(value)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_log_record_or_refused(value: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        decode(value)
