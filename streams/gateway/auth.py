"""Decides who may read what: origins of pages, bearer tokens, and the address that a request comes from."""

import hmac
import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from aiohttp import hdrs, web

from streams.config.errors import ConfigError
from streams.config.settings import GatewaySettings
from streams.runtime.connections import parse_address

TOKEN = "NEWSWIRE_GATEWAY_TOKEN"  # noqa: S105 - the name of a variable
_READABLE = {"Access-Control-Expose-Headers": "ETag, Link, Retry-After"}
"""Headers of an answer that pages of other sites may read beside those that they always may."""
COOKIE = "newswire_token"
"""Holds the token of a reader whose browser asks for whole pages; scripts cannot read it."""
_PAGES = ("GET", "HEAD", "OPTIONS")


class Access:
    """The access rules of one gateway. Raises `ConfigError` where a setting is impossible."""

    def __init__(self, settings: GatewaySettings, environ: Mapping[str, str] = os.environ) -> None:
        self._origins = frozenset(_split_list(settings.origins))
        self._proxies = tuple(map(_parse_network, _split_list(settings.proxies)))
        self._tokens = tuple(token.encode() for token in _load_tokens(settings, environ))
        self._private = settings.private
        for origin in self._origins - {"*"}:
            if not origin.startswith(("https://", "http://")) or origin.count("/") != 2:
                raise ConfigError(f"gateway.origins has {origin!r}: give https://host[:port] without a path, or *")
        if settings.private and not self._tokens:
            raise ConfigError(f"gateway.private needs a token: set {TOKEN} or gateway.token_file")

    def check_token(self, request: web.Request) -> bool:
        """Whether a request carries a right token. Raises 401 for a wrong one, and for none where one is needed."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer":
            if self.is_token(request.cookies.get(COOKIE, "")):
                return True
            if self._private:
                raise _unauthorized("a token is needed: send it as `Authorization: Bearer …`")
            return False
        if not self.is_token(token):
            raise _unauthorized("the token is not right: ask who runs this gateway for one")
        return True

    def is_token(self, text: str) -> bool:
        """Whether a text is one of the tokens."""
        given = text.strip().encode("utf-8", "surrogateescape")  # a header may hold any byte
        return any(hmac.compare_digest(given, known) for known in self._tokens)

    @property
    def is_private(self) -> bool:
        """Whether rows and items need a token."""
        return self._private

    def check_private(self, request: web.Request) -> None:
        """Raises 401 where the gateway is private and the request carries no right token."""
        if self._private:
            self.check_token(request)

    def client_address(self, request: web.Request) -> str:
        """Returns the address of the client: behind trusted proxies, the last forwarded address that is no proxy.

        All lines of `X-Forwarded-For` count as one list (RFC 9110, section 5.3). Each address has one spelling. What
        is no address counts as the proxy that sent it.
        """
        address = str(parse_address(request.remote or "") or request.remote or "")
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
        while forwarded and self.is_proxy(address) and (named := parse_address(forwarded.pop())) is not None:
            address = str(named)
        return address[:64]

    def cors_headers(self, request: web.Request) -> dict[str, str]:
        """Builds the headers that let pages of allowed origins read the answer (Fetch standard, CORS protocol)."""
        if "*" in self._origins:
            return {"Access-Control-Allow-Origin": "*", **_READABLE, "Cross-Origin-Resource-Policy": "cross-origin"}
        origin = request.headers.get(hdrs.ORIGIN, "")
        if origin in self._origins:
            return {"Access-Control-Allow-Origin": origin, **_READABLE, "Vary": "Origin"}
        return {"Vary": "Origin"}

    def cache_headers(self, trusted: bool) -> dict[str, str]:
        """Builds the headers that say who may keep an answer, and for how long.

        A shared cache asks again after a second, as a withdrawn story must be gone by then.
        """
        if trusted or self._private:
            return {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
        return {"Cache-Control": "public, max-age=1"}

    def preflight(self, request: web.Request) -> web.Response:
        """Answers a browser that asks whether it may send a token or the id to resume from."""
        allowed = {
            **self.cors_headers(request),
            "Access-Control-Allow-Methods": ", ".join(_PAGES),
            "Access-Control-Allow-Headers": "Authorization, Last-Event-ID, If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return web.Response(status=204, headers=allowed)

    def is_proxy(self, address: str) -> bool:
        """Whether an address is a trusted proxy's."""
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self._proxies)


def _unauthorized(text: str) -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(text=text, headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="newswire"'})


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _parse_network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise ConfigError(f"gateway.proxies has {text!r}: give addresses or networks such as 10.0.0.0/8") from None


def _load_tokens(settings: GatewaySettings, environ: Mapping[str, str]) -> list[str]:
    found = [environ.get(TOKEN, "")]
    if settings.token_file:
        try:
            found += Path(settings.token_file).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"gateway.token_file cannot be read: {error}") from error
    return [token.strip() for token in found if token.strip()]
