"""`newswire generate --to-kafka` works on a real broker."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from support import flow

from streams.config.settings import Settings
from streams.generate import stream
from streams.model.topics import RAW

pytestmark = pytest.mark.kafka


def test_the_raw_topic_gets_bytes_and_headers_and_a_file_gets_the_truth(settings: Settings, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=1))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    truths = tmp_path / "truth.jsonl"
    done = flow.newswire(settings, "generate", "--seed", "6", "--count", "300", "--to-kafka", "--truth", str(truths))
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.startswith(b"sent 300 items to ")
    expected = list(stream(6, 300, datetime(2026, 1, 5, 14, 0, tzinfo=UTC)))
    rows = flow.read(settings, RAW)
    assert [row.value for row in rows] == [item.body for item in expected]
    assert [{name: value.decode() for name, value in row.headers} for row in rows] == [i.headers for i in expected]
    assert [row.key or b"" for row in rows] == [item.headers.get("source", "").encode() for item in expected]
    truths_written = [json.loads(line)["truth"] for line in truths.read_text().splitlines()]
    assert [truth["number"] for truth in truths_written] == list(range(300))
