"""An archive in a bucket, on a local S3 server (moto): it comes back byte for byte, and a killed story leaves it."""

import importlib.util
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support import archiving
from support.recorded_system import RecordedSystem

from streams.archive.follow import purge_now
from streams.archive.places import open_store
from streams.archive.verify import verify_archive
from streams.kafka.embedded.ports import find_free
from streams.model.topics import DECISIONS, LATEST

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(importlib.util.find_spec("moto") is None, reason="moto is not installed: make test-system"),
]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of an empty place in a bucket."""
    (port,) = find_free(1)
    with (tmp_path / "moto.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", str(port)], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        made = urllib.request.Request(f"{address}/archives", method="PUT")
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(made, timeout=5):
                break
            assert server.poll() is None, (tmp_path / "moto.log").read_text()
            time.sleep(0.1)
        given = {"ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b", "ENDPOINT_URL": address, "ALLOW_HTTP": "true"}
        for name, value in {**given, "REGION": "us-east-1"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield "s3://archives/news"
    finally:
        server.kill()
        server.wait()


def test_an_archive_in_a_bucket_comes_back_and_a_killed_story_leaves_it(bucket: str) -> None:
    system = RecordedSystem()
    system.send(60, seed=13, days=3)
    killed = system.command("kill", system.decisions[0].uri, detail={"final": True}).uri
    store, rng, kills = open_store(bucket), random.Random(1), 0
    while True:
        try:
            archiving.archive(system, archiving.MortalStore(store, rng.randrange(5, 40)), rng)
            break
        except archiving.Killed:
            kills += 1
    assert kills
    assert verify_archive(store).problems == []
    effects = archiving.replay(system, bucket)
    assert archiving.find_newest(effects, LATEST) == system.find_newest(LATEST)
    assert [each.value for each in effects if each.topic == DECISIONS] == [
        row.value for row in system.topics[DECISIONS]
    ]
    assert purge_now(store, frozenset([killed]), 5, system.prepare).raw >= 1
    assert verify_archive(store).problems == []
    assert archiving.find_newest(archiving.replay(system, bucket), LATEST) == system.find_newest(LATEST)
