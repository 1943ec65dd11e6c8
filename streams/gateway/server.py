"""The gateway's HTTP side (contract, section 6): page, widget, rows, stream, items, health."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.config import Settings
from streams.gateway import metrics, pages
from streams.gateway.board import Held
from streams.gateway.filters import Filter, wanted
from streams.gateway.hub import Client, Hub
from streams.gateway.position import decode
from streams.gateway.reader import Reader

HEARTBEAT_SECONDS = 15.0
DEFAULT_LIMIT = 50
CHUNK = 64 << 10
PARAMETERS = ("category", "ticker", "language", "source", "limit", "lastEventId")
NOWHERE = {-1: 0}
"""A position in a partition that no topic has: too old."""
ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""The widget works on any page; nothing here depends on who asks."""


class Gateway:
    """The handlers, over a hub that a reader fills."""

    def __init__(self, settings: Settings, hub: Hub, reader: Reader) -> None:
        self._settings = settings
        self._sources = settings.source_table
        self._hub = hub
        self._reader = reader

    def app(self) -> web.Application:
        """The application."""
        app = web.Application(middlewares=[_plain_words])
        app.router.add_get("/latest", self.latest)
        app.router.add_get("/stream", self.stream, allow_head=False)
        app.router.add_get("/items/{uri:.+}", self.item)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)
        for path, file in pages.FILES.items():
            app.router.add_get(path, _static(path, file))
        app.on_response_prepare.append(_secure)
        app.on_shutdown.append(self.shut)
        return app

    async def latest(self, request: web.Request) -> web.Response:
        """The newest rows of a filter as a JSON array, newest first."""
        wanted, limit = self._asked(request)
        self._ready()
        assert self._hub.board is not None
        rows = b",".join(held.shown.data for held in self._hub.board.newest(wanted, limit))
        return web.Response(
            body=b"[%s]\n" % rows, content_type="application/json", headers={**ANYWHERE, "Cache-Control": "no-cache"}
        )

    async def item(self, request: web.Request) -> web.Response:
        """The enriched item of a story, without its text where that may not be shown to anyone."""
        self._ready()
        assert self._hub.board is not None
        # A uri holds %XX of its own; a client may have quoted it once more for the path, or not.
        written = request.raw_path.partition("?")[0].removeprefix("/items/")
        for uri in (unquote(written), written):
            if held := self._hub.board.get(uri):
                headers = {**ANYWHERE, "Cache-Control": "no-cache"}
                return web.Response(body=self._readable(held), content_type="application/json", headers=headers)
            if self._hub.board.withdrawn(uri):
                raise web.HTTPGone(text="this story was withdrawn")
        raise web.HTTPNotFound(text="no such story among the newest that are held here")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Server-Sent Events: a snapshot or what was missed, then every change until the client goes."""
        wanted, limit = self._asked(request)
        seen = _seen(request)
        self._ready()
        seen = await self._known(seen)
        if len(self._hub.clients) >= self._settings.gateway.max_clients:
            raise web.HTTPServiceUnavailable(
                text="too many open streams: try again later, or raise gateway.max_clients",
                headers={"Retry-After": "5"},
            )
        response = web.StreamResponse(
            headers={
                **ANYWHERE,
                "Content-Type": "text/event-stream; charset=utf-8",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
            }
        )
        await response.prepare(request)
        client, first = self._hub.join(wanted, limit, seen, lambda: _cut(request))
        metrics.CLIENTS.set(len(self._hub.clients))
        try:
            await _write(response, client, first)
        except ConnectionError:
            pass
        finally:
            self._hub.clients.discard(client)
            metrics.CLIENTS.set(len(self._hub.clients))
        return response

    async def healthz(self, _: web.Request) -> web.Response:
        """Alive."""
        return web.Response(text="alive\n")

    async def readyz(self, _: web.Request) -> web.Response:
        """Whether the newest items are read and Kafka answers."""
        problem = self._reader.problem()
        return web.Response(text=f"{problem or 'ready'}\n", status=503 if problem else 200)

    async def metrics(self, _: web.Request) -> web.Response:
        """Prometheus."""
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def shut(self, _: web.Application) -> None:
        """Cuts the streams, which would go on for ever; their clients resume at another copy."""
        for client in list(self._hub.clients):
            client.close()

    def _ready(self) -> None:
        if self._hub.board is None:
            raise web.HTTPServiceUnavailable(
                text=f"not ready: {self._reader.problem()}; try again in a second", headers={"Retry-After": "1"}
            )

    def _asked(self, request: web.Request) -> tuple[Filter, int]:
        query = request.query
        if strange := [name for name in query if name not in PARAMETERS]:
            raise _wrong(f"there is no parameter {strange[0][:60]!r}: use {', '.join(PARAMETERS)}")
        try:
            filter_ = wanted(
                _listed(query, "category"),
                query.get("ticker", ""),
                _listed(query, "language"),
                _listed(query, "source"),
                self._sources,
            )
        except ValueError as error:
            raise _wrong(str(error)) from None
        limit = query.get("limit") or str(DEFAULT_LIMIT)
        if not (limit.isascii() and limit.isdecimal() and 0 < len(limit) < 10 and int(limit)):
            raise _wrong(f"limit is {limit[:60]!r}: give how many rows, 1 or more")
        return filter_, min(int(limit), self._settings.gateway.rows)

    async def _known(self, seen: dict[int, int] | None) -> dict[int, int] | None:
        """A position; one that no copy can have given, as the topic was made anew, becomes one that is too old."""
        assert self._hub.board is not None
        if seen is None or all(offset <= self._hub.board.head.get(part, -1) for part, offset in seen.items()):
            return seen
        # Another copy may be ahead of this one; none can be ahead of Kafka.
        try:
            ends = await self._reader.ends()
        except KafkaError:
            return seen
        return seen if all(offset < ends.get(part, 0) for part, offset in seen.items()) else NOWHERE

    def _readable(self, held: Held) -> bytes:
        if self._sources.get(held.source).full_text:
            return held.document
        event = orjson.loads(held.document)
        event.pop("bodies", None)
        return orjson.dumps(event)


async def _write(response: web.StreamResponse, client: Client, first: Iterator[bytes]) -> None:
    chunk = bytearray()
    for frame in first:
        chunk += frame
        if len(chunk) >= CHUNK:
            await response.write(bytes(chunk))
            chunk.clear()
    client.behind = False
    await response.write(bytes(chunk) + client.reader.beat())
    while not client.dropped:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await client.wake.wait()
        except TimeoutError:
            await response.write(client.reader.beat())
        else:
            await response.write(client.take())


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _seen(request: web.Request) -> dict[int, int] | None:
    """`Last-Event-ID`, or the parameter that stands for it where a client cannot set headers."""
    told = request.headers.get("Last-Event-ID") or request.query.get("lastEventId")
    try:
        return decode(told) if told else None
    except ValueError as error:
        raise _wrong(f"Last-Event-ID: {error}") from None


def _listed(query: Mapping[str, Any], name: str) -> list[str]:
    values = query.getall(name, [])  # type: ignore[attr-defined]
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _wrong(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=text)


def _static(path: str, file: pages.File) -> Any:
    headers = {"Cache-Control": "no-cache", **(ANYWHERE if path == "/widget.js" else {}), **file.headers}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)

    return answer


@web.middleware
async def _plain_words(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refusals as one sentence of plain text, readable from any page."""
    try:
        answer = await handler(request)
    except web.HTTPException as refusal:
        text = refusal.text or refusal.reason
        if request.match_info.http_exception is not None:
            text = f"{refusal.reason.lower()}: {request.method} {request.path[:200]}"
        answer = web.Response(status=refusal.status, text=f"{text}\n")
        for name in ("Retry-After", "Allow"):
            if name in refusal.headers:
                answer.headers[name] = refusal.headers[name]
        answer.headers.update(ANYWHERE)
    assert isinstance(answer, web.StreamResponse)
    return answer


async def _secure(_: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "newswire"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
