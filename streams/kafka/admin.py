"""Compares the declared topics with a cluster and changes the cluster to match. Never deletes a topic."""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping

import msgspec
from aiokafka import TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.config.settings import KafkaSettings, Settings, TopicSettings
from streams.kafka import client, protocol
from streams.kafka.protocol import IncrementalAlterConfigsRequest
from streams.model.errors import WorkFailed
from streams.model.topics import RAW, TOPICS, Topic

VISIBLE_SECONDS = 15.0
"""How long a change may take until clients see it."""


class ExistingTopic(msgspec.Struct, frozen=True):
    """A topic of the cluster: partitions, settings that were asked for, replicas of the partition with the fewest."""

    partitions: int
    config: dict[str, str]
    replicas: int = 1


class Create(msgspec.Struct, frozen=True):
    """Creates a topic that is missing."""

    topic: str
    partitions: int
    config: dict[str, str]

    def __str__(self) -> str:
        settings = " ".join(f"{name}={value}" for name, value in self.config.items())
        return f"create   {self.topic}: {_format_partitions(self.partitions)}, {settings}"


class Grow(msgspec.Struct, frozen=True):
    """Adds partitions to a topic that has too few."""

    topic: str
    now: int
    partitions: int

    def __str__(self) -> str:
        return (
            f"grow     {self.topic}: {_format_partitions(self.now)} -> {self.partitions};"
            " this spreads the keys in another way: items of one source from before and after may overtake each other"
        )


class Alter(msgspec.Struct, frozen=True):
    """Changes settings of a topic that differ: name -> (value now, value declared)."""

    topic: str
    settings: dict[str, tuple[str, str]]

    def __str__(self) -> str:
        settings = ", ".join(f"{name} {now} -> {then}" for name, (now, then) in self.settings.items())
        return f"change   {self.topic}: {settings}"


class Plan(msgspec.Struct, frozen=True):
    """The changes that `apply_plan` makes, in this order, and the problems that only people can solve."""

    changes: tuple[Create | Grow | Alter, ...] = ()
    problems: tuple[str, ...] = ()


def list_declared_topics(settings: TopicSettings) -> dict[str, Topic]:
    """Lists all topics by full name, with the deployment's prefix, retention, replicas and raw partitions."""
    return {
        settings.full(row.name): msgspec.structs.replace(
            row,
            partitions=settings.raw_partitions if row.name == RAW else row.partitions,
            retention_days=settings.raw_retention_days if row.like_raw else settings.retention_days,
            replicas=settings.replication,
        )
        for row in TOPICS
    }


def plan_changes(topics: Mapping[str, Topic], found: Mapping[str, ExistingTopic]) -> Plan:
    """Plans the changes that turn `found` into `topics`; other topics of the cluster are left alone."""
    changes: list[Create | Grow | Alter] = []
    problems = []
    for name, topic in topics.items():
        there = found.get(name)
        if there is None:
            changes.append(Create(name, topic.partitions, topic.config()))
            continue
        if there.partitions < topic.partitions:
            changes.append(Grow(name, there.partitions, topic.partitions))
        elif there.partitions > topic.partitions:
            problems.append(_too_many(name, topic, there.partitions))
        if there.replicas < topic.replicas:
            problems.append(
                f"{name} has {_format_replicas(there.replicas)}, {topic.replicas} declared:"
                " add replicas with Kafka's kafka-reassign-partitions.sh, or set topics.replication"
            )
        # A topic that has fewer replicas than it must have in sync takes no record at all.
        declared = msgspec.structs.replace(topic, replicas=there.replicas).config()
        settings = {
            key: (there.config.get(key, "?"), value)
            for key, value in declared.items()
            if _split_list(there.config.get(key, "?")) != _split_list(value)
        }
        if settings:
            changes.append(Alter(name, settings))
    return Plan(tuple(changes), tuple(problems))


async def find_existing_topics(admin: AIOKafkaAdminClient, topics: Mapping[str, Topic]) -> dict[str, ExistingTopic]:
    """Finds those of `topics` that exist. Raises aiokafka's errors, and `WorkFailed` where the user may not see one."""
    partitions = {
        row["topic"]: row["partitions"]
        for row in await admin.describe_topics()
        if row["topic"] in topics and not row["error_code"]
    }
    replicas = {name: min(len(part["replicas"]) for part in parts) for name, parts in partitions.items()}
    await _refuse_hidden(admin, [name for name in topics if name not in partitions])
    resources = [
        ConfigResource(
            ConfigResourceType.TOPIC, name, dict.fromkeys((*topics[name].config(), "min.insync.replicas"), "")
        )
        for name in partitions
    ]
    config: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources) if resources else []:
        for code, message, _kind, name, entries in response.resources:
            _raise(code, f"settings of {name}: {message}")
            config[name] = {entry[0]: entry[1] for entry in entries}
    return {name: ExistingTopic(len(parts), config.get(name, {}), replicas[name]) for name, parts in partitions.items()}


