"""Tests that a feeder whose broker is away keeps what it could not send, and ends on SIGTERM."""

import os
import signal
import subprocess
import sys
import time

import pytest
from support import flow
from support.wait import wait_until

from streams.config.loader import load
from streams.kafka.embedded import broker
from streams.kafka.embedded.ports import find_free

pytestmark = pytest.mark.kafka


def test_a_feeder_without_its_broker_ends_on_sigterm_and_sends_the_rest_after_a_restart(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    config, said = tmp_path / "feeders.toml", tmp_path / "log"
    config.write_text(f"http_port = 26167\n[folders.drop]\npath = '{tmp_path / 'in'}'\nseconds = 1\n")
    command = [sys.executable, "-m", "streams", "feed", "--config", str(config)]

    def start_feeder(address: str, log) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "NEWSWIRE_KAFKA": address}
        return subprocess.Popen(command, env=environ, stderr=log, cwd=tmp_path)

    with said.open("wb") as log:
        with broker.start(tmp_path / "kafka", *find_free(1)) as kafka:
            settings = load(environ={"NEWSWIRE_KAFKA": kafka.address})
            assert flow.newswire(settings, "topics", "apply").returncode == 0
            running = start_feeder(kafka.address, log)
            try:
                wait_until(lambda: b"feeding" in said.read_bytes(), said.read_text)
                kafka.kill()
                (tmp_path / "in" / "1.xml").write_bytes(b"<one/>")
                # By then the file was usually seen twice, so it is complete and on its way. The test holds without it.
                time.sleep(4)
                running.send_signal(signal.SIGTERM)
                assert running.wait(60) == 0
            finally:
                running.kill()
                running.wait()
        with broker.start(tmp_path / "kafka") as kafka:
            running = start_feeder(kafka.address, log)
            try:
                settings = load(environ={"NEWSWIRE_KAFKA": kafka.address})
                wait_until(lambda: flow.read(settings, "raw"), said.read_text)
                assert [row.value for row in flow.read(settings, "raw")] == [b"<one/>"]
            finally:
                running.kill()
                running.wait()
