"""Writes each record of each topic of a broker as a JSON line, in the order of topic, partition and offset.

`traceparent` and record timestamps are left out: they differ from run to run.
"""

import base64
import sys

import orjson
from confluent_kafka import Consumer, TopicPartition


def text(value: bytes | None) -> str | None:
    """Bytes as text, or as base64 where they are not UTF-8."""
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value or b"").decode()


def main(address: str) -> None:
    """Reads to the end of each partition as it stands now, with committed records only."""
    consumer = Consumer(
        {"bootstrap.servers": address, "group.id": "dump", "enable.partition.eof": True, "fetch.wait.max.ms": 20}
    )
    topics = consumer.list_topics().topics
    for name in sorted(topic for topic in topics if not topic.startswith("__")):
        for partition in sorted(topics[name].partitions):
            consumer.assign([TopicPartition(name, partition, 0)])
            while (record := consumer.poll(30)) is not None and record.error() is None:
                headers = {key: text(value) for key, value in record.headers() or [] if key != "traceparent"}
                line = {"topic": name, "key": text(record.key()), "headers": headers, "value": text(record.value())}
                sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    consumer.close()


main(sys.argv[1])
