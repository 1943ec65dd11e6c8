"""`newswire feed --config` as its users run it: a process, a real HTTP server, a watched folder, the real broker."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest
from support.until import until

from streams.commands import topics
from streams.feeders.positions import Positions
from streams.kafka.admin import require
from streams.shell import client
from streams.shell.newest import newest, reader
from streams.topics import RAW

pytestmark = pytest.mark.kafka
ITEM = "<item><guid>{0}</guid><title>{0}</title></item>"


@pytest.fixture
def served():
    """The feed's address, its items, and the times it was asked for them."""
    items, asked = ["a", "b"], []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
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
    yield f"http://127.0.0.1:{server.server_port}/", items, asked
    server.shutdown()
    server.server_close()
    thread.join()


def raw(settings):
    async def look():
        async with client.admin(settings.kafka) as admin:
            partitions = await require(admin, [settings.topics.full(RAW)])
        async with client.started(reader(settings.kafka), settings.kafka) as consumer:
            return await newest(consumer, partitions, 1000)

    found = [dict(record.headers) for record in asyncio.run(look())]
    return sorted((one["source"].decode(), (one.get("guid") or one["origin"][-5:]).decode()) for one in found)


def saved(file):
    """What the position says was sent, as `raw` does."""
    known = msgspec.json.decode(file.read_bytes(), type=Positions) if file.exists() else Positions()
    entries = [(name, id_) for name, feed in known.feeds.items() for id_ in feed.seen]
    return sorted(entries + [(name, path[-5:]) for name, files in known.folders.items() for path in files])


def until_raw(settings, wanted):
    until(lambda: raw(settings) == wanted, lambda: raw(settings), every=0.5)


def test_what_comes_is_in_the_raw_topic_once_through_a_kill_and_a_restart(settings, tmp_path, served):
    asyncio.run(topics.make(settings))
    url, items, asked = served
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
            until_raw(settings, first)
            until(lambda: saved(tmp_path / "feeders.state.json") == first)  # after the confirmation
        finally:
            running.kill()
            running.wait()
        items.append("c")
        (tmp_path / "in" / "2.xml").write_bytes(b"<two/>")
        running = subprocess.Popen(command, env=environ, stderr=said, cwd=tmp_path)
        try:
            until_raw(settings, sorted([*first, ("drop", "2.xml"), ("norvale", "c")]))
            before = len(asked)
            until(lambda: len(asked) >= before + 3)  # it has looked again, and has sent what it saw
            assert len(raw(settings)) == 5
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
        finally:
            running.kill()
            running.wait()
    assert b"Traceback" not in (tmp_path / "log").read_bytes()
