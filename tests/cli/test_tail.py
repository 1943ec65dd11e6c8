"""Tests `newswire tail` on a real broker."""

import asyncio
import os
import pty
import signal
import subprocess
import sys

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from streams.cli.main import main
from streams.kafka import admin, client

pytestmark = pytest.mark.kafka


def build_record(number, *, kind="published", categories=("companies",), symbol="ACME", headline=None):
    uri = f"urn:newswire:prnewswire:{number}"
    event = {
        "uri": uri,
        "version": "1",
        "versionCreated": f"2021-12-10T12:{number:02}:00Z",
        "headlines": [{"role": "ticker", "value": headline or f"Headline {number}"}],
        "subjects": [{"rel": "category", "literal": category} for category in categories],
        "organisations": [
            {"symbols": [{"symbol": symbol, "exchange": "XNAS", "symbolType": "urn:newswire:symbol:ticker"}]}
        ],
    }
    headers = [
        ("ce_id", f"{uri}/1".encode()),
        ("ce_type", f"news.item.{kind}".encode()),
        ("ce_source", b"urn:newswire:source:prnewswire"),
    ]
    return uri.encode(), orjson.dumps(event), headers


class TickerTopics:
    """Writes to the topics as the worker does, each record in a transaction, and runs `newswire tail`."""

    def __init__(self, settings, folder):
        self.settings = settings
        self.folder = folder
        asyncio.run(admin.create_topics(settings))

    def write(self, *rows, abort=False):
        asyncio.run(self._write(rows, abort))

    async def _write(self, rows, abort):
        sender = AIOKafkaProducer(
            **client.build_client_options(self.settings.kafka), transactional_id=self.settings.topics.prefix
        )
        async with client.connect(sender, self.settings.kafka):
            for topic, (key, value, headers) in rows:
                await sender.begin_transaction()
                await sender.send_and_wait(self.settings.topics.full(topic), key=key, value=value, headers=headers)
                await (sender.abort_transaction() if abort else sender.commit_transaction())

    def tail(self, *arguments, stdout=subprocess.PIPE):
        environment = {
            **os.environ,
            "NEWSWIRE_KAFKA": self.settings.kafka.brokers,
            "NEWSWIRE_TOPICS__PREFIX": self.settings.topics.prefix,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "streams", "tail", *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=environment,
        )


def read_lines(running, count):
    """So many lines, then Ctrl-C: what else was printed, and the exit status."""
    with running:
        lines = [running.stdout.readline().rstrip("\n") for _ in range(count)]
        running.send_signal(signal.SIGINT)
        rest, err = running.communicate()
        return lines, rest, err, running.returncode


@pytest.fixture
def topics(settings, tmp_path):
    return TickerTopics(settings, tmp_path)


def test_the_newest_are_shown_then_each_new_one_and_an_interrupt_is_the_normal_end(topics):
    topics.write(*(("latest", build_record(number)) for number in range(1, 6)))
    running = topics.tail("-n", "2")
    begin = [running.stdout.readline() for _ in range(2)]
    assert begin == ["07:04a  Headline 4  PR\n", "07:05a  Headline 5  PR\n"]
    topics.write(
        ("latest", build_record(6, headline="New\x1b[2J \u202eheadline")),
        ("latest", build_record(7, kind="revised")),
        ("latest", build_record(8, kind="withdrawn")),
    )
    assert read_lines(running, 3) == (
        [
            "07:06a  New [2J headline  PR",
            "07:07a  Headline 7 (updated)  PR",
            "07:08a  withdrawn: urn:newswire:prnewswire:8",
        ],
        "",
        "",
        0,
    )


def test_records_of_an_aborted_transaction_are_not_shown(topics):
    topics.write(("latest", build_record(1)))
    topics.write(("latest", build_record(2)), abort=True)
    topics.write(("latest", build_record(3)))
    topics.write(("latest", build_record(4)), abort=True)
    lines, rest, _, _ = read_lines(topics.tail(), 2)
    assert (lines, rest) == (["07:01a  Headline 1  PR", "07:03a  Headline 3  PR"], "")


def test_an_item_of_two_categories_is_shown_once_in_the_zone_asked_for(topics):
    topics.write(
        ("companies", build_record(1)),
        ("markets", build_record(2, categories=("markets",))),
        ("companies", build_record(3, categories=("companies", "markets"))),
        ("markets", build_record(3, categories=("companies", "markets"))),
    )
    lines, rest, _, _ = read_lines(topics.tail("companies", "markets", "--tz", "UTC"), 3)
    assert (lines, rest) == (
        ["12:01p  Headline 1  PR", "12:02p  Headline 2  PR", "12:03p  Headline 3  PR"],
        "",
    )


