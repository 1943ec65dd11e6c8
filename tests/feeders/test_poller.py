"""Tests the pollers: feeds from a real HTTP server on localhost, and folders, into a list in place of Kafka."""

import asyncio
import contextlib
import json
import os
import socket
from types import SimpleNamespace

import pytest
from aiohttp import ThreadedResolver, web
from aiohttp.test_utils import TestServer
from aiokafka.errors import KafkaConnectionError

from streams.feeders import http, poller, watch_folder
from streams.feeders.checkpoint import CheckpointFile, FeedCheckpoint
from streams.feeders.settings import FeedRow, FolderRow
from streams.model.topics import MAX_RAW_BYTES


def rss(*items):
    inside = "".join(f"<item><guid>{id_}</guid><title>{title}</title></item>" for id_, title in reversed(items))
    return f"<rss version='2.0'><channel><title>Norvale wire</title>{inside}</channel></rss>".encode()


class FeedServer:
    """A server that answers what it is told to, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.answers = {}

    async def answer(self, request):
        self.asked.append(request)
        given = self.answers[request.path]
        if callable(given):
            given = given(request)
        status, body, headers = given
        return web.Response(status=status, body=body, headers=headers)


def run_with_server(tmp_path, play, send=None, path="/feed", **options):
    """Runs `play(feed, wire, sent, state)`; `feed()` is a new feed on what the state file says."""
    sent = []

    async def collect(records):
        sent.extend(records)

    async def go():
        wire, app = FeedServer(), web.Application()
        app.router.add_get("/{path:.*}", wire.answer)
        async with TestServer(app) as server, http.open_client("wires@norvale.example") as client:
            state = CheckpointFile(str(tmp_path / "state.json"))
            with contextlib.closing(state):

                def feed():
                    row = FeedRow(**{"url": str(server.make_url(path)), "source": "norvale", **options})
                    return poller.FeedPoller("wire", row, state, client, send or collect)

                await play(feed, SimpleNamespace(wire=wire, url=server.make_url), sent, state)

    asyncio.run(go())


def titles(sent):
    return [record.value.decode().split("<title>")[2].split("<")[0] for record in sent]


def test_an_entry_is_sent_once_and_again_when_it_changed(tmp_path):
    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = (200, rss(("a", "One"), ("b", "Two")), {})
        one = feed()
        await one.poll()
        await one.poll()
        assert titles(sent) == ["One", "Two"]
        server.wire.answers["/feed"] = (200, rss(("a", "One"), ("b", "Two, corrected"), ("c", "Three")), {})
        await one.poll()
        assert titles(sent) == ["One", "Two", "Two, corrected", "Three"]
        assert dict(sent[0].headers) == {
            "source": b"norvale",
            "content-type": b"application/xml; charset=utf-8",
            "received-at": dict(sent[0].headers)["received-at"],
            "origin": str(server.url("/feed")).encode(),
            "guid": b"a",
        }
        assert sent[0].key == b"norvale"

    run_with_server(tmp_path, play)


def test_the_next_poll_is_conditional_and_names_the_user_agent(tmp_path):
    def answer(request):
        if request.headers.get("If-None-Match") == '"1"':
            return 304, b"", {}
        return 200, rss(("a", "One")), {"ETag": '"1"', "Last-Modified": "Mon, 02 Mar 2026 12:00:00 GMT"}

    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = answer
        await feed().poll()
        await feed().poll()
        first, second = server.wire.asked
        assert "If-None-Match" not in first.headers
        assert second.headers["If-Modified-Since"] == "Mon, 02 Mar 2026 12:00:00 GMT"
        assert first.headers["User-Agent"].startswith("newswire-streams/")
        assert first.headers["User-Agent"].endswith("(+wires@norvale.example)")
        assert titles(sent) == ["One"]

    run_with_server(tmp_path, play)


def test_after_a_restart_nothing_is_sent_twice_and_nothing_is_left_out(tmp_path):
    async def before(feed, server, sent, state):
        server.wire.answers["/feed"] = (200, rss(("a", "One")), {})
        await feed().poll()

    async def after(feed, server, sent, state):
        server.wire.answers["/feed"] = (200, rss(("a", "One"), ("b", "Two")), {})
        await feed().poll()
        assert titles(sent) == ["Two"]

    run_with_server(tmp_path, before)
    run_with_server(tmp_path, after)


def test_the_checkpoint_moves_only_when_kafka_has_confirmed(tmp_path):
    broken, sent = [True], []

    async def send(records):
        if broken:
            raise KafkaConnectionError
        sent.extend(records)

    async def play(feed, server, _, state):
        server.wire.answers["/feed"] = (200, rss(("a", "One")), {"ETag": '"1"'})
        with pytest.raises(KafkaConnectionError):
            await feed().poll()
        assert "wire" not in state.checkpoints.feeds
        broken.clear()
        await feed().poll()
        assert titles(sent) == ["One"]

    run_with_server(tmp_path, play, send)


def test_a_permanent_redirect_is_remembered_and_a_temporary_one_is_not(tmp_path):
    async def play(feed, server, sent, state):
        server.wire.answers |= {
            "/feed": (301, b"", {"Location": "/new"}),
            "/new": (302, b"", {"Location": "/today"}),
            "/today": (200, rss(("a", "One")), {}),
        }
        await feed().poll()
        assert state.checkpoints.feeds["wire"].url == str(server.url("/new"))
        await feed().poll()
        assert [request.path for request in server.wire.asked] == ["/feed", "/new", "/today", "/new", "/today"]
        assert titles(sent) == ["One"]

    run_with_server(tmp_path, play)


@pytest.mark.parametrize(
    ("answer", "message", "asked"),
    [
        ((503, b"", {"Retry-After": "120"}), "503", 120),
        ((429, b"", {"Retry-After": "7"}), "429", 7),
        ((404, b"", {}), "404", 0),
        ((302, b"", {"Location": "/feed"}), "more than 5 redirects", 0),
        ((302, b"", {"Location": "file:///etc/passwd"}), "no web address", 0),
        ((200, b"<html><body>We are mending the site</body></html>", {"Content-Type": "text/html"}), "no RSS", 0),
    ],
)
def test_an_answer_that_is_no_feed_is_an_error_and_nothing_is_sent(tmp_path, answer, message, asked):
    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = answer
        with pytest.raises(http.FetchError, match=message) as why:
            await feed().poll()
        assert why.value.retry_after == asked
        assert sent == []

    run_with_server(tmp_path, play)


INSIDE = [
    "http://localhost:{port}/in",
    "http://[::1]:{port}/in",
]
INSIDE += ["http://10.1.2.3/in", "http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://0.0.0.0:{port}/in"]
INSIDE += ["http://[::ffff:127.0.0.1]:{port}/in", "http://127.0.0.1:1/in"]


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("address", INSIDE)
def test_a_feed_may_not_lead_into_the_own_network_and_such_a_move_is_not_remembered(tmp_path, status, address):
    async def play(feed, server, sent, state):
        inside = address.format(port=server.url("/").port)
        server.wire.answers["/feed"] = (status, b"", {"Location": inside})
        server.wire.answers["/in"] = (200, rss(("a", "Secret")), {})
        with pytest.raises(http.OwnNetworkError, match="set `private = true` of this feed if it may"):
            await feed().poll()
        assert [request.path for request in server.wire.asked] == ["/feed"]
        assert (sent, state.checkpoints.feeds) == ([], {})

    run_with_server(tmp_path, play)


def test_a_private_feed_may_lead_into_the_own_network(tmp_path):
    async def play(feed, server, sent, state):
        inside = f"http://localhost:{server.url('/').port}/in"
        server.wire.answers["/feed"] = (301, b"", {"Location": inside})
        server.wire.answers["/in"] = (200, rss(("a", "One")), {})
        await feed().poll()
        assert (titles(sent), state.checkpoints.feeds["wire"].url) == (["One"], inside)

    run_with_server(tmp_path, play, private=True)


def test_a_name_is_checked_by_the_address_that_dns_gives_for_the_connection(tmp_path, monkeypatch):
    async def resolve(self, host, port=0, family=socket.AF_INET):
        row = {"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}
        return [{**row, "host": "10.0.0.1"}, row]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)

    async def play(feed, server, sent, state):
        with pytest.raises(http.OwnNetworkError, match=r"feeds\.example:7/feed leads into the own network \("):
            await feed().poll()

    run_with_server(tmp_path, play, url="http://feeds.example:7/feed")


def test_a_move_into_the_own_network_that_an_older_version_remembered_is_forgotten(tmp_path):
    async def play(feed, server, sent, state):
        configured = str(server.url("/feed"))
        server.wire.answers["/feed"] = (200, rss(("a", "One")), {})
        state.save_feed("wire", FeedCheckpoint(url="http://127.0.0.1:1/in", configured=configured))
        with pytest.raises(http.OwnNetworkError):
            await feed().poll()
        await feed().poll()
        assert titles(sent) == ["One"]

    run_with_server(tmp_path, play)


def test_a_feed_that_unpacks_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(http, "MAX_FEED_BYTES", 1 << 20)
    import gzip

    async def play(feed, server, sent, state):
        bomb = gzip.compress(b" " * (64 << 20))
        server.wire.answers["/feed"] = (200, bomb, {"Content-Encoding": "gzip"})
        with pytest.raises(http.FetchError, match="more than 1048576 bytes"):
            await feed().poll()

    run_with_server(tmp_path, play)


def test_entries_that_share_an_id_are_sent_once_each_and_the_id_names_none_even_when_it_stands_alone_later(tmp_path):
    async def play(feed, server, sent, state):
        for entries in ([("x", "One")], [("x", "One"), ("x", "Two")], [("x", "Two")], [("x", "Three")]):
            server.wire.answers["/feed"] = (200, rss(*entries), {})
            await feed().poll()
            await feed().poll()
        ids = [(dict(record.headers).get("guid"), dict(record.headers).get("shared-id")) for record in sent]
        assert titles(sent) == ["One", "One", "Two", "Three"]
        assert ids == [(b"x", None), *[(None, b"guid,link")] * 3]

    run_with_server(tmp_path, play)


def test_an_entry_over_the_limit_is_sent_as_a_stub(tmp_path):
    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = (200, rss(("a", "x" * (MAX_RAW_BYTES + 1))), {})
        await feed().poll()
        (record,) = sent
        assert int(dict(record.headers)["too-large"]) > MAX_RAW_BYTES
        assert set(json.loads(record.value)["too-large"]) == {"size", "sha256", "head"}

    run_with_server(tmp_path, play)


def test_one_bad_feed_does_not_stop_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(poller.backoff, "compute_delay", lambda *_: 0.01)

    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = (500, b"", {})
        bad, good = feed(), feed()
        good.name = "other"
        calls = []

        async def explode():
            calls.append(1)
            raise ZeroDivisionError

        async def poll():
            await asyncio.sleep(0)
            calls.append(2)
            return 0.0

        bad.poll, good.poll = explode, poll
        tasks = [asyncio.ensure_future(poller.run_poller(one)) for one in (bad, good)]
        while calls.count(1) < 3 or calls.count(2) < 3:
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    run_with_server(tmp_path, play)


@pytest.mark.parametrize("name", ["ETag", "Last-Modified", "Content-Type"])
def test_a_header_that_is_no_utf_8_costs_nothing(tmp_path, name):
    head = {"ETag": "1", "Last-Modified": "2", "Content-Type": "application/xml"} | {name: "application/xml\udcff"}

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        body = rss(("a", "One"))
        fields = "".join(f"{key}: {value}\r\n" for key, value in head.items())
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n".encode())
        writer.write(fields.encode("utf-8", "surrogateescape") + b"\r\n" + body)
        await writer.drain()
        writer.close()

    async def play(_feed, _server, sent, state):
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/feed"

        async def collect(records):
            sent.extend(records)

        async with server, http.open_client("") as client:
            one = poller.FeedPoller("odd", FeedRow(url=url, source="norvale"), state, client, collect)
            await one.poll()
            await one.poll()
        assert titles(sent) == ["One"]
        assert set(state.checkpoints.feeds) == {"odd"}

    run_with_server(tmp_path, play)
    assert set(json.loads((tmp_path / "state.json").read_bytes())["feeds"]) == {"odd"}


def test_an_id_beyond_measure_is_sent_once_as_its_digest(tmp_path):
    async def play(feed, server, sent, state):
        server.wire.answers["/feed"] = (200, rss(("g" * 5_000_000, "One"), ("b", "Two")), {})
        one = feed()
        await one.poll()
        await one.poll()
        assert [len(dict(record.headers)["guid"]) for record in sent] == [64, 1]
        assert len(state.checkpoints.feeds["wire"].seen) == 2

    run_with_server(tmp_path, play)


def test_a_file_that_cannot_be_read_costs_itself_alone(tmp_path, monkeypatch):
    sent = []

    async def send(records):
        sent.extend(record.value for record in records)

    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(b"PK\x03\x04 no zip")
    (folder / "b.xml").write_bytes(b"<b/>")
    (folder / os.fsdecode(b"c\xff.xml")).write_bytes(b"<c/>")
    (folder / "d.xml").write_bytes(b"<d/>")
    (folder / "e.xml").write_bytes(b"<e/>")
    real = watch_folder._hash_file
    monkeypatch.setattr(
        watch_folder, "_hash_file", lambda path: real("/" if path.endswith("d.xml") else path)
    )  # the superuser of a container may read every file

    async def poll():
        state = CheckpointFile(str(tmp_path / "state.json"))
        with contextlib.closing(state):
            one = poller.FolderPoller("drop", FolderRow(path=str(folder)), state, send)
            for _ in range(3):
                await one.poll()

    asyncio.run(poll())
    assert sent == [b"<b/>", b"<c/>", b"<e/>"]
    asyncio.run(poll())
    assert len(sent) == 3


def test_a_folder_is_read_once_and_its_checkpoint_survives_a_restart(tmp_path):
    sent = []

    async def send(records):
        sent.extend(records)

    async def poll(count):
        state = CheckpointFile(str(tmp_path / "state.json"))
        with contextlib.closing(state):
            one = poller.FolderPoller("drop", FolderRow(path=str(tmp_path / "in")), state, send)
            for _ in range(count):
                await one.poll()

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xml").write_bytes(b"<a/>")
    (tmp_path / "in" / "b.jsonl").write_bytes(b'{"title":"1"}\n{"title":"2"}\n')
    asyncio.run(poll(3))
    assert [record.value for record in sent] == [b"<a/>", b'{"title":"1"}', b'{"title":"2"}']
    assert sent[0].key == b"drop"
    assert dict(sent[0].headers)["origin"] == str(tmp_path / "in" / "a.xml").encode()
    asyncio.run(poll(3))
    assert len(sent) == 3
    (tmp_path / "in" / "c.xml").write_bytes(b"<c/>")
    asyncio.run(poll(2))
    assert [record.value for record in sent[3:]] == [b"<c/>"]
