"""Writes the events of one open stream, and heartbeats where there are none; never waits for ever."""

import asyncio
from collections.abc import Iterable, Iterator

from aiohttp import hdrs, web

from streams.gateway.hub import StreamClient
from streams.gateway.sse import GZIP_HEAD, compress_frames, compress_shared_frame

HEARTBEAT_SECONDS = 15.0
GATHER_SECONDS = 0.02
"""After a write, the events of this time go out together; an event after a silence goes at once."""
CHUNK = 64 << 10


class Stream:
    """Writes the response of one client, compressed where the client takes gzip."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._timer: asyncio.TimerHandle | None = None
        self._zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
        self._response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                # A proxy must neither store, nor change, nor collect the events before it passes them on.
                "Cache-Control": "no-store, no-transform",
                "X-Accel-Buffering": "no",
                **({"Content-Encoding": "gzip"} if self._zipped else {}),
            }
        )

    async def open(self) -> web.StreamResponse:
        """Sends the head of the response."""
        await self._response.prepare(self._request)
        if self._zipped:
            await self._response.write(GZIP_HEAD)
        return self._response

    def abort(self) -> None:
        """Cuts the connection at once, whatever waits to be sent."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def run(self, client: StreamClient, first: Iterator[bytes]) -> None:
        """Sends the first events, then each new one, until the client goes or is dropped. Raises ConnectionError."""
        chunk = bytearray()
        for frame in first:
            chunk += frame
            if len(chunk) >= CHUNK:
                await self._write_own(bytes(chunk))
                chunk.clear()
        client.is_catching_up = False
        await self._write_own(bytes(chunk) + client.encoder.heartbeat())
        self._wake_later(client)
        try:
            while not client.dropped:
                await client.wake.wait()
                if events := client.take():
                    await self._write_shared(events)
                else:
                    await self._write_own(client.encoder.heartbeat())
                await asyncio.sleep(GATHER_SECONDS)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _wake_later(self, client: StreamClient) -> None:
        """Wakes a client that gets nothing, again and again. One timer costs less than one for each event."""
        self._timer = asyncio.get_running_loop().call_later(HEARTBEAT_SECONDS, self._wake, client)

    def _wake(self, client: StreamClient) -> None:
        client.wake.set()
        self._wake_later(client)

    async def _write_own(self, frames: bytes) -> None:
        """Writes frames of this client alone."""
        await self._response.write(compress_frames(frames) if self._zipped else frames)

    async def _write_shared(self, frames: Iterable[bytes]) -> None:
        """Writes frames that other clients get too: each is compressed once for all."""
        data = b"".join(map(compress_shared_frame, frames) if self._zipped else frames)
        if data:
            await self._response.write(data)
