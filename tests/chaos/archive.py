"""Archives twenty days, deletes every topic and restores them, with kill -9 at random moments of both.

`python tests/chaos/archive.py --items 5000 --kills 8`

Generated items of the last twenty days are sent with the time stamps of their days, and decided by a worker. Meanwhile
`newswire archive` is killed and started again. An editor kills two stories, one of them for good. Then the topics are
deleted and made again, and `newswire replay --archive --into rebuild` is killed and resumed. In the end the newest
record of each key must have the same bytes as before, and `news.decisions` must be the same sequence. Stories that the
archive purged must be withdrawn in the same bytes; their decisions are compared without evidence.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import orjson
from confluent_kafka import Producer

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import archive, flow
from support.produce import produce

from streams.archive import follow
from streams.archive.files import list_days, require_head
from streams.archive.intake import Intake
from streams.archive.store import FolderStore
from streams.config.loader import load
from streams.config.settings import Settings
from streams.generate import stream
from streams.generate.calendar import to_milliseconds
from streams.kafka.consumer import ConsumedRecord
from streams.kafka.embedded import broker
from streams.kafka.embedded.ports import find_free
from streams.model.records import Decision
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DECISIONS, DUPLICATES, LATEST, RAW, WITHHELD

DAYS = 20
PARTS = 6
"""The items are sent in so many parts, with a pause after each."""
FOLLOW = "--follow"
TOPICS = (LATEST, *CATEGORIES, DUPLICATES, WITHHELD, DEAD_LETTERS)


class DatedIntake(Intake):
    """Gives decisions, log and withdrawals the day of the raw record: the broker stamped them all today."""

    _day = 0

    def take(self, record: ConsumedRecord) -> None:
        name = record.topic.partition(".")[2]
        if name == DECISIONS:
            origin = msgspec.json.decode(record.value or b"", type=Decision).origin
            self._day = max(self._day, origin.timestamp if origin is not None else 0)
        if name != RAW and self._day:
            record = replace(record, timestamp=self._day)
        super().take(record)


def follow_dated(arguments: list[str]) -> None:
    """Is `newswire archive`, with `DatedIntake`."""
    from streams.cli.main import main as call

    follow.Intake = DatedIntake
    call(["archive", *arguments])


class Follower(archive.FollowedArchive):
    """A process that runs `follow_dated`."""

    def build_command(self) -> list[str]:
        return [sys.executable, __file__, FOLLOW, str(self.folder)]


def send_items(settings: Settings, items: int, seed: int, rng: random.Random, follower: Follower, kills: int) -> None:
    """Sends the items of the days, and kills the archive at random moments."""
    start = datetime.now(UTC) - timedelta(days=DAYS)
    producer = Producer({"bootstrap.servers": settings.kafka.brokers, "enable.idempotence": True})
    made = list(stream(seed, items, start, rate=items / (DAYS * 86_400)))
    for part in range(PARTS):
        for item in made[part * items // PARTS : (part + 1) * items // PARTS]:
            stamp = to_milliseconds(datetime.fromisoformat(item.headers["received-at"]))
            headers = list(item.headers.items())
            key = item.headers.get("source", "").encode()
            produce(producer, settings.topics.full(RAW), item.body, key, headers=headers, timestamp=stamp)
        assert producer.flush(120) == 0
        for _ in range(kills // PARTS + (part < kills % PARTS)):
            time.sleep(rng.uniform(0.2, 4))
            follower.kill()
            follower.start()


def run(settings: Settings, folder: Path, *, items: int, kills: int, seed: int) -> dict[str, object]:
    """Runs everything; returns the report. Raises AssertionError where something differs."""
    rng, files = random.Random(seed), folder / "archive"
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    flow.set_topic(settings, RAW, "message.timestamp.type", "CreateTime")
    with flow.run_worker(settings, folder), Follower(settings, files, folder / "archive.log") as follower:
        send_items(settings, items, seed, rng, follower, kills)
        flow.wait_decided(settings, items, 1800)
        for uri, final in zip(archive.list_live(settings), (("--final",), ()), strict=False):
            done = flow.newswire(settings, "desk", "kill", uri, "--why", "a test", *final, "--yes")
            assert done.returncode == 0, done.stderr
        flow.wait_decided(settings, items)
        follower.kill()
        follower.start()
        archive.wait_complete(settings, files)
    store = FolderStore(files)
    done = subprocess.run(
        [sys.executable, __file__, FOLLOW, str(files), "--once"],
        env=flow.environment(settings),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    archive.verify(settings, files)
    before = archive.Snapshot(settings, TOPICS)
    head, _ = require_head(store)
    purged = {uri for uri, each in head.withdrawn.items() if each.purged}
    archive.delete_topics(settings)
    began = time.monotonic()
    rebuilt = archive.restore(settings, files, "rebuild", kills=kills, rng=rng)
    seconds = time.monotonic() - began
    after = archive.Snapshot(rebuilt, TOPICS)
    archive.assert_same(before, after, purged)
    return {
        "items": items,
        "days": len(list_days(head)),
        "files": sum(1 for _ in store.list()),
        "bytes": sum(path.stat().st_size for path in files.rglob("*") if path.is_file()),
        "decisions": len(before.decisions),
        "purged stories": len(purged),
        "kills of the archive": kills + 2,
        "kills of the restore": kills,
        "seconds of the restore, with its kills": round(seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    (port,) = find_free(1)
    with (
        tempfile.TemporaryDirectory(prefix="newswire-archive-") as name,
        broker.start(Path(name) / "kafka", port) as running,
    ):
        settings = load(environ={"NEWSWIRE_KAFKA": running.address, "NEWSWIRE_TOPICS__PREFIX": "news"})
        report = run(settings, Path(name), items=given.items, kills=given.kills, seed=given.seed)
    print(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    if sys.argv[1:2] == [FOLLOW]:
        follow_dated(sys.argv[2:])
    main()
