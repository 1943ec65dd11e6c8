"""Serves feeds of sections and saved searches, and the calendar of announced events (schemas/README.md, section 6)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
from aiohttp import hdrs, web

from streams.config.settings import Settings
from streams.gateway.auth import Access
from streams.gateway.event_calendar import list_events, write_calendar
from streams.gateway.feeds import WRITERS, DeletedStory, FeedHead, build_feed_story, build_story_id
from streams.gateway.filters import DATED_EVENT
from streams.gateway.history import HistoryStore, HistoryTooSlow
from streams.gateway.history_query import PARAMETERS, HistoryQuery, parse_query
from streams.gateway.history_reads import HistoryItem
from streams.gateway.responses import build_cacheable_response, find_site
from streams.gateway.restricted import restrict_document
from streams.gateway.saved_searches import parse_filter
from streams.gateway.story_address import build_section_path
from streams.model.topics import CATEGORIES, LATEST

MAX_DELETED = 100
"""How many withdrawn stories an Atom feed names."""
MAX_DATED = 1000
"""How many items with events make the calendar."""
WAIT_SECONDS = 30
SECTION_FEED = tuple(name for name in PARAMETERS if name != "category")


class Feeds:
    """Handles the requests for feeds, over the history."""

    def __init__(self, settings: Settings, access: Access, history: HistoryStore | None) -> None:
        self._settings = settings
        self._sources = settings.source_table
        self._access = access
        self._history = history
        self._searches = {
            name: (search.title or name, parse_filter(name, search, self._sources))
            for name, search in settings.searches.items()
        }

    def add_routes(self, app: web.Application) -> None:
        """Adds the paths of the feeds."""
        app.router.add_get(r"/feeds/{name:[a-z0-9.-]+}.{kind:atom|rss|json}", self.feed)
        app.router.add_get("/calendar.ics", self.calendar)

    async def feed(self, request: web.Request) -> web.Response:
        """Answers the newest stories of a section or a saved search as Atom, RSS or JSON Feed."""
        trusted = self._access.check_token(request)
        name, (media, write) = request.match_info["name"], WRITERS[request.match_info["kind"]]
        query, title, home = self._find_feed(request, name)
        history = self._require_history()
        items = await _find(history, msgspec.structs.replace(query, limit=query.limit + 1))
        stories = [
            build_feed_story(each.document, find_site(request, self._settings), whole=trusted or each.is_open)
            for each in items[: query.limit]
        ]
        kept = sorted((key, value) for key, value in request.query.items() if key != "before")
        older = [*kept, ("before", str(items[query.limit - 1].number))] if len(items) > query.limit else []
        head = FeedHead(
            title,
            self._address(request, sorted(request.query.items())),
            f"{find_site(request, self._settings)}{home}",
            self._address(request, older) if older else "",
        )
        deleted = [
            DeletedStory(build_story_id(short_id), datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
            for short_id, at in await history.find_withdrawn(MAX_DELETED)
        ]
        body = write(head, stories, deleted)
        return build_cacheable_response(request, body, media, self._access.cache_headers(trusted), "utf-8")

    async def calendar(self, request: web.Request) -> web.Response:
        """Answers the events that items announce with their day, as an iCalendar."""
        trusted = self._access.check_token(request)
        query = self._parse(request, PARAMETERS)
        filter_ = msgspec.structs.replace(query.filter, labels=(*query.filter.labels, frozenset({DATED_EVENT})))
        items = await _find(self._require_history(), msgspec.structs.replace(query, filter=filter_, limit=MAX_DATED))
        documents = [each.document if trusted or each.is_open else restrict_document(each.document) for each in items]
        body = write_calendar("Events", list_events(documents, find_site(request, self._settings)))
        headers = self._access.cache_headers(trusted)
        return build_cacheable_response(request, body, "text/calendar", headers, "utf-8")

    def _find_feed(self, request: web.Request, name: str) -> tuple[HistoryQuery, str, str]:
        """Finds what a feed has: its query, its title and the path of its page."""
        if name in self._searches:
            title, filter_ = self._searches[name]
            query = self._parse(request, ("before", "limit"))
            return msgspec.structs.replace(query, filter=filter_), title, "/"
        if name != LATEST and name not in CATEGORIES:
            raise web.HTTPNotFound(text="there is no such feed: give a section, or a saved search of the settings")
        query = self._parse(request, SECTION_FEED, ("category", name))
        return query, CATEGORIES.get(name, "Latest News"), build_section_path(name)

    def _parse(self, request: web.Request, allowed: Sequence[str], *more: tuple[str, str]) -> HistoryQuery:
        if strange := [name for name in request.query if name not in allowed]:
            text = f"there is no parameter {strange[0][:60]!r} here: use {', '.join(allowed)}"
            raise web.HTTPBadRequest(text=text)
        try:
            return parse_query([*request.query.items(), *more], self._sources, self._settings.gateway.rows)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None

    def _require_history(self) -> HistoryStore:
        if self._history is None or not self._history.is_complete:
            text = "the history is still being read: try again in a minute"
            raise web.HTTPServiceUnavailable(text=text, headers={hdrs.RETRY_AFTER: str(WAIT_SECONDS)})
        return self._history

    def _address(self, request: web.Request, query: Sequence[tuple[str, str]]) -> str:
        return f"{find_site(request, self._settings)}{request.path}{'?' if query else ''}{urlencode(query)}"


async def _find(history: HistoryStore, query: HistoryQuery) -> list[HistoryItem]:
    try:
        return await history.find_items(query)
    except HistoryTooSlow:
        text = "this feed takes too long: give more words, or a time with from and to"
        raise web.HTTPServiceUnavailable(text=text, headers={hdrs.RETRY_AFTER: str(WAIT_SECONDS)}) from None
