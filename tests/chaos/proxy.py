"""A TCP proxy on 127.0.0.1 that can cut, refuse, silence and slow its connections. It runs in a thread of its own."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Collection, Coroutine
from typing import Self

HOST = "127.0.0.1"
CHUNK = 16 * 1024
LOOK_SECONDS = 0.02
CLIENT = 0
"""The source of a connection that no node of Kafka opened. That of others is the number of their node."""
CLIENTS = frozenset({CLIENT})


class Proxy:
    """Forwards connections from `port` to another port of this machine, with the faults that are switched on.

    Each fault holds for connections from some sources, which `find_source` finds by the two ports of a connection. A
    fault that is switched on twice lasts until it was switched off twice.
    """

    def __init__(self, find_source: Callable[[int, int], int] = lambda *_: CLIENT) -> None:
        self.to_port = 0
        """Target port. Set it before the first connection comes."""
        self.connections = 0
        """Connections of clients so far."""
        self.port = 0
        self._find_source = find_source
        self._refusing: Counter[int] = Counter()
        self._silent: Counter[int] = Counter()
        self._delay = 0.0
        self._open: dict[asyncio.StreamWriter, int] = {}
        self._loop = asyncio.new_event_loop()
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

    def cut(self, sources: Collection[int] = CLIENTS) -> None:
        """Resets every connection."""
        self._loop.call_soon_threadsafe(self._abort, sources)

    def refuse(self, refusing: bool, sources: Collection[int] = CLIENTS) -> None:
        """Starts or stops refusing: existing and new connections are reset."""
        self._switch(self._refusing, refusing, sources)
        if refusing:
            self.cut(sources)

    def silence(self, silent: bool, sources: Collection[int] = CLIENTS) -> None:
        """Starts or stops silence: no data passes and no connection is closed, as with an unplugged cable."""
        self._switch(self._silent, silent, sources)

    def slow(self, seconds: float) -> None:
        """Delays each piece of up to 16 KiB, in both directions of each connection of a client; 0 ends the delay."""
        self._delay = seconds

    def _switch(self, fault: "Counter[int]", on: bool, sources: Collection[int]) -> None:
        fault.update(dict.fromkeys(sources, 1 if on else -1))

    def _run(self, work: Coroutine[object, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        self._silent.clear()
        self._abort(set(self._open.values()))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _abort(self, sources: Collection[int]) -> None:
        for writer, source in self._open.items():
            if source in sources:
                writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = CLIENT
        self._open[writer] = source
        try:
            source = self._open[writer] = await asyncio.to_thread(
                self._find_source, writer.get_extra_info("peername")[1], self.port
            )
            self.connections += source == CLIENT
            if not self._refusing[source]:
                await self._wait_for_end_of_silence(source)
                await self._forward(reader, writer, source)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: int) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self.to_port)
        self._open[far_writer] = source
        directions = [
            asyncio.create_task(self._pump(reader, far_writer, source)),
            asyncio.create_task(self._pump(far_reader, writer, source)),
        ]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)  # when one direction ends, both do
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            self._open.pop(far_writer, None)
            far_writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: int) -> None:
        while piece := await reader.read(CHUNK):
            await self._wait_for_end_of_silence(source)
            if self._delay and source == CLIENT:
                await asyncio.sleep(self._delay)
            writer.write(piece)
            await writer.drain()

    async def _wait_for_end_of_silence(self, source: int) -> None:
        while self._silent[source] > 0:
            await asyncio.sleep(LOOK_SECONDS)
