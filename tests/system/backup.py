"""Plays the loss of the whole Kafka and its return from a backup: `make drill-backup`, as deploy/OPERATIONS.md says.

The backup is a copy of the folder of the stopped broker, and an export of what came in after it. The broker is killed
and its folder deleted. Then the copy is put back, the worker starts with its old state folder, which knows more than
the copy has, and the export is fed. At the end the stories must be those of before the loss, and neither
`newswire audit` nor `newswire state rebuild` may find a difference.
"""

import json
import shutil
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import flow
from support.mixed_items import mixed_items
from support.processes import free_ports
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.embedded import broker
from streams.model.topics import CATEGORIES, LATEST

ITEMS = 300
IN_COPY = 200


def read_stories(settings: Settings) -> dict[str, dict[bytes, object]]:
    """Reads the newest record of each story of each public topic, without the times and positions of this Kafka."""
    tables: dict[str, dict[bytes, object]] = {}
    for topic, rows in flow.read_all(settings, (LATEST, *CATEGORIES)).items():
        newest = {row.key or b"": row.value for row in rows}
        tables[topic] = {uri: json.loads(value) for uri, value in newest.items() if value is not None}
    return tables


def run(settings: Settings, *words: str) -> str:
    """Runs a command, which must succeed."""
    done = flow.newswire(settings, *words)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@contextmanager
def run_worker(settings: Settings, folder: Path) -> Iterator[flow.Worker]:
    """Runs a worker with the one state folder of this drill."""
    with flow.run_worker(settings, folder, "--state", str(folder / "state"), "--http", str(free_ports(3))) as worker:
        yield worker


def say(begun: float, text: str) -> None:
    """Prints a step with its time."""
    print(f"{time.monotonic() - begun:5.0f} s  {text}", flush=True)


def play(folder: Path) -> None:
    """Plays the drill in a folder."""
    begun, kafka, copy, export = time.monotonic(), folder / "kafka", folder / "kafka.tar", folder / "later.jsonl.zst"
    items = list(mixed_items(ITEMS, seed=4))
    with broker.start(kafka, free_ports(1)) as running:
        port = int(running.address.rpartition(":")[2])
        settings = load(environ={"NEWSWIRE_KAFKA": running.address, "NEWSWIRE_WORKER__SESSION_SECONDS": "2"})
        one = msgspec.structs.replace(settings.topics, raw_partitions=1)
        settings = msgspec.structs.replace(settings, topics=one)
        run(settings, "topics", "apply")
        with run_worker(settings, folder):
            flow.send(settings, items[:IN_COPY])
            flow.wait_decided(settings, IN_COPY)
    with tarfile.open(copy, "w") as archive:
        archive.add(kafka, "kafka")
    copied = datetime.now(UTC).isoformat(timespec="milliseconds")
    say(begun, f"{IN_COPY} items decided, Kafka stopped, its folder copied: {copy.stat().st_size >> 20} MiB")

    running = broker.start(kafka, port)
    with run_worker(settings, folder):
        flow.send(settings, items[IN_COPY:])
        flow.wait_decided(settings, ITEMS)
        run(settings, "export", str(export), "--from", copied)
        before = read_stories(settings)
    running.kill()
    shutil.rmtree(kafka)
    say(begun, f"{ITEMS - IN_COPY} more items decided and exported; Kafka is killed, its folder is gone")

    with tarfile.open(copy) as archive:
        archive.extractall(folder, filter="data")
    with broker.start(kafka, port):
        wait_until(lambda: flow.newswire(settings, "topics", "plan").returncode == 0)
        with run_worker(settings, folder) as worker:
            run(settings, "feed", str(export))
            flow.wait_decided(settings, ITEMS)
            after = read_stories(settings)
            wait_until(lambda: flow.newswire(settings, "audit").returncode == 0)
            told = "state_discarded" in worker.read_log()
        flow.wait_until_group_is_empty(settings, DECIDE_GROUP)
        same = run(settings, "state", "rebuild", "--yes")
    different = {topic for topic in before if before[topic] != after[topic]}
    assert not different, f"other stories in {sorted(different)}"
    assert told, "the worker did not discard a state that is ahead of the restored topics"
    assert "0 written, 0 removed" in same, same
    stories = len(before[LATEST])
    say(begun, f"the copy is back, the export is fed: {stories} stories as before, audit and state are right")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="newswire-backup-") as place:
        play(Path(place))
