"""Topics with their ids and what the present user may do with them: Metadata version 10 (KIP-516, KIP-430).

aiokafka 0.14 stops short of it.
"""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

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


async def metadata(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> Any:
    """The answer: `cluster`, and `topics` with `error_code`, `topic`, `id`, `operations` each."""
    return (await admin._send_request(MetadataRequest(topics))).to_object()


async def identity(admin: AIOKafkaAdminClient, topic: str) -> str:
    """`<cluster id>/<topic id>`; another one where the topic was deleted and made anew. Empty where it is not there."""
    answer = await metadata(admin, [topic])
    (row,) = answer["topics"]
    return "" if row["error_code"] else f"{answer['cluster']}/{row['id'].hex()}"
