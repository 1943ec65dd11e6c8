"""Serves the gateway over HTTP (schemas/README.md, section 6): page, widget, rows, stream, items, health.

Answers that a client may keep have an ETag of their content, are 304 where it has not changed, and are compressed where
the client takes it. The pages are in pages.py, the files in static_files.py.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import unquote, urlencode

import msgspec
from aiohttp import hdrs, web
from aiokafka.errors import KafkaError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from streams.config.settings import Settings
from streams.gateway import metrics
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.feed_server import Feeds
from streams.gateway.history import HistoryStore, HistoryTooSlow
from streams.gateway.history_query import FILTERS, PARAMETERS, HistoryQuery, build_row_number, parse_query
from streams.gateway.history_reads import HistoryPage, HistoryRow
from streams.gateway.hub import Hub
from streams.gateway.pages import Pages
from streams.gateway.responses import build_cacheable_response
from streams.gateway.restricted import restrict_document
from streams.gateway.sse import parse_event_id
from streams.gateway.static_files import FILES, StaticFile
from streams.gateway.story_address import build_short_id
from streams.gateway.story_versions import ShownVersion, list_kept_versions, list_versions
from streams.gateway.stream import Stream
from streams.gateway.ticker_view import Key, TickerView, ViewEntry
from streams.model.errors import WorkFailed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WATCH_SECONDS = 2.0
"""How often the gateway looks whether it gets news."""
JSON = "application/json"
STREAM_PARAMETERS = (*FILTERS, "limit", "lastEventId")
_GONE = {
    "Withdrawn by its source": "this story was withdrawn by its source",
    "Withdrawn by the desk": "this story was withdrawn by the desk",
}
"""The sentence of 410, by the `edNote` of the withdrawn item."""
READING_HISTORY = "the history is still being read: try again in a minute"
UNKNOWN_POSITION = {-1: 0}
"""A position in a partition that no topic has, so that it counts as too old."""


class FoundStory(msgspec.Struct, frozen=True):
    """A story as it stands, from the ticker view or from the history."""

    uri: str
    document: bytes
    is_open: bool
    """Whether anyone may read the text."""
    versions: tuple[ShownVersion, ...]


class Gateway:
    """Handles the requests, over a hub that a `TickerConsumer` fills."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        consumer: TickerConsumer,
        access: Access,
        history: HistoryStore | None = None,
    ) -> None:
        self._settings = settings
        self._sources = settings.source_table
        self._hub = hub
        self._consumer = consumer
        self._access = access
        self._history = history

    def app(self) -> web.Application:
        """Builds the application: routes, middleware and headers."""
        app = web.Application(middlewares=[self._handle])
        app.router.add_get("/latest", self.latest)
        app.router.add_get("/stream", self.stream, allow_head=False)
        app.router.add_get("/items/{uri:.+}", self.item)
        app.router.add_get("/stories/{uri:.+}", self.story)
        app.router.add_get("/status", self.status)
        app.router.add_get("/healthz", self.healthz)
        app.router.add_get("/readyz", self.readyz)
        app.router.add_get("/metrics", self.metrics)
        Pages(self._settings, self._hub, self._access, self._history, self.find_page).add_routes(app)
        Feeds(self._settings, self._access, self._history).add_routes(app)
        for path, file in FILES.items():
            app.router.add_get(path, _serve_static(file))
        app.cleanup_ctx.append(self._watch)
        app.on_response_prepare.append(self._add_headers)
        app.on_shutdown.append(self.close_streams)
        return app

    async def latest(self, request: web.Request) -> web.Response:
        """Answers the rows that match a filter as a JSON array, newest first, with links to the pages beside it."""
        trusted = self._access.check_token(request)
        page = await self.find_page(self._parse_query(request))
        headers = {**self._access.cache_headers(trusted), **_build_page_links(request, page)}
        return build_cacheable_response(request, b"[%s]\n" % b",".join(row.data for row in page.rows), JSON, headers)

    async def find_page(self, query: HistoryQuery) -> HistoryPage:
        """Finds the rows of a query in the ticker view or in the history: where there are more.

        The view may have a row of a category topic that is older than the history.
        """
        view = self._require_view()
        history = self._history if self._history and self._history.is_complete else None
        entries: list[ViewEntry] = []
        if not query.is_page and not query.filter.search and (history is None or not query.filter.labels):
            entries = view.newest(query.filter, query.limit)
            if history is None or len(entries) == query.limit:
                return _build_view_page(entries)
        if history is None:
            raise _unavailable(READING_HISTORY, 30)
        try:
            page = await history.find_page(query)
        except HistoryTooSlow:
            raise _unavailable("this search takes too long: give more words, or a time with from and to", 60) from None
        return _build_view_page(entries) if len(entries) > len(page.rows) else page

    async def item(self, request: web.Request) -> web.Response:
        """Answers the enriched item of a story; only what anyone may see where no right and no token opens it."""
        trusted = self._access.check_token(request)
        story = await self._find_story(request, trusted=trusted)
        document = story.document if trusted or story.is_open else restrict_document(story.document)
        return build_cacheable_response(request, document, JSON, self._access.cache_headers(trusted))

    async def story(self, request: web.Request) -> web.Response:
        """Answers the versions of a story, and the same story on other wires."""
        trusted = self._access.check_token(request)
        story = await self._find_story(request, trusted=trusted)
        answer = {"uri": story.uri, "versions": story.versions, "copies": self._hub.other_wires.get(story.uri)}
        return build_cacheable_response(request, msgspec.json.encode(answer), JSON, self._access.cache_headers(trusted))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Streams Server-Sent Events: a snapshot or what was missed, then every change until the client goes."""
        self._access.check_token(request)
        query = self._parse_query(request, STREAM_PARAMETERS)
        seen = _parse_last_event_id(request)
        self._require_view()
        seen = await self._check_position(seen)
        address = self._access.client_address(request)
        if (problem := self._find_full_limit(address)) is not None:
            raise problem
        stream = Stream(request)
        client, first = self._hub.join(query.filter, query.limit, seen, address, stream.abort)
        try:
            metrics.CLIENTS.set(len(self._hub.clients))
            response = await stream.open()
            await stream.run(client, first)
        except ConnectionError:
            pass
        finally:
            self._hub.clients.discard(client)
            metrics.CLIENTS.set(len(self._hub.clients))
        return response

    async def status(self, request: web.Request) -> web.Response:
        """Answers the essentials: ready, lag, age of the newest item, open streams."""
        self._access.check_private(request)
        body = msgspec.json.encode(self._consumer.status())
        return web.Response(body=body, content_type=JSON, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def healthz(self, _: web.Request) -> web.Response:
        """Answers that the process is alive."""
        return web.Response(text="alive\n")

    async def readyz(self, _: web.Request) -> web.Response:
        """Answers whether the newest items are read and Kafka answers; 503 where not."""
        problem = self._consumer.problem()
        return web.Response(text=f"{problem or 'ready'}\n", status=503 if problem else 200)

    async def metrics(self, request: web.Request) -> web.Response:
        """Answers the metrics, in the text format of Prometheus."""
        self._access.check_private(request)
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def close_streams(self, _: web.Application) -> None:
        """Cuts the streams, which would go on for ever; their clients resume at another gateway."""
        for client in list(self._hub.clients):
            client.close()

    async def _watch(self, _: web.Application) -> AsyncIterator[None]:
        """Tells the streams while they are open whether the gateway gets news."""

        async def watch() -> None:
            while True:
                self._hub.tell_problem(self._consumer.problem())
                await asyncio.sleep(WATCH_SECONDS)

        watching = asyncio.create_task(watch())
        yield
        watching.cancel()

    def _require_view(self) -> TickerView:
        if self._hub.view is None:
            raise web.HTTPServiceUnavailable(
                text=f"not ready: {self._consumer.problem()}; try again in a second", headers={hdrs.RETRY_AFTER: "1"}
            )
        return self._hub.view

    async def _find_story(self, request: web.Request, *, trusted: bool) -> FoundStory:
        """Finds the story that the path names. Raises 410 where it was withdrawn, 404 where it is not kept."""
        view = self._require_view()
        # A uri may contain %XX of its own, and the client may have quoted it once more for the path.
        path = request.raw_path.partition("?")[0]
        if not path.startswith("/"):  # the request names its whole address (RFC 9112, section 3.2.2)
            path = "/" + path.partition("://")[2].partition("/")[2]
        written = path.split("/", 2)[2]
        names = (unquote(written), written)
        for uri in names:
            if entry := view.get(uri):
                return FoundStory(uri, entry.document, entry.item.is_open, list_versions(entry, trusted=trusted))
            if withdrawal := view.withdrawal(uri):
                raise web.HTTPGone(text=_GONE.get(withdrawal.note, "this story was withdrawn"))
        history = self._history
        if history is not None and not history.is_complete:  # it may not know yet what was withdrawn
            raise _unavailable(READING_HISTORY, 30)
        for uri in names if history is not None else ():
            assert history is not None
            if found := await history.find_item(build_short_id(uri)):
                return FoundStory(
                    uri, found.document, found.is_open, list_kept_versions(found.versions, trusted=trusted)
                )
            if await history.is_withdrawn(build_short_id(uri)):
                raise web.HTTPGone(text="this story was withdrawn")
        raise web.HTTPNotFound(text="no such story among those that are held here")

    def _find_full_limit(self, address: str) -> web.HTTPException | None:
        limits, headers = self._settings.gateway, {hdrs.RETRY_AFTER: "5"}
        if len(self._hub.clients) >= limits.max_clients:
            text = "too many open streams: try again later, or raise gateway.max_clients"
            return web.HTTPServiceUnavailable(text=text, headers=headers)
        if self._hub.count_clients(address) >= limits.max_clients_per_address:
            text = "too many open streams of this address: close some, or raise gateway.max_clients_per_address"
            return web.HTTPTooManyRequests(text=text, headers=headers)
        return None

    def _parse_query(self, request: web.Request, allowed: Sequence[str] = PARAMETERS) -> HistoryQuery:
        if strange := [name for name in request.query if name not in allowed]:
            raise _bad_request(f"there is no parameter {strange[0][:60]!r}: use {', '.join(allowed)}")
        given = [(name, value) for name, value in request.query.items() if name in PARAMETERS]
        try:
            return parse_query(given, self._sources, self._settings.gateway.rows)
        except ValueError as error:
            raise _bad_request(str(error)) from None

    async def _check_position(self, seen: dict[int, int] | None) -> dict[int, int] | None:
        """Returns the position of a client; one from before the topic was created again becomes one that is too old."""
        view = self._require_view()
        if seen is None or all(offset <= view.head.get(part, -1) for part, offset in seen.items()):
            return seen
        # Another gateway may be ahead of this one; none can be ahead of Kafka.
        try:
            ends = await self._consumer.fetch_ends()
        except KafkaError:
            return seen
        return seen if all(offset < ends.get(part, 0) for part, offset in seen.items()) else UNKNOWN_POSITION

    @web.middleware
    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Calls the handler of a request, and answers its refusals as one sentence of plain text."""
        if request.method == hdrs.METH_OPTIONS:
            return self._access.preflight(request)
        try:
            answer = await handler(request)
        except web.HTTPException as refusal:
            text = refusal.text or refusal.reason
            if request.match_info.http_exception is not None:
                text = f"{refusal.reason.lower()}: {request.method} {request.path[:200]}"
            answer = web.Response(status=refusal.status, text=f"{text}\n")
            for name in (hdrs.LOCATION, hdrs.RETRY_AFTER, hdrs.ALLOW, hdrs.WWW_AUTHENTICATE):
                if name in refusal.headers:
                    answer.headers[name] = refusal.headers[name]
        except WorkFailed as error:  # Kafka does not answer the desk, or a search takes too long
            answer = web.Response(status=503, text=f"{str(error) or 'this takes too long: try again'}\n")
        return answer

    async def _add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        allowed = self._access.cors_headers(request)
        if hdrs.VARY in response.headers and hdrs.VARY in allowed:
            allowed[hdrs.VARY] = f"{response.headers[hdrs.VARY]}, {allowed[hdrs.VARY]}"
        response.headers.update(
            {**allowed, "Server": "newswire", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        )


def _parse_last_event_id(request: web.Request) -> dict[int, int] | None:
    """Parses `Last-Event-ID`, or the parameter in its place for clients that cannot set headers."""
    text = request.headers.get("Last-Event-ID") or request.query.get("lastEventId")
    try:
        return parse_event_id(text) if text else None
    except ValueError as error:
        raise _bad_request(f"Last-Event-ID: {error}") from None


def _build_view_page(entries: Sequence[ViewEntry]) -> HistoryPage:
    """Builds the page of the newest rows. A backfilled row has no place in news.latest; its time is the cursor."""
    rows = tuple(HistoryRow(_build_view_cursor(each.key), each.item.data) for each in entries)
    return HistoryPage(rows, rows[-1].number if rows else None, None)


def _build_view_cursor(key: Key) -> int:
    time, offset, _, _ = key
    return build_row_number(f"{time}Z", max(0, offset), 0)


def _build_page_links(request: web.Request, page: HistoryPage) -> dict[str, str]:
    """Builds the header `Link` (RFC 8288): `next` leads to older rows, `prev` to newer ones."""
    kept = [(name, value) for name, value in request.query.items() if name not in ("before", "after")]
    cursors = {"next": ("before", page.older), "prev": ("after", page.newer)}
    links = [
        f'<{request.path}?{urlencode([*kept, (name, str(cursor))])}>; rel="{rel}"'
        for rel, (name, cursor) in cursors.items()
        if cursor is not None
    ]
    return {hdrs.LINK: ", ".join(links)} if links else {}


def _bad_request(text: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=text)


def _unavailable(text: str, seconds: int) -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(text=text, headers={hdrs.RETRY_AFTER: str(seconds)})


def _serve_static(file: StaticFile) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        return build_cacheable_response(request, file.body, file.content_type, file.headers, file.charset)

    return serve
