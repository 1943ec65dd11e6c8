"""Reads the status of the system: groups and their lag, processes, what became of items, dead letters, sources."""

import asyncio
import contextlib
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple, TypedDict

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndTimestamp
from prometheus_client.parser import text_string_to_metric_families

from streams.config.settings import Settings
from streams.feeders.raw_records import UNKNOWN_SOURCE
from streams.kafka import client
from streams.kafka.acls import DECIDE_GROUP, PREPARE_GROUP
from streams.kafka.admin import require_partitions
from streams.kafka.consumer import (
    ConsumedRecord,
    open_bulk_consumer,
    open_live_consumer,
    read_offsets,
)
from streams.kafka.protocol import find_coordinator
from streams.model.printable import make_printable
from streams.model.records import Outcome
from streams.model.topics import DEAD_LETTERS, DECISIONS, LOG, RAW
from streams.ops.dead_letters import read_dead_letters, select_dead_letters

READS = {PREPARE_GROUP: RAW, DECIDE_GROUP: LOG}
"""Consumer group -> the topic that it reads."""
HOUR = 3600
MOST_DECISIONS = 20_000
"""How many of the newest decisions are counted. With more, the counts are of a shorter time; the output says so."""
MOST_LETTERS = 1_000
"""How many of the newest records of the dead letters are read."""
LETTER_SECONDS = 0.5
"""How long the dead letters are read. They hold the original bytes, which may be many."""
ASK_SECONDS = 0.5
"""How long a process may take to say whether it is ready."""
NOT_ITEMS = (Outcome.REPEAT, Outcome.NONE)
"""Outcomes of records of the log that are no new items."""
RULES_INFO = "newswire_rules_info"
NEWEST = "newswire_source_last_item_timestamp_seconds"
QUIET_AFTER = "newswire_source_quiet_after_seconds"
"""The metrics that are read."""
NO_ANSWER = "no answer from here"
NO_GATEWAY = f"{NO_ANSWER}; the setting gateway.http_port tells this command where it listens"
ALL_INTERFACES = ("0.0.0.0", "::", "[::]", "")  # noqa: S104 - read, not bound


class GroupStatus(TypedDict):
    """A consumer group: its state in Kafka's words, its members, and how many records it is behind."""

    state: str
    members: int
    lag: int


class ProcessStatus(TypedDict):
    """A process: what it does, its HTTP address, and why it is not ready (empty where it is)."""

    stage: str
    address: str
    ready: bool
    problem: str
    refused: str
    """Why it does not take changed rules, sources or tables; empty where it has them."""


class OutcomeCount(TypedDict):
    """How many items had an outcome in the last minute and in the time that was counted."""

    last_minute: int
    last_hour: int


class DeadLetterCount(TypedDict):
    """Open dead letters; None where there are too many bytes to count them in time."""

    open: int | None
    at_least: bool
    """There are older letters, which were not counted."""


class SystemStatus(TypedDict):
    """The JSON object of `newswire status --json`."""

    groups: dict[str, GroupStatus]
    processes: list[ProcessStatus]
    outcomes: dict[str, OutcomeCount]
    counted_seconds: int
    """How far back `last_hour` reaches: an hour, less where there are very many items."""
    newest_seconds: float | None
    """Seconds since the newest decision about an item; None without one."""
    dead_letters: DeadLetterCount
    sources: dict[str, float]
    """Seconds since the newest item that was decided."""
    silent: dict[str, float]
    """The sources that are silent for longer than usual, and for how many seconds they usually are at most."""


class ProcessAnswer(NamedTuple):
    """Holds what a process says of itself."""

    status: ProcessStatus
    newest: dict[str, float]
    """When the newest item of each source was received, in seconds since 1970; decide knows it."""
    quiet_after: dict[str, float]
    """For how many seconds each source is usually silent at most; 0: nobody wants to know."""


async def watch_status(settings: Settings) -> AsyncIterator[SystemStatus]:
    """Yields the status again and again, over connections that stay open. Raises `WorkFailed`."""
    full = settings.topics.full
    # A fetch holds up what is asked over its connection: offsets are asked over another one.
    async with (
        client.open_admin(settings.kafka) as admin,
        open_live_consumer(settings.kafka) as asker,
        open_bulk_consumer(settings.kafka) as reader,
    ):
        names = (RAW, LOG, DECISIONS, DEAD_LETTERS)
        partitions = {name: await require_partitions(admin, [full(name)]) for name in names}
        while True:
            offsets = await _ask_offsets(asker, partitions)
            (groups, answers), decisions, letters = await asyncio.gather(
                _read_groups(admin, settings, partitions, offsets),
                _read_decisions(reader, partitions[DECISIONS], offsets),
                _count_letters(settings, partitions[DEAD_LETTERS], offsets),
            )
            counts = count_decisions(decisions, time.time())
            sources, silent = merge_sources(counts["sources"], answers, time.time())
            yield {
                **counts,
                "groups": groups,
                "processes": [each.status for each in answers],
                "dead_letters": letters,
                "sources": sources,
                "silent": silent,
            }


