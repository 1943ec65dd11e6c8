"""What the present user may do with topics (metadata.py) and groups (KIP-430)."""

import asyncio
from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.admin import DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.types import Array, Boolean, Schema, String

from streams.kafka.metadata import metadata

OPERATIONS = {3: "Read", 4: "Write", 5: "Create", 7: "Alter", 8: "Describe", 10: "DescribeConfigs", 11: "AlterConfigs"}
"""Kafka's codes (AclOperation); bit n of an answer stands for code n."""
TRIES = 40
MOVING = (14, 15, 16)
"""A coordinator that loads, or is none, or no more."""
FORBIDDEN = 29
"""TOPIC_AUTHORIZATION_FAILED."""


class GroupsRequestV3(RequestStruct):  # type: ignore[misc]
    """Groups by name, with the operations allowed; aiokafka reads the answer to its own as that of version 2."""

    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = DescribeGroupsResponse_v3
    SCHEMA = Schema(("groups", Array(String())), ("include_authorized_operations", Boolean))


class GroupsRequest(Request[GroupsRequestV3]):  # type: ignore[misc]
    """The operations that are allowed on a group."""

    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[GroupsRequestV3]) -> GroupsRequestV3:
        """The request in the one version known here."""
        return request_struct_class([self._group], True)


async def on_topics(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The operations allowed on each of the topics that exist; none of one that the user may not even see."""
    answer = await metadata(admin, names)
    return {
        row["topic"]: frozenset() if row["error_code"] else named(row["operations"])
        for row in answer["topics"]
        if row["error_code"] in (0, FORBIDDEN)
    }


async def on_groups(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The same of consumer groups. Raises `GroupAuthorizationFailedError` where one may not be seen."""
    found = {}
    for name in names:
        for _ in range(TRIES):
            node = await coordinator(admin, name)
            (row,) = (await admin._send_request_to_node(node, GroupsRequest(name))).to_object()["groups"]
            if row["error_code"] not in MOVING:
                break
            await asyncio.sleep(0.25)
        found[name] = frozenset() if row["error_code"] else named(row["authorized_operations"])
    return found


async def coordinator(admin: AIOKafkaAdminClient, name: str, kind: int = 0) -> int:
    """The broker of a group (kind 0) or transactional id (1); a new cluster needs a moment to have one."""
    for _ in range(TRIES):
        try:
            return int(await admin.find_coordinator(name, kind))
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.25)
    return int(await admin.find_coordinator(name, kind))


def named(bits: int) -> frozenset[str]:
    """A set of operations as Kafka writes it: bit n for code n."""
    return frozenset(name for code, name in OPERATIONS.items() if bits >> code & 1)
