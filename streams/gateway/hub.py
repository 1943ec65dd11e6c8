"""The board and the clients that listen to it. All on one event loop, no lock: nothing awaits between two steps.

A client has a bounded buffer. One that does not read is dropped when it is full; it comes back with the id of what
it has seen, so nothing is lost to it.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from streams.gateway.filters import Filter
from streams.gateway.metrics import SLOW_CLIENTS
from streams.gateway.other_wires import OtherWires
from streams.gateway.sse import EventEncoder
from streams.gateway.ticker_view import TickerView, ViewChange

MAX_WAITING = 1000
"""Changes that wait for one client."""


class StreamClient:
    """One open stream."""

    def __init__(self, reader: EventEncoder, address: str, drop: Callable[[], None]) -> None:
        self.reader = reader
        self.address = address
        self.behind = True
        """True until it has been told what came before it; no change may overtake that."""
        self.wake = asyncio.Event()
        self._drop = drop
        self._waiting: deque[ViewChange] = deque()
        self.dropped = False

    def put(self, change: ViewChange) -> None:
        """Takes a change, or drops the client when its buffer is full."""
        if not self.behind and not self._waiting and change.concerns(self.reader.wanted) is None:
            self.reader.skip(change)
        elif len(self._waiting) >= MAX_WAITING:
            self.close()
        else:
            self._waiting.append(change)
            self.wake.set()

    def take(self) -> list[bytes]:
        """The events that wait."""
        changes, self._waiting = self._waiting, deque()
        self.wake.clear()
        return list(self.reader.events(changes))

    def close(self) -> None:
        """Cuts the connection."""
        self.dropped = True
        self._waiting.clear()
        self._drop()


class Hub:
    """What the server shows: a board, once it is full, and who listens."""

    def __init__(self) -> None:
        self.board: TickerView | None = None
        self.copies = OtherWires()
        self.clients: set[StreamClient] = set()

    def open(self, board: TickerView) -> None:
        """Shows a board. Clients of the last one are cut: they resume on this one."""
        self.board = board
        for client in list(self.clients):
            client.close()
        self.clients.clear()

    def clients_of(self, address: str) -> int:
        """How many streams an address holds."""
        return sum(client.address == address for client in self.clients)

    def publish(self, change: ViewChange) -> None:
        """Tells everyone of a change of the board."""
        for client in list(self.clients):
            client.put(change)
            if client.dropped:
                SLOW_CLIENTS.inc()
                self.clients.discard(client)

    def join(
        self, wanted: Filter, limit: int, seen: Mapping[int, int] | None, address: str, drop: Callable[[], None]
    ) -> tuple[StreamClient, Iterator[bytes]]:
        """A new client and the events it is told first: what it missed since `seen`, else a fresh snapshot."""
        assert self.board is not None
        reader = EventEncoder(wanted, seen or {})
        missed = None if seen is None else self.board.since(seen)
        if missed is None:
            rows = self.board.newest_of_each(wanted, limit)
            first = iter(reader.snapshot(rows, self.board.head, "start" if seen is None else "too-old"))
        else:
            first = reader.events(missed)
        client = StreamClient(reader, address, drop)
        self.clients.add(client)
        return client, first
