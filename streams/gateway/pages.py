"""Serves the pages that the gateway renders: sections, companies, stories, the legend (schemas/README.md, section 6).

They can be read without JavaScript; with it, page.js and widget.js make them live.
"""

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import hdrs, web

from streams.config.errors import ConfigError
from streams.config.settings import Settings
from streams.gateway.auth import COOKIE, Access
from streams.gateway.filters import NamedCompany
from streams.gateway.history import HistoryStore, HistoryTooSlow
from streams.gateway.history_query import HistoryQuery, parse_query
from streams.gateway.history_reads import HistoryPage, StoredCompany
from streams.gateway.hub import Hub
from streams.gateway.labels import LABELS, name_section, pick_language
from streams.gateway.page_content import (
    PageCompany,
    build_article,
    build_company_path,
    build_page_rows,
    build_schema_org,
    format_page_time,
    list_section_links,
)
from streams.gateway.page_templates import render_page
from streams.gateway.responses import build_cacheable_response, find_site
from streams.gateway.restricted import restrict_document
from streams.gateway.story_address import SECTION_PATHS, build_news_path, find_short_id
from streams.gateway.story_versions import ShownVersion, list_kept_versions, list_versions
from streams.gateway.ticker_row import TickerRow
from streams.model.topics import COMPANY_SECTIONS, LATEST, SECTIONS

