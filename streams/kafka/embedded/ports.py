"""Finds ports of this machine that no program has."""

import socket
from contextlib import ExitStack

from streams.kafka.embedded.home import BrokerError
from streams.kafka.embedded.properties import HOST

DEFAULT = 9092


def require_free(port: int) -> None:
    """Raises `BrokerError` where another program has a port."""
    if not is_free(port):
        raise BrokerError(f"port {port} is taken by another program: choose another with --port")


def is_free(port: int) -> bool:
    """Tells whether no program has a port."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Java's
        try:
            listener.bind((HOST, port))
        except OSError:
            return False
        return True


def find_free(count: int) -> tuple[int, ...]:
    """Finds so many ports that no program has, each another."""
    with ExitStack() as open_until_all_are_found:
        listeners = [open_until_all_are_found.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind((HOST, 0))
        return tuple(listener.getsockname()[1] for listener in listeners)
