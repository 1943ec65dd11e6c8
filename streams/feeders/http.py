"""Fetches a feed over HTTP if it changed: ETag, Last-Modified, redirects, size limit (RFC 9110, RFC 9111)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from streams.feeders import backoff
from streams.feeders.public_addresses import REFUSED, find_origin, names_own_network, open_public_socket

MAX_FEED_BYTES = 32 << 20
"""Largest size of a decompressed feed; a larger one is not read."""
MAX_REDIRECTS = 5
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=15, sock_read=30)
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)
_CHUNK = 1 << 16
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


class FetchError(Exception):
    """Says why a feed could not be fetched. `retry_after`: seconds that the server asks to wait, or 0."""

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class OwnNetworkError(FetchError):
    """The feed leads to an address of the own network and is not `private`."""


class FetchResult(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as fetched. `body` is None if nothing changed (304). `moved`: where permanent redirects led, or empty."""

    url: str
    body: bytes | None
    content_type: str = ""
    etag: str = ""
    modified: str = ""
    moved: str = ""
    retry_after: float = 0.0


class FeedClient(msgspec.Struct, frozen=True):
    """Two HTTP clients, each with connections of its own: one to any address, one to public addresses alone."""

    any: aiohttp.ClientSession
    public: aiohttp.ClientSession


@asynccontextmanager
async def open_client(contact: str) -> AsyncIterator[FeedClient]:
    """Opens the HTTP clients with our user agent, and at most two connections to one host."""
    name = f"newswire-streams/{version('newswire-streams')}" + (f" (+{contact})" if contact else "")

    def make_session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": name, "Accept": ACCEPT},
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async with (
        make_session(aiohttp.TCPConnector(limit_per_host=2)) as any_,
        make_session(aiohttp.TCPConnector(limit_per_host=2, socket_factory=open_public_socket)) as public,
    ):
        yield FeedClient(any_, public)


async def fetch(
    client: FeedClient, url: str, etag: str, modified: str, *, configured: str = "", private: bool = False
) -> FetchResult:
    """Fetches a feed unless it is unchanged since `etag` and `modified`. Raises `FetchError`.

    Only a `private` feed may lead to addresses of the own network, by DNS or by a redirect. A `configured` address that
    names such a machine itself opens this machine and port, no other.
    """
    asked = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {name: value for name, value in asked.items() if value}
    at, moved, permanent = url, "", True
    own = find_origin(configured or url) if names_own_network(configured or url) else None
    try:
        for _ in range(MAX_REDIRECTS + 1):
            session = client.any if private or find_origin(at) == own else client.public
            async with session.get(at, headers=headers, allow_redirects=False) as response:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    return await _read_response(response, at, moved)
                permanent = permanent and response.status in _PERMANENT
                at = urljoin(at, _read_text(response.headers["Location"]))
                if urlsplit(at).scheme not in ("http", "https"):
                    raise FetchError(f"it redirects to {at[:200]}, which is no web address")
                moved = at if permanent else moved
        raise FetchError(f"more than {MAX_REDIRECTS} redirects, the last to {at[:200]}")
    except aiohttp.ClientConnectorError as error:
        if REFUSED not in str(error):
            raise FetchError(f"{type(error).__name__}: {error}") from error
        raise OwnNetworkError(
            f"{at[:200]} leads into the own network ({error.os_error.strerror}):"
            " set `private = true` of this feed if it may"
        ) from error
    except (TimeoutError, aiohttp.ClientError, ValueError, OSError) as error:
        raise FetchError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error


async def _read_response(response: aiohttp.ClientResponse, url: str, moved: str) -> FetchResult:
    asked = backoff.parse_retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
    if response.status == 304:
        return FetchResult(url=url, body=None, moved=moved, retry_after=asked)
    if response.status != 200:
        raise FetchError(f"the server answers {response.status} {response.reason or ''}".rstrip(), asked)
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > MAX_FEED_BYTES:
            raise FetchError(f"the feed has more than {MAX_FEED_BYTES} bytes")
    return FetchResult(
        url=url,
        body=bytes(body),
        content_type=response.headers.get("Content-Type", "").encode("utf-8", "replace").decode(),
        etag=_read_text(response.headers.get("ETag", "")),
        modified=_read_text(response.headers.get("Last-Modified", "")),
        moved=moved,
        retry_after=asked,
    )


def _read_text(header: str) -> str:
    """Returns a header; empty where its bytes are no UTF-8: it can be neither stored nor sent back."""
    try:
        header.encode()
    except UnicodeEncodeError:
        return ""
    return header
