"""Tokens, origins, limits, compression and conditional answers, over HTTP but without a broker."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request
from multidict import CIMultiDict

from streams.config.errors import ConfigError
from streams.config.loader import load
from streams.config.settings import GatewaySettings
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.filters import parse_ticker_item
from streams.gateway.hub import Hub
from streams.gateway.server import Gateway
from streams.gateway.ticker_view import TickerView

RIGHT = {"Authorization": "Bearer one-secret"}


def call_gateway(
    act: Callable[[Any, TickerView], Awaitable[Any]], environ: dict[str, str] | None = None, **settings: Any
) -> Any:
    """Runs `act(client, view)` against a gateway that holds the items `free` and `owned`."""
    base = load(environ={})
    chosen = msgspec.structs.replace(base, gateway=msgspec.structs.replace(base.gateway, **settings))

    async def run() -> Any:
        hub = Hub()
        view = TickerView(10, 100, {0: 0})
        for offset, (name, source) in enumerate({"free": "prnewswire", "owned": "reuters"}.items()):
            document, headers = build_item(name, source)
            view.apply(0, offset, parse_ticker_item(document, headers, chosen.source_table), document)
        hub.open(view)
        app = Gateway(chosen, hub, TickerConsumer(chosen, hub), Access(chosen.gateway, environ or {})).app()
        async with TestClient(TestServer(app), auto_decompress=False) as client:
            return await act(client, view)

    return asyncio.run(run())


def build_item(name: str, source: str) -> tuple[bytes, list[tuple[str, bytes | None]]]:
    event = {
        "uri": f"urn:newswire:{source}:{name}",
        "version": "1",
        "versionCreated": "2026-03-02T10:00:00Z",
        "headlines": [{"role": "ticker", "value": "Norwick Pumps opens a plant"}],
        "bodies": [{"role": "main", "value": "Text. " * 200}],
    }
    named = {"ce_id": f"{event['uri']}/1", "ce_source": f"urn:newswire:source:{source}"}
    return orjson.dumps(event), [(key, value.encode()) for key, value in named.items()]


async def has_bodies(answer: ClientResponse) -> bool:
    async with answer:
        return b'"bodies"' in zlib.decompress(await answer.read(), 47)


def test_a_token_shows_full_texts_and_a_wrong_one_is_refused() -> None:
    async def act(client: Any, _: TickerView) -> Any:
        owned, free = "/items/urn:newswire:reuters:owned", "/items/urn:newswire:prnewswire:free"
        found = [await has_bodies(await client.get(path)) for path in (owned, free)]
        async with client.get(owned, headers=RIGHT) as answer:
            found += [answer.headers["Cache-Control"], answer.headers["Vary"]]
        found.append(await has_bodies(await client.get(owned, headers=RIGHT)))
        async with client.get("/latest", headers={"Authorization": "Bearer no"}) as wrong:
            found += [wrong.status, wrong.headers["WWW-Authenticate"], await wrong.text()]
        return found

    assert call_gateway(act, {"NEWSWIRE_GATEWAY_TOKEN": "one-secret"}) == [
        *(False, True, "private, no-cache", "Authorization, Cookie, Accept-Encoding", True),
        *(401, 'Bearer realm="newswire"', "the token is not right: ask who runs this gateway for one\n"),
    ]


def test_a_private_gateway_shows_rows_only_with_a_token_and_its_health_to_anyone(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text("other\none-secret\n")

    async def act(client: Any, _: TickerView) -> list[int]:
        paths = ("/latest", "/stream", "/items/urn:newswire:prnewswire:free", "/stories/urn:newswire:prnewswire:free")
        found = []
        for path in (*paths, "/status", "/metrics", "/healthz", "/", "/widget.js"):
            async with client.get(path) as answer:
                found.append(answer.status)
        for path in (*paths, "/status", "/metrics"):
            async with client.get(path, headers=RIGHT) as answer:
                found.append(answer.status)
        return found

    assert call_gateway(act, token_file=str(tokens), private=True) == [401] * 6 + [200, 401, 200] + [200] * 6


@pytest.mark.parametrize("name", ["Authorization", "Origin", "If-None-Match", "Accept-Encoding", "Last-Event-ID"])
@pytest.mark.parametrize("path", ["/latest", "/items/urn:newswire:prnewswire:free", "/status", "/metrics", "/"])
def test_a_header_with_any_bytes_is_never_a_fault_of_ours(name: str, path: str) -> None:
    async def act(client: Any, _: TickerView) -> list[bool]:
        found = []
        for value in (b"\xff\xfe", b"Bearer \xff\xed\xa0\x80", b'"\x80"', b"Bearer \xc3\xa9"):
            raw = name.encode() + b": " + value
            found.append((await ask_raw(client, f"GET {path}", raw)).startswith((b"HTTP/1.1 20", b"HTTP/1.1 40")))
        return found

    assert call_gateway(act, {"NEWSWIRE_GATEWAY_TOKEN": "one-secret"}, private=True) == [True] * 4


async def ask_raw(client: Any, request: str, header: bytes = b"X: y") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"{request} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n".encode() + header + b"\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("form", ["/", "http://gateway:8080/", "HTTP://gateway/"])
@pytest.mark.parametrize(
    "path", ["items/urn:newswire:prnewswire:free", "stories/urn%3Anewswire%3Aprnewswire%3Afree?x=1"]
)
def test_a_request_may_name_the_path_or_the_whole_address(form: str, path: str) -> None:
    async def act(client: Any, _: TickerView) -> bytes:
        return await ask_raw(client, f"GET {form}{path}")

    assert call_gateway(act).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"private": True}, "gateway.private needs a token: set NEWSWIRE_GATEWAY_TOKEN or gateway.token_file"),
        ({"token_file": "/nowhere"}, "gateway.token_file cannot be read"),
        ({"origins": "https://a.example/path"}, "gateway.origins has 'https://a.example/path': give https://host"),
        ({"proxies": "10.0.0.0/8, elsewhere"}, "gateway.proxies has 'elsewhere': give addresses or networks"),
    ],
)
def test_an_impossible_setting_is_refused_by_name(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Access(GatewaySettings(**settings), {})
    assert str(caught.value).startswith(said)


def test_only_pages_of_allowed_origins_may_read() -> None:
    async def act(client: Any, _: TickerView) -> list[Any]:
        found: list[Any] = []
        for origin in ("https://site.example", "https://evil.example"):
            async with client.get("/latest", headers={"Origin": origin}) as answer:
                found += [answer.headers.get("Access-Control-Allow-Origin"), "Origin" in answer.headers["Vary"]]
        async with client.options("/stream", headers={"Origin": "https://site.example"}) as answer:
            found += [answer.status, answer.headers["Access-Control-Allow-Headers"]]
        return found

    expected = ["https://site.example", True, None, True, 204, "Authorization, Last-Event-ID, If-None-Match"]
    assert call_gateway(act, origins="https://site.example, https://other.example") == expected


def test_by_default_any_page_may_read() -> None:
    async def act(client: Any, _: TickerView) -> str:
        async with client.get("/nothing", headers={"Origin": "https://site.example"}) as answer:
            return str(answer.headers["Access-Control-Allow-Origin"])

    assert call_gateway(act) == "*"


def test_unchanged_rows_are_not_sent_again() -> None:
    async def act(client: Any, view: TickerView) -> list[int]:
        found = []
        async with client.get("/latest") as answer:
            tag = answer.headers["ETag"]
        async with client.get("/latest", headers={"If-None-Match": tag}) as answer:
            found += [answer.status, len(await answer.read())]
        document, headers = build_item("new", "prnewswire")
        view.apply(0, 9, parse_ticker_item(document, headers, load(environ={}).source_table), document)
        async with client.get("/latest", headers={"If-None-Match": tag}) as answer:
            found.append(answer.status)
        return found

    assert call_gateway(act) == [304, 0, 200]


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_a_stream_is_compressed_where_the_client_takes_it(accepted: str) -> None:
    async def act(client: Any, _: TickerView) -> tuple[str | None, int, str]:
        async with client.get("/stream", headers={"Accept-Encoding": accepted}) as answer:
            inflate = zlib.decompressobj(31) if accepted == "gzip" else None
            text = b""
            while b": heart-beat" not in text:
                data = await answer.content.readany()
                text += inflate.decompress(data) if inflate else data
            named = answer.headers
            assert (named["Cache-Control"], named["X-Accel-Buffering"]) == ("no-store, no-transform", "no")
            return named.get("Content-Encoding"), text.count(b"event: item"), text.decode()[:27]

    assert call_gateway(act) == ("gzip" if accepted == "gzip" else None, 2, "retry: 1000\nevent: reset\nda")


def test_each_address_has_its_own_limit_and_a_proxy_forwards_the_address() -> None:
    async def act(client: Any, _: TickerView) -> list[int]:
        found = []
        streams = []
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"):
            answer = await client.get("/stream", headers={"X-Forwarded-For": address})
            found.append(answer.status)
            streams.append(answer)
        for answer in streams:
            answer.close()
        return found

    assert call_gateway(act, max_clients=2, max_clients_per_address=1) == [200, 429, 200, 503]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        ("10.0.0.0/8", ["192.0.2.9, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),
        ("", ["192.0.2.1"], "10.9.9.9"),
        ("10.0.0.0/8", [""], "10.9.9.9"),
        ("10.0.0.0/8", [], "10.9.9.9"),
        # A client that sends a line of its own changes nothing: the proxy's line is the last.
        ("10.0.0.0/8", ["198.51.100.7", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.0/8", ["198.51.100.7, 198.51.100.8", "192.0.2.1, 10.1.1.1"], "192.0.2.1"),
        ("10.0.0.0/8", ["192.0.2.1:50123"], "192.0.2.1"),
        ("10.0.0.0/8", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.0/8", ["2001:DB8:0:0::0001"], "2001:db8::1"),
        ("10.0.0.0/8", ['"[2001:db8::1%eth0]"'], "2001:db8::1"),
        ("10.0.0.0/8", ["::ffff:192.0.2.1"], "192.0.2.1"),
        ("10.0.0.0/8", ["::ffff:c000:0201"], "192.0.2.1"),
        ("10.0.0.0/8", ["192.0.2.1, ::ffff:10.1.1.1"], "192.0.2.1"),
        ("10.0.0.0/8", ["192.0.2.1, made up 7"], "10.9.9.9"),
        ("10.0.0.0/8", ["x" * 99], "10.9.9.9"),
    ],
)
def test_only_a_trusted_proxy_may_name_another_address(proxies: str, forwarded: list[str], address: str) -> None:
    headers = CIMultiDict(("X-Forwarded-For", line) for line in forwarded)
    request = make_mocked_request("GET", "/stream", headers=headers).clone(remote="10.9.9.9")
    assert Access(GatewaySettings(proxies=proxies), {}).client_address(request) == address
