"""Which addresses a feed may lead to."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.feeders.public_addresses import find_origin, is_public, names_own_network


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.9.9", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        "168.63.129.16",
        *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::169.254.169.254", "64:ff9b::a00:1"),
    ],
)
def test_an_address_of_the_own_network_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "172.32.0.1",
        "192.167.255.1",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::",
    ],
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_ipv6_form_is_judged_as_itself(address: IPv4Address) -> None:
    forms = [IPv6Address(int(IPv6Address(prefix)) | int(address)) for prefix in ("::ffff:0:0", "64:ff9b::")]
    assert [is_public(form) for form in forms] == [is_public(address)] * 2


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:80/rss", True),
        ("http://[::1]/rss", True),
        ("http://LOCALHOST./rss", True),
        ("http://feeds.localhost/rss", True),
        ("http://192.168.1.7/rss", True),
        ("http://wire.example/rss", False),
        ("http://localhost.example/rss", False),
        ("http://8.8.8.8/rss", False),
    ],
)
def test_an_address_may_name_the_own_network(url: str, own: bool) -> None:
    assert names_own_network(url) is own


def test_an_origin_has_the_port_of_its_scheme() -> None:
    assert find_origin("HTTPS://Wire.example/a") == find_origin("https://wire.example:443/b")
    assert find_origin("http://wire.example/a") != find_origin("https://wire.example/a")
