"""A feeder whose broker went away keeps what it could not send, and ends when it is told to."""

import os
import signal
import subprocess
import sys
import time

import pytest
from support import flow
from support.until import until

from streams.config import load
from streams.kafka import broker

pytestmark = pytest.mark.kafka


def test_a_feeder_that_waits_for_its_broker_ends_on_sigterm_and_sends_later_what_it_could_not(tmp_path) -> None:
    (tmp_path / "in").mkdir()
    config, said = tmp_path / "feeders.toml", tmp_path / "log"
    config.write_text(f"http_port = 26167\n[folders.drop]\npath = '{tmp_path / 'in'}'\nseconds = 1\n")
    command = [sys.executable, "-m", "streams", "feed", "--config", str(config)]

    def feeding(address: str, log) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "NEWSWIRE_KAFKA": address}
        return subprocess.Popen(command, env=environ, stderr=log, cwd=tmp_path)

    with said.open("wb") as log:
        with broker.start(tmp_path / "kafka") as kafka:
            settings = load(environ={"NEWSWIRE_KAFKA": kafka.address})
            assert flow.newswire(settings, "topics", "apply").returncode == 0
            running = feeding(kafka.address, log)
            try:
                until(lambda: b"feeding" in said.read_bytes(), said.read_text)
                kafka.kill()
                (tmp_path / "in" / "1.xml").write_bytes(b"<one/>")
                time.sleep(
                    4
                )  # seen twice, so that it is whole, and on its way: if not yet, the rest holds all the same
                running.send_signal(signal.SIGTERM)
                assert running.wait(60) == 0
            finally:
                running.kill()
                running.wait()
        with broker.start(tmp_path / "kafka") as kafka:
            running = feeding(kafka.address, log)
            try:
                settings = load(environ={"NEWSWIRE_KAFKA": kafka.address})
                until(lambda: flow.read(settings, "raw"), said.read_text)
                assert [row.value for row in flow.read(settings, "raw")] == [b"<one/>"]
            finally:
                running.kill()
                running.wait()
