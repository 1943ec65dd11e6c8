"""Known faults of Faust and aiokafka: each test shows one on the stock engine, and that our worker does not have it.

Shown elsewhere: a topic created again (decide/test_seen_positions.py), fencing by the transactional id (`no-fence` of
chaos/test_of_the_test.py), static members (test_restart.py, runtime/test_static_membership.py), state that is ahead of
the output (test_pipeline.py, kill -9), a broker that goes and comes back (chaos), counters that never fall
(test_metrics.py), an untested version of the engine (worker/test_batch_transport.py).

Not shown, because we do not use it: `take`, Faust's own transactions, tables and windows, `concurrency`, `forward` and
`group_by`, the web server, the bundled sensor, `-l`.
"""

import asyncio
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from support import faust_faults, flow
from support.mixed_items import mixed_items
from support.wait import wait_until

from streams.config.settings import KafkaSettings, Settings
from streams.decide.state import State
from streams.decide.state_entries import Alias, encode_entry
from streams.kafka.acls import DECIDE_GROUP
from streams.kafka.producer import append_commands, make_producer, send_in_transaction
from streams.model.records import Command, CommandAction
from streams.model.topics import DECISIONS, LOG, STATE
from streams.worker.committer import Committer

pytestmark = pytest.mark.kafka


class FaustProcess:
    """An app of support/faust_faults.py in a process of its own."""

    def __init__(self, app: str, broker: str, name: str, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            command = [sys.executable, str(Path(faust_faults.__file__)), app, broker, name]
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def words(self) -> list[str]:
        """Reads the words that the app printed, without log lines."""
        return [line for line in self._log.read_text(errors="replace").splitlines() if line.replace("-", "").isalnum()]

    def wait_for(self, condition: Callable[[list[str]], bool], seconds: float = 60) -> list[str]:
        """Waits until its words meet a condition, and returns them."""
        deadline = time.monotonic() + seconds
        while not condition(words := self.words()):
            assert time.monotonic() < deadline, self._log.read_text(errors="replace")[-4000:]
            time.sleep(0.1)
        return words


@contextmanager
def run_faust_app(app: str, broker: str, name: str, folder: Path) -> Iterator[FaustProcess]:
    run = FaustProcess(app, broker, name, folder / f"{uuid.uuid4().hex}.log")
    try:
        yield run
    finally:
        run.process.terminate()
        try:
            run.process.wait(15)
        except subprocess.TimeoutExpired:
            run.process.kill()
            run.process.wait()


def make_topic(broker: str, name: str, **config: str) -> None:
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([NewTopic(name, 1, 1, config=config)])[name].result()


def send(broker: str, topic: str, *values: bytes) -> None:
    """Sends records one after the other, each in a batch of its own; the value is the key too."""
    sender = Producer({"bootstrap.servers": broker, "linger.ms": 0})
    for value in values:
        sender.produce(topic, value, value)
        assert sender.flush(30) == 0


def read_committed_offset(broker: str, group: str) -> int:
    """Reads the next offset of a group in its topic; -1001 where it has none."""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": group})
    (found,) = consumer.committed([TopicPartition(group, 0)], timeout=10)
    consumer.close()
    return int(found.offset)


def read_values(broker: str, topic: str, isolation: str) -> list[bytes | None]:
    """Reads the values of a topic with an isolation level."""
    reader = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": "bitten-reader",
            "isolation.level": isolation,
            "enable.partition.eof": True,
            "enable.auto.commit": False,
        }
    )
    reader.assign([TopicPartition(topic, 0, 0)])
    values: list[bytes | None] = []
    while True:
        for message in reader.consume(100, 1.0):
            if message.error():
                reader.close()
                return values
            values.append(message.value())


def test_stock_commits_past_an_item_that_raised_and_we_do_not(kafka: str, prefix: str, tmp_path: Path) -> None:
    for kind in ("stock", "ours"):
        name = f"{prefix}-raises-{kind}"
        make_topic(kafka, name)
        send(kafka, name, b"before", b"bad", b"after")
        with run_faust_app(f"raises_{kind}", kafka, name, tmp_path) as run:
            if kind == "stock":
                run.wait_for(lambda words: "after" in words)
                wait_until(lambda name=name: read_committed_offset(kafka, name) == 3)
            else:
                run.wait_for(lambda words: "left" in words)
                run.process.wait(60)
                assert read_committed_offset(kafka, name) <= 1
    with run_faust_app("raises_ours", kafka, name, tmp_path) as again:
        again.wait_for(lambda words: "left" in words)  # it meets the item again, and again does not pass it


def test_stock_commits_past_an_unfinished_item_and_we_do_not(kafka: str, prefix: str, tmp_path: Path) -> None:
    found = {}
    for kind in ("stock", "ours"):
        name = f"{prefix}-unfinished-{kind}"
        make_topic(kafka, name)
        with run_faust_app(f"unfinished_{kind}", kafka, name, tmp_path) as run:
            for value in (b"unfinished", b"second", b"third"):
                send(kafka, name, value)
                run.wait_for(lambda words, value=value: value.decode() in words)
            # The first commit may have begun before the third item.
            run.wait_for(lambda words: words[words.index("third") :].count("commit") >= 2)
        found[kind] = read_committed_offset(kafka, name)
    assert found["stock"] == 3
    assert found["ours"] <= 0


