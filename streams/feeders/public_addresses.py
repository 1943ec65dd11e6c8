"""Opens sockets to public addresses only, so that a feed cannot send the feeder to machines of the own network.

The check is on the address that the socket then connects to: after DNS, and for names and numbers in any spelling. So
no answer of DNS can change between check and connection.
"""

import errno
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NAT64 = ip_network("64:ff9b::/96")
_METADATA = {ip_address("168.63.129.16"), ip_address("192.0.0.192")}
"""Addresses of cloud services about the own machine that count as public."""
REFUSED = "is no public address"
AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, Sequence[object]]
"""A row of `socket.getaddrinfo`."""


class AddressRefusedError(OSError):
    """A feed leads to an address of the own network."""


def open_public_socket(info: AddressInfo) -> socket.socket:
    """Opens a socket for a public address, not yet connected. Raises `AddressRefusedError` for any other address."""
    family, kind, protocol, _, target = info
    address = ip_address(str(target[0]).partition("%")[0])
    if not is_public(address):
        raise AddressRefusedError(errno.EACCES, f"{address} {REFUSED}")
    return socket.socket(family, kind, protocol)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public internet: not loopback, private, link-local, shared or multicast.

    An IPv6 address that stands for an IPv4 address is judged as that one.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and address not in _METADATA


def names_own_network(url: str) -> bool:
    """Whether the host of an address is written as a number of the own network, or as localhost."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        return not is_public(ip_address(host.partition("%")[0]))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def find_origin(url: str) -> tuple[str, str, int]:
    """Finds the origin of an http address: scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)
