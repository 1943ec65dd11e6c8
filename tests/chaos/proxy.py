"""A TCP proxy on 127.0.0.1 that can cut, refuse, silence and slow its connections. It runs in a thread of its own."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Self

HOST = "127.0.0.1"
CHUNK = 16 * 1024


class Proxy:
    """Forwards connections from `port` to another port of this machine, with the faults that are switched on."""

    def __init__(self) -> None:
        self.to_port = 0
        """Target port. Set it before the first connection comes."""
        self.connections = 0
        self.port = 0
        self._refusing = False
        self._delay = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Resets every connection."""
        self._loop.call_soon_threadsafe(self._abort_all)

    def refuse(self, refusing: bool) -> None:
        """Starts or stops refusing: existing and new connections are reset."""
        self._refusing = refusing
        if refusing:
            self.cut()

    def silence(self, silent: bool) -> None:
        """Starts or stops silence: no data passes and no connection is closed, as with an unplugged cable."""
        self._loop.call_soon_threadsafe(self._flowing.clear if silent else self._flowing.set)

    def slow(self, seconds: float) -> None:
        """Delays each piece of up to 16 KiB, in both directions of each connection; 0 ends the delay."""
        self._delay = seconds

    def _run(self, work: Coroutine[object, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._flowing.set()
        self._server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        self._flowing.set()
        self._abort_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _abort_all(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            if not self._refusing:
                await self._flowing.wait()
                await self._forward(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self.to_port)
        self._open.add(far_writer)
        directions = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)  # when one direction ends, both do
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            self._open.discard(far_writer)
            far_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(CHUNK):
            await self._flowing.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(piece)
            await writer.drain()
