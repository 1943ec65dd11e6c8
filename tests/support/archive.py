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
from streams.model.topics import DECISIONS, DUPLICATES, LATEST


class FollowedArchive:
    """A `newswire archive` process that may be killed and started again."""

    def __init__(self, settings: Settings, folder: Path, log_file: Path) -> None:
        self._settings, self.folder, self._log = settings, folder, log_file
        self.start()

    def start(self) -> None:
        environment = {**flow.environment(self._settings), "NEWSWIRE_ARCHIVE__FLUSH_SECONDS": "1"}
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                self.build_command(),
                env=environment,
                stdout=output,
                stderr=output,
            )

    def build_command(self) -> list[str]:
        return [sys.executable, "-m", "streams", "archive", str(self.folder)]

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


class Snapshot:
    """What topics hold: the newest value of each key, and the decisions in their order."""

    def __init__(self, settings: Settings, topics: Collection[str]) -> None:
        rows = flow.read_all(settings, (*topics, DECISIONS))
        self.decisions = [row.value or b"" for row in rows.pop(DECISIONS)]
        self.newest: dict[str, dict[bytes, bytes]] = {}
        for topic, found in rows.items():
            newest = {row.key or b"": row.value for row in found}
            self.newest[topic] = {key: value for key, value in newest.items() if value is not None}


def assert_same(before: Snapshot, after: Snapshot, purged: Collection[str]) -> None:
    """Asserts that a restored system equals the one that was archived.

    Of a purged story the suppressed copies are gone, and its decisions, and those that name it, have less evidence.
    """
    keys = {uri.encode() for uri in purged}
    for topic, newest in before.newest.items():
        gone = keys if topic == DUPLICATES else set()
        wanted = {key: value for key, value in newest.items() if key not in gone}
        assert after.newest[topic].keys() == wanted.keys(), (topic, after.newest[topic].keys() ^ wanted.keys())
        assert after.newest[topic] == wanted, topic
    assert tell_sequence(after.decisions) == tell_sequence(before.decisions)
    for one, other in zip(before.decisions, after.decisions, strict=True):
        assert one == other or any(uri in one for uri in keys), (one, other)


def wait_complete(settings: Settings, folder: Path) -> None:
    """Waits until the archive has every decision."""
    end = len(flow.read(settings, DECISIONS))

    def complete() -> bool:
        head = json.loads((folder / "archive.json").read_bytes())
        return bool(head["next"].get(f"{settings.topics.full(DECISIONS)}/0", 0) >= end)

    wait_until(complete, seconds=120)


def list_live(settings: Settings) -> list[str]:
    """Lists the stories that readers see."""
    rows = {row.key: row.value or b"" for row in flow.read(settings, LATEST)}
    return [(key or b"").decode() for key, value in rows.items() if b'"pubStatus":"usable"' in value]


def tell_sequence(values: Collection[bytes]) -> list[tuple[object, ...]]:
    """Returns what was decided, without the evidence."""
    rows = [json.loads(value) for value in values]
    return [(row["log_offset"], row["fate"], row["uri"], row["version"], row["topics"], row["left"]) for row in rows]