async def apply_plan(admin: AIOKafkaAdminClient, topics: Mapping[str, Topic], plan: Plan, replication: int) -> None:
    """Makes the changes of a plan for `topics` and waits until clients see them. Raises aiokafka's errors."""
    new = [row for row in plan.changes if isinstance(row, Create)]
    if new:
        response = await admin.create_topics(
            [NewTopic(row.topic, row.partitions, replication, topic_configs=row.config) for row in new]
        )
        for name, code, message in response.topic_errors:
            if errors.for_code(code) is not errors.TopicAlreadyExistsError:
                _raise(code, f"topic {name}: {message}")
    for row in plan.changes:
        if isinstance(row, Grow):
            await admin.create_partitions({row.topic: NewPartitions(row.partitions)})
    altered = {
        row.topic: {name: then for name, (_, then) in row.settings.items()}
        for row in plan.changes
        if isinstance(row, Alter)
    }
    if altered:
        response = await admin._send_request(IncrementalAlterConfigsRequest(altered))
        for code, message, _kind, name in response.resources:
            _raise(code, f"settings of {name}: {message}")
    if plan.changes:
        await _wait_visible(admin, topics)


async def require_partitions(admin: AIOKafkaAdminClient, names: Iterable[str]) -> list[TopicPartition]:
    """Lists all partitions of topics. Raises `WorkFailed` where a topic does not exist or the user may not see it."""
    there = {row["topic"]: row["partitions"] for row in await admin.describe_topics()}
    names, found = list(names), []
    await _refuse_hidden(admin, [name for name in names if name not in there])
    for name in names:
        if not there.get(name):
            raise WorkFailed(f"topic {name} does not exist: run `newswire topics apply`")
        found += [TopicPartition(name, number) for number in sorted(part["partition"] for part in there[name])]
    return found


async def fetch_partitions(settings: KafkaSettings, names: Iterable[str]) -> list[TopicPartition]:
    """Lists all partitions of topics as `require_partitions` does, over a client of its own. Raises `WorkFailed`."""
    async with client.open_admin(settings) as admin:
        return await require_partitions(admin, names)


async def _refuse_hidden(admin: AIOKafkaAdminClient, absent: list[str]) -> None:
    """Raises `WorkFailed` for a topic that is absent from the list of all topics because the user may not see it."""
    seen = await protocol.fetch_topic_operations(admin, absent) if absent else {}
    for name in (name for name, allowed in seen.items() if not allowed):  # one that is allowed was made just now
        raise WorkFailed(f"Kafka does not let this user see topic {name}: give it the rights of deploy/acls.sh")


async def _wait_visible(admin: AIOKafkaAdminClient, topics: Mapping[str, Topic]) -> None:
    """Waits until brokers report the changes and all partitions have leaders."""
    for _ in range(int(VISIBLE_SECONDS / 0.1)):
        led = all(
            part["leader"] >= 0
            for row in await admin.describe_topics()
            if row["topic"] in topics
            for part in row["partitions"]
        )
        # Of several brokers, the one that is asked for the settings may not know a topic yet.
        with contextlib.suppress(errors.UnknownTopicOrPartitionError):
            if led and not plan_changes(topics, await find_existing_topics(admin, topics)).changes:
                return
        await asyncio.sleep(0.1)
    raise WorkFailed("the changes are made but not yet to be seen: run `newswire topics plan` again")


def _raise(code: int, what: str) -> None:
    if code:
        raise errors.for_code(code)(what)


def _too_many(name: str, topic: Topic, now: int) -> str:
    if topic.name == RAW:
        return f"{name} has {now} partitions, {topic.partitions} declared: set topics.raw_partitions = {now}"
    return (
        f"{name} has {now} partitions and must have {topic.partitions}, as its order is total:"
        f" stop the workers, delete it and run `newswire topics apply`"
    )


def _format_partitions(count: int) -> str:
    return "1 partition" if count == 1 else f"{count} partitions"


def _format_replicas(count: int) -> str:
    return "1 replica" if count == 1 else f"{count} replicas"


def _split_list(value: str) -> list[str]:
    """Splits the value of a setting, so that the order of its list does not matter."""
    return sorted(value.split(","))


async def create_topics(settings: Settings) -> Plan:
    """Creates and changes the cluster's topics as declared; returns the changes."""
    topics = list_declared_topics(settings.topics)
    async with client.open_admin(settings.kafka) as admin:
        found = plan_changes(topics, await find_existing_topics(admin, topics))
        await apply_plan(admin, topics, found, settings.topics.replication)
    return found
