"""Tests of recordings: written, read, checked and played back."""

from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from streams.feeders.recording import Recorded, play, read, verify, write
from streams.model.errors import WorkFailed

RECORD = Recorded(1, 7, 1_772_442_000_000, 1_772_441_999_000, b"testwire", [("source", b"testwire")], b"<item/>")


def write_recording(folder: Path, *records: Recorded) -> str:
    path = folder / "day.jsonl.zst"
    with path.open("wb") as file:
        write(file, "news.raw", "2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z", records)
    return str(path)


@given(value=st.binary(max_size=200), header=st.text(max_size=20))
def test_what_is_read_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, value: bytes, header: str) -> None:
    record = RECORD._replace(value=value, headers=[("source", b"a"), ("origin", header.encode())])
    path = write_recording(tmp_path_factory.mktemp("recording"), record, RECORD)
    assert list(read(path)) == [record, RECORD]
    assert verify(path)[:2] == (2, len(value) + len(RECORD.value))


def test_the_manifest_counts_the_items_of_each_source(tmp_path: Path) -> None:
    other = RECORD._replace(headers=[("source", b"another")])
    assert verify(write_recording(tmp_path, RECORD, other, RECORD)).sources == {"another": 1, "testwire": 2}


def read_plain_lines(path: str) -> list[bytes]:
    return zstandard.ZstdDecompressor().decompressobj().decompress(Path(path).read_bytes()).splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "ends after 2 records without its manifest"),
        (lambda lines: [*lines[:1], *lines[2:]], "1 records that do not agree with its manifest"),
        (lambda lines: [line.replace(b"<item/>", b"<idem/>") for line in lines], "do not agree with its manifest"),
        (lambda lines: lines[1:], "is no recording"),
        (lambda lines: [b"[1]\n"], "is no"),
    ],
)
def test_a_recording_that_was_cut_or_changed_is_refused(tmp_path: Path, change: object, message: str) -> None:
    path = write_recording(tmp_path, RECORD, RECORD._replace(offset=8))
    lines = change(read_plain_lines(path))  # type: ignore[operator]
    Path(path).write_bytes(zstandard.ZstdCompressor().compress(b"".join(lines)))
    with pytest.raises(WorkFailed, match=message):
        verify(path)


def test_a_file_that_is_no_complete_zstd_stream_is_refused(tmp_path: Path) -> None:
    whole = Path(
        write_recording(tmp_path, *[RECORD._replace(offset=number, value=bytes(range(256))) for number in range(500)])
    )
    half = tmp_path / "half.jsonl.zst"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    (tmp_path / "text.jsonl.zst").write_text("no recording")
    for name in ("half.jsonl.zst", "text.jsonl.zst"):
        with pytest.raises(WorkFailed, match="export"):
            verify(str(tmp_path / name))


def test_playback_keeps_the_gaps_divided_by_the_speed() -> None:
    clock, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock[0] += seconds

    rows = [RECORD, RECORD._replace(timestamp=RECORD.timestamp + 1000), RECORD]
    out = list(play(rows, 10.0, now=lambda: clock[0], sleep=sleep))
    assert len(out) == 3
    assert round(sum(slept), 6) == 0.1
    assert list(play(rows, None)) == out


def test_an_item_keeps_the_received_time_that_it_had() -> None:
    (out,) = play([RECORD], None)
    assert dict(out.headers)["received-at"] == b"2026-03-02T08:59:59Z"
    stated = RECORD._replace(headers=[("received-at", b"2026-03-02T08:00:00Z")])
    assert next(play([stated], None)).headers == stated.headers
