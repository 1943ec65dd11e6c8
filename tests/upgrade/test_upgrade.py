"""What an older version wrote, today's code reads: its state folder, its changelog, its topics."""

import base64
import json
import os
import random
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient
from rocksdict import Options, Rdict
from support.produce import produce
from support.wait import wait_until
from upgrade.versions import FORMAT_1, HERE, ROOT, require_commit

from streams.decide.state_entries import Entry, StoryEntry, decode_entry
from streams.kafka.embedded import broker
from streams.model.records import JsonObject
from streams.model.topics import CATEGORIES

COUNT = 60
RAW_RECORDS = COUNT + len((HERE / "stories.jsonl").read_text(encoding="utf-8").splitlines())
"""The records of news.raw that make.sh leaves."""
Row = dict[str, Any]
"""A record as dump.py writes it."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that make.sh fills with the code of the release of format 1."""
    require_commit(FORMAT_1)
    out = tmp_path_factory.mktemp("upgrade")
    environment = {**os.environ, "COUNT": str(COUNT), "ONLY_TOPICS": "1", "PYTHON": sys.executable}
    subprocess.run([HERE / "make.sh", FORMAT_1, out], check=True, env=environment, timeout=500)
    return out


@pytest.mark.kafka
def test_every_entry_of_an_old_state_folder_can_be_read(made: Path) -> None:
    database = Rdict(str(next((made / "state").glob("decide-*"))), Options(raw_mode=True))
    rows = [(key, value) for key, value in database.items() if not key.startswith((b"\0", b"\1"))]
    database.close()
    kinds = Counter(type(decode_entry(value)).__name__ for _, value in rows)
    assert kinds.total() == len(rows) > COUNT


class Made:
    """The broker of an older version, and the commands of this one on it; `code` runs those of another."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.environment = {
            **os.environ,
            "NEWSWIRE_KAFKA": address,
            "NEWSWIRE_TOPICS__RAW_PARTITIONS": "1",
            "NEWSWIRE_WORKER__SESSION_SECONDS": "2",
            # As long as the older version remembers: then a rebuilt state is the same to the byte.
            "NEWSWIRE_TOPICS__RETENTION_DAYS": "28",
            "NEWSWIRE_DECIDE__MEMORY_DAYS": "30",
        }

    def newswire(self, *words: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "streams", *words]
        return subprocess.run(
            call, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False, timeout=200
        )

    @contextmanager
    def worker(self, *words: str, code: Path = ROOT) -> Iterator[Path]:
        """Runs a worker; yields the file of its log."""
        path = self.folder / f"worker-{uuid.uuid4().hex[:6]}.log"
        environment = {**self.environment, "PYTHONPATH": str(code)}
        if code != ROOT:
            environment = {name: value for name, value in environment.items() if "DAYS" not in name}
        call = [sys.executable, "-m", "streams", "worker", *words, "--http", str(random.randrange(20_000, 30_000))]
        with path.open("wb") as log:
            running = subprocess.Popen(call, cwd=self.folder, env=environment, stdout=log, stderr=log)
            try:
                yield path
            finally:
                running.terminate()
                running.wait(60)

    def send_again(self, rows: list[Row]) -> None:
        """Sends records of news.raw once more. The generator of today writes other items than that of the version."""
        producer = Producer({"bootstrap.servers": self.address, "enable.idempotence": True})
        for row in rows:
            headers = [(name, value.encode()) for name, value in row["headers"].items()]
            produce(producer, "news.raw", decode_bytes(row["value"]), decode_bytes(row["key"]), headers=headers)
        assert producer.flush(60) == 0

    def wait_audited(self) -> None:
        wait_until(lambda: self.newswire("audit").returncode == 0, lambda: self.newswire("audit").stderr, seconds=120)

    def wait_until_nobody_decides(self) -> None:
        wait_until(lambda: "are at work" not in self.newswire("state", "rebuild").stderr, seconds=60)

    def make_changelog_anew(self) -> None:
        admin, topic = AdminClient({"bootstrap.servers": self.address}), "news.internal.state"
        admin.delete_topics([topic])[topic].result()
        wait_until(lambda: topic not in admin.list_topics(timeout=20).topics)
        assert self.newswire("topics", "apply").returncode == 0

    def dump(self) -> dict[str, list[Row]]:
        """Reads each topic, by its name without prefix."""
        call = [sys.executable, HERE / "dump.py", self.address]
        done = subprocess.run(call, capture_output=True, check=True)
        topics: dict[str, list[Row]] = {}
        for line in done.stdout.splitlines():
            row = json.loads(line)
            topics.setdefault(row["topic"].removeprefix("news."), []).append(row)
        return topics


@contextmanager
def run_broker(made: Path) -> Iterator[Made]:
    running = broker.up(made / "kafka", None)
    try:
        yield Made(made, running.address)
    finally:
        broker.stop(made / "kafka")


def decode_bytes(text: str) -> bytes:
    """The bytes that dump.py wrote as text."""
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text.encode()


def read_newest(rows: list[Row]) -> dict[str, JsonObject]:
    """The table that a topic of items is: the newest record of each key, without those that were taken away."""
    newest = {row["key"]: row["value"] for row in rows}
    return {key: json.loads(value) for key, value in newest.items() if value is not None}


def read_entries(rows: list[Row]) -> dict[str, Entry]:
    """The stories, ids and texts that a changelog holds. Fingerprints are left out: today's are others."""
    values = {row["key"]: row["value"] for row in rows if not row["key"].startswith("near ")}
    return {key: decode_entry(decode_bytes(value)) for key, value in values.items() if value is not None and " " in key}


