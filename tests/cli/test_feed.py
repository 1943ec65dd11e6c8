"""Tests `newswire feed` on a real broker."""

import asyncio
import hashlib
import io
import json
import sys
from pathlib import Path

import pytest

from streams.cli.feed import format_bytes
from streams.cli.main import main
from streams.kafka import admin, client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import open_live_consumer, read_newest
from streams.model.topics import MAX_RAW_BYTES, RAW

pytestmark = pytest.mark.kafka


@pytest.fixture
def feed(settings, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)

    def call(*arguments):
        with pytest.raises(SystemExit) as stop:
            main(["feed", *arguments])
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


def read_raw(settings):
    async def read():
        async with client.open_admin(settings.kafka) as admin:
            partitions = await require_partitions(admin, [settings.topics.full(RAW)])
        async with open_live_consumer(settings.kafka) as consumer:
            return await read_newest(consumer, partitions, 1000)

    return sorted(asyncio.run(read()), key=lambda record: (record.partition, record.offset))


def test_bytes_arrive_as_they_are_in_order_in_one_partition(feed, settings, tmp_path):
    asyncio.run(admin.create_topics(settings))
    bodies = {f"{number:03}.xml": b"\xff\0<a/>\r\n" + bytes([number]) for number in range(200)}
    for name, body in bodies.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(body)
    status, out, err = feed("in", "--source", "prnewswire", "--received-at", "2021-12-10T07:54:00-05:00")
    assert (status, out) == (0, "")
    assert err.startswith("sent 200 items, 1.8 kB in ")
    assert err.endswith(f" s to {settings.topics.prefix}.raw at {settings.kafka.brokers}\n")
    found = read_raw(settings)
    assert [record.value for record in found] == list(bodies.values())
    assert {record.key for record in found} == {b"prnewswire"}
    assert found[7].headers == (
        ("source", b"prnewswire"),
        ("content-type", b"application/xml"),
        ("received-at", b"2021-12-10T12:54:00Z"),
        ("origin", b"in/007.xml"),
    )


def test_stdin_is_one_item_of_unknown_source(feed, settings, monkeypatch):
    asyncio.run(admin.create_topics(settings))
    with Path("in").open("wb+") as stream:
        stream.write(b"one\ntwo\n")
        stream.seek(0)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
        assert feed("-")[0] == 0
    [record] = read_raw(settings)
    assert (record.key, record.value, record.headers[0]) == (
        b"unknown",
        b"one\ntwo\n",
        ("source", b"unknown"),
    )
    assert [name for name, _ in record.headers] == ["source", "received-at"]


def test_an_item_at_the_limit_is_sent_and_one_above_it_as_a_stub(feed, settings, tmp_path):
    asyncio.run(admin.create_topics(settings))
    (tmp_path / "1").write_bytes(b"x" * MAX_RAW_BYTES)
    (tmp_path / "2").write_bytes(b"x" * (MAX_RAW_BYTES + 1))
    assert feed("1", "2")[0] == 0
    whole, stub = read_raw(settings)
    assert len(whole.value) == MAX_RAW_BYTES
    assert dict(stub.headers)["too-large"] == str(MAX_RAW_BYTES + 1).encode()
    assert json.loads(stub.value)["too-large"]["sha256"] == hashlib.sha256(b"x" * (MAX_RAW_BYTES + 1)).hexdigest()


def test_an_unreadable_file_is_named_and_the_rest_is_sent(feed, settings, tmp_path):
    asyncio.run(admin.create_topics(settings))
    (tmp_path / "a.zip").write_bytes(b"no zip")
    (tmp_path / "b.xml").write_bytes(b"<b/>")
    status, _, err = feed("a.zip", "b.xml")
    lines = err.splitlines()
    assert (status, lines[0]) == (1, "cannot read a.zip: it is damaged: File is not a zip file")
    assert lines[1].startswith("sent 1 item, 4 B in ")
    assert lines[2] == "1 of the paths could not be read and were not sent: see above"
    assert [record.value for record in read_raw(settings)] == [b"<b/>"]


def test_nothing_to_send_is_an_error(feed, tmp_path):
    (tmp_path / "empty" / ".hidden").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    assert feed("empty", "none") == (1, "", "nothing to send: no files in empty, none\n")
    (tmp_path / "a.zip").write_bytes(b"no zip")
    assert feed("a.zip")[2].splitlines()[1] == ("1 of the paths could not be read and nothing was sent: see above")


def test_a_missing_topic_is_reported_at_once(feed, settings, tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    assert feed("a") == (
        1,
        "",
        f"topic {settings.topics.prefix}.raw does not exist: run `newswire topics apply`\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone"], "Path 'gone' does not exist"),
        ([], "give what to send (PATH…), or --config FILE"),
        ([".", "--rate", "0/s"], "'0/s' is no rate such as 5/s or 0.5/s"),
        ([".", "--rate", "nan"], "'nan' is no rate such as 5/s or 0.5/s"),
        ([".", "--source", " "], "' ' is no feed id such as prnewswire"),
        ([".", "--received-at", "2021-12-10T07:54:00"], "2021-12-10T07:54:00-05:00"),
    ],
)
def test_a_wrong_call_sends_nothing(feed, arguments, message):
    status, out, err = feed(*arguments)
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (456_000, "456 kB"), (999_999, "1.0 MB")]
)
def test_bytes_are_formatted_for_people(size, text):
    assert format_bytes(size) == text
