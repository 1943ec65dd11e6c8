"""Sends generated traffic at a realistic pace and reads its outcomes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from streams.config.settings import Settings
from streams.demo.opening import STEP_SECONDS, build_opening
from streams.demo.score import Scoreboard
from streams.gateway.ticker_row import TickerRow, parse_ticker_row
from streams.generate import GeneratedItem, Mix, stream
from streams.kafka.client import stop_client
from streams.kafka.consumer import follow, make_live_consumer, partition_of, record_value
from streams.kafka.producer import make_raw_producer
from streams.model.records import Decision, RecordRef
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DECISIONS, LATEST, RAW

ITEMS_PER_SECOND = 3.0
"""Items a second in an average minute."""
HEAD_START = timedelta(seconds=60)
"""The first items are this old, so that the demo shows something at once."""
MAX_ITEMS_PER_SECOND = 12.0
BURST_ITEMS = 150
"""How many more items come at each full hour, for which releases are timed, at MAX_ITEMS_PER_SECOND."""
HOUR = 3600
STOP_SECONDS = 3.0
_decode = msgspec.json.Decoder(Decision).decode


async def send_traffic(settings: Settings, seed: int, score: Scoreboard, *, hostile: bool) -> None:
    """Sends the opening and then generated items until cancelled, each when its received time has come.

    Without `hostile` the traffic has no bad inputs: no broken, hostile or test items.
    """
    sender = make_raw_producer(settings.kafka)
    await sender.start()
    topic = settings.topics.full(RAW)
    mix = Mix() if hostile else Mix(bad_inputs=0.0)
    try:
        await _send_opening(sender, topic, score)
        start = datetime.now(UTC).replace(microsecond=0) - HEAD_START
        await asyncio.gather(
            _send_items(sender, topic, stream(seed, None, start, rate=ITEMS_PER_SECOND, mix=mix)),
            _send_bursts(sender, topic, seed, mix),
        )
    finally:
        await stop_client(sender, STOP_SECONDS)


async def _send_opening(sender: AIOKafkaProducer, topic: str, score: Scoreboard) -> None:
    """Sends the items of the opening one after another, and tells of each."""
    now = datetime.now(UTC).replace(microsecond=0)
    steps = build_opening(f"{now:%H%M%S}", now)
    for number, step in enumerate(steps, 1):
        score.tell(f"{number}/{len(steps)}  {step.told}")
        headers = {"source": step.source, "received-at": format_rfc3339(datetime.now(UTC))}
        sent = await sender.send_and_wait(
            topic, key=step.source.encode(), value=step.body, headers=_encode_headers(headers)
        )
        score.expect(RecordRef(sent.topic, sent.partition, sent.offset), step)
        await asyncio.sleep(STEP_SECONDS)
    score.tell("Now the stream: invented news at the pace of real wires.")


def _encode_headers(headers: dict[str, str]) -> list[tuple[str, bytes]]:
    return [(name, value.encode()) for name, value in headers.items()]


async def _send_bursts(sender: AIOKafkaProducer, topic: str, seed: int, mix: Mix) -> None:
    while True:
        hour = (time.time() // HOUR + 1) * HOUR
        await asyncio.sleep(hour - time.time())
        start = datetime.fromtimestamp(hour, UTC)
        await _send_items(sender, topic, stream(seed + int(hour), BURST_ITEMS, start, MAX_ITEMS_PER_SECOND, mix))


async def _send_items(sender: AIOKafkaProducer, topic: str, items: Iterator[GeneratedItem]) -> None:
    for item in items:
        wait = get_due_time(item) - time.time()
        await asyncio.sleep(wait if wait > 0 else 1 / MAX_ITEMS_PER_SECOND)
        headers = {**item.headers, "received-at": format_rfc3339(datetime.now(UTC))}
        await sender.send(
            topic,
            key=headers.get("source", "").encode(),
            value=item.body,
            headers=_encode_headers(headers),
        )


def get_due_time(item: GeneratedItem) -> float:
    """Returns the received time of an item, before which it is not sent, in seconds since 1970."""
    return datetime.fromisoformat(item.headers["received-at"]).timestamp()


async def watch_outcomes(settings: Settings, score: Scoreboard) -> AsyncIterator[TickerRow]:
    """Adds every new decision to the score, and yields every new row of news.latest."""
    consumer = make_live_consumer(settings.kafka)
    await consumer.start()
    try:
        latest, decisions = (TopicPartition(settings.topics.full(name), 0) for name in (LATEST, DECISIONS))
        consumer.assign([latest, decisions])
        await consumer.seek_to_end(latest, decisions)
        async for records in follow(consumer, poll_ms=100):
            for record in records:
                if partition_of(record) == decisions:
                    score.add_decision(_decode(record_value(record)), time.time())
                elif record.value is not None:
                    try:
                        row = parse_ticker_row(record.value, record.headers, settings.source_table)
                    except ValueError:  # not ours
                        continue
                    score.add_row(row)
                    yield row
    finally:
        await stop_client(consumer)
