"""A start while Kafka is away: waits for it, alive and not ready, and refuses only what waiting cannot mend."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from streams.model.errors import Unreachable
from streams.runtime.health import Health, serve
from streams.runtime.metrics import READY

log = structlog.get_logger()
FIRST_SECONDS, LONGEST_SECONDS = 0.5, 5.0
AGAIN_SECONDS = 30.0
"""So often it says that it still waits."""


async def serve_until_ready(stages: Sequence[str], host: str, port: int, check: Callable[[], Awaitable[None]]) -> bool:
    """Waits where processes are to be: answers on their ports, from `port` on. False where a signal ended it."""
    health = Health()
    health.waits_for = "waiting for Kafka"
    servers = []
    for number, stage in enumerate(stages):
        READY.labels(stage).set(0)
        servers.append((await serve(health, host, port + number))[0])
    waiting = asyncio.ensure_future(wait_for_kafka(check, health))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, waiting.cancel)
    try:
        await waiting
    except asyncio.CancelledError:
        return False
    finally:
        for server in servers:
            await server.cleanup()
    return True


async def wait_for_kafka(check: Callable[[], Awaitable[None]], health: Health | None = None) -> None:
    """Tries until Kafka answers. Raises what else `check` raises: `WorkFailed` for a password, a right, a topic."""
    seconds, said = FIRST_SECONDS, float("-inf")
    while True:
        try:
            await check()
        except Unreachable as error:
            if health is not None:
                health.waits_for = f"waiting for Kafka: {error}"
            if time.monotonic() - said >= AGAIN_SECONDS:
                said = time.monotonic()
                log.warning("waiting_for_kafka", error=str(error))
            await asyncio.sleep(seconds)
            seconds = min(seconds * 2, LONGEST_SECONDS)
        else:
            if health is not None and health.waits_for:
                health.waits_for = ""
                log.info("kafka_answers")
            return
