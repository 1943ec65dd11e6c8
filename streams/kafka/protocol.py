"""Sends the requests that aiokafka 0.14 lacks: changes of single topic settings, topic ids, and allowed operations.

- IncrementalAlterConfigs (KIP-339). aiokafka has only AlterConfigs, which resets every setting that it does not name.
- Metadata version 10: topic ids (KIP-516) and the operations allowed on topics (KIP-430). aiokafka ends at version 5.
- DescribeGroups version 3 with the operations allowed on groups (KIP-430). aiokafka has the version, and reads the
  answer as that of version 2.

confluent-kafka's AdminClient has these calls, but not the look-up of a transaction coordinator by which `check` tests
the right to a transactional id. It would bring a second Kafka client of 16 MB into every installation, with options,
TLS and errors of its own. These requests need the private `_send_request` of aiokafka's admin client.
"""

import asyncio
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import TypedDict

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
    """The answer: error code, message, resource type and name of each topic."""

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
    """Changes the settings it names; all others stay."""

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
    """Sets settings (name -> value) of topics."""

    API_KEY = 44

    def __init__(self, topics: Mapping[str, Mapping[str, str]]) -> None:
        self._resources = [
            (TOPIC, topic, [(name, SET, value) for name, value in settings.items()])
            for topic, settings in topics.items()
        ]

    def build(self, request_struct_class: type[IncrementalAlterConfigsRequestV0]) -> IncrementalAlterConfigsRequestV0:
        """Builds the request in the only version that is defined here."""
        return request_struct_class(self._resources, False)


NO_ID = bytes(16)
"""The topic is asked for by name."""


class Uuid(AbstractType[bytes]):  # type: ignore[misc]
    """A UUID of the protocol: 16 bytes."""

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        """Writes the bytes."""
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        """Reads the bytes."""
        return data.read(16)


class MetadataResponseV10(Response):  # type: ignore[misc]
    """The answer: brokers, the id of the cluster, and topics with their ids, partitions and allowed operations."""

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
    """Asks for topics by name; creates none."""

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
    """Asks for the ids of topics and the operations that are allowed on them."""

    API_KEY = 3

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics: list[tuple[bytes, str, dict[int, bytes]]] = [(NO_ID, topic, {}) for topic in topics]

    def build(self, request_struct_class: type[MetadataRequestV10]) -> MetadataRequestV10:
        """Builds the request in the only version that is defined here."""
        return request_struct_class(self._topics, False, False, True, {})


class TopicMetadata(TypedDict):
    """A topic in the answer to a metadata request."""

    error_code: int
    topic: str
    id: bytes
    operations: int


class ClusterMetadata(TypedDict):
    """The part of an answer to a metadata request that is used here."""

    cluster: str
    topics: list[TopicMetadata]


async def fetch_metadata(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> ClusterMetadata:
    """Fetches the id of the cluster, and the ids and allowed operations of topics."""
    answer: ClusterMetadata = (await admin._send_request(MetadataRequest(topics))).to_object()
    return answer


async def fetch_topic_identity(admin: AIOKafkaAdminClient, topic: str) -> str:
    """Fetches `<cluster id>/<topic id>`, empty without the topic. A topic that is created again has another id."""
    answer = await fetch_metadata(admin, [topic])
    (row,) = answer["topics"]
    return "" if row["error_code"] else f"{answer['cluster']}/{row['id'].hex()}"


OPERATIONS = {3: "Read", 4: "Write", 5: "Create", 7: "Alter", 8: "Describe", 10: "DescribeConfigs", 11: "AlterConfigs"}
"""Kafka's codes (AclOperation); bit n of an answer stands for code n."""
TRIES = 40
"""How often a coordinator that is not ready is asked, four times a second."""
NOT_READY = (14, 15, 16)
"""COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR."""
FORBIDDEN = 29
"""TOPIC_AUTHORIZATION_FAILED."""


class GroupsRequestV3(RequestStruct):  # type: ignore[misc]
    """Asks for groups by name, with the operations that are allowed on them."""

    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = DescribeGroupsResponse_v3
    SCHEMA = Schema(("groups", Array(String())), ("include_authorized_operations", Boolean))


class GroupsRequest(Request[GroupsRequestV3]):  # type: ignore[misc]
    """Asks for the operations that are allowed on a group."""

    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[GroupsRequestV3]) -> GroupsRequestV3:
        """Builds the request in the only version that is defined here."""
        return request_struct_class([self._group], True)


async def fetch_topic_operations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """Fetches the operations allowed on each topic that exists; an empty set for one that the user may not see."""
    answer = await fetch_metadata(admin, names)
    return {
        row["topic"]: frozenset() if row["error_code"] else decode_operations(row["operations"])
        for row in answer["topics"]
        if row["error_code"] in (0, FORBIDDEN)
    }


async def fetch_group_operations(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, frozenset[str]]:
    """Fetches the operations allowed on consumer groups.

    Raises `GroupAuthorizationFailedError` where the user may not see a group.
    """
    found = {}
    for name in names:
        for _ in range(TRIES):
            node = await find_coordinator(admin, name)
            (row,) = (await admin._send_request_to_node(node, GroupsRequest(name))).to_object()["groups"]
            if row["error_code"] not in NOT_READY:
                break
            await asyncio.sleep(0.25)
        found[name] = frozenset() if row["error_code"] else decode_operations(row["authorized_operations"])
    return found


async def find_coordinator(admin: AIOKafkaAdminClient, name: str, kind: int = 0) -> int:
    """Finds the coordinator of a group (kind 0) or transactional id (1). A new cluster needs a moment to have one."""
    for _ in range(TRIES):
        try:
            return int(await admin.find_coordinator(name, kind))
        except GroupCoordinatorNotAvailableError:
            await asyncio.sleep(0.25)
    return int(await admin.find_coordinator(name, kind))


def decode_operations(bits: int) -> frozenset[str]:
    """Decodes a set of operations: bit n stands for the operation with code n."""
    return frozenset(name for code, name in OPERATIONS.items() if bits >> code & 1)
