"""Tells who may do what at the desk page: tokens with a name and roles."""

import hmac
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from aiohttp import hdrs, web

from streams.config.errors import ConfigError
from streams.model.records import CommandAction

LOOK, FILE, WITHDRAW = "look", "file", "withdraw"
ROLES = (LOOK, FILE, WITHDRAW)
NEEDED = {CommandAction.KILL: WITHDRAW, CommandAction.RELEASE: WITHDRAW}
"""The role that an action needs; all others need `file`."""
MIN_TOKEN = 16
_NAME = re.compile(r"[\w.@-]{1,60}")


class Person(msgspec.Struct, frozen=True):
    """Who sends a request: the name that stands in `by`, and what that person may do."""

    name: str
    roles: frozenset[str]


class DeskAccess:
    """The tokens of the file `gateway.desk_token_file`: a line is `NAME ROLE[,ROLE…] TOKEN`; `#` begins a comment."""

    def __init__(self, path: str) -> None:
        if not path:
            raise ConfigError("gateway.desk needs gateway.desk_token_file: lines of NAME ROLE[,ROLE] TOKEN")
        try:
            lines = Path(path).read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"gateway.desk_token_file cannot be read: {error}") from error
        self._people = list(_parse_lines(lines))
        if not self._people:
            raise ConfigError("gateway.desk_token_file has no token: add a line NAME ROLE[,ROLE] TOKEN")

    def identify(self, request: web.Request) -> Person:
        """Returns who sends a request. Raises 401 without a right token.

        The token is a header that no browser adds by itself, so a page of another site cannot act in a person's name.
        """
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        given = token.strip().encode("utf-8", "surrogateescape")
        found = [person for known, person in self._people if hmac.compare_digest(given, known)]
        if scheme.lower() != "bearer" or not found:
            raise web.HTTPUnauthorized(
                text="a token of the desk is needed: ask who runs this gateway",
                headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="newswire-desk"'},
            )
        return found[0]

    def require(self, request: web.Request, role: str) -> Person:
        """Returns who sends a request. Raises 403 where that person does not have the role."""
        person = self.identify(request)
        if role not in person.roles:
            raise web.HTTPForbidden(
                text=f"{person.name} may not {role}: the token has {', '.join(sorted(person.roles))}"
            )
        return person


def _parse_lines(lines: Iterable[str]) -> Iterable[tuple[bytes, Person]]:
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        where = f"gateway.desk_token_file, line {number}"
        if len(parts) != 3:
            raise ConfigError(f"{where}: give NAME ROLE[,ROLE] TOKEN")
        name, roles, token = parts[0], frozenset(parts[1].split(",")), parts[2]
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{where}: {name!r} is no name such as ada or ada@example.com")
        if unknown := roles - set(ROLES):
            raise ConfigError(f"{where}: {min(unknown)!r} is no role: use {', '.join(ROLES)}")
        if len(token) < MIN_TOKEN:
            raise ConfigError(f"{where}: a token has at least {MIN_TOKEN} characters")
        yield token.encode(), Person(name, roles | {LOOK})
