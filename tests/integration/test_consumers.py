"""The clients of schemas/consumers make of each sequence of records the table and the changes that its data says."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from support import consumer_suite as suite
from support.ninjs_schema import errors
from support.ticker import WAIT, run_ticker_gateway

from streams.config.loader import load
from streams.config.settings import Settings

client: Any = suite.load_client("follow")
bulk: Any = suite.load_client("to_elasticsearch")

MIDDLE, AFTER = "urn:newswire:suite:middle-1", "urn:newswire:suite:after-1"
"""Stories that show how far a client has read."""


@pytest.fixture(scope="module")
def written(kafka: str) -> Settings:
    """Settings of topics that hold all sequences."""
    settings = load(environ={"NEWSWIRE_KAFKA": kafka, "NEWSWIRE_TOPICS__PREFIX": "suite"})
    suite.create_topics(settings)
    suite.write_suite(settings)
    return settings


def follow_to_the_end(settings: Settings, store: Any, stop_after: int = 10_000) -> Iterator[Any]:
    """Yields the changes up to the last story of each topic, or `stop_after` of them."""
    topics = [settings.topics.full(topic) for topic in suite.TOPICS]
    ends = sum(store.find_version(topic, suite.END) is not None for topic in topics)
    for number, change in enumerate(client.follow(settings.kafka.brokers, topics, store), 1):
        yield change
        ends += change.uri == suite.END
        if ends == len(topics) or number == stop_after:
            return


def of_topic(settings: Settings, topic: str, changes: list[Any]) -> list[tuple[str, str]]:
    full = settings.topics.full(topic)
    return [(each.kind, f"{each.uri}/{each.version}") for each in changes if each.topic == full]


def read_table(connection: sqlite3.Connection, topic: str) -> dict[str, dict[str, str]]:
    rows = connection.execute("select uri, item from stories where topic = ? and item is not null", (topic,))
    return {uri: suite.read_row(json.loads(item)) for uri, item in rows if uri != suite.END}


@pytest.mark.kafka
def test_the_python_client_makes_the_table_and_the_changes_of_every_sequence(
    written: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        changes = list(follow_to_the_end(written, client.Store(connection)))
        for topic in suite.TOPICS:
            assert suite.group_changes(of_topic(written, topic, changes)) == suite.expect_changes(topic)
            table = read_table(connection, written.topics.full(topic))
            assert table == suite.expect_table(topic, "version", "headline", "text")
    assert {each.uri for each in changes if each.replayed} == {"urn:newswire:suite:replay-1"}
    said = capsys.readouterr().err.splitlines()
    foreign = [
        row
        for name in suite.SEQUENCES
        for row in suite.read_sequence(name)
        if row["topic"] in suite.TOPICS and row["key"] != "newswire:roll"
        if client.parse_record(row["key"].encode(), encode(row), row["headers"]) is None
    ]
    assert len(said) == len(foreign) == 12
    assert all(line.endswith("is no record of ours and is passed over") for line in said)


def encode(row: dict[str, Any]) -> bytes | None:
    if "text" in row:
        return str(row["text"]).encode()
    return None if row["value"] is None else json.dumps(row["value"]).encode()


@pytest.mark.kafka
def test_a_python_client_that_is_stopped_goes_on_where_it_was_and_does_nothing_twice(
    written: Settings, tmp_path: Path
) -> None:
    done: list[Any] = []
    for stop_after in (1, 7, 20, 10_000):
        with closing(sqlite3.connect(tmp_path / "stories.db")) as connection:
            connection.execute("create table if not exists mine (id text)")
            store = client.Store(connection)
            changes = []
            for change in follow_to_the_end(written, store, stop_after):
                connection.execute("insert into mine values (?)", (f"{change.topic} {change.uri}/{change.version}",))
                changes.append(change)
            # The change in which it was stopped was not committed: it comes again, though another topic may come first.
            done[-1:] = changes
            mine = [row for (row,) in connection.execute("select id from mine order by rowid")]
    for topic in suite.TOPICS:
        assert suite.group_changes(of_topic(written, topic, done)) == suite.expect_changes(topic)
    # What the loop wrote was committed with the positions; the last change was not.
    assert mine == [f"{each.topic} {each.uri}/{each.version}" for each in done[:-1]]


def test_every_record_of_the_suite_is_ninjs_and_keyed_by_its_story() -> None:
    for name in suite.SEQUENCES:
        expected = suite.read_expected(name)
        for row in suite.read_sequence(name):
            if name == "not-ours" and row["headers"].get("ce_id") != "urn:newswire:suite:not-ours-1/1":
                continue
            if row["value"] is not None:
                assert errors(row["value"]) == [], name
                assert row["headers"]["ce_id"] == f"{row['key']}/{row['value']['version']}"
        assert set(expected["table"]) == set(expected["changes"]) == set(suite.TOPICS), name


@pytest.mark.parametrize("name", suite.SEQUENCES)
def test_the_newest_record_of_each_key_alone_gives_the_table(name: str) -> None:
    """As a reader of a compacted topic sees it: repeats that come out of order are what its own `ce_id` is for."""
    newest: dict[tuple[str, str], tuple[int, dict[str, Any] | None]] = {}
    for row in suite.read_sequence(name):
        value = encode(row)
        record = client.parse_record(row["key"].encode(), value, row["headers"])
        if record is not None and record.version >= newest.get((row["topic"], record.uri), (0, None))[0]:
            newest[row["topic"], record.uri] = record.version, record.item
    for topic, rows in suite.read_expected(name)["table"].items():
        assert rows == {
            uri: suite.read_row(item) for (of, uri), (_, item) in newest.items() if of == topic and item is not None
        }


def read_bulk(lines: list[str]) -> dict[str, dict[str, str]]:
    """Reads bulk lines as Elasticsearch does: the documents that stand at the end, by `_id`."""
    found: dict[str, dict[str, str]] = {}
    rest = iter(lines)
    for line in rest:
        ((action, place),) = json.loads(line).items()
        assert place["version_type"] == "external_gte"
        if action == "index":
            document = json.loads(next(rest))
            assert int(document["version"]) == place["version"]
            found[place["_id"]] = suite.read_row(document)
        else:
            assert action == "delete"
            del found[place["_id"]]
    return found


@pytest.mark.parametrize("name", suite.SEQUENCES)
def test_the_bulk_lines_for_elasticsearch_make_the_table(name: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        store = client.Store(connection)
        lines: dict[str, str] = dict.fromkeys(suite.TOPICS, "")
        for row in suite.read_sequence(name):
            record = client.parse_record(row["key"].encode(), encode(row), row["headers"])
            if row["topic"] in lines and record and (change := client.take(store, row["topic"], record)):
                lines[row["topic"]] += bulk.format_bulk(change)
    assert all(text == "" or text.endswith("\n") for text in lines.values())
    tables = {topic: read_bulk(text.splitlines()) for topic, text in lines.items()}
    assert tables == suite.read_expected(name)["table"]


def test_an_id_for_elasticsearch_has_at_most_512_bytes() -> None:
    change = client.Change("moved", "news.markets", f"urn:newswire:x:{'a' * 600}", 2, None, False)
    assert len(json.loads(bulk.format_bulk(change))["delete"]["_id"]) == 64


@pytest.mark.kafka
def test_the_javascript_client_makes_the_table_and_the_changes_of_every_sequence_through_a_gateway(
    settings: Settings, tmp_path: Path
) -> None:
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    suite.create_topics(settings)
    script = suite.FOLDER / "follow.mjs"

    def start(topic: str, port: int, output: Path, until: ExitStack) -> None:
        command = [node, script, f"http://127.0.0.1:{port}", f"category={topic}&limit=1000", tmp_path / f"{topic}.json"]
        running = subprocess.Popen(command, stdout=until.enter_context(output.open("ab")))
        until.callback(running.wait, WAIT)
        until.callback(running.kill)

    def read(topic: str, last: str) -> list[tuple[str, str]]:
        output = tmp_path / f"{topic}.out"
        lines = suite.wait_for_lines(output, lambda lines: bool(lines) and lines[-1] == f"added {last}/1")
        return [(kind, ce_id) for kind, _, ce_id in (line.partition(" ") for line in lines)]

    with run_ticker_gateway(settings, NEWSWIRE_GATEWAY__ROWS="1000") as gateway:
        with ExitStack() as until:
            for topic in suite.TOPICS:
                start(topic, gateway.port, tmp_path / f"{topic}.out", until)
            gateway.wait_for("/status", lambda _, text: json.loads(text)["clients"] == len(suite.TOPICS))
            before, after = suite.split_at_withdrawals()
            # Once the gateway knows a withdrawal, it sends no earlier version any more, not even to those who wait.
            suite.write_records(settings, [*before, *suite.build_last(MIDDLE)])
            for topic in suite.TOPICS:
                read(topic, MIDDLE)
            suite.write_records(settings, [*after, *suite.build_last(suite.END)])
            for topic in suite.TOPICS:
                assert suite.group_changes(read(topic, suite.END)) == suite.expect_changes(topic)
        for topic in suite.TOPICS:
            kept = json.loads((tmp_path / f"{topic}.json").read_bytes())
            table = {
                uri: {"version": row["version"], "headline": row["headline"]}
                for uri, row in kept["rows"].items()
                if uri not in (MIDDLE, suite.END)
            }
            assert table == suite.expect_table(topic, "version", "headline")
            (tmp_path / f"{topic}.out").unlink()
        with ExitStack() as until:  # they were away: they get what they missed, and nothing again
            suite.write_records(settings, suite.build_last(AFTER))
            for topic in suite.TOPICS:
                start(topic, gateway.port, tmp_path / f"{topic}.out", until)
            for topic in suite.TOPICS:
                assert read(topic, AFTER) == [("added", f"{AFTER}/1")]
