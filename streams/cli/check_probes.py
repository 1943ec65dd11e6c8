"""What `newswire check` looks at beside topics and sources: broker, rights, clock, disk, state folder."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from aiokafka.errors import GroupAuthorizationFailedError, TransactionalIdAuthorizationFailed

from streams.config.settings import Settings
from streams.kafka import protocol
from streams.kafka.acls import DECIDE_GROUP, NEEDED, Part, Right

CLOCK_SECONDS = 5.0
FREE_MIB = 200
OLDEST = {65: "3.0"}
"""A request that only newer brokers know, and the release it came with: rights of idempotent producers are of 3.0."""
TRANSACTION = 1


class Verdict(NamedTuple):
    """One line: what was looked at, how it is, and how to mend it."""

    level: Literal["ok", "warn", "bad"]
    what: str
    text: str


async def broker(admin: Any, brokers: str) -> Verdict:
    """Whether the broker that answers is new enough."""
    await admin.describe_cluster()
    known = {key for connection in admin._client._conns.values() for key in connection._versions}
    for key, release in OLDEST.items():
        if key not in known:
            return Verdict("bad", "broker", f"Kafka at {brokers} is older than {release}: upgrade it")
    return Verdict("ok", "broker", f"Kafka at {brokers} answers, and is of {max(OLDEST.values())} or newer")


async def rights(admin: Any, settings: Settings, parts: Sequence[Part]) -> list[Verdict]:
    """For each part whether the present user has what it needs."""
    return [_of_part(part, [await _missing(admin, settings, right) for right in NEEDED[part]]) for part in parts]


def _of_part(part: Part, missing: Iterable[list[str]]) -> Verdict:
    lacking = [each for row in missing for each in row]
    if not lacking:
        return Verdict("ok", "rights", f"this user may do what {part} does")
    shown = ", ".join(lacking[:4]) + (f" and {len(lacking) - 4} more" if len(lacking) > 4 else "")
    return Verdict("bad", "rights", f"for {part} this user lacks {shown}: give them as in deploy/acls.sh")


async def _missing(admin: Any, settings: Settings, right: Right) -> list[str]:
    if right.kind == "transactional-id":
        try:
            await protocol.coordinator(admin, f"{DECIDE_GROUP}.check", TRANSACTION)
        except TransactionalIdAuthorizationFailed:
            return [f"Write on transactional id {DECIDE_GROUP}.…"]
        return []
    if right.kind == "group":
        try:
            allowed = await protocol.on_groups(admin, right.names)
        except GroupAuthorizationFailedError:
            allowed = {}
        return _lacking(right, right.names, allowed)
    names = [settings.topics.full(name) for name in right.names]
    allowed = await protocol.on_topics(admin, names)
    # One that does not exist yet says nothing; the line `topics` tells of it.
    return _lacking(right, [name for name in names if name in allowed], allowed)


def _lacking(right: Right, names: Iterable[str], allowed: dict[str, frozenset[str]]) -> list[str]:
    return [
        f"{operation} on {right.kind} {name}"
        for name in names
        for operation in right.operations
        # Kafka reports Create of a topic only where the cluster gives it.
        if operation not in allowed.get(name, frozenset()) and operation != "Create"
    ]


def clock(newest_ms: int | None, now: float) -> Verdict:
    """This machine's clock against the broker's, as far as the time of the newest record shows it."""
    if newest_ms is None:
        return Verdict("ok", "clock", "no record to compare it with yet")
    ahead = newest_ms / 1000 - now
    if ahead > CLOCK_SECONDS:
        return Verdict("bad", "clock", f"{ahead:.0f} s behind the broker's: let NTP set both, or embargoes end late")
    return Verdict("ok", "clock", "not behind the broker's")


def disk(folder: Path, what: str) -> Verdict:
    """Whether a folder can be written and has room."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Verdict("bad", what, f"{folder} cannot be written ({error.strerror}): make it writable for {_user()}")
    free = shutil.disk_usage(folder).free >> 20
    if free < FREE_MIB:
        return Verdict("bad", what, f"{free} MiB are free at {folder}: make room, {FREE_MIB} MiB at least")
    return Verdict("ok", what, f"{free} MiB are free at {folder}")


def _user() -> str:
    return f"user {os.getuid()}"


def places(state: Path | None) -> list[Verdict]:
    """The folders a worker writes."""
    found = [disk(Path(tempfile.gettempdir()), "disk")]
    return [*found, disk(state, "state folder")] if state is not None else found
