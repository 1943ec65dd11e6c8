"""Finds ports of this machine that no program has."""

import random
import socket

from streams.kafka.embedded.home import BrokerError
from streams.kafka.embedded.properties import HOST

DEFAULT = 9092
_OF_NO_CONNECTION = range(10_000, 32_768)
"""Ports that Linux gives to no connection, by default."""
_random = random.SystemRandom()


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
    """Finds so many ports that no program has, each another.

    Not by binding to port 0: such a port may become the local port of any connection, as long as a broker that starts
    again does not have it.
    """
    found: set[int] = set()
    while len(found) < count:
        port = _random.choice(_OF_NO_CONNECTION)
        if is_free(port):
            found.add(port)
    return tuple(found)
