"""Runs `newswire archive` and kills it, deletes the topics, and compares what a replay of the archive brings back."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

from confluent_kafka.admin import AdminClient
from support import flow, replay_comparison
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import CATEGORIES, DECISIONS, DUPLICATES, LATEST

KEYED = (LATEST, *CATEGORIES)
Newest = dict[str, dict[bytes, bytes | None]]


class FollowedArchive:
    """A `newswire archive` process that may be killed and started again."""

    def __init__(self, settings: Settings, folder: Path, log_file: Path) -> None:
        self._settings, self._folder, self._log = settings, folder, log_file
        self.start()

    def start(self) -> None:
        environment = {**flow.environment(self._settings), "NEWSWIRE_ARCHIVE__FLUSH_SECONDS": "1"}
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", "archive", str(self._folder)],
                env=environment,
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "FollowedArchive":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def write_rest(settings: Settings, folder: Path) -> None:
    """Writes what the topics have and the archive has not."""
    done = flow.newswire(settings, "archive", str(folder), "--once")
    assert done.returncode == 0, done.stderr


def verify(settings: Settings, folder: Path) -> str:
    done = flow.newswire(settings, "archive", "verify", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.decode()


def delete_topics(settings: Settings) -> None:
    """Deletes every topic of the prefix, and makes them again, empty."""
    admin = AdminClient({"bootstrap.servers": settings.kafka.brokers})
    mine = [name for name in admin.list_topics(timeout=10).topics if name.startswith(f"{settings.topics.prefix}.")]
    for done in admin.delete_topics(mine).values():
        done.result()
    wait_until(lambda: not set(mine) & set(admin.list_topics(timeout=10).topics))
    assert flow.newswire(settings, "topics", "apply").returncode == 0


def restore(settings: Settings, folder: Path, prefix: str, *, kills: int, rng: random.Random) -> Settings:
    """Replays the archive into new topics; kills the replay at random moments and resumes it."""
    command = ["replay", "--archive", str(folder), "--from", "2020-01-01T00:00:00Z", "--into", prefix]
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "streams", *command],
            env=flow.environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith(("replay r", "go on with")), said + process.stderr.read()
        time.sleep(rng.uniform(0, 3))
        process.kill()
        process.communicate()
        job = said.split()[1].rstrip(":")
        command = ["replay", "--resume", job]
    done = flow.newswire(settings, *command)
    assert done.returncode == 0, done.stderr
    return replay_comparison.with_prefix(settings, prefix)


def read_newest(settings: Settings) -> Newest:
    """Reads the newest record of each key of each topic that is compacted; a tombstone is as no record."""
    found: Newest = {}
    for topic, rows in flow.read_all(settings, (*KEYED, DUPLICATES)).items():
        newest = {row.key or b"": row.value for row in rows}
        found[topic] = {key: value for key, value in newest.items() if value is not None}
    return found


def read_decision_values(settings: Settings) -> list[bytes]:
    return [row.value or b"" for row in flow.read(settings, DECISIONS)]


def tell_sequence(values: Collection[bytes]) -> list[tuple[object, ...]]:
    """Returns what was decided, without the evidence."""
    rows = [json.loads(value) for value in values]
    return [(row["log_offset"], row["fate"], row["uri"], row["version"], row["topics"], row["left"]) for row in rows]
