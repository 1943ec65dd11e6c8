"""Runs the plain job with bare aiokafka and record batches: `bare.py RUN INPUT exactly-once|at-least-once`."""

import asyncio
import sys
import time

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from common import BATCH_BYTES, BATCH_RECORDS, BROKER, FETCH_BYTES, LINGER_MS, enrich, loads, output_topic


async def main(run: str, source: str, delivery: str) -> None:
    exactly_once = delivery == "exactly-once"
    partition = TopicPartition(source, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=BROKER,
        group_id=run,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    producer = AIOKafkaProducer(
        bootstrap_servers=BROKER,
        transactional_id=run if exactly_once else None,
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
        compression_type="zstd",
        retry_backoff_ms=5,
    )
    await producer.start()
    await consumer.start()
    consumer.assign([partition])
    seen: dict[str, int] = {}
    changelog, committed = f"{run}.changelog", time.monotonic()
    while True:
        fetched = await consumer.getmany(timeout_ms=200, max_records=BATCH_RECORDS)
        for records in fetched.values():
            now = int(time.time() * 1000)
            stamp = str(now).encode()
            if exactly_once:
                await producer.begin_transaction()
            batches, sent = {}, []
            for record in records:
                item = loads(record.value)
                guid = item["guid"]
                if guid in seen:
                    continue
                seen[guid] = now
                key, topic = guid.encode(), output_topic(run, item["category"])
                for name, value in ((topic, enrich(item, now)), (changelog, stamp)):
                    batch = batches.get(name)
                    if batch is None:
                        batch = batches[name] = producer.create_batch()
                    if batch.append(key=key, value=value, timestamp=None) is None:
                        batch.close()
                        sent.append(await producer.send_batch(batch, name, partition=0))
                        batch = batches[name] = producer.create_batch()
                        batch.append(key=key, value=value, timestamp=None)
            for name, batch in batches.items():
                batch.close()
                sent.append(await producer.send_batch(batch, name, partition=0))
            await asyncio.gather(*sent)
            offsets = {partition: records[-1].offset + 1}
            if exactly_once:
                await producer.send_offsets_to_transaction(offsets, run)
                await producer.commit_transaction()
            elif time.monotonic() - committed > 1:
                await consumer.commit(offsets)
                committed = time.monotonic()


uvloop.run(main(*sys.argv[1:4]))
