"""The conformance suite of the clients in schemas/consumers: sequences of records, and what must come out."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from confluent_kafka import Producer
from support import api, flow
from support.wait import wait_until

from streams.config.settings import Settings

FOLDER = api.FOLDER / "consumers"
SEQUENCES = sorted(path.stem for path in (FOLDER / "sequences").glob("*.jsonl"))
TOPICS = ("latest", "companies", "markets")
"""The topics that the clients follow, without prefix."""
END = "urn:newswire:suite:end-1"
"""The last story of each topic: a client that has it has read the sequences."""


def read_sequence(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / "sequences" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read_expected(name: str) -> dict[str, Any]:
    found = json.loads((FOLDER / "sequences" / f"{name}.table.json").read_bytes())
    assert isinstance(found, dict)
    return found


def expect_changes(topic: str) -> dict[str, list[tuple[str, str]]]:
    """By sequence: the changes of a topic."""
    return {name: [(kind, ce_id) for kind, ce_id in read_expected(name)["changes"][topic]] for name in SEQUENCES}


def expect_table(topic: str, *fields: str) -> dict[str, dict[str, str]]:
    """By uri: these fields of all stories that stand in a topic at the end, without the last one."""
    return {
        uri: {field: row[field] for field in fields}
        for name in SEQUENCES
        for uri, row in read_expected(name)["table"][topic].items()
    }


def group_changes(changes: Iterable[tuple[str, str]]) -> dict[str, list[tuple[str, str]]]:
    """Groups changes (kind and `ce_id`) by their sequence, without those that are of none."""
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in SEQUENCES}
    for kind, ce_id in changes:
        if (name := ce_id.rpartition("/")[0].rpartition(":")[2].rpartition("-")[0]) in found:
            found[name].append((kind, ce_id))
    return found


def read_row(item: dict[str, Any]) -> dict[str, str]:
    """Reads from an item what a table of the suite holds."""
    text = next(body["value"] for body in item["bodies"] if body["role"] == "main")
    headline = next(each["value"] for each in item["headlines"] if each["role"] == "main")
    return {"version": item["version"], "headline": headline, "text": text}


def write_suite(settings: Settings) -> None:
    """Writes all sequences and then the last story to the topics, which exist."""
    write_records(settings, [row for name in SEQUENCES for row in read_sequence(name)])
    write_records(settings, build_last(END))


def split_at_withdrawals() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Splits each sequence before its first withdrawal: all first parts, and all second parts."""
    parts: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
    for name in SEQUENCES:
        is_second = False
        for row in read_sequence(name):
            is_second = is_second or row["headers"].get("ce_type") == "news.item.withdrawn"
            parts[is_second].append(row)
    return parts


def build_last(uri: str) -> list[dict[str, Any]]:
    (first, *_) = read_sequence("publish")
    subjects = [{"rel": "category", "literal": topic, "name": topic} for topic in TOPICS[1:]]
    value = {**first["value"], "uri": uri, "subjects": subjects}
    headers = {**first["headers"], "ce_id": f"{uri}/1"}
    return [{"topic": topic, "key": uri, "headers": headers, "value": value} for topic in reversed(TOPICS)]


def write_records(settings: Settings, rows: Iterable[dict[str, Any]]) -> None:
    producer, errors = Producer({"bootstrap.servers": settings.kafka.brokers, "enable.idempotence": True}), set()
    for row in rows:
        value = row["text"] if "text" in row else None if row["value"] is None else json.dumps(row["value"])
        headers = [(name, text.encode()) for name, text in row["headers"].items()]
        producer.produce(
            settings.topics.full(row["topic"]),
            value,
            row["key"],
            headers=headers,
            on_delivery=lambda error, _: errors.add(error),
        )
    assert (producer.flush(60), errors) == (0, {None})


def create_topics(settings: Settings) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0


def load_client(name: str) -> ModuleType:
    """Imports a client as a program of somebody else imports it."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def wait_for_lines(output: Path, is_there: Callable[[list[str]], bool]) -> list[str]:
    """Waits until the printed lines of a client are as wanted, and returns them."""
    wait_until(lambda: is_there(output.read_text().splitlines()), output.read_text)
    return output.read_text().splitlines()


def has_ends(lines: list[str]) -> bool:
    """Whether the last story of each topic was printed."""
    return sum(line.startswith("added ") and line.endswith(f" {END}/1") for line in lines) == len(TOPICS)
