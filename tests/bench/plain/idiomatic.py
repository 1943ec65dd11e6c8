"""Runs the plain job with Faust as its guide recommends: `idiomatic.py RUN INPUT at-least-once`.

Faust's own exactly-once is left out, because it stops after a kill.
"""

import sys
import time

import mode.loop

mode.loop.use("uvloop")

import faust  # noqa: E402 - the loop first
from common import BROKER, LINGER_MS, SECTIONS, output_topic  # noqa: E402

run, source = sys.argv[1:3]
app = faust.App(
    run,
    broker=f"kafka://{BROKER}",
    store="memory://",
    topic_partitions=1,
    topic_replication_factor=1,
    datadir=f"/tmp/{run}",
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
    producer_acks=-1,
    producer_compression_type="zstd",
    producer_linger=LINGER_MS / 1000,
    topic_disable_leader=True,
    worker_redirect_stdouts=False,
    broker_commit_interval=1.0,
)


class News(faust.Record, serializer="json"):
    guid: str
    source: str
    url: str
    category: str
    lang: str
    published_at: int
    title: str
    body: str
    tags: list[str]


class Enriched(News, serializer="json"):
    ingested_at: int = 0
    words: int = 0
    dedupe_key: str = ""
    route: str = ""


outputs = {section: app.topic(output_topic(run, section), key_type=str, value_type=Enriched) for section in SECTIONS}
seen = app.Table("seen", default=None, partitions=1)


@app.agent(app.topic(source, key_type=bytes, value_type=News))
async def dedupe(stream):
    async for item in stream:
        guid = item.guid
        if guid in seen:
            continue
        now = int(time.time() * 1000)
        seen[guid] = now
        fields = item.asdict()
        fields.pop("__faust", None)
        words = item.body.count(" ") + 1
        value = Enriched(**fields, ingested_at=now, words=words, dedupe_key=guid, route=item.category)
        await outputs[item.category].send(key=guid, value=value)


sys.argv = ["idiomatic", "worker", "-l", "info", "--without-web"]
app.main()
