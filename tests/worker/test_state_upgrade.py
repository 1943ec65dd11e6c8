"""The upgrade of a state on the real broker: broken off anywhere, it ends the same."""

import asyncio
from pathlib import Path

import pytest
from confluent_kafka import Producer
from support import flow
from support.builders import NOON, build_item, build_kill
from support.format_1 import fold_all, list_stories, make_format_1, place
from support.produce import produce

from streams.config.settings import Settings
from streams.decide.state import State
from streams.decide.state_entries import PROGRESS, Progress, encode_changes, encode_entry
from streams.kafka.acls import DECIDE_GROUP
from streams.model import codec
from streams.model.records import LogRecord
from streams.model.topics import LOG, STATE
from streams.worker import state_upgrade
from streams.worker.committer import Committer

pytestmark = pytest.mark.kafka

RECORDS: list[LogRecord] = [
    build_item(categories=("companies", "companies.rumors")),
    build_item(version="2", created=NOON, categories=("companies", "companies.ipos")),
    build_item("B1", headline="Salton Tools opens a yard in Porto", text="Salton Tools opens it in May."),
    build_kill("B1"),
    build_item("C1", headline="Ostrava Paper declares a dividend", text="Ostrava Paper pays 12 cents a share."),
]


class BreaksOff(Exception):  # noqa: N818 - it stands for a kill
    """The worker dies here."""


class DyingCommitter(Committer):
    """Dies before it writes more than so many times."""

    def __init__(self, settings: Settings, writes: int) -> None:
        super().__init__(settings, DECIDE_GROUP)
        self.left = writes

    async def write(self, rows: dict[bytes, bytes | None]) -> int:  # type: ignore[override]
        if not self.left:
            raise BreaksOff
        self.left -= 1
        return await super().write(rows)


def write_log_and_state(settings: Settings, state: State) -> None:
    producer = Producer({"bootstrap.servers": settings.kafka.brokers})
    for number, record in enumerate(RECORDS):
        produce(producer, settings.topics.full(LOG), codec.encode(place(record, number)), b"")
    for key, value in encode_changes(state.entries()).items():
        produce(producer, settings.topics.full(STATE), value, key.encode())
    assert producer.flush(60) == 0


def test_an_upgrade_that_broke_off_is_done_again_and_ends_as_if_it_had_not(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_upgrade, "BATCH", 1)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    folded, results = fold_all(RECORDS)
    write_log_and_state(settings, make_format_1(folded, results).state)

    async def attempt(writes: int) -> State:
        committer, state = DyingCommitter(settings, writes), State()
        try:
            await committer.take_over(state)
            await state_upgrade.upgrade_state(settings, committer, state, tmp_path / "beside")
        finally:
            await committer.stop()
        return state

    for writes in (0, 2):
        with pytest.raises(BreaksOff):
            asyncio.run(attempt(writes))
    upgraded = asyncio.run(attempt(100))
    assert upgraded.entries() == folded.state.entries()
    assert asyncio.run(attempt(0)).entries() == folded.state.entries()

    commands = [codec.decode(row.value or b"") for row in flow.read(settings, LOG)[len(RECORDS) :]]
    cleared = [folded.fold_record(command) for command in commands]
    assert len(commands) > 1
    assert [(each.topic, each.key.decode().rpartition(":")[2]) for result in cleared for each in result.effects] == [
        ("companies.rumors", "A1"),
        ("companies", "B1"),
        ("companies.new-contracts", "B1"),
    ]
    assert len(list_stories(folded.state)) == 3


def test_a_worker_that_meets_a_state_of_a_newer_format_stops_with_one_sentence(settings: Settings) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    producer = Producer({"bootstrap.servers": settings.kafka.brokers})
    produce(producer, settings.topics.full(STATE), encode_entry(Progress(format=4, next_offset=7)), PROGRESS)
    assert producer.flush(60) == 0
    done = flow.newswire(settings, "worker", "--stage", "decide", "--http", "23100")
    told = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert told.splitlines()[-1].endswith("above says why and what to do")
    assert "a state of format 4; this release reads format 1 or 2 or 3: a newer release wrote it" in told
    assert "part_died" not in told
