"""Serves /healthz, /readyz and /metrics of a worker process, and decides whether the process is ready or stuck."""

import contextlib
import socket
import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.runtime.connections import ConnectionGuard

STALLED_SECONDS = 30.0
AFTERMATH_SECONDS = 30.0
"""How long after Kafka's return its errors count as those of its absence: transactions that it ended meanwhile."""
GIVE_UP_SECONDS = 90.0
"""A worker that makes no progress for so long, while it has records to read, ends; its supervisor restarts it."""


class Health:
    """Knows whether a process is ready: it has partitions, has recovered, and makes progress while it has a lag."""

    def __init__(self) -> None:
        self.assigned = False
        self.recovered = False
        self.lag = 0
        self.waits_for = ""
        """What must happen before the process can begin; empty where nothing."""
        self._progress = time.monotonic()
        self._gone_since: float | None = None
        self._missing: tuple[str, ...] = ()
        self._seen_missing: tuple[str, ...] = ()
        self._back_at = float("-inf")

    def note_broker(self, *, answers: bool) -> float | None:
        """Notes whether Kafka answered just now. Returns how long it had been away where it is back, else None.

        While Kafka is away, no time counts as time without progress.
        """
        if not answers:
            self._gone_since = time.monotonic() if self._gone_since is None else self._gone_since
            return None
        since, self._gone_since = self._gone_since, None
        if since is None:
            return None
        self._back_at = time.monotonic()
        self.mark_progress()
        return time.monotonic() - since

    def note_missing_topics(self, missing: tuple[str, ...]) -> bool:
        """Notes which topics of this process Kafka does not have. Returns whether that changed.

        It counts when two looks in a row agree: a broker that starts may not know all of its topics yet.
        """
        before, self._seen_missing = self._seen_missing, missing
        if missing == self._missing or missing != before:
            return False
        self._missing = missing
        return True

    @property
    def broker_is_gone(self) -> bool:
        """Whether Kafka does not answer."""
        return self._gone_since is not None

    @property
    def broker_was_away(self) -> bool:
        """Whether Kafka does not answer, or came back so lately that errors may still come from its absence."""
        return self.broker_is_gone or time.monotonic() - self._back_at < AFTERMATH_SECONDS

    def mark_progress(self) -> None:
        """Notes that a batch was committed, or that the work began."""
        self._progress = time.monotonic()

    def update_lag(self, lag: int) -> None:
        """Notes how many records are to be read. Without any, the time without progress does not count."""
        self.lag = lag
        if lag == 0:
            self.mark_progress()

    def is_stuck(self) -> bool:
        """Whether the process has made no progress for so long that only a restart helps."""
        return self.stalled_seconds() > GIVE_UP_SECONDS

    def stalled_seconds(self) -> float:
        """How long there was no progress although there are records to read; 0 where there are none."""
        counts = self.recovered and self.lag > 0 and not self.broker_is_gone
        return time.monotonic() - self._progress if counts else 0.0

    def problem(self) -> str:
        """Says why the process is not ready; empty where it is."""
        if self.waits_for:
            return self.waits_for
        if self._gone_since is not None:
            return f"no answer of Kafka for {time.monotonic() - self._gone_since:.0f} s"
        if self._missing:
            return f"topic {', '.join(self._missing)} is gone: call `newswire topics apply`"
        if not self.assigned:
            return "waiting for the group to assign partitions"
        if not self.recovered:
            return "recovering its state"
        if self.lag and time.monotonic() - self._progress > STALLED_SECONDS:
            return f"no progress for {STALLED_SECONDS:.0f} s with {self.lag} records to read"
        return ""


def listen(host: str, port: int) -> socket.socket:
    """Listens at the first free port from `port` on. Raises OSError where none of a hundred is free."""
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + 100, 65536)):
        with contextlib.suppress(OSError):
            return socket.create_server((host, candidate), family=family, backlog=128)
    raise OSError(f"no free port for HTTP between {port} and {port + 99} on {host}: choose another with --http")


def name_client(group: str, listener: socket.socket) -> str:
    """Builds the client id of a member of a group, which tells the HTTP address to `newswire status`."""
    host, port = listener.getsockname()[:2]
    return f"{group}@{host}:{port}"


async def serve(health: Health, listener: socket.socket) -> web.AppRunner:
    """Starts the HTTP server."""
    app = web.Application()

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        problem = health.problem()
        return web.Response(text=f"{problem or 'ready'}\n", status=503 if problem else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    ConnectionGuard().attach(runner)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    return runner
