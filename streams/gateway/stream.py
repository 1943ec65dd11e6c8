"""One open stream: writes what its client is told, heart-beats where there is nothing, and never waits for ever."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping

from aiohttp import hdrs, web

from streams.gateway.hub import StreamClient
from streams.gateway.sse import GZIP_HEAD, compress_frames, compress_shared_frame

HEARTBEAT_SECONDS = 15.0
GATHER_SECONDS = 0.02
"""After a write, the events of so long go out together; one that comes after a silence goes at once."""
CHUNK = 64 << 10


class Stream:
    """The response of one client, compressed where the client takes gzip."""

    def __init__(self, request: web.Request, headers: Mapping[str, str]) -> None:
        self._request = request
        self._zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower()
        self._response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream; charset=utf-8",
                # A proxy must neither keep it, nor change it, nor collect it before it passes it on.
                "Cache-Control": "no-store, no-transform",
                "X-Accel-Buffering": "no",
                **({"Content-Encoding": "gzip"} if self._zipped else {}),
                **headers,
            }
        )

    async def open(self) -> web.StreamResponse:
        """Sends the head."""
        await self._response.prepare(self._request)
        if self._zipped:
            await self._response.write(GZIP_HEAD)
        return self._response

    def cut(self) -> None:
        """Ends it at once, whatever waits to be sent."""
        if self._request.transport is not None:
            self._request.transport.abort()

    async def run(self, client: StreamClient, first: Iterator[bytes]) -> None:
        """Tells the client everything until it goes or is dropped. Raises ConnectionError."""
        chunk = bytearray()
        for frame in first:
            chunk += frame
            if len(chunk) >= CHUNK:
                await self._alone(bytes(chunk))
                chunk.clear()
        client.behind = False
        await self._alone(bytes(chunk) + client.reader.beat())
        while not client.dropped:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await client.wake.wait()
            except TimeoutError:
                await self._alone(client.reader.beat())
            else:
                await self._shared(client.take())
                await asyncio.sleep(GATHER_SECONDS)

    async def _alone(self, frames: bytes) -> None:
        await self._response.write(compress_frames(frames) if self._zipped else frames)

    async def _shared(self, frames: Iterable[bytes]) -> None:
        data = b"".join(map(compress_shared_frame, frames) if self._zipped else frames)
        if data:
            await self._response.write(data)
