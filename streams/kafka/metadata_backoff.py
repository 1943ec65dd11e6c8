"""Makes every aiokafka client wait between two requests for metadata that bring nothing.

aiokafka 0.14 asks again at once, some 300 times a second, as long as no broker answers or a partition has no leader
(`Fetcher._fetch_requests_routine`, `AIOKafkaClient._get_conn`). That costs a third of a core in each process, and a
broker that comes back meets a storm of requests. The Java client waits `retry.backoff.ms` (KIP-601).
"""

import asyncio
from collections.abc import Collection

from aiokafka.client import AIOKafkaClient
from aiokafka.cluster import ClusterMetadata

PAUSE_SECONDS = 0.1
"""The default of `retry.backoff.ms`."""

_ask = AIOKafkaClient._metadata_update


async def _ask_and_wait(client: AIOKafkaClient, cluster: ClusterMetadata, topics: Collection[str] | None) -> bool:
    """Asks for the metadata of topics, of all where there are none, and waits where it brought nothing."""
    answered: bool = await _ask(client, cluster, topics)
    if not answered or not all(_has_leaders(cluster, topic) for topic in topics or ()):
        await asyncio.sleep(PAUSE_SECONDS)
    return answered


def _has_leaders(cluster: ClusterMetadata, topic: str) -> bool:
    partitions = cluster.partitions_for_topic(topic)
    return partitions is not None and partitions == cluster.available_partitions_for_topic(topic)


def wait_between_metadata_requests() -> None:
    """Puts the pause into aiokafka's client class, so that Faust's clients have it too."""
    AIOKafkaClient._metadata_update = _ask_and_wait
