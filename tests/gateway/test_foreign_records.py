"""Records of public topics that are not ours, and tombstones: the gateway, `tail` and `audit` pass over them."""

import json
import signal
import subprocess
import sys

import pytest
from confluent_kafka import Producer
from support import flow
from support.ticker import WAIT, LatestWriter, build_latest_record, run_ticker_gateway

from streams.config.settings import Settings
from streams.model.topics import DECISIONS, LATEST

pytestmark = pytest.mark.kafka

Headers = list[tuple[str, bytes]]
OURS: Headers = [("ce_id", b"x/1"), ("ce_type", b"news.item.published")]
FOREIGN: list[tuple[bytes, bytes | None, Headers]] = [
    (b"x", b'{"uri": "x", "headlines": [{"role": ["ticker"], "value": "y"}]}', OURS),
    (b"x", b'{"uri": ["x"]}', OURS),
    (b"x", b"no JSON", OURS),
    (b"x", b"[]", OURS),
    (b"x", b"", OURS),
    (b"x", b'{"uri": "x", "version": "1"}', []),
    (b"", b"\xff\xfe", [("ce_id", b"\xff")]),
]
WITHOUT_VALUE: list[tuple[bytes, bytes | None, Headers]] = [
    (b"newswire:roll", None, []),
    (b"unknown", None, [("ce_id", b"unknown/4"), ("ce_type", b"news.item.moved")]),
    (b"\xff", None, []),
    (b"", None, [("ce_id", b"/")]),
]


def write(settings: Settings, topic: str, *records: tuple[bytes, bytes | None, Headers]) -> None:
    producer, failed = Producer({"bootstrap.servers": settings.kafka.brokers}), []
    for key, value, headers in records:
        producer.produce(
            settings.topics.full(topic), value, key, headers=headers, on_delivery=lambda error, _: failed.append(error)
        )
    assert (producer.flush(WAIT), {*failed}) == (0, {None})


def leave(name: str, version: int, kind: str) -> tuple[bytes, None, Headers]:
    """The tombstone of a story that left a category topic."""
    uri, _, headers = build_latest_record(name, version=version, kind=kind)
    return uri.encode(), None, headers


@pytest.fixture
def topics(settings: Settings) -> Settings:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    return settings


def test_a_gateway_starts_over_records_that_are_not_ours_counts_them_and_goes_on(topics: Settings) -> None:
    writer = LatestWriter(topics)
    write(topics, LATEST, *FOREIGN, *WITHOUT_VALUE)
    write(topics, "markets", *FOREIGN, *WITHOUT_VALUE)
    first = writer.put("first")
    with run_ticker_gateway(topics) as gateway:
        assert [row["uri"] for row in gateway.rows("", 1)] == [first]
        write(topics, LATEST, *FOREIGN, *WITHOUT_VALUE)
        second = writer.put("second")
        assert [row["uri"] for row in gateway.rows("", 2)] == [second, first]
        counts = gateway.get("/metrics")[1]
    assert f'newswire_gateway_records_total{{result="refused"}} {3 * len(FOREIGN)}.0\n' in counts
    assert 'newswire_gateway_records_total{result="read"} 2.0\n' in counts
    # In a category topic the tombstone of an unknown story is read; it changes nothing.
    passed = 2 * len(WITHOUT_VALUE) + len(WITHOUT_VALUE) - 1
    assert f'newswire_gateway_records_total{{result="passed-over"}} {passed}.0\n' in counts


def test_rows_that_left_a_category_topic_are_not_read_back_at_the_start(topics: Settings) -> None:
    writer = LatestWriter(topics)
    here = writer.put("here", topic="markets", categories=("markets",))
    for name in ("moved", "gone"):
        writer.put(name, topic="markets", categories=("markets",))
    write(topics, "markets", leave("moved", 2, "moved"), leave("gone", 2, "withdrawn"))
    with run_ticker_gateway(topics) as gateway:
        assert [row["uri"] for row in gateway.rows("category=markets", 1)] == [here]
        assert gateway.get("/items/urn:newswire:prnewswire:gone")[0] == 410
        assert gateway.get("/items/urn:newswire:prnewswire:moved")[0] == 404


def tail(settings: Settings, *arguments: str, until: str) -> tuple[list[str], list[str]]:
    """Runs `newswire tail` until a line begins so: the lines of stdout and of stderr."""
    command = [sys.executable, "-m", "streams", "tail", "--tz", "UTC", *arguments]
    with subprocess.Popen(
        command, env=flow.environment(settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        lines = []
        while not lines or not lines[-1].startswith(until):
            line = running.stdout.readline()
            assert line, "tail has ended"
            lines.append(line.rstrip("\n"))
        running.send_signal(signal.SIGINT)
        rest, said = running.communicate(timeout=WAIT)
    return lines + rest.splitlines(), said.splitlines()


def test_tail_names_what_is_not_ours_and_prints_a_withdrawal_once_and_a_move_never(topics: Settings) -> None:
    writer = LatestWriter(topics)
    for topic in ("companies", "markets", LATEST):
        writer.put("gone", "A headline", topic=topic, categories=("companies", "markets"))
    writer.put("moved", "Another", topic="markets", categories=("markets",))
    write(topics, "markets", *FOREIGN[:1], *WITHOUT_VALUE, leave("moved", 2, "moved"))
    for topic in ("companies", "markets"):
        write(topics, topic, leave("gone", 2, "withdrawn"))
    writer.put("gone", version=2, kind="withdrawn", categories=())
    writer.put("last", "The last", topic="markets", when="2026-03-02T11:00:00Z", categories=("markets",))
    lines, said = tail(topics, "latest", "companies", "markets", until="11:00a")
    withdrawn = [line for line in lines if line.endswith("withdrawn: urn:newswire:prnewswire:gone")]
    assert (len(withdrawn), len(lines)) == (1, 4)
    assert [line.partition(": ")[0] for line in said] == [
        f"{topics.topics.full('markets')}/0/2 is no enriched item and is left out"
    ]


def test_tail_of_a_ticker_prints_the_withdrawals_of_its_stories_only(topics: Settings) -> None:
    writer = LatestWriter(topics)
    writer.put("ours", "Ours", symbol="ACME")
    writer.put("other", "Other", symbol="NWK")
    for name in ("other", "ours"):
        writer.put(name, version=2, kind="withdrawn", categories=(), when="2026-03-02T11:00:00Z")
    lines, _ = tail(topics, "--ticker", "ACME", until="11:00a")
    assert lines == ["10:00a  Ours  PR", "11:00a  withdrawn: urn:newswire:prnewswire:ours"]


def test_audit_names_and_counts_what_is_not_ours(topics: Settings) -> None:
    write(topics, LATEST, *FOREIGN, *WITHOUT_VALUE)
    write(topics, DECISIONS, (b"k", b"no JSON", []), (b"k", b'{"uri": []}', []), (b"k", None, []))
    done = flow.newswire(topics, "audit", "--json")
    said = [line for line in done.stderr.decode().splitlines() if "is passed over" in line]
    assert json.loads(done.stdout)["passed_over"] == len(FOREIGN) + 3
    assert said[0].startswith(f"{topics.topics.full(DECISIONS)}/0/0 is no record of ours and is passed over: ")
    assert len(said) == len(FOREIGN) + 3
