"""Cuts HTTP connections that send no request, counts them and logs them, before they use up the open files.

Three kinds are cut: one that has not sent a whole request head in time, one that has been idle since its last answer,
and the oldest idle ones where there are too many. aiohttp's own limit (`keepalive_timeout`) neither counts nor tells
the three apart. So a task looks at aiohttp's public list of connections, and a middleware notes which of them have a
request.
"""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from streams.runtime.metrics import CONNECTIONS, CONNECTIONS_CUT

log = structlog.get_logger()
LOOK_SECONDS = 0.5
HEAD_SECONDS = 15.0
"""How long a new connection may take to send its first request head."""
IDLE_SECONDS = 75.0
"""How long a connection may stay after an answer; proxies and browsers keep theirs for 60 s or less."""
MOST_IDLE = 1000
"""Connections without a request; never more than a quarter of the files that the process may open."""
MOST_IDLE_OF_ADDRESS = 100
GATHER_SECONDS = 2.0
"""How long cuts are gathered before the line about them: many connections of one attack are cut within a second."""
LOG_SECONDS = 60.0
SHOWN_ADDRESSES = 3


class ConnectionGuard:
    """Watches the connections of one HTTP server. A proxy may hold more idle ones than another address."""

    def __init__(
        self,
        is_proxy: Callable[[str], bool] = lambda _: False,
        *,
        head_seconds: float = HEAD_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        most_idle: int = MOST_IDLE,
        most_of_address: int = MOST_IDLE_OF_ADDRESS,
    ) -> None:
        self._is_proxy = is_proxy
        self._head_seconds, self._idle_seconds = head_seconds, idle_seconds
        self._most_idle = min(most_idle, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 4)
        self._most_of_address = most_of_address
        self._busy: set[web.RequestHandler] = set()
        self._idle_since: dict[web.RequestHandler, float] = {}
        self._has_asked: set[web.RequestHandler] = set()
        """Connections that have had a request."""
        self._cut: Counter[str] = Counter()
        self._cut_addresses: Counter[str] = Counter()
        self._first_cut = float("inf")
        """When the first connection was cut that is not logged yet."""
        self._last_log = float("-inf")

    def attach(self, runner: web.AppRunner) -> None:
        """Guards the server of a runner that is not set up yet, for as long as its application runs."""

        async def watch(_: web.Application) -> AsyncIterator[None]:
            task = asyncio.create_task(self._watch(runner))
            yield
            task.cancel()

        runner.app.middlewares.insert(0, self._note_request)
        runner.app.cleanup_ctx.append(watch)

    @web.middleware
    async def _note_request(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Notes that the connection has a request, and when it has its answer."""
        connection = request.protocol
        self._busy.add(connection)
        self._has_asked.add(connection)
        try:
            return await handler(request)
        finally:
            self._busy.discard(connection)
            self._idle_since[connection] = time.monotonic()

    async def _watch(self, runner: web.AppRunner) -> None:
        while True:
            if runner.server is not None:
                self.look(runner.server.connections, time.monotonic())
            await asyncio.sleep(LOOK_SECONDS)

    def look(self, connections: Iterable[web.RequestHandler], now: float) -> None:
        """Looks once at the open connections of the server, at this monotonic time (seconds)."""
        there = {each for each in connections if each.transport is not None}
        self._has_asked &= there
        idle = there - self._busy
        self._idle_since = {each: self._idle_since.get(each, now) for each in idle}
        for connection in sorted(idle, key=self._idle_since.__getitem__):
            asked = connection in self._has_asked
            if now - self._idle_since[connection] > (self._idle_seconds if asked else self._head_seconds):
                self._cut_one(connection, "idle" if asked else "no-request")
        self._cut_surplus()
        CONNECTIONS.labels("busy").set(len(there) - len(idle))
        CONNECTIONS.labels("idle").set(len(self._idle_since))
        self._first_cut = min(self._first_cut, now) if self._cut else float("inf")
        if now - self._first_cut >= GATHER_SECONDS and now - self._last_log >= LOG_SECONDS:
            self._last_log = now
            most = dict(self._cut_addresses.most_common(SHOWN_ADDRESSES))
            log.warning("connections_cut", why=dict(self._cut), by=most)
            self._cut.clear()
            self._cut_addresses.clear()

    def _cut_surplus(self) -> None:
        """Cuts the idle connections beyond the limits, those that have been idle for longest first."""
        by_address = Counter(map(find_address, self._idle_since))
        total = len(self._idle_since)
        for connection in list(self._idle_since):
            address = find_address(connection)
            is_many = by_address[address] > self._most_of_address and not self._is_proxy(address)
            if is_many or total > self._most_idle:
                by_address[address] -= 1
                total -= 1
                self._cut_one(connection, "too-many")

    def _cut_one(self, connection: web.RequestHandler, why: str) -> None:
        CONNECTIONS_CUT.labels(why).inc()
        if why != "idle":  # every browser leaves idle connections behind
            self._cut[why] += 1
            self._cut_addresses[find_address(connection)] += 1
        del self._idle_since[connection]
        connection.force_close()


def find_address(connection: web.RequestHandler) -> str:
    """Finds the address at the other end of a connection; empty where it is gone."""
    peer = connection.transport.get_extra_info("peername") if connection.transport is not None else None
    address = parse_address(str(peer[0])) if isinstance(peer, tuple) else None
    return str(address or "")


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Parses an address in any spelling, with or without a port, brackets and zone. None where it is no address.

    An IPv4 address in IPv6 form is the IPv4 address, so that each address counts once.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
