"""Waits for Kafka at the start of a process, and meanwhile answers HTTP as alive and not ready.

Only a broker that cannot be reached is waited for. Errors that waiting does not end are raised.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from streams.model.errors import Unreachable
from streams.runtime.health import Health, listen, serve
from streams.runtime.metrics import READY

log = structlog.get_logger()
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 2.0
LOG_SECONDS = 30.0
"""How often a process that waits logs that it does."""


async def serve_until_ready(stages: Sequence[str], host: str, port: int, check: Callable[[], Awaitable[None]]) -> bool:
    """Waits for Kafka in a parent, before it starts its processes. Returns False where a signal ended the wait.

    Answers on the ports of those processes, one for each stage, from `port` on.
    """
    health = Health()
    health.waits_for = "waiting for Kafka"
    servers = []
    for number, stage in enumerate(stages):
        READY.labels(stage).set(0)
        servers.append(await serve(health, listen(host, port + number)))
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
    """Calls `check` until it no longer raises `Unreachable`.

    Raises every other error of `check`: `WorkFailed` for a wrong password, a missing right, a missing topic.
    """
    seconds, last_log = FIRST_RETRY_SECONDS, float("-inf")
    while True:
        try:
            await check()
        except Unreachable as error:
            if health is not None:
                health.waits_for = f"waiting for Kafka: {error}"
            if time.monotonic() - last_log >= LOG_SECONDS:
                last_log = time.monotonic()
                log.warning("waiting_for_kafka", error=str(error))
            await asyncio.sleep(seconds)
            seconds = min(seconds * 2, LONGEST_RETRY_SECONDS)
        else:
            if health is not None and health.waits_for:
                health.waits_for = ""
                log.info("kafka_answers")
            return