def test_a_transaction_with_a_failed_send_is_committed_by_aiokafka_and_aborted_by_us(kafka: str, prefix: str) -> None:
    good, small = f"{prefix}-good", f"{prefix}-small"
    make_topic(kafka, good)
    make_topic(kafka, small, **{"max.message.bytes": "1000"})
    options = {"bootstrap_servers": kafka}
    large = random.Random(1).randbytes(20_000)  # does not compress

    async def stock() -> None:
        sender = AIOKafkaProducer(**options, transactional_id=f"{prefix}-stock")
        await sender.start()
        await sender.begin_transaction()
        first = await sender.send(good, b"of a broken batch")
        second = await sender.send(small, large)
        await sender.commit_transaction()
        await first
        with pytest.raises(MessageSizeTooLargeError):
            await second
        await sender.stop()

    async def ours() -> None:
        sender = make_producer(KafkaSettings(brokers=kafka), transactional_id=f"{prefix}-ours")
        await sender.start()
        records = {good: [(None, b"of our batch", ())], small: [(None, large, ())]}
        with pytest.raises(MessageSizeTooLargeError):
            await send_in_transaction(sender, records, {}, "group")
        await sender.stop()

    asyncio.run(stock())
    asyncio.run(ours())
    assert read_values(kafka, good, "read_committed") == [b"of a broken batch"]
    assert read_values(kafka, good, "read_uncommitted") == [b"of a broken batch", b"of our batch"]


def test_a_recovery_longer_than_the_session_rebalances_stock_for_ever_and_not_us(
    settings: Settings, prefix: str, tmp_path: Path
) -> None:
    kafka, name = settings.kafka.brokers, f"{prefix}-recovery"
    make_topic(kafka, name)
    with run_faust_app("recovery_stock", kafka, name, tmp_path) as run:
        words = run.wait_for(lambda words: words.count("recovered") >= 2)
    assert words.count("assigned") >= 2  # nobody else joined
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with run_faust_app("recovery_ours", kafka, prefix, tmp_path) as run:
        run.wait_for(lambda words: "assigned" in words)
        command = Command(action=CommandAction.KILL, uri="urn:newswire:test:1", at=flow.now(), by="test")
        asyncio.run(append_commands(settings, [command]))
        wait_until(lambda: flow.read(settings, DECISIONS))  # it has recovered, and decides
        assert run.words().count("assigned") == 1


def test_a_group_offset_that_went_back_makes_stock_repeat_and_us_go_on_from_the_state(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    items = list(mixed_items(60, seed=11))
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, items[:40]))
    flow.wait_until_group_is_empty(settings, DECIDE_GROUP)
    rewinder = Consumer({"bootstrap.servers": settings.kafka.brokers, "group.id": DECIDE_GROUP})
    log = TopicPartition(settings.topics.full(LOG), 0, 0)
    rewinder.commit(offsets=[log], asynchronous=False)
    rewinder.close()
    with flow.run_worker(settings, tmp_path):
        flow.send(settings, items[40:])
        flow.wait_decided(settings, 60)
        assert len(flow.read(settings, DECISIONS)) == len(flow.read(settings, LOG))
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)


def test_stock_tables_recover_aborted_entries_and_our_state_does_not(
    settings: Settings, prefix: str, tmp_path: Path
) -> None:
    kafka = settings.kafka.brokers
    name = f"{prefix}-table"
    make_topic(kafka, name)
    make_topic(kafka, f"{name}-seen-changelog", **{"cleanup.policy": "compact"})
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    entry = encode_entry(Alias(expires=1 << 60, uris=("urn:newswire:test:1",)))

    async def half_commit(topic: str) -> None:
        sender = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"{prefix}-half")
        await sender.start()
        await sender.begin_transaction()
        await sender.send_and_wait(topic, entry, b"committed")
        await sender.commit_transaction()
        await sender.begin_transaction()
        await sender.send_and_wait(topic, entry, b"aborted")
        await sender.abort_transaction()
        await sender.stop()

    asyncio.run(half_commit(f"{name}-seen-changelog"))
    send(kafka, f"{name}-seen-changelog", b"last")  # behind the marker of a transaction stock waits for ever
    with run_faust_app("table_stock", kafka, name, tmp_path) as run:
        assert run.wait_for(lambda words: "recovered" in words)[:3] == ["aborted", "committed", "last"]
    # The state's changelog ends in an aborted transaction too: a reader that waits for the end offset never gets there.
    asyncio.run(half_commit(settings.topics.full(STATE)))

    async def take_over() -> tuple[int, State]:
        state, committer = State(), Committer(settings, f"{prefix}-group")
        try:
            return await committer.take_over(state), state
        finally:
            await committer.stop()

    count, state = asyncio.run(take_over())
    assert count == 1
    assert state.get("committed") is not None
    assert state.get("aborted") is None


def test_the_transactional_id_names_group_and_log_so_that_no_two_desks_share_it(settings: Settings) -> None:
    ids = []
    for prefix in ("one", "two"):
        topics = type(settings.topics)(prefix=prefix)
        other = type(settings)(kafka=settings.kafka, topics=topics)

        async def opened(other: Settings = other) -> str:
            committer = Committer(other, "newswire-decide")
            task = asyncio.create_task(committer.take_over(State()))
            while committer._sender is None:
                await asyncio.sleep(0.01)
            found = str(committer._sender._txn_manager.transactional_id)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await committer.stop()
            return found

        ids.append(asyncio.run(opened()))
    assert ids == ["newswire-decide.one.internal.items.0", "newswire-decide.two.internal.items.0"]


def test_an_idle_partition_holds_up_no_other_as_the_driver_of_stock_lets_it(kafka: str) -> None:
    command = [sys.executable, str(Path(faust_faults.__file__)), "waits", kafka]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["1500", "50"]
