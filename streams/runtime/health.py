"""GET /healthz, /readyz and /metrics of a worker process."""

import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

STALLED_SECONDS = 30.0
GIVE_UP_SECONDS = 90.0
"""A worker without progress for so long, while there is something to do, leaves: its supervisor starts it afresh."""


class Health:
    """Whether this process is ready: assigned, recovered, and making progress while there is something to do."""

    def __init__(self) -> None:
        self.assigned = False
        self.recovered = False
        self.lag = 0
        self.waits_for = ""
        """What must come before it can begin; empty where nothing."""
        self._progress = time.monotonic()

    def progressed(self) -> None:
        """A batch was committed, or the work began."""
        self._progress = time.monotonic()

    def measured(self, lag: int) -> None:
        """So many records are to be read. With none there is no progress to make: the clock begins with the first."""
        self.lag = lag
        if lag == 0:
            self.progressed()

    def is_stuck(self) -> bool:
        """Not mended by waiting."""
        return self.stalled_seconds() > GIVE_UP_SECONDS

    def stalled_seconds(self) -> float:
        """How long nothing was done although there is something to do; 0 where there is nothing."""
        return time.monotonic() - self._progress if self.recovered and self.lag > 0 else 0.0

    def problem(self) -> str:
        """Why it is not ready; empty where it is."""
        if self.waits_for:
            return self.waits_for
        if not self.assigned:
            return "waiting for the group to assign partitions"
        if not self.recovered:
            return "recovering its state"
        if self.lag and time.monotonic() - self._progress > STALLED_SECONDS:
            return f"no progress for {STALLED_SECONDS:.0f} s with {self.lag} records to read"
        return ""


async def serve(health: Health, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Starts the server on the first free port from `port` on; returns it and the port."""
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
    await runner.setup()
    for candidate in range(port, min(port + 100, 65536)):
        try:
            await web.TCPSite(runner, host, candidate).start()
        except OSError:
            continue
        return runner, candidate
    await runner.cleanup()
    raise OSError(f"no free port for HTTP between {port} and {port + 99} on {host}: choose another with --http")
