"""A commit of the fold that fails leaves no state on the real broker."""

import asyncio
import random

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from support import flow

from streams.config.settings import Settings
from streams.decide.state import State
from streams.model.records import Effect
from streams.model.topics import LATEST, LOG, STATE
from streams.worker.changelog import BARRIER
from streams.worker.committer import Committer

pytestmark = pytest.mark.kafka


EFFECT = Effect(topic=LATEST, key=b"urn:1", value=b"{}", headers=())


@pytest.fixture(params=["exactly-once", "at-least-once"])
def delivery_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings of each kind of delivery, with their topics on the broker."""
    decide = msgspec.structs.replace(settings.decide, delivery=request.param)
    settings = msgspec.structs.replace(settings, decide=decide)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    return settings


def log_partition(settings: Settings) -> TopicPartition:
    return TopicPartition(settings.topics.full(LOG), 0)


def test_the_state_of_a_batch_is_written_whole_or_not_at_all(delivery_settings: Settings) -> None:
    dice = random.Random(1)
    rows: dict[str, bytes | None] = {f"text {number}": dice.randbytes(2_000) for number in range(300)}
    rows["text last"] = dice.randbytes(450_000)
    flow.set_topic(delivery_settings, STATE, "max.message.bytes", "400000")

    async def commit() -> None:
        committer = Committer(delivery_settings, "newswire-decide")
        try:
            await committer.take_over(state := State())
            await committer.commit([EFFECT], state, rows, log_partition(delivery_settings), 1)
        finally:
            await committer.stop()

    with pytest.raises(KafkaError):
        asyncio.run(commit())
    assert [row.key for row in flow.read(delivery_settings, STATE)] == [BARRIER]
    # At least once, outcomes are there before the state is: they come again when the batch does.
    assert len(flow.read(delivery_settings, LATEST)) == (delivery_settings.decide.delivery == "at-least-once")
    assert flow.newswire(delivery_settings, "topics", "apply").returncode == 0
    asyncio.run(commit())
    assert [row.key for row in flow.read(delivery_settings, STATE)] == [
        BARRIER,
        BARRIER,
        *(key.encode() for key in rows),
    ]


def test_a_predecessor_that_still_runs_writes_no_state(delivery_settings: Settings) -> None:
    async def overtake() -> None:
        first, second = (Committer(delivery_settings, "newswire-decide") for _ in range(2))
        try:
            await first.take_over(state := State())
            await second.take_over(State())
            with pytest.raises(KafkaError):
                await first.commit([EFFECT], state, {"text first": b"1"}, log_partition(delivery_settings), 1)
            await second.commit([EFFECT], state, {"text second": b"2"}, log_partition(delivery_settings), 1)
        finally:
            await first.stop()
            await second.stop()

    asyncio.run(overtake())
    assert [row.key for row in flow.read(delivery_settings, STATE)] == [BARRIER, BARRIER, b"text second"]
    assert set(flow.read(delivery_settings, LATEST)) == {flow.RecordContent(EFFECT.key, EFFECT.value, ())}