FindPage = Callable[[HistoryQuery], Awaitable[HistoryPage]]
HTML = "text/html"
ROWS, FIRST_ROWS, STILL_ROWS, SIDE_ROWS, BOARD_ROWS = 60, 25, 100, 10, 8
"""Rows of a live list, of its part that the server renders, of a still list, beside a story, of a board."""
FEED_KINDS = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
MAX_SUGGESTIONS = 8
COOKIE_SECONDS = 30 * 86_400
MAX_COPIES = 20
TICKER_FILTERS = ("ticker", "company", "sector", "q", "language", "source")
"""Parameters of a section's page that its ticker takes too."""
STILL_FILTERS = ("from", "to", "before", "after", "day")
"""Parameters of a page that shows what was, and does not move."""
OTHERS = ("about", "lang", "limit", "tz")
BOARDS = {
    LATEST: ("companies", "markets", "economy-forex", "commodities"),
    "companies": (
        *("companies.press-releases", "companies.analyst-recommendations"),
        *("companies.capital-markets-transactions", "companies.events"),
    ),
}
"""The sections that stand beside a section."""
OTHER_BOARDS = (LATEST, "companies", "markets")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: http:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Allows no script and no style but our own: text of a wire that became markup by mistake would not run."""
VERSION_LABELS = {
    "new": "version_first",
    "updated": "version_update",
    "corrected": "version_correction",
    "edited": "version_edited",
}
GONE_LABELS = {"Withdrawn by its source": "gone_source", "Withdrawn by the desk": "gone_desk"}
PAGE_LABELS = (
    *("live", "connecting", "not_connected", "paused", "no_news", "version_first", "version_update"),
    *(
        "version_correction",
        "version_edited",
        "headline",
        "issued_by",
        "restricted",
        "gone",
        "gone_source",
        "gone_desk",
        "kept",
    ),
    *("no_answer", "times"),
)
"""The labels that page.js writes."""


class Suggestion(msgspec.Struct, frozen=True):
    """A company that a reader may look for."""

    id: str
    """Such as `cik-886128`."""
    name: str
    symbols: tuple[str, ...]
    """Tickers without their exchange."""
    page: str
    """The path of its page."""


class DatedVersion(msgspec.Struct, frozen=True):
    """A version of a story with its time as the site writes it."""

    version: str
    date: str
    time: str
    headline: str
    status: str
    changes: tuple[object, ...]


class Pages:
    """Handles the requests for pages, over the ticker view and the history."""

    def __init__(
        self, settings: Settings, hub: Hub, access: Access, history: HistoryStore | None, find_page: FindPage
    ) -> None:
        self._settings = settings
        self._zone = _read_zone(settings.gateway.zone)
        if (site := settings.gateway.site) and not site.startswith(("https://", "http://")):
            raise ConfigError(f"gateway.site is {site!r}: give an address such as https://news.example.com")
        self._hub = hub
        self._access = access
        self._history = history
        self._find_page = find_page
        table = settings.source_table.table
        self._sources = sorted({each.code: (each.name, each.kind) for each in table.values() if each.code}.items())

    def add_routes(self, app: web.Application) -> None:
        """Adds the paths of the pages."""
        for path in SECTION_PATHS:
            app.router.add_get(path, self.section)
        app.router.add_get("/company/{company}", self.company)
        app.router.add_get("/news/{name}", self.story)
        app.router.add_get("/legend", self.legend)
        app.router.add_get("/suggest", self.suggest)
        app.router.add_post("/token", self.sign_in)

    async def section(self, request: web.Request) -> web.Response:
        """Answers the page of a section with its newest rows, or with those that the parameters ask for."""
        if not self._may_read(request):
            return self._ask_for_token(request, request.path_qs)
        category = SECTION_PATHS[request.path]
        labels = LABELS[self._language(request)]
        board = BOARDS.get(category) or [each for each in OTHER_BOARDS if each != category][:2]
        given = [("category", category)] if category != LATEST else []
        return await self._list(
            request,
            given,
            category=category,
            title=name_section(labels, category),
            ticker={"category": category},
            board=list_section_links(labels, board),
        )

    async def company(self, request: web.Request) -> web.Response:
        """Answers the page of a company: its name, its symbols and its news."""
        if not self._may_read(request):
            return self._ask_for_token(request, request.path_qs)
        company = request.match_info["company"]
        named = await self._find_company(company)
        if named is None:
            return self._message(request, 404, "unknown")
        labels = LABELS[self._language(request)]
        return await self._list(
            request,
            [("company", company)],
            category="",
            title=labels["about_company"].replace("{name}", named.name or company),
            ticker={"category": LATEST, "company": company},
            symbols=named.symbols,
        )

    async def story(self, request: web.Request) -> web.Response:
        """Answers the page of a story; 410 once it is withdrawn."""
        if not self._may_read(request):
            return self._ask_for_token(request, request.path_qs)
        short_id = find_short_id(request.match_info["name"])
        if self._hub.view is None:
            return self._message(request, 503, "not_ready")
        if entry := self._hub.view.find(short_id):
            row, versions = entry.item.row, list_versions(entry, trusted=self._access.is_private)
            return await self._story(request, row, entry.document, versions, is_open=entry.item.is_open)
        if withdrawal := self._hub.view.find_withdrawal(short_id):
            return self._message(request, 410, GONE_LABELS.get(withdrawal.note, "gone"))
        if self._history is not None and short_id:
            if not self._history.is_complete:  # it may not know yet that the story was withdrawn
                return self._message(request, 503, "not_ready")
            if item := await self._history.find_item(short_id):
                row = msgspec.json.decode(item.data, type=TickerRow)
                versions = list_kept_versions(item.versions, trusted=self._access.is_private)
                return await self._story(request, row, item.document, versions, is_open=item.is_open)
            if await self._history.is_withdrawn(short_id):
                return self._message(request, 410, "gone")
        return self._message(request, 404, "unknown")

    async def legend(self, request: web.Request) -> web.Response:
        """Answers what the codes and marks of a row mean."""
        labels = LABELS[self._language(request)]
        codes = [(code, name, kind) for code, (name, kind) in self._sources]
        return self._page(request, "legend.html", title=labels["legend"], category="", codes=codes)

    async def suggest(self, request: web.Request) -> web.Response:
        """Answers the companies whose name or ticker begins as what a reader types."""
        self._access.check_token(request)
        text = request.query.get("q", "").strip()[:200]
        found: Sequence[StoredCompany] = ()
        if self._history is not None and self._history.is_complete and text:
            with contextlib.suppress(HistoryTooSlow):
                found = await self._history.suggest_companies(text, MAX_SUGGESTIONS)
        rows = [
            Suggestion(
                each.id,
                each.name,
                tuple(symbol.rpartition(":")[2] for symbol in each.symbols),
                build_company_path(each.id),
            )
            for each in found
        ]
        return build_cacheable_response(request, msgspec.json.encode(rows), "application/json", {})

    async def sign_in(self, request: web.Request) -> web.Response:
        """Keeps the token of a reader in a cookie and leads on to the page that was asked for; 401 for a wrong one."""
        form = await request.post()
        token, page = str(form.get("token", "")).strip(), str(form.get("page", "/"))
        if not re.fullmatch(r"/(?![/\\])[!-~]*", page):
            page = "/"
        if not self._access.is_token(token):
            return self._ask_for_token(request, page)
        answer = web.Response(status=303, headers={hdrs.LOCATION: page, hdrs.CACHE_CONTROL: "no-store"})
        is_secure = find_site(request, self._settings).startswith("https:")
        answer.set_cookie(COOKIE, token, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax", secure=is_secure)
        return answer

    def _may_read(self, request: web.Request) -> bool:
        """Whether a request may see pages of news: all may, or it has a right token. Raises 401 for a wrong header."""
        if hdrs.AUTHORIZATION in request.headers or not self._access.is_private:
            self._access.check_token(request)
            return True
        return self._access.is_token(request.cookies.get(COOKIE, ""))

    def _ask_for_token(self, request: web.Request, page: str) -> web.Response:
        title = LABELS[self._language(request)]["token_needed"]
        answer = self._page(request, "message.html", status=401, title=title, category="", token_page=page)
        answer.headers[hdrs.WWW_AUTHENTICATE] = 'Bearer realm="newswire"'
        return answer

    async def _list(
        self,
        request: web.Request,
        given: Sequence[tuple[str, str]],
        *,
        category: str,
        title: str,
        ticker: Mapping[str, str],
        board: Sequence[tuple[str, str, str]] = (),
        symbols: Sequence[str] = (),
    ) -> web.Response:
        allowed = (*TICKER_FILTERS, *STILL_FILTERS, *OTHERS)
        asked = {name: value for name, value in request.query.items() if name in allowed and value.strip()}
        is_live = not any(name in asked for name in STILL_FILTERS)
        zone = self._zone if is_live else self._asked_zone(request)
        page = HistoryPage((), None, None)
        if self._hub.view is not None:
            page = await self._find_page(self._build_query(given, asked, zone, is_live=is_live))
        dates = None if is_live else LABELS[self._language(request)]["date_format"]
        items = build_page_rows((row.data for row in page.rows), zone, dates)
        filters = {name: asked[name] for name in TICKER_FILTERS if name in asked}
        asked_of_feed = urlencode([*filters.items(), *((name, value) for name, value in given if name == "company")])
        if asked.get("q"):
            title = f"{asked['q']} · {title}"
        return self._page(
            request,
            "section.html",
            title=title,
            category=category,
            path=request.path,
            items=items,
            is_live=is_live,
            narrowed=[
                (name, f"{asked[name]} ({zone.key})" if name == "day" else asked[name])
                for name in ("day", "source", "language", "ticker")
                if name in asked
            ],
            zone=zone.key,
            limit=ROWS,
            ticker={**filters, **ticker},
            board=board,
            board_rows=BOARD_ROWS if category == LATEST or category == "companies" else 2 * BOARD_ROWS,
            symbols=symbols,
            older=_link(request, asked, "before", page.older),
            newer=_link(request, asked, "after", page.newer),
            feeds=[
                (f"/feeds/{category or LATEST}.{kind}{'?' if asked_of_feed else ''}{asked_of_feed}", media)
                for kind, media in FEED_KINDS.items()
            ],
        )

    def _build_query(
        self, given: Sequence[tuple[str, str]], asked: Mapping[str, str], zone: ZoneInfo, *, is_live: bool
    ) -> HistoryQuery:
        """Builds the query of a list. Raises 400 where a parameter is wrong."""
        parts = [(name, value) for name, value in asked.items() if name not in ("day", "lang", "limit", "tz")]
        try:
            if "day" in asked:
                parts += _read_day(asked["day"], zone)
            limit = ("limit", str(FIRST_ROWS if is_live else STILL_ROWS))
            return parse_query([*given, *parts, limit], self._settings.source_table, STILL_ROWS)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None

    async def _find_company(self, company: str) -> NamedCompany | None:
        history = self._history if self._history and self._history.is_complete else None
        if history is not None and (stored := await history.find_company(company)):
            return NamedCompany(stored.id, stored.name, stored.symbols)
        return self._hub.view.find_company(company) if self._hub.view else None

    async def _story(
        self,
        request: web.Request,
        row: TickerRow,
        document: bytes,
        versions: Sequence[ShownVersion],
        *,
        is_open: bool,
    ) -> web.Response:
        path = build_news_path(row.uri, row.headline)
        if request.path != path:
            raise web.HTTPMovedPermanently(path)
        labels = LABELS[self._language(request)]
        is_open = is_open or self._access.is_private  # then all readers have a token
        shown = document if is_open else restrict_document(document)
        article = build_article(shown, row, self._zone, labels, is_restricted=not is_open)
        address = f"{find_site(request, self._settings)}{path}"
        section = next((each.partition(".")[0] for each in row.categories), LATEST)
        beside = await self._find_page(
            parse_query([("category", section), ("limit", str(SIDE_ROWS))], self._settings.source_table, SIDE_ROWS)
        )
        return self._page(
            request,
            "article.html",
            title=article.headline,
            category="",
            article=article,
            address=address,
            version=row.version,
            schema_org=build_schema_org(article, address, labels),
            article_sections=list_section_links(labels, row.categories),
            linked_companies=_one_each(article.companies),
            versions=[
                DatedVersion(
                    each.version, format_page_time(each.time, self._zone, labels), each.time, each.headline,
                    each.status, each.changes,
                )
                for each in versions
            ],
            version_label=VERSION_LABELS,
            copies=self._hub.other_wires.get(row.uri)[:MAX_COPIES],
            sidebar=section,
            sidebar_name=name_section(labels, section),
            items=build_page_rows((each.data for each in beside.rows), self._zone),
        )  # fmt: skip

    def _message(self, request: web.Request, status: int, label: str) -> web.Response:
        title = LABELS[self._language(request)][label]
        return self._page(request, "message.html", status=status, title=title, category="")

    def _page(
        self, request: web.Request, template: str, *, category: str, status: int = 200, **values: object
    ) -> web.Response:
        language = self._language(request)
        labels = LABELS[language]
        companies = list_section_links(labels, COMPANY_SECTIONS)
        sections = list_section_links(labels, (LATEST, *SECTIONS))
        named = {f"section.{each}": name for each, _, name in (*sections, *companies)}
        names = {"q": "", "language": "", "source": "", "day": "", "tz": ""}
        body = render_page(
            template,
            t=labels,
            language=language,
            category=category,
            section=category.partition(".")[0],
            sections=sections,
            company_sections=[("companies", "/companies", labels["all_companies"]), *companies],
            search_path=request.path if category or request.path.startswith("/company/") else "/",
            asked={**names, **{name: value for name, value in request.query.items() if name in names}},
            languages=sorted({*LABELS, "zh", "ja", "sv", "da", "no", "pl", "pt"}),
            source_names=[(code, name) for code, (name, _) in self._sources],
            site=find_site(request, self._settings),
            page_labels={name: labels[name] for name in PAGE_LABELS} | named,
            **{"zone": self._zone.key, "token_page": "", **values},
        )
        cache = self._access.cache_headers(trusted=False)
        vary = ", ".join(filter(None, (hdrs.ACCEPT_LANGUAGE, cache.get(hdrs.VARY, ""))))
        headers = {"Content-Security-Policy": POLICY, **cache, hdrs.VARY: vary}
        return build_cacheable_response(request, body, HTML, headers, "utf-8", status)

    def _asked_zone(self, request: web.Request) -> ZoneInfo:
        """Returns the zone of a list that does not move: that of the reader where page.js tells it."""
        name = request.query.get("tz", "")
        try:
            return ZoneInfo(name) if name else self._zone
        except (ValueError, KeyError, OSError):
            raise web.HTTPBadRequest(text=f"tz is {name[:60]!r}: give a time zone such as Europe/Berlin") from None

    def _language(self, request: web.Request) -> str:
        return pick_language(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""), request.query.get("lang", ""))


def _read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        raise ConfigError(f"gateway.zone is {name!r}: give an IANA time zone such as America/New_York") from None


def _one_each(companies: Sequence[PageCompany]) -> list[PageCompany]:
    """Lists each company once: an entry without a page is left out where another one of its name has a page."""
    with_page = {each.name for each in companies if each.path}
    kept = (each for each in companies if each.path or each.name not in with_page)
    return list({each.path or each.name: each for each in kept}.values())


def _link(request: web.Request, asked: Mapping[str, str], name: str, cursor: int | None) -> str:
    """Builds the address of the page of older or newer rows; empty where there is none."""
    if cursor is None:
        return ""
    kept = {key: value for key, value in asked.items() if key not in ("before", "after")}
    return f"{request.path}?{urlencode({**kept, name: str(cursor)})}"


def _read_day(text: str, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Reads a day of a zone as its first and last second. Raises ValueError where it is none."""
    try:
        day = date.fromisoformat(text)
        start = datetime(day.year, day.month, day.day, tzinfo=zone)
        end = start + timedelta(days=1) - timedelta(seconds=1)
        return [("from", start.isoformat()), ("to", end.isoformat())]
    except (ValueError, OverflowError):
        raise ValueError(f"day is {text[:60]!r}: give a day such as 2026-03-02") from None
