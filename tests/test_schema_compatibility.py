"""Readers of today read the records of tomorrow, which may have more fields and headers (schemas/README.md, 9)."""

import sqlite3
from typing import Any

import msgspec
import orjson
import pytest
from jsonschema import Draft202012Validator
from support import golden
from support.consumer_suite import load_client

from streams.gateway.ticker_row import parse_ticker_row
from streams.model import codec
from streams.model.records import Decision
from streams.model.sources import Sources

NEW_PARTS: dict[str, Any] = {
    "people": [{"name": "Maria Devlin", "rel": "about"}],
    "genres": [{"name": "Analysis"}],
    "byline": "A line that nobody reads yet",
}
"""Fields of ninjs 3.1 that no item of today has."""
FREE = ("event", "detail", "evidence", "prepared_with")
"""Fields of records of the log whose content no schema declares."""
NEW_HEADER = ("x-tomorrow", b"\xff not even text")


def load(name: str) -> Any:
    return orjson.loads((golden.FOLDER / name).read_bytes())


def grow(value: Any) -> Any:
    """Adds a field that nobody knows to each object of a JSON value whose fields are declared."""
    if isinstance(value, dict):
        grown = {name: inner if name in FREE else grow(inner) for name, inner in value.items()}
        return {"tomorrow": {"new": [1, None]}, **grown, "x": "y"}
    return [grow(inner) for inner in value] if isinstance(value, list) else value


def list_errors(schema: str, value: Any) -> list[str]:
    found = orjson.loads((golden.FOLDER.parent / schema).read_bytes())
    return [error.message for error in Draft202012Validator(found).iter_errors(value)]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ("log-item.json", "log-item.json"),
        ("log-refusal.json", "log-refusal.json"),
        ("log-command.json", "log-command.json"),
        ("decision.json", "decision.json"),
        ("decision.json", "duplicate-decision.json"),
        ("item.json", "event.json"),
    ],
)
def test_the_schema_of_today_takes_a_record_with_fields_that_it_does_not_know(schema: str, example: str) -> None:
    assert list_errors(schema, grow(load(example))) == []


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ("item-headers.json", "headers.json"),
        ("duplicate.json", "duplicate-headers.json"),
        ("dead-letter.json", "dead-letter-headers.json"),
        ("raw-headers.json", "raw-headers.json"),
    ],
)
def test_the_schema_of_today_takes_headers_that_it_does_not_know(schema: str, example: str) -> None:
    assert list_errors(schema, {**load(example), "x-tomorrow": "new"}) == []


@pytest.mark.parametrize("name", ["log-item.json", "log-refusal.json", "log-command.json"])
def test_the_log_is_read_as_before_where_its_records_have_new_fields(name: str) -> None:
    known = load(name)
    assert codec.decode(orjson.dumps(grow(known))) == codec.decode(orjson.dumps(known))


@pytest.mark.parametrize("name", ["decision.json", "duplicate-decision.json", "dead-letter-decision.json"])
def test_a_decision_is_read_as_before_where_it_has_new_fields(name: str) -> None:
    decode = msgspec.json.Decoder(Decision).decode
    known = load(name)
    assert decode(orjson.dumps(grow(known))) == decode(orjson.dumps(known))


def test_a_client_and_the_gateway_read_an_item_as_before_where_it_has_new_fields_and_headers() -> None:
    event, headers = load("event.json"), load("headers.json")
    grown = {**grow(event), **NEW_PARTS}
    assert list_errors("item.json", grown) == []
    pairs = [(name, text.encode()) for name, text in headers.items()]
    known = parse_ticker_row(orjson.dumps(event), pairs, Sources({}))
    assert parse_ticker_row(orjson.dumps(grown), [NEW_HEADER, *pairs], Sources({})) == known

    client = load_client("follow")
    connection = sqlite3.connect(":memory:")
    store = client.Store(connection)
    more = {**headers, "x-tomorrow": "new"}
    record = client.parse_record(event["uri"].encode(), orjson.dumps(grown), more)
    change = client.take(store, "latest", record)
    assert (change.kind, change.uri, change.version, change.item) == ("added", event["uri"], 1, grown)
    moved = {**more, "ce_id": f"{event['uri']}/2", "ce_type": "news.item.a-kind-of-tomorrow"}
    gone = client.take(store, "latest", client.parse_record(event["uri"].encode(), None, moved))
    assert (gone.kind, gone.version) == ("moved", 2)
    connection.close()
