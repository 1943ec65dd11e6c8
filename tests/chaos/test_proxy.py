"""The proxy of the chaos suite does to each source what it is told, and nothing to the others."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from chaos.nodes import _find_inode, _has_socket
from chaos.proxy import CLIENT, HOST, Proxy

NODE = 1


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets."""

    def answer(connection: socket.socket) -> None:
        with connection:
            while piece := connection.recv(100):
                connection.sendall(piece)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    with socket.create_server((HOST, 0)) as server:
        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()


class Sources(dict[int, int]):
    """The source of each connection, by the port that it comes from."""

    def connect(self, proxy: Proxy, source: int) -> socket.socket:
        """Opens a connection of a source."""
        client = socket.socket()
        client.bind((HOST, 0))
        self[client.getsockname()[1]] = source
        client.connect((HOST, proxy.port))
        return client

    def find(self, from_port: int, _: int) -> int:
        return self[from_port]


def passes(client: socket.socket, seconds: float = 30) -> bool:
    """Whether what is sent comes back; False where it does not within these seconds, or the connection is closed."""
    client.settimeout(seconds)
    client.sendall(b"x")
    try:
        return bool(client.recv(100))
    except (TimeoutError, ConnectionError):
        return False


def test_silence_holds_for_its_source_and_ends_when_all_have_ended_it(echo: int) -> None:
    sources = Sources()
    with Proxy(sources.find) as proxy:
        proxy.to_port = echo
        with sources.connect(proxy, NODE) as node, sources.connect(proxy, CLIENT) as client:
            before = passes(node), passes(client)
            proxy.silence(True, {NODE})
            proxy.silence(True, {NODE, CLIENT})
            proxy.silence(False, {NODE, CLIENT})
            during = passes(node, 0.5), passes(client)
            proxy.silence(False, {NODE})
            node.settimeout(30)
            late = node.recv(100)
    assert (before, during, late) == ((True, True), (False, True), b"x")
    assert proxy.connections == 1


def test_a_cut_closes_the_connections_of_its_source_alone(echo: int) -> None:
    sources = Sources()
    with Proxy(sources.find) as proxy:
        proxy.to_port = echo
        with sources.connect(proxy, NODE) as node, sources.connect(proxy, CLIENT) as client:
            assert passes(node)
            assert passes(client)
            proxy.cut({NODE})
            node.settimeout(30)
            with suppress(ConnectionError):
                assert node.recv(100) == b""
            assert passes(client)


def test_the_process_that_opened_a_connection_is_found(echo: int) -> None:
    with socket.create_connection((HOST, echo)) as client:
        inode = _find_inode(client.getsockname()[1], echo)
        assert inode
        assert _has_socket(os.getpid(), inode)
        assert not _has_socket(os.getppid(), inode)
    assert not _find_inode(1, echo)
