"""IncrementalAlterConfigs (Kafka protocol, API 44, KIP-339), which aiokafka 0.14 lacks.

AlterConfigs, which it has, replaces all settings of a topic, those of others too.

Topics with their ids and what the present user may do with them: Metadata version 10 (KIP-516, KIP-430).

aiokafka 0.14 stops short of it.

What the present user may do with topics (metadata.py) and groups (KIP-430).
"""

import asyncio
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.admin import DescribeGroupsResponse_v3
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    String,
    TaggedFields,
)

TOPIC = 2
SET = 0


class IncrementalAlterConfigsResponseV0(Response):  # type: ignore[misc]
    """One row a topic: error code, message, resource type, name."""

    API_KEY = 44
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "resources",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
            ),
        ),
    )


class IncrementalAlterConfigsRequestV0(RequestStruct):  # type: ignore[misc]
    """Settings to change; all others stay."""

    API_KEY = 44
    API_VERSION = 0
    RESPONSE_TYPE = IncrementalAlterConfigsResponseV0
    SCHEMA = Schema(
        (
            "resources",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                (
                    "configs",
                    Array(("name", String("utf-8")), ("operation", Int8), ("value", String("utf-8"))),
                ),
            ),
        ),
        ("validate_only", Boolean),
    )


class IncrementalAlterConfigsRequest(Request[IncrementalAlterConfigsRequestV0]):  # type: ignore[misc]
    """Sets, for each topic, the settings given (name -> value)."""

    API_KEY = 44

    def __init__(self, topics: Mapping[str, Mapping[str, str]]) -> None:
        self._resources = [
            (TOPIC, topic, [(name, SET, value) for name, value in settings.items()])
            for topic, settings in topics.items()
        ]

    def build(self, request_struct_class: type[IncrementalAlterConfigsRequestV0]) -> IncrementalAlterConfigsRequestV0:
        """The request in the one version known here."""
        return request_struct_class(self._resources, False)


NO_ID = bytes(16)


class Uuid(AbstractType[bytes]):  # type: ignore[misc]
    """16 bytes as they are."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        """As on the wire."""
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        """From the wire."""
        return data.read(16)


class MetadataResponseV10(Response):  # type: ignore[misc]
    """Brokers, the cluster's id, topics with their ids, partitions and the operations allowed."""

    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node", Int32),
                ("host", CompactString()),
                ("port", Int32),
                ("rack", CompactString()),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster", CompactString()),
        ("controller", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString()),
                ("id", Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_operations", Int32),
        ("tags", TaggedFields),
    )


class MetadataRequestV10(RequestStruct):  # type: ignore[misc]
    """Topics by name; creates none."""

    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 10
    RESPONSE_TYPE = MetadataResponseV10
    SCHEMA = Schema(
        ("topics", CompactArray(("id", Uuid), ("topic", CompactString()), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_operations", Boolean),
        ("include_topic_operations", Boolean),
        ("tags", TaggedFields),
    )


class MetadataRequest(Request[MetadataRequestV10]):  # type: ignore[misc]
    """Ids of topics, and the operations that are allowed on them."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics: list[tuple[bytes, str, dict[int, bytes]]] = [(NO_ID, topic, {}) for topic in topics]

    def build(self, request_struct_class: type[MetadataRequestV10]) -> MetadataRequestV10:
        """The request in the one version known here."""
        return request_struct_class(self._topics, False, False, True, {})


async def fetch_metadata(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> Any:
    """The answer: `cluster`, and `topics` with `error_code`, `topic`, `id`, `operations` each."""
    return (await admin._send_request(MetadataRequest(topics))).to_object()


async def fetch_topic_identity(admin: AIOKafkaAdminClient, topic: str) -> str:
    """`<cluster id>/<topic id>`; another one where the topic was deleted and made anew. Empty where it is not there."""
    answer = await fetch_metadata(admin, [topic])
    (row,) = answer["topics"]
    return "" if row["error_code"] else f"{answer['cluster']}/{row['id'].hex()}"


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


async def fetch_topic_operations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The operations allowed on each of the topics that exist; none of one that the user may not even see."""
    answer = await fetch_metadata(admin, names)
    return {
        row["topic"]: frozenset() if row["error_code"] else decode_operations(row["operations"])
        for row in answer["topics"]
        if row["error_code"] in (0, FORBIDDEN)
    }


async def fetch_group_operations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """The same of consumer groups. Raises `GroupAuthorizationFailedError` where one may not be seen."""
    found = {}
    for name in names:
        for _ in range(TRIES):
            node = await find_coordinator(admin, name)
            (row,) = (await admin._send_request_to_node(node, GroupsRequest(name))).to_object()["groups"]
            if row["error_code"] not in MOVING:
                break
            await asyncio.sleep(0.25)
        found[name] = frozenset() if row["error_code"] else decode_operations(row["authorized_operations"])
    return found


async def find_coordinator(admin: AIOKafkaAdminClient, name: str, kind: int = 0) -> int:
    """The broker of a group (kind 0) or transactional id (1); a new cluster needs a moment to have one."""
    for _ in range(TRIES):
        try:
            return int(await admin.find_coordinator(name, kind))
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.25)
    return int(await admin.find_coordinator(name, kind))


def decode_operations(bits: int) -> frozenset[str]:
    """A set of operations as Kafka writes it: bit n for code n."""
    return frozenset(name for code, name in OPERATIONS.items() if bits >> code & 1)
