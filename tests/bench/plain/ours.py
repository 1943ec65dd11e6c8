"""Runs the plain job in place of the fold, with our worker and store: `ours.py RUN INPUT DELIVERY memory|disk`."""

import sys
import tempfile
import time
from pathlib import Path

from streams.worker import faust_process

faust_process.use_uvloop()

from aiokafka import TopicPartition  # noqa: E402 - the loop first
from common import BATCH_RECORDS, BROKER, enrich, loads, output_topic  # noqa: E402

from streams.config.loader import load  # noqa: E402
from streams.decide.state_store import MemoryStore, StoreMeta, WriteSet  # noqa: E402
from streams.kafka.producer import make_producer, send_in_transaction  # noqa: E402
from streams.worker.app import make_app  # noqa: E402
from streams.worker.batch_transport import make_batch_topic  # noqa: E402
from streams.worker.rocksdb_store import DiskStore  # noqa: E402

run, source, delivery, kept = sys.argv[1:5]
settings = load(environ={"NEWSWIRE_KAFKA": BROKER, "NEWSWIRE_WORKER__BATCH_RECORDS": str(BATCH_RECORDS)})
app = make_app(settings, run)
changelog = f"{run}.changelog"
store = MemoryStore() if kept == "memory" else DiskStore(Path(tempfile.gettempdir()) / run / "state", run)


@app.agent(make_batch_topic(app, source))
async def dedupe(stream):
    sender, beside = make_producer(settings.kafka, transactional_id=run), None
    await sender.start()
    if delivery == "at-least-once":  # as worker/committer.py does it
        beside = make_producer(settings.kafka)
        await beside.start()
    async for event in stream.noack().events():
        try:
            now = int(time.time() * 1000)
            stamp = str(now).encode()
            sent: dict[str, list] = {}
            changes: list = []
            fresh: dict[str, bytes] = {}
            for record in event.value:
                item = loads(record.value)
                guid = item["guid"]
                if guid in fresh or store.get(guid) is not None:
                    continue
                fresh[guid] = stamp
                key = guid.encode()
                sent.setdefault(output_topic(run, item["category"]), []).append((key, enrich(item, now), ()))
                changes.append((key, stamp, ()))
            offset = {TopicPartition(source, 0): event.message.offset + 1}
            await send_in_transaction(sender, {changelog: changes}, offset, run, sent, beside)
            store.write(WriteSet(rows=fresh, expiring={}, finished=(), meta=StoreMeta()))
            await stream.ack(event)
        except Exception as error:
            await app.crash(error)
            return


faust_process.run_app(app)
