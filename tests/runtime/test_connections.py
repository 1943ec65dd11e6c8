"""Connections without a request are cut and counted, over real sockets; the time is given, not waited for."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from streams.runtime.connections import (
    GATHER_SECONDS,
    HEAD_SECONDS,
    IDLE_SECONDS,
    LOG_SECONDS,
    ConnectionGuard,
    parse_address,
)

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Guarded:
    """A guarded server; `/` answers at once, `/slow` when `answer` is set."""

    def __init__(self, guard: ConnectionGuard) -> None:
        self.guard = guard
        self.answer = asyncio.Event()
        app = web.Application(middlewares=[guard._note_request])
        app.router.add_get("/", self._answer)
        app.router.add_get("/slow", self._answer_late)
        self.runner = web.AppRunner(app, access_log=None)
        self.writers: list[asyncio.StreamWriter] = []

    async def _answer(self, _: web.Request) -> web.Response:
        return web.Response(text="here")

    async def _answer_late(self, _: web.Request) -> web.Response:
        await self.answer.wait()
        return web.Response(text="late")

    async def connect(self, sent: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        before = len(self.server.connections)
        reader, writer = await asyncio.open_connection(*self.runner.addresses[0][:2])
        self.writers.append(writer)
        while len(self.server.connections) == before:
            await asyncio.sleep(0.001)
        if sent:
            writer.write(sent)
        return reader, writer

    @property
    def server(self) -> web.Server:
        assert self.runner.server is not None
        return self.runner.server

    def look(self, later: float = 0.0) -> None:
        self.guard.look(self.server.connections, time.monotonic() + later)


def run_guarded(act: Callable[[Guarded], Awaitable[Any]], **options: Any) -> Any:
    async def run() -> Any:
        guarded = Guarded(ConnectionGuard(**options))
        await guarded.runner.setup()
        try:
            await web.TCPSite(guarded.runner, "127.0.0.1", 0).start()
            return await act(guarded)
        finally:
            guarded.answer.set()
            for writer in guarded.writers:
                writer.close()
            await guarded.runner.cleanup()

    return asyncio.run(run())


def count_cut(why: str) -> float:
    return REGISTRY.get_sample_value("newswire_http_connections_cut_total", {"why": why}) or 0.0


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"])
def test_a_connection_without_a_whole_request_head_is_cut_after_its_time(sent: bytes) -> None:
    async def act(guarded: Guarded) -> float:
        reader, _ = await guarded.connect(sent)
        before = count_cut("no-request")
        guarded.look()
        guarded.look(HEAD_SECONDS - 1)
        assert count_cut("no-request") == before
        guarded.look(HEAD_SECONDS + 1)
        with contextlib.suppress(ConnectionResetError):  # where the server had not read what came last
            assert await reader.read() == b""
        return count_cut("no-request") - before

    assert run_guarded(act) == 1


def test_a_connection_that_had_its_answer_may_stay_for_longer_and_is_then_cut_without_a_word() -> None:
    async def act(guarded: Guarded) -> list[float]:
        reader, _ = await guarded.connect(GET)
        assert b"here" in await reader.readuntil(b"here")
        before, found = count_cut("idle"), []
        for later in (0.0, HEAD_SECONDS + 1, IDLE_SECONDS + 1):
            guarded.look(later)
            found.append(count_cut("idle") - before)
        await reader.read()
        return found

    with capture_logs() as lines:
        assert run_guarded(act) == [0, 0, 1]
    assert lines == []


def test_a_request_that_takes_long_is_not_cut() -> None:
    async def act(guarded: Guarded) -> bytes:
        reader, _ = await guarded.connect(GET.replace(b"/ ", b"/slow ", 1))
        while not guarded.guard._busy:
            await asyncio.sleep(0.001)
        guarded.look(1000.0)
        guarded.answer.set()
        return await reader.readuntil(b"late")

    assert run_guarded(act).startswith(b"HTTP/1.1 200 OK")


def test_500_idle_connections_of_an_address_leave_room_for_readers_and_are_one_line_in_the_log() -> None:
    async def act(guarded: Guarded) -> bytes:
        for _ in range(500):
            await guarded.connect()
        guarded.look()
        reader, _ = await guarded.connect(GET)
        answer = await reader.readuntil(b"here")
        await guarded.connect()
        guarded.look(GATHER_SECONDS)
        await guarded.connect()
        guarded.look(LOG_SECONDS / 2)  # too early for a second line
        return answer

    before = count_cut("too-many")
    with capture_logs() as lines:
        assert run_guarded(act, head_seconds=1000.0, most_of_address=100).startswith(b"HTTP/1.1 200 OK")
    assert count_cut("too-many") - before == 403
    cut = {"why": {"too-many": 402}, "by": {"127.0.0.1": 402}}
    assert lines == [{"event": "connections_cut", "log_level": "warning", **cut}]


def test_a_proxy_may_hold_more_idle_connections_up_to_the_limit_of_all() -> None:
    async def act(guarded: Guarded) -> float:
        for _ in range(12):
            await guarded.connect()
        before = count_cut("too-many")
        guarded.look()
        return count_cut("too-many") - before

    assert run_guarded(act, is_proxy=lambda _: True, most_of_address=2, most_idle=9) == 3
    assert run_guarded(act, is_proxy=lambda _: True, most_of_address=2, most_idle=12) == 0


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:80 ", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8:0:0:0:0:0:1]:80", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::FFFF:192.0.2.1", "192.0.2.1"),
        ("0:0:0:0:0:ffff:c000:201", "192.0.2.1"),
        ("unknown", "None"),
        ("192.0.2.1.example", "None"),
        ("", "None"),
    ],
)
def test_an_address_has_one_spelling(text: str, address: str) -> None:
    assert str(parse_address(text)) == address
