"""Holds the ticker view and the clients that listen to it, and sends each change to every client.

All of it runs on one event loop without a lock: nothing awaits between two steps.

A client has a bounded buffer. A client that does not read is dropped when its buffer is full. It comes back with the id
of the last event that it has seen, so it loses nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from streams.gateway.filters import Filter
from streams.gateway.metrics import SLOW_CLIENTS
from streams.gateway.other_wires import OtherWires
from streams.gateway.sse import EventEncoder, encode_state
from streams.gateway.ticker_view import TickerView, ViewChange

MAX_WAITING = 1000
"""Changes that may wait for one client."""


class StreamClient:
    """Buffers the changes for one open stream."""

    def __init__(self, encoder: EventEncoder, address: str, drop: Callable[[], None]) -> None:
        self.encoder = encoder
        self.address = address
        self.is_catching_up = True
        """True until the client has the rows from before it came; no change may overtake those."""
        self.wake = asyncio.Event()
        self._drop = drop
        self._waiting: deque[ViewChange] = deque()
        self._notice = b""
        self.dropped = False

    def put(self, change: ViewChange) -> None:
        """Adds a change to the buffer, or drops the client where the buffer is full."""
        is_idle = not self.is_catching_up and not self._waiting
        if is_idle and change.effect_for(self.encoder.wanted) is None:
            self.encoder.skip(change)
        elif len(self._waiting) >= MAX_WAITING:
            self.close()
        else:
            self._waiting.append(change)
            self.wake.set()

    def take(self) -> list[bytes]:
        """Empties the buffer and returns its changes as events."""
        changes, self._waiting = self._waiting, deque()
        events = list(self.encoder.encode_changes(changes))
        if self._notice:
            events.insert(0, self._notice)
            self._notice = b""
        self.wake.clear()
        return events

    def notify(self, notice: bytes) -> None:
        """Sends an event that is no change of the view; of several that wait, the last one counts."""
        self._notice = notice
        self.wake.set()

    def close(self) -> None:
        """Cuts the connection."""
        self.dropped = True
        self._waiting.clear()
        self._drop()


class Hub:
    """Holds what the server shows: the ticker view, once it is full, the other wires, and the open streams."""

    def __init__(self) -> None:
        self.view: TickerView | None = None
        self.other_wires = OtherWires()
        self.clients: set[StreamClient] = set()
        self._problem = ""

    def open(self, view: TickerView) -> None:
        """Shows a new view, and cuts the clients of the last one: they resume on the new one."""
        self.view = view
        for client in list(self.clients):
            client.close()
        self.clients.clear()

    def count_clients(self, address: str) -> int:
        """Counts the streams that an address holds."""
        return sum(client.address == address for client in self.clients)

    def tell_problem(self, problem: str) -> None:
        """Tells all clients when the gateway begins or ceases to get no news; empty: all is well."""
        if problem != self._problem:
            self._problem = problem
            for client in self.clients:
                client.notify(encode_state(problem))

    def publish(self, change: ViewChange) -> None:
        """Sends a change of the view to every client."""
        for client in list(self.clients):
            client.put(change)
            if client.dropped:
                SLOW_CLIENTS.inc()
                self.clients.discard(client)

    def join(
        self, wanted: Filter, limit: int, seen: Mapping[int, int] | None, address: str, drop: Callable[[], None]
    ) -> tuple[StreamClient, Iterator[bytes]]:
        """Adds a client. Returns it with its first events: what it missed since `seen`, else a fresh snapshot."""
        assert self.view is not None
        encoder = EventEncoder(wanted, seen or {})
        missed = None if seen is None else self.view.changes_since(seen)
        if missed is None:
            rows = self.view.newest_of_each(wanted, limit)
            first = iter(encoder.encode_snapshot(rows, self.view.head, "start" if seen is None else "too-old"))
        else:
            first = encoder.encode_changes(missed)
        client = StreamClient(encoder, address, drop)
        if self._problem:
            client.notify(encode_state(self._problem))
        self.clients.add(client)
        return client, first
