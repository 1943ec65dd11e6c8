"""Tests `newswire feed --config` as a process, with a real HTTP server, a watched folder and a real broker."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from support.wait import wait_until

from streams.feeders.checkpoint import Checkpoints
from streams.kafka import admin, client
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import open_live_consumer, read_newest
from streams.model.topics import RAW

pytestmark = pytest.mark.kafka
ITEM = "<item><guid>{0}</guid><title>{0}</title></item>"


@pytest.fixture
def served():
    """The feed's address, its items, and the paths of the requests that it got."""
    items, requests = ["a", "b"], []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            body = f"<rss><channel>{''.join(map(ITEM.format, items))}</channel></rss>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", items, requests
    server.shutdown()
    server.server_close()
    thread.join()


def read_raw(settings):
    async def read():
        async with client.open_admin(settings.kafka) as admin:
            partitions = await require_partitions(admin, [settings.topics.full(RAW)])
        async with open_live_consumer(settings.kafka) as consumer:
            return await read_newest(consumer, partitions, 1000)

    found = [dict(record.headers) for record in asyncio.run(read())]
    return sorted((one["source"].decode(), (one.get("guid") or one["origin"][-5:]).decode()) for one in found)


def read_checkpoint(file):
    """Reads what the checkpoint file says was sent, in the form of `read_raw`."""
    known = msgspec.json.decode(file.read_bytes(), type=Checkpoints) if file.exists() else Checkpoints()
    entries = [(name, id_) for name, feed in known.feeds.items() for id_ in feed.seen]
    return sorted(entries + [(name, path[-5:]) for name, files in known.folders.items() for path in files])


def wait_for_raw(settings, wanted):
    wait_until(lambda: read_raw(settings) == wanted, lambda: read_raw(settings), every=0.5)


def test_each_item_is_in_the_raw_topic_once_after_a_kill_and_a_restart(settings, tmp_path, served):
    asyncio.run(admin.create_topics(settings))
    url, items, requests = served
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.xml").write_bytes(b"<one/>")
    config = tmp_path / "feeders.toml"
    config.write_text(
        f"http_port = 26166\n[feeds.norvale]\nurl = '{url}'\nseconds = 1\n"
        f"[folders.drop]\npath = '{tmp_path / 'in'}'\nseconds = 1\n"
    )
    environ = {
        **os.environ,
        "NEWSWIRE_KAFKA": settings.kafka.brokers,
        "NEWSWIRE_TOPICS__PREFIX": settings.topics.prefix,
    }
    command = [sys.executable, "-m", "streams", "feed", "--config", str(config)]
    first = [("drop", "1.xml"), ("norvale", "a"), ("norvale", "b")]
    with (tmp_path / "log").open("wb") as said:
        running = subprocess.Popen(command, env=environ, stderr=said, cwd=tmp_path)
        try:
            wait_for_raw(settings, first)
            # The checkpoint is saved after the broker's confirmation.
            wait_until(lambda: read_checkpoint(tmp_path / "feeders.state.json") == first)
        finally:
            running.kill()
            running.wait()
        items.append("c")
        (tmp_path / "in" / "2.xml").write_bytes(b"<two/>")
        running = subprocess.Popen(command, env=environ, stderr=said, cwd=tmp_path)
        try:
            wait_for_raw(settings, sorted([*first, ("drop", "2.xml"), ("norvale", "c")]))
            before = len(requests)
            wait_until(lambda: len(requests) >= before + 3)  # it has polled again, and has sent what it found
            assert len(read_raw(settings)) == 5
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
        finally:
            running.kill()
            running.wait()
    assert b"Traceback" not in (tmp_path / "log").read_bytes()