def merge_sources(
    counted: dict[str, float], answers: Iterable[ProcessAnswer], now: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Adds the sources that brought nothing in the last hour, and finds those that are silent for longer than usual."""
    ages, usual = dict(counted), dict[str, float]()
    for process in answers:
        for source, newest in process.newest.items():
            ages[source] = min(ages.get(source, now), max(0.0, round(now - newest, 1)))
        usual |= {source: seconds for source, seconds in process.quiet_after.items() if seconds > 0}
    silent = {source: seconds for source, seconds in sorted(usual.items()) if ages.get(source, 0) > seconds}
    return dict(sorted(ages.items())), silent


class TopicOffsets(NamedTuple):
    """The offsets of partitions: the oldest, the end, and of the first decision of the last hour."""

    begins: dict[TopicPartition, int]
    ends: dict[TopicPartition, int]
    since: dict[TopicPartition, OffsetAndTimestamp | None]


async def _ask_offsets(consumer: AIOKafkaConsumer, partitions: dict[str, list[TopicPartition]]) -> TopicOffsets:
    """Asks for all offsets at once: the first question about a topic waits until the client knows the topic."""
    every = [each for found in partitions.values() for each in found]
    since = dict.fromkeys(partitions[DECISIONS], int((time.time() - HOUR) * 1000))
    asked = (consumer.beginning_offsets(every), consumer.end_offsets(every), consumer.offsets_for_times(since))
    return TopicOffsets(*await asyncio.gather(*asked))


async def _read_groups(
    admin: AIOKafkaAdminClient,
    settings: Settings,
    partitions: dict[str, list[TopicPartition]],
    offsets: TopicOffsets,
) -> tuple[dict[str, GroupStatus], list[ProcessAnswer]]:
    """Reads the groups, and asks each of their members, and the gateway, whether it is ready."""
    groups: dict[str, GroupStatus] = {}
    found = []
    for group, topic in READS.items():
        node = await find_coordinator(admin, group)
        (answer,) = await admin.describe_consumer_groups([group], node)
        row = answer.to_object()["groups"][0]
        committed = await admin.list_consumer_group_offsets(group, node, partitions=partitions[topic])
        read = {each: committed[each].offset for each in partitions[topic] if each in committed}
        lag = sum(
            max(0, offsets.ends[each] - (read[each] if read.get(each, -1) >= 0 else offsets.begins[each]))
            for each in partitions[topic]
        )
        groups[group] = {"state": row["state"], "members": len(row["members"]), "lag": lag}
        stage = group.removeprefix("newswire-")
        found += [(stage, find_address(each["client_id"], each["client_host"])) for each in row["members"]]
    gateway = settings.gateway
    found.append(("gateway", f"http://{_local(gateway.http_host, '127.0.0.1')}:{gateway.http_port}"))
    asked = [asyncio.to_thread(_ask, stage, address) for stage, address in sorted(found)]
    return groups, await asyncio.gather(*asked)


def find_address(client_id: str, client_host: str) -> str:
    """Finds the HTTP address of a member of a group: its client id tells it. Empty where it does not.

    `client_host` is the member's address as Kafka sees it. It counts where the member listens at all its addresses.
    """
    _, at, listens = client_id.partition("@")
    host, colon, port = listens.rpartition(":")
    if not at or not colon or not port.isdigit():
        return ""
    return f"http://{_local(host, client_host.lstrip('/'))}:{port}"


def _local(host: str, other: str) -> str:
    """Returns a host that can be asked: another one where a server listens at all its addresses."""
    host = other if host in ALL_INTERFACES else host
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _ask(stage: str, address: str) -> ProcessAnswer:
    problem, samples = "it does not tell its address: it is of an older version", ""
    if address:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{address}/readyz", timeout=ASK_SECONDS):
                problem = ""
        except urllib.error.HTTPError as error:
            text = make_printable(error.read(200).decode("utf-8", "replace"))
            problem = text if error.code == 503 and text else f"answers with status {error.code}"
        except (OSError, ValueError):
            problem = NO_GATEWAY if stage == "gateway" else NO_ANSWER
        if stage != "gateway" and problem != NO_ANSWER:
            with (
                contextlib.suppress(OSError, ValueError),
                opener.open(f"{address}/metrics", timeout=ASK_SECONDS) as answer,
            ):
                samples = answer.read().decode("utf-8", "replace")
    refused, newest, quiet_after = read_metrics(samples)
    return ProcessAnswer(
        {"stage": stage, "address": address, "ready": not problem, "problem": problem, "refused": refused},
        newest,
        quiet_after,
    )


def read_metrics(text: str) -> tuple[str, dict[str, float], dict[str, float]]:
    """Reads from metrics why a process refused files, and the newest item and usual silence of each source."""
    refused, by_source = "", {NEWEST: dict[str, float](), QUIET_AFTER: dict[str, float]()}
    lines = (line for line in text.splitlines() if line.startswith((RULES_INFO, NEWEST, QUIET_AFTER)))
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            if sample.name == RULES_INFO:
                refused = make_printable(sample.labels.get("refused", ""))
            else:
                by_source[sample.name][make_printable(sample.labels.get("source", ""))] = sample.value
    return refused, by_source[NEWEST], by_source[QUIET_AFTER]


async def _read_decisions(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], offsets: TopicOffsets
) -> list[ConsumedRecord]:
    """Reads the decisions of the last hour, the newest `MOST_DECISIONS` of them."""
    consumer.assign(partitions)
    ends = {each: offsets.ends[each] for each in partitions}
    starts = {
        each: max(found.offset, ends[each] - MOST_DECISIONS) if (found := offsets.since[each]) else ends[each]
        for each in partitions
    }
    return [record async for record in read_offsets(consumer, starts, ends)]


class DecidedItem(msgspec.Struct):
    """The part of a decision that is counted."""

    fate: Outcome
    source: str = ""
    action: str = ""


class DecisionCounts(TypedDict):
    """Holds what the decisions of the last hour say."""

    outcomes: dict[str, OutcomeCount]
    counted_seconds: int
    newest_seconds: float | None
    sources: dict[str, float]


def count_decisions(records: Iterable[ConsumedRecord], now: float) -> DecisionCounts:
    """Counts items by outcome, and finds the newest item of each source. `now` is in seconds since 1970.

    A repeat is no item, nor is a note on a dead letter. What people decided counts by its outcome, but is no item of a
    source.
    """
    decode = msgspec.json.Decoder(DecidedItem).decode
    hour: Counter[str] = Counter()
    minute: Counter[str] = Counter()
    newest: dict[str, float] = {}
    count, first, last = 0, now, None
    for record in records:
        try:
            decision = decode(record.value or b"")
        except msgspec.DecodeError:
            continue  # it is not ours
        age = now - record.timestamp / 1000
        count, first = count + 1, min(first, record.timestamp / 1000)
        if decision.fate in NOT_ITEMS:
            continue
        hour[decision.fate.value] += 1
        minute[decision.fate.value] += age < 60
        if not decision.action:
            last = round(age, 1)
            source = "".join(each for each in decision.source[:60] if each.isprintable())
            if source and decision.source != UNKNOWN_SOURCE:  # junk in the log is no feed
                newest[source] = last
    return {
        "outcomes": {
            each.value: {"last_minute": minute[each.value], "last_hour": hour[each.value]}
            for each in Outcome
            if each not in NOT_ITEMS
        },
        "counted_seconds": HOUR if count < MOST_DECISIONS else int(now - first),
        "newest_seconds": last,
        "sources": dict(sorted(newest.items())),
    }


async def _count_letters(
    settings: Settings, partitions: list[TopicPartition], offsets: TopicOffsets
) -> DeadLetterCount:
    """Counts the open ones of the newest dead letters."""
    ends = {each: offsets.ends[each] for each in partitions}
    starts = {each: max(offsets.begins[each], end - MOST_LETTERS) for each, end in ends.items()}
    try:
        async with asyncio.timeout(LETTER_SECONDS), open_bulk_consumer(settings.kafka) as consumer:
            consumer.assign(partitions)
            rows = [
                (record.key or b"", record.value, record.headers)
                async for record in read_offsets(consumer, starts, ends)
            ]
    except TimeoutError:
        return {"open": None, "at_least": False}
    found = len(select_dead_letters(read_dead_letters(rows).values()))
    return {"open": found, "at_least": any(starts[each] > offsets.begins[each] for each in starts)}