def test_a_story_that_left_the_category_is_reported(topics):
    topics.write(("markets", build_record(1, kind="revised", categories=("companies",))))
    assert read_lines(topics.tail("markets"), 1)[0] == ["07:01a  no longer in markets: urn:newswire:prnewswire:1"]


def test_only_items_of_the_ticker_are_shown_however_far_back(topics):
    topics.write(
        ("latest", build_record(1, symbol="RARE")), *(("latest", build_record(number)) for number in range(2, 40))
    )
    assert read_lines(topics.tail("--ticker", "xnas:rare", "-n", "1"), 1)[0] == ["07:01a  Headline 1  PR"]


@pytest.mark.parametrize("arguments", [("--language", "de"), ("--source", "RE"), ("--source", "reuters")])
def test_only_items_of_the_language_or_source_are_shown(topics, arguments):
    key, value, headers = build_record(2)
    german = orjson.dumps({**orjson.loads(value), "language": "de-AT"})
    topics.write(
        ("latest", build_record(1)),
        ("latest", (key, german, [*headers[:2], ("ce_source", b"urn:newswire:source:reuters")])),
        ("latest", build_record(3)),
    )
    lines, rest, _, _ = read_lines(topics.tail(*arguments), 1)
    assert (lines, rest) == (["07:02a  Headline 2  RE"], "")


def test_on_a_terminal_the_headline_stands_between_a_coloured_time_and_a_dim_source(topics):
    topics.write(("latest", build_record(1, kind="revised")))
    master, slave = pty.openpty()
    running = topics.tail("-n", "1", stdout=slave)
    with running, os.fdopen(master, "rb", buffering=0) as screen:
        printed = screen.read(1000)
        running.send_signal(signal.SIGINT)
        running.communicate()
    os.close(slave)
    assert printed == b"\x1b[36m07:01a\x1b[0m  Headline 1\x1b[33m (updated)\x1b[0m  \x1b[2mPR\x1b[0m\r\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "times are of America/New_York; Ctrl-C ends it\n"),
        (["--tz", "UTC"], "times are of UTC; Ctrl-C ends it\n"),
        (["--json"], ""),
    ],
)
def test_on_a_terminal_the_zone_of_the_times_is_printed_once(topics, arguments, message):
    topics.write(("latest", build_record(1)))
    ours, its = os.openpty()
    with topics.tail(*arguments, stdout=its) as running:
        assert os.read(ours, 1)  # a row is there
        running.send_signal(signal.SIGINT)
        assert (running.communicate()[1], running.returncode) == (message, 0)
    os.close(ours)
    os.close(its)


def test_json_rows_are_for_programs(topics):
    topics.write(("latest", build_record(1)))
    [line], _, _, _ = read_lines(topics.tail("--json"), 1)
    assert orjson.loads(line)["id"] == "urn:newswire:prnewswire:1/1"


def test_a_record_that_is_no_item_is_left_out_and_reported(topics):
    topics.write(("latest", (b"k", b"no item", [])), ("latest", build_record(1)))
    lines, _, err, status = read_lines(topics.tail(), 1)
    assert (lines, status) == (["07:01a  Headline 1  PR"], 0)
    assert "latest/0/0 is no enriched item and is left out: not JSON" in err


def test_a_reader_that_goes_away_ends_a_quiet_ticker(topics):
    topics.write(("latest", build_record(1)))
    with topics.tail() as running:
        running.stdout.readline()
        running.stdout.close()
        assert (running.wait(), running.stderr.read()) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sport"], "'latest', 'companies', 'markets'"),
        (["--tz", "berlin"], "'berlin' is no IANA time zone such as Europe/Berlin"),
        (["--tz", "../x"], "is no IANA time zone such as "),
        (["-n", "-1"], "-1 is not in the range"),
    ],
)
def test_a_wrong_call_lists_the_valid_values(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["tail", *arguments])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_missing_topic_is_reported_with_the_command_that_creates_it(settings, monkeypatch, capsys):
    monkeypatch.setenv("NEWSWIRE_KAFKA", settings.kafka.brokers)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", settings.topics.prefix)
    with pytest.raises(SystemExit) as stop:
        main(["tail"])
    assert stop.value.code == 1
    assert capsys.readouterr().err == (
        f"topic {settings.topics.prefix}.latest does not exist: run `newswire topics apply`\n"
    )
