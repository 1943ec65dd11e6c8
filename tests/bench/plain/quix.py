"""Runs the plain job with Quix Streams: `quix.py RUN INPUT exactly-once|at-least-once`.

Its state is RocksDB on disk with a changelog.
"""

import sys
import time

from common import BATCH_BYTES, BROKER, COMMIT_MS, LINGER_MS, SECTIONS, enrich, loads, output_topic
from quixstreams import Application, State

run, source, delivery = sys.argv[1:4]
app = Application(
    broker_address=BROKER,
    consumer_group=run,
    auto_offset_reset="earliest",
    processing_guarantee=delivery,
    state_dir=f"/tmp/{run}",
    producer_extra_config={"compression.type": "zstd", "linger.ms": LINGER_MS, "batch.size": BATCH_BYTES},
    commit_interval=COMMIT_MS / 1000 if delivery == "exactly-once" else 1.0,
    loglevel="WARNING",
)
items = app.dataframe(app.topic(source, value_deserializer="bytes", key_deserializer="bytes"))


def is_new(_: bytes, state: State) -> bool:
    if state.get("seen") is not None:
        return False
    state.set("seen", int(time.time()))
    return True


items = items.filter(is_new, stateful=True).apply(loads)
for section in SECTIONS:
    topic = app.topic(output_topic(run, section), value_serializer="bytes", key_serializer="bytes")
    chosen = items[items.apply(lambda item, section=section: item["category"] == section)]
    chosen.apply(lambda item: enrich(item, int(time.time() * 1000))).to_topic(topic)
app.run()
