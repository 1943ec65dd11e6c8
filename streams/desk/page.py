"""Serves the page of the desk: lists, one item with its evidence, and commands with their plan shown first.

Every request but the files of the page needs a token of the desk, in a header. Nothing acts by GET. A plan is kept here
under an id; `act` appends exactly the plan that was shown, by the code of the command line.
"""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from importlib import resources
from typing import NamedTuple, TypeVar

import msgspec
import orjson
from aiohttp import hdrs, web

from streams.config.settings import Settings
from streams.desk import plan, records
from streams.desk.access import FILE, LOOK, NEEDED, WITHDRAW, DeskAccess, Person
from streams.desk.plan import DeskPlan
from streams.desk.reader import fill
from streams.desk.records import DESK_ACTIONS
from streams.desk.stories import StoryView
from streams.desk.view import LISTS, DeskView
from streams.kafka.admin import fetch_partitions
from streams.kafka.consumer import read_to_end
from streams.model.records import CommandAction, JsonObject
from streams.model.topics import CATEGORIES, DUPLICATES, LATEST, WITHHELD
from streams.ops.explain import explain, is_about, select_story
from streams.prepare.companies.reference import Reference
from streams.prepare.loading import parse_reference, read_files
from streams.runtime.tasks import cancel

Body = TypeVar("Body")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Allows nothing inline, nothing from other sites, and no page of another site around it."""
PLAN_SECONDS = 600.0
"""How long a plan that was shown can be acted on."""
MOST_PLANS = 500
FILES = {"/desk": ("desk.html", "text/html"), "/desk/desk.js": ("desk.js", "text/javascript")}
FILES["/desk/desk.css"] = ("desk.css", "text/css")
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_NOT_KEPT: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}


class ShownPlan(NamedTuple):
    """A plan that a person has seen."""

    plans: list[DeskPlan]
    person: str
    until: float


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a request for a plan."""

    action: CommandAction
    uri: str
    """The story, the copy (`split`), or the ids of commands (`undo`)."""
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    text: str = ""
    """The headline or the note."""
    into: str = ""
    """The story that goes on (`join`)."""
    final: bool = False


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a request to act."""

    plan: str
    why: str


class DeskPage:
    """Handles the requests of the desk page."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._access = DeskAccess(settings.gateway.desk_token_file)
        self._view = DeskView()
        self._plans: OrderedDict[str, ShownPlan] = OrderedDict()
        self._reference: Reference | None = None

    def attach(self, app: web.Application) -> None:
        """Adds the routes of the page to the application of the gateway."""
        for path, (name, kind) in FILES.items():
            app.router.add_get(path, _serve(name, kind))
        app.router.add_get("/desk/me", self.me)
        app.router.add_get("/desk/lists/{name}", self.rows)
        app.router.add_get("/desk/item", self.item)
        app.router.add_get("/desk/actions", self.actions)
        app.router.add_post("/desk/plan", self.plan)
        app.router.add_post("/desk/act", self.act)
        app.cleanup_ctx.append(self._fill)

    async def _fill(self, _: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(fill(self._settings, self._view))
        yield
        await cancel(task)

    async def me(self, request: web.Request) -> web.Response:
        """Answers the name and the roles of the token, and the categories there are."""
        person = self._access.identify(request)
        return _json({"name": person.name, "roles": sorted(person.roles), "categories": dict(CATEGORIES)})

    async def rows(self, request: web.Request) -> web.Response:
        """Answers the rows of a list, the newest first."""
        self._access.require(request, LOOK)
        name = request.match_info["name"]
        if name not in LISTS:
            raise web.HTTPNotFound(text=f"there is no list {name[:40]!r}: use {', '.join(LISTS)}")
        return _json(self._view.list_rows(name))

    async def item(self, request: web.Request) -> web.Response:
        """Answers what was decided about an item or a story, and its newest document."""
        self._access.require(request, LOOK)
        wanted = request.query.get("uri", "")
        found = await records.read_decisions(self._settings, [wanted]) if wanted else []
        about = [part for each in found if is_about(part := select_story(each, wanted), wanted)]
        if not about:
            raise web.HTTPNotFound(text="nothing was decided about this item")
        full = self._settings.topics.full
        lines = [line for each in about[-50:] for line in explain(each, full=full)]
        return _json({"uri": wanted, "lines": lines, "event": await self._read_event(wanted)})

    async def _read_event(self, wanted: str) -> JsonObject | None:
        """Reads the newest document of a story or of a copy; of one under embargo the one that waits."""
        names = [self._settings.topics.full(name) for name in (LATEST, DUPLICATES, WITHHELD)]
        partitions = await fetch_partitions(self._settings.kafka, names)
        found: bytes | None = None
        mark = f'"uri":"{wanted}"'.encode()
        async for record in read_to_end(self._settings.kafka, partitions):
            if record.value is not None and mark in record.value:
                found = record.value
        event: JsonObject | None = orjson.loads(found) if found else None
        return event

    async def plan(self, request: web.Request) -> web.Response:
        """Answers what a command would do, and keeps the plan for `act`."""
        person = self._access.identify(request)
        asked = await _read_body(request, Asked)
        self._require_role(request, asked)
        try:
            made = await self._make_plans(asked)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        self._check_undo(request, made)
        line, acts = "\n".join(each.line for each in made), made[0].acts
        return _json({"line": line, "acts": acts, "plan": self._keep(made, person) if acts else ""})

    def _require_role(self, request: web.Request, asked: Asked) -> None:
        if asked.action not in DESK_ACTIONS or asked.action == CommandAction.RESTORE:  # that comes with a split
            raise web.HTTPBadRequest(text=f"{asked.action} is no action of the desk")
        self._access.require(request, NEEDED.get(asked.action, FILE))

    def _check_undo(self, request: web.Request, made: list[DeskPlan]) -> None:
        """Who may not kill may not undo a kill either."""
        undone = [(each.detail or {}).get("action") for each in made if each.action == CommandAction.UNDO]
        if CommandAction.KILL in undone:
            self._access.require(request, WITHDRAW)

    async def _make_plans(self, asked: Asked) -> list[DeskPlan]:
        if asked.action == CommandAction.SPLIT:
            return await records.make_split_plans(self._settings, asked.uri)
        if asked.action == CommandAction.UNDO:
            return await records.make_undo_plans(self._settings, asked.uri.split())
        uris = list(dict.fromkeys(filter(None, (asked.uri, asked.into))))
        stories = {story.uri: story for story in await records.read_stories(self._settings, uris)}
        return [self._plan_change(asked, stories)]

    def _plan_change(self, asked: Asked, stories: dict[str, StoryView]) -> DeskPlan:
        story = stories[asked.uri]
        if asked.action == CommandAction.JOIN:
            return plan.plan_join(story, stories.get(asked.into, StoryView(uri=asked.into)))
        if asked.action == CommandAction.KILL:
            return plan.plan_kill(story, final=asked.final)
        if asked.action == CommandAction.RELEASE:
            return plan.plan_release(story)
        if asked.action == CommandAction.REFILE:
            return plan.plan_refile(story, asked.add, asked.drop)
        if asked.action == CommandAction.RETITLE:
            return plan.plan_retitle(story, asked.text)
        if asked.action == CommandAction.NOTE:
            return plan.plan_note(story, asked.text)
        return plan.plan_company(story, asked.add, asked.drop, self._load_reference())

    def _load_reference(self) -> Reference:
        if self._reference is None:
            self._reference = parse_reference(read_files(self._settings))
        return self._reference

    def _keep(self, made: list[DeskPlan], person: Person) -> str:
        id_ = secrets.token_urlsafe(16)
        self._plans[id_] = ShownPlan(made, person.name, time.monotonic() + PLAN_SECONDS)
        if len(self._plans) > MOST_PLANS:
            self._plans.popitem(last=False)
        return id_

    async def act(self, request: web.Request) -> web.Response:
        """Appends the command of a plan that this person was shown. A plan acts once."""
        person = self._access.require(request, LOOK)
        decided = await _read_body(request, Decided)
        if not decided.why.strip():
            raise web.HTTPBadRequest(text="say why: it stands in the decision")
        shown = self._plans.get(decided.plan)
        if shown is None or shown.person != person.name or shown.until < time.monotonic():
            raise web.HTTPConflict(text="this plan is used or too old: look at it again")
        del self._plans[decided.plan]
        self._access.require(request, NEEDED.get(shown.plans[0].action, FILE))
        self._check_undo(request, shown.plans)
        given = await records.append(self._settings, shown.plans, person.name, decided.why.strip())
        return _json({"command": " ".join(each.id for each in reversed(given)), "uri": given[0].uri})

    async def actions(self, request: web.Request) -> web.Response:
        """Answers all actions of the desk of a span as JSON lines: the decisions on its commands."""
        self._access.require(request, LOOK)
        start, end = _parse_time(request, "from", _FIRST), _parse_time(request, "to", _LAST)
        rows = [
            msgspec.json.encode(each)
            for each in await records.read_actions(self._settings)
            if start <= datetime.fromisoformat(each.received) < end
        ]
        headers: dict[str, str] = {**_NOT_KEPT, "Content-Disposition": 'attachment; filename="desk-actions.jsonl"'}
        body = b"".join(row + b"\n" for row in rows)
        return web.Response(body=body, content_type="application/x-ndjson", headers=headers)


def _parse_time(request: web.Request, name: str, without: datetime) -> datetime:
    text = request.query.get(name, "")
    try:
        time = datetime.fromisoformat(text) if text else without
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise web.HTTPBadRequest(text=f"{name} is {text[:60]!r}: give a time such as 2026-03-02T09:00:00Z")
    return time


async def _read_body(request: web.Request, kind: type[Body]) -> Body:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send JSON, with Content-Type: application/json")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="a page of another site may not act here")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=f"not a request of the desk: {error}") from None


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", headers=_NOT_KEPT)


def _serve(name: str, kind: str) -> Handler:
    body = resources.files("streams.desk").joinpath("static", name).read_bytes()
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-cache", "Content-Security-Policy": POLICY}

    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    return serve
