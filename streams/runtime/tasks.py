"""Ends tasks of asyncio."""

import asyncio
from typing import Any

AGAIN_SECONDS = 1.0
"""A library may swallow a cancellation; so long afterwards comes the next one."""


async def cancel(*tasks: asyncio.Future[Any]) -> None:
    """Cancels tasks, again and again, and returns when all have ended. Their errors are not raised."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        ended, left = await asyncio.wait(left, timeout=AGAIN_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # else Python reports it as never looked at