def without_news(entry: Entry) -> Entry:
    """An entry without what only today's fold stores: when the last copy of a story was received."""
    return msgspec.structs.replace(entry, heard=0) if isinstance(entry, StoryEntry) else entry


def list_decided(topics: dict[str, list[Row]], first: int) -> list[JsonObject]:
    """The decisions on the raw records from an offset on, without those on items that the log has twice."""
    decisions = [json.loads(row["value"]) for row in topics["decisions"]]
    raw = [each for each in decisions if each["origin"] and each["origin"]["offset"] >= first]
    return [each for each in raw if each["fate"] != "repeat"]


def list_stale(topics: dict[str, list[Row]]) -> set[tuple[str, str]]:
    """The stories that stand in a topic of a category which they do not name."""
    return {
        (topic, uri)
        for topic in CATEGORIES
        for uri, event in read_newest(topics.get(topic, [])).items()
        if topic not in {row["literal"] for row in event.get("subjects", ()) if row["rel"] == "category"}
    }


@pytest.mark.kafka
def test_a_worker_goes_on_where_an_older_one_stopped_and_the_older_one_goes_on_again(made: Path) -> None:
    with run_broker(made) as system:
        before = system.dump()
        stale = list_stale(before)
        assert stale >= {
            ("companies.rumors", "urn:newswire:eqs:UP-1"),
            ("companies.corporate-actions", "urn:newswire:eqs:UP-2"),
        }
        assert system.newswire("topics", "apply").returncode == 0
        with system.worker("--state", "state") as log:
            generated = [row for row in before["raw"] if "stories.jsonl" not in row["headers"].get("origin", "")]
            assert len(generated) == COUNT
            system.send_again(generated)
            update = ("feed", str(HERE / "update.jsonl"), "--source", "eqs", "--received-at", "wire")
            assert system.newswire(*update).returncode == 0
            wait_until(lambda: "state_upgraded" in log.read_text(), log.read_text, seconds=120)
            system.wait_audited()
        (told,) = [json.loads(line) for line in log.read_text().splitlines() if '"state_upgraded"' in line]
        assert (told["texts"] > COUNT / 2, told["texts_lost"], told["clear_commands"]) == (True, 0, 1)

        after = system.dump()
        again = list_decided(after, RAW_RECORDS)
        assert [each["fate"] for each in again if each["uri"] == "urn:newswire:eqs:UP-3"] == ["revised"]
        others = [each for each in again if each["uri"] != "urn:newswire:eqs:UP-3"]
        assert [each for each in others if each["fate"] not in ("duplicate", "rejected")] == []
        assert len(again) == COUNT + 1

        assert list_stale(after) == set()
        tombstones = {
            (topic, row["key"])
            for topic in CATEGORIES
            for row in after.get(topic, [])[len(before.get(topic, [])) :]
            if row["value"] is None
        }
        assert tombstones == stale
        shown = read_newest(after["latest"])["urn:newswire:eqs:UP-3"]
        assert (shown["version"], shown["representationType"]) == ("3", "full")
        assert "EUR 41 million" in shown["bodies"][0]["value"]

        system.wait_until_nobody_decides()
        there = len(system.dump()["internal.state"])
        rebuilt = system.newswire("state", "rebuild", "--yes")
        assert rebuilt.returncode == 0, rebuilt.stderr
        rows = system.dump()["internal.state"]
        upgraded, again_made = read_entries(rows[:there]), read_entries(rows)
        changed = {row["key"] for row in rows[there:]} - {"progress"}
        changed = {key for key in changed if not key.startswith("near ")}
        assert {key for key in changed if key in upgraded and without_news(again_made[key]) != upgraded[key]} == set()
        assert {key.partition(" ")[0] for key in changed - upgraded.keys()} <= {"text"}

        refused = system.newswire("state", "rebuild", "--format", "1", "--yes")
        assert (refused.returncode, "holds entries that a release of format 1 refuses" in refused.stderr) == (1, True)
        system.make_changelog_anew()
        older = system.newswire("state", "rebuild", "--format", "1", "--yes")
        assert older.returncode == 0, older.stderr
        commit, code = require_commit(FORMAT_1), made / "older-code"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", code, commit], check=True)
        try:
            with system.worker("--state", "older-state", code=code):
                system.send_again(generated)
                system.wait_audited()
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", code], check=True)
        third = list_decided(system.dump(), RAW_RECORDS + COUNT + 1)
        assert (len(third), {each["fate"] for each in third} <= {"duplicate", "rejected"}) == (COUNT, True)
