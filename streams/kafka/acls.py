"""Declares the least rights (Kafka ACLs) that each role needs, for `newswire check` and deploy/acls.sh."""

from typing import Literal

import msgspec

from streams.model.topics import (
    CATEGORIES,
    DECISIONS,
    DUPLICATES,
    LATEST,
    LOG,
    OUTCOMES,
    RAW,
    REPLAYS,
    ROLLED,
    STATE,
    TOPICS,
)

PREPARE_GROUP = "newswire-prepare"
DECIDE_GROUP = "newswire-decide"
WEBHOOK_GROUP = "newswire-webhook."
"""Begins the group of each webhook: `newswire-webhook.<prefix>.<search>`."""
Role = Literal["feed", "prepare", "decide", "gateway", "desk", "watch", "archive", "admin", "roll"]


class Right(msgspec.Struct, frozen=True):
    """Allows operations on topics (without prefix), groups or transactional ids. Read and Write include Describe."""

    kind: Literal["topic", "group", "transactional-id"]
    names: tuple[str, ...]
    operations: tuple[str, ...]


ROLES: dict[Role, str] = {
    "feed": "`feed`, `generate --to-kafka`, and every feeder of your own",
    "prepare": "`worker --stage prepare`",
    "decide": "`worker --stage decide`, releases of embargoes included",
    "gateway": "`gateway` and `tail`",
    "desk": "`desk`, `dead-letters`, `replay --diff` and `--apply`: what people do",
    "watch": "`check`, `status`, `why`, `audit`, `export`: looks at everything and changes nothing",
    "archive": "`archive`: reads what it keeps, and withdrawals",
    "admin": "`topics plan`, `topics apply`",
    "roll": "`topics roll`, once a day",
}
"""Role -> the commands that it stands for."""
ALL = tuple(topic.name for topic in TOPICS)

RIGHTS: dict[Role, tuple[Right, ...]] = {
    "feed": (Right("topic", (RAW,), ("Write",)),),
    "prepare": (
        Right("topic", (RAW,), ("Read",)),
        Right("topic", (LOG,), ("Write",)),
        Right("group", (PREPARE_GROUP,), ("Read",)),
    ),
    "decide": (
        Right("topic", (LOG, STATE, DECISIONS), ("Read", "Write")),
        Right("topic", OUTCOMES, ("Write",)),
        Right("group", (DECIDE_GROUP,), ("Read",)),
        Right("transactional-id", (DECIDE_GROUP,), ("Write",)),
    ),
    "gateway": (
        Right("topic", (LATEST, *CATEGORIES, DUPLICATES), ("Read",)),
        Right("group", (WEBHOOK_GROUP,), ("Read",)),
    ),
    "desk": (
        Right("topic", (RAW, LOG, REPLAYS), ("Read", "Write")),
        Right("topic", (STATE, *OUTCOMES, DECISIONS), ("Read",)),
        Right("group", (PREPARE_GROUP, DECIDE_GROUP), ("Describe",)),
    ),
    "watch": (
        Right("topic", ALL, ("Read", "DescribeConfigs")),
        Right("group", (PREPARE_GROUP, DECIDE_GROUP), ("Describe",)),
    ),
    "archive": (Right("topic", (RAW, LOG, DECISIONS, LATEST), ("Read",)),),
    "admin": (Right("topic", ALL, ("Create", "Describe", "Alter", "DescribeConfigs", "AlterConfigs")),),
    "roll": (Right("topic", ROLLED, ("Read", "Write")),),
}
"""Group ids and the start of the transactional id are fixed; topic names get the deployment's prefix."""


LAG = """\
# kminion beside Prometheus: the lag of every consumer group, of other teams too
acls --allow-principal "User:$USERS-lag" --operation Describe --group '*'
acls --allow-principal "User:$USERS-lag" --operation Describe --topic "$PREFIX." --resource-pattern-type prefixed
"""


def format_commands(role: Role, user: str) -> list[str]:
    """Formats the `kafka-acls` commands that give a user the rights of a role; `$PREFIX` is the prefix of topics."""
    lines = []
    for right in RIGHTS[role]:
        option = f"--{right.kind}"
        named = " ".join(
            f'{option} "$PREFIX.{name}"'
            if right.kind == "topic"
            else f"{option} {name}."
            if right.kind == "transactional-id"
            else f"{option} {name}"
            for name in right.names
        )
        is_prefix = right.kind == "transactional-id" or WEBHOOK_GROUP in right.names
        pattern = " --resource-pattern-type prefixed" if is_prefix else ""
        operations = " ".join(f"--operation {each}" for each in right.operations)
        lines.append(f"acls --allow-principal {user} {operations} {named}{pattern}")
    return lines


def format_script() -> str:
    """Formats deploy/acls.sh."""
    body = [
        f"# {text}\n" + "\n".join(format_commands(role, f'"User:$USERS-{role}"')) + "\n" for role, text in ROLES.items()
    ]
    return """\
#!/usr/bin/env bash
# The least rights of each part, for one user a part: User:newswire-feed, User:newswire-prepare, ...
# KAFKA=host:port ADMIN=admin.properties deploy/acls.sh   (PREFIX, USERS: other topic prefix, other first part of users)
# Written by `python tests/support/acls.py` from streams/kafka/acls.py.
set -euo pipefail
PREFIX=${PREFIX:-news} USERS=${USERS:-newswire}
acls() { "${KAFKA_ACLS:-kafka-acls.sh}" --bootstrap-server "$KAFKA" --command-config "$ADMIN" --add "$@"; }

""" + "\n".join([*body, LAG])
