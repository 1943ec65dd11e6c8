"""What a commit of the fold leaves on the real broker when the broker refuses part of it."""

import asyncio
import random

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from support import flow

from streams.config import Settings
from streams.decide.state import State
from streams.model import Effect
from streams.shell.changelog import BARRIER
from streams.shell.committing import Committer
from streams.topics import LATEST, LOG, STATE

pytestmark = pytest.mark.kafka


@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
def test_the_state_of_a_batch_is_written_whole_or_not_at_all(settings: Settings, delivery: str) -> None:
    settings = msgspec.structs.replace(settings, decide=msgspec.structs.replace(settings.decide, delivery=delivery))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    dice = random.Random(1)
    rows: dict[str, bytes | None] = {f"text {number}": dice.randbytes(2_000) for number in range(300)}
    rows["text last"] = dice.randbytes(450_000)
    flow.set_topic(settings, STATE, "max.message.bytes", "400000")

    async def commit() -> None:
        committer = Committer(settings, "newswire-decide")
        try:
            await committer.take_over(state := State())
            effect = Effect(topic=LATEST, key=b"urn:1", value=b"{}", headers=())
            await committer.commit([effect], state, rows, TopicPartition(settings.topics.full(LOG), 0), 1)
        finally:
            await committer.stop()

    with pytest.raises(KafkaError):
        asyncio.run(commit())
    assert [row.key for row in flow.read(settings, STATE)] == [BARRIER]
    # At least once, outcomes come first: they come again when the batch does.
    assert len(flow.read(settings, LATEST)) == (delivery == "at-least-once")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    asyncio.run(commit())
    written = [row.key for row in flow.read(settings, STATE)]
    assert written == [BARRIER, BARRIER, *(key.encode() for key in rows)]
