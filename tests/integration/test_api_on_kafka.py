"""What a running system sends is what schemas/ describes; a consumer written from it keeps the newest versions."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator
from support import api, flow, topic_reader
from support.mixed_items import mixed_items
from support.ninjs_schema import errors
from support.processes import free_ports, run_gateway, wait_until_ready
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import DEAD_LETTERS, LATEST, TOPICS

pytestmark = pytest.mark.kafka
FOLLOW = api.FOLDER / "consumers" / "follow.py"


def validate(schema: Any, found: Any) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(found)]


def read_schema(reference: str) -> Any:
    return orjson.loads((api.FOLDER / reference).read_bytes())


def find_violations(topic: str, row: flow.RecordContent) -> list[str]:
    """What is wrong with a record by one of its topic's messages; empty where one of them fits."""
    tried = []
    for name in api.list_messages(topic):
        message = api.MESSAGES[name]
        wrong = []
        if "headers" in message and not (topic == "withheld" and row.value is None):
            wrong += validate(
                read_schema(message["headers"]["$ref"]), {key: value.decode() for key, value in row.headers}
            )
        payload = message["payload"]
        for one in payload.get("allOf", [payload]):
            if one is api.NINJS and row.value is not None:
                wrong += errors(orjson.loads(row.value))
            elif "$ref" in one and row.value is not None:
                wrong += validate(read_schema(one["$ref"]), orjson.loads(row.value))
        tried.append(wrong)
    return min(tried, key=len)


def test_every_record_and_every_answer_fits_its_schema(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    first = free_ports(3)
    with flow.run_worker(settings, tmp_path, "--http", str(first)), run_gateway(settings, port := first + 2):
        count = flow.send(settings, mixed_items(80, seed=7))
        flow.wait_decided(settings, count)
        wait_until_ready(port)
        uri = (flow.read(settings, LATEST)[0].key or b"").decode()
        assert flow.newswire(settings, "desk", "kill", uri, "--why", "a test", "--yes").returncode == 0
        discarded = flow.newswire(
            settings, "dead-letters", "discard", "--code", "malformed", "--why", "a test", "--yes"
        )
        assert discarded.returncode == 0, discarded.stderr
        wait_until(lambda: any(row.value is None for row in flow.read(settings, DEAD_LETTERS)))
        names = [topic.name for topic in TOPICS if topic.name not in api.PRIVATE]
        records = flow.read_all(settings, names)
        answers = {path: http_get(port, path) for path in ("/latest", "/status", f"/stories/{read_newest_uri(port)}")}
    assert {name for name in names if not records[name]} <= {"withheld", *names[2:-4]}
    assert [
        (name, row.key, wrong) for name in names for row in records[name] if (wrong := find_violations(name, row))
    ] == []
    described = yaml.safe_load((api.FOLDER / "openapi.yaml").read_text(encoding="utf-8"))
    for path, answer in answers.items():
        place = "/stories/{uri}" if path.startswith("/stories") else path
        schema = described["paths"][place]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert validate({**schema, "components": described["components"]}, answer) == [], path
    assert len(answers["/latest"]) > 10
    assert answers["/status"]["ready"]


def http_get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def read_newest_uri(port: int) -> str:
    found = http_get(port, "/latest?limit=1")[0]["uri"]
    assert isinstance(found, str)
    return found


def test_a_consumer_written_from_the_schemas_keeps_the_newest_versions_and_does_nothing_twice(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    store, output = tmp_path / "stories.db", tmp_path / "said"
    topic = settings.topics.full(LATEST)

    def start_consumer() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(FOLLOW), settings.kafka.brokers, str(store), topic]
        with output.open("ab") as said:
            return subprocess.Popen(command, stdout=said)

    def read_store() -> dict[str, str]:
        with contextlib.closing(sqlite3.connect(store)) as stories:
            return dict(
                stories.execute("select uri, cast(version as text) from stories where item is not null").fetchall()
            )

    def read_position() -> int:
        with contextlib.closing(sqlite3.connect(store)) as positions:
            return max(next_offset for (next_offset,) in positions.execute("select next from positions").fetchall())

    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, mixed_items(60, seed=5)))
        follower = start_consumer()
        wait_until(lambda: len(output.read_text().splitlines()) >= 10, output.read_text)
        follower.kill()  # its last change may be printed and not committed
        follower.wait()
        flow.wait_decided(settings, 60 + flow.send(settings, mixed_items(80, seed=5)))
        records = flow.read(settings, LATEST)
        newest = {row.key: json.loads(row.value or b"{}") for row in records}
        expected = {item["uri"]: item["version"] for item in newest.values() if item["pubStatus"] != "canceled"}
        follower = start_consumer()
        try:
            end = 1 + max(message.offset() or 0 for message in topic_reader.read_messages(settings, LATEST))
            wait_until(lambda: read_store() == expected and read_position() == end, output.read_text)
        finally:
            follower.kill()
            follower.wait()
    assert read_store() == expected
    said = Counter(line.rpartition(" ")[2] for line in output.read_text().splitlines())
    # The withdrawal of a story that was never published changes nothing.
    standing = {row.key for row in records if json.loads(row.value or b"{}")["pubStatus"] != "canceled"}
    sent = Counter(dict(row.headers)["ce_id"].decode() for row in records if row.key in standing)
    # A change is printed before it is committed. The kill may come in between, and then that one line comes again.
    assert not sent - said
    assert (said - sent).total() <= 1
    assert len(expected) < len(newest)
