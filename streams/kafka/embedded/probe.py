"""Asks a Kafka broker for its cluster id. Uses the standard library only: a client takes long to import."""

import socket
import struct

_METADATA, _VERSION = 3, 2
_CLIENT = b"newswire"
# Header (api, version, correlation id, client id), then an empty list of topics: "none".
_REQUEST = struct.pack(f">hhih{len(_CLIENT)}si", _METADATA, _VERSION, 0, len(_CLIENT), _CLIENT, 0)


def fetch_cluster_id(host: str, port: int, timeout: float = 1.0) -> str | None:
    """Returns the id of the Kafka cluster that answers at an address with a live broker, or None."""
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
            (size,) = struct.unpack(">i", _read(connection, 4))
            return _cluster(_read(connection, size)) if 4 < size < 1_000_000 else None
    except (OSError, EOFError, ValueError, struct.error):
        return None


def _read(connection: socket.socket, size: int) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        chunk = connection.recv(size - len(chunks))
        if not chunk:
            raise EOFError
        chunks += chunk
    return bytes(chunks)


def _cluster(answer: bytes) -> str | None:
    """Parses a Metadata response v2: correlation id, brokers [node, host, port, rack], cluster id, ..."""
    (brokers,) = struct.unpack_from(">i", answer, 4)
    at = 8
    for _ in range(brokers):
        _, at = _text(answer, at + 4)
        _, at = _text(answer, at + 4)
    cluster, _ = _text(answer, at)
    return cluster if brokers > 0 else None


def _text(answer: bytes, at: int) -> tuple[str | None, int]:
    (length,) = struct.unpack_from(">h", answer, at)
    at += 2
    return (None, at) if length < 0 else (answer[at : at + length].decode(), at + length)
