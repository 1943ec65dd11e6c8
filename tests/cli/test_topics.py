"""Tests `newswire topics apply` and `roll`."""

import asyncio

import pytest
from aiokafka import TopicPartition
from support.wait import wait_until

from streams.kafka.admin import create_topics
from streams.kafka.client import open_admin
from streams.kafka.consumer import read_to_end
from streams.kafka.producer import Outbox, open_producer
from streams.kafka.protocol import IncrementalAlterConfigsRequest
from streams.model.topics import DUPLICATES, LATEST, ROLL_KEY, WITHHELD


@pytest.mark.kafka
def test_apply_reports_how_many_changes_it_made(run_on_kafka):
    status, out, err = run_on_kafka("topics", "apply")
    assert (status, err) == (0, f"{len(out.splitlines())} changes made\n")
    assert run_on_kafka("topics", "apply")[2] == ""


SHORT = {
    "segment.ms": "100",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "100",
    "min.cleanable.dirty.ratio": "0.01",
}
URI = b"urn:newswire:testwire:1"


def send(settings, topic, rows):
    async def run():
        async with open_producer(settings.kafka) as sender:
            outbox = Outbox(sender)
            await outbox.send(settings.topics.full(topic), [(key, value, ()) for key, value in rows])
            await outbox.wait_confirmed()

    asyncio.run(run())


def read(settings, topic):
    async def run():
        partition = TopicPartition(settings.topics.full(topic), 0)
        return [(row.key, row.value) async for row in read_to_end(settings.kafka, [partition])]

    return asyncio.run(run())


def shorten(settings, *topics):
    async def run():
        async with open_admin(settings.kafka) as admin:
            await admin._send_request(
                IncrementalAlterConfigsRequest({settings.topics.full(topic): SHORT for topic in topics})
            )

    asyncio.run(run())


@pytest.mark.kafka
def test_a_withdrawn_text_leaves_a_quiet_topic_only_when_it_is_rolled(settings, run_on_kafka):
    asyncio.run(create_topics(settings))
    shorten(settings, LATEST, WITHHELD, DUPLICATES)
    # What is not a topic of items is not rolled: it shows that nothing but the roll closes a segment.
    story = [(URI, b"Salton Tools opens a yard"), (URI, b"canceled")]
    control = DUPLICATES
    asyncio.run(_compact(settings, control))
    for topic in (LATEST, control):
        send(settings, topic, story)

    def roll_and_look():
        assert run_on_kafka("topics", "roll", "--quiet", "1s")[0] == 0
        return [value for key, value in read(settings, LATEST) if key == URI] == [b"canceled"]

    wait_until(roll_and_look, lambda: read(settings, LATEST), seconds=120, every=1)
    assert {key for key, _ in read(settings, LATEST)} == {URI, ROLL_KEY}
    assert read(settings, control) == story
    assert read(settings, WITHHELD) == []


async def _compact(settings, topic):
    async with open_admin(settings.kafka) as admin:
        change = {settings.topics.full(topic): {"cleanup.policy": "compact"}}
        await admin._send_request(IncrementalAlterConfigsRequest(change))


@pytest.mark.kafka
def test_only_a_topic_that_is_quiet_and_not_empty_is_rolled(settings, run_on_kafka):
    asyncio.run(create_topics(settings))
    nothing = (0, "nothing to do: each topic of items is empty or had a record lately\n", "")
    assert run_on_kafka("topics", "roll") == nothing
    send(settings, LATEST, [(URI, b"{}")])
    assert run_on_kafka("topics", "roll") == nothing
    rolled = f"rolled   {settings.topics.full(LATEST)}/0\n"
    wait_until(lambda: run_on_kafka("topics", "roll", "--quiet", "1s")[1] == rolled)
    assert read(settings, LATEST) == [(URI, b"{}"), (ROLL_KEY, None)]


def test_a_quiet_time_that_is_none_is_a_wrong_call(run_newswire):
    status, out, err = run_newswire("topics", "roll", "--quiet", "long")
    assert (status, out) == (2, "")
    assert "'long' is no time back from now such as 90m, 6h or 2d" in err
