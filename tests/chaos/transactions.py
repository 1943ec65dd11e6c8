"""Checks that a transaction stands in all its topics or in none: `python tests/chaos/transactions.py --seconds 300`.

Two processes with one transactional id send records and offsets in transactions, as decide does. They are killed,
stopped and cut off, and the broker is killed and stopped. In the end an independent client reads what was committed.
`--keep FOLDER` keeps Kafka's data. The exit status is 1 where a transaction is broken or a confirmed one is lost.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AdminClient, NewTopic

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chaos.system import Cluster, load_settings
from support import topic_reader

from streams.config.settings import KafkaSettings, Settings
from streams.kafka.client import stop_client
from streams.kafka.producer import OutgoingRecord, make_producer, send_in_transaction

PREFIX = "transactions"
TOPICS = [f"{number:02}" for number in range(15)]
RECORDS = 3
"""Records of a transaction in each topic."""
BYTES = (200, 2_000, 20_000)
CONFIRMED = "confirmed "
"""Before the name of a transaction in the output of a process that sends."""
ABORTED_SECONDS = 17.0
"""Longer than the timeout of a transaction, after which the broker aborts it."""


async def send_for_ever(kafka: KafkaSettings) -> None:
    """Makes transactions until the process is killed, with a new producer after each error. Prints the confirmed."""
    count = 0
    while True:
        sender = make_producer(kafka, transactional_id=PREFIX)
        try:
            await sender.start()
            for _ in range(random.randint(1, 40)):
                count += 1
                name = f"{os.getpid()}-{count}"
                await _send_one(sender, name.encode(), count)
                print(f"{CONFIRMED}{name}", flush=True)
        except (KafkaError, AssertionError) as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        await stop_client(sender, 2.0)
        await asyncio.sleep(random.choice((0, 0.1, 1)))


async def _send_one(sender: AIOKafkaProducer, name: bytes, number: int) -> None:
    size = random.choice(BYTES)
    rows: list[OutgoingRecord] = [(name, os.urandom(size), ()) for _ in range(RECORDS)]
    records = {f"{PREFIX}.{topic}": rows for topic in TOPICS}
    await send_in_transaction(sender, records, {TopicPartition(f"{PREFIX}.{TOPICS[0]}", 0): number}, "transactions")


class Senders:
    """The two processes that send, and the faults of the run. Their output goes to files of a folder."""

    def __init__(self, cluster: Cluster, folder: Path, seed: int) -> None:
        self._cluster, self._folder, self._rng = cluster, folder, random.Random(seed)
        self._running = [self._start(), self._start()]

    def _start(self) -> "subprocess.Popen[bytes]":
        with (self._folder / "output").open("ab") as output, (self._folder / "errors").open("ab") as errors:
            command = [sys.executable, __file__, "--send-to", self._cluster.proxied]
            return subprocess.Popen(command, stdout=output, stderr=errors)

    def kill_one(self) -> None:
        """Kills one process with SIGKILL, and starts another."""
        at = self._rng.randrange(len(self._running))
        self._running[at].kill()
        self._running[at].wait()
        time.sleep(self._rng.choice((0, 0.5)))
        self._running[at] = self._start()

    def stop_one(self) -> None:
        """Stops one process for a while; the other one fences it meanwhile."""
        chosen = self._rng.choice(self._running)
        chosen.send_signal(signal.SIGSTOP)
        time.sleep(self._rng.uniform(0.5, 4))
        chosen.send_signal(signal.SIGCONT)

    def slow(self) -> None:
        """Slows the network, and kills a process or cuts the connections while requests are under way."""
        self._cluster.proxy.slow(self._rng.uniform(0.005, 0.15))
        time.sleep(self._rng.uniform(0.5, 2))
        self._rng.choice((self.kill_one, self._cluster.proxy.cut))()
        time.sleep(self._rng.uniform(0, 2))
        self._cluster.proxy.slow(0)

    def silence(self) -> None:
        """Lets nothing pass for a while."""
        self._cluster.proxy.silence(True)
        time.sleep(self._rng.choice((self._rng.uniform(0.3, 3), 22)))
        self._cluster.proxy.silence(False)

    def restart_broker(self) -> None:
        """Kills the broker, or stops it cleanly, and starts it again."""
        self._rng.choice((self._cluster.kill, self._cluster.stop))()
        self._cluster.start()

    def inject(self, seconds: float) -> Counter[str]:
        """Injects faults for so long. Returns their number by kind."""
        faults: list[Callable[[], None]] = [self.kill_one, self.stop_one, self._cluster.proxy.cut, self.slow]
        done: Counter[str] = Counter()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(self._rng.uniform(0.1, 1.5))
            rare = self._rng.random() < 0.2
            fault = self._rng.choice((self.silence, self.restart_broker) if rare else faults)
            fault()
            done[fault.__name__] += 1
        return done

    def end(self) -> set[str]:
        """Kills both. Returns the names of the transactions that were confirmed."""
        for process in self._running:
            process.kill()
            process.wait()
        lines = (self._folder / "output").read_text().splitlines()
        return {line.removeprefix(CONFIRMED) for line in lines if line.startswith(CONFIRMED)}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=300)
    options.add_argument("--keep", type=Path)
    options.add_argument("--send-to", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.send_to:
        asyncio.run(send_for_ever(load_settings(asked.send_to, PREFIX, 1, "exactly-once").kafka))
    with tempfile.TemporaryDirectory(prefix="transactions-") as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        with Cluster(folder / "kafka") as cluster:
            settings = cluster.settings(PREFIX, 1, "exactly-once")
            admin = AdminClient({"bootstrap.servers": cluster.direct, "log_level": 0})
            for made in admin.create_topics([NewTopic(settings.topics.full(topic), 1, 1) for topic in TOPICS]).values():
                made.result()
            senders = Senders(cluster, folder, asked.seed)
            faults = senders.inject(asked.seconds)
            confirmed = senders.end()
            time.sleep(ABORTED_SECONDS)
            read = {topic: _count_names(settings, topic) for topic in TOPICS}
    committed = set().union(*read.values())
    broken = {
        name: counts
        for name in sorted(committed)
        if (counts := [read[topic][name] for topic in TOPICS]) != [RECORDS] * len(TOPICS)
    }
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items()))
    print(f"seed {asked.seed}: {len(committed)} transactions in {len(TOPICS)} topics, {kinds}")
    print(f"{len(broken)} broken, {len(confirmed - committed)} of {len(confirmed)} confirmed ones lost")
    for name, counts in broken.items():
        print(f"  {name}: {counts}")
    return 1 if broken or confirmed - committed else 0


def _count_names(settings: Settings, topic: str) -> Counter[str]:
    """Counts the committed records of a topic by the transaction that their key names."""
    return Counter((message.key() or b"").decode() for message in topic_reader.read_messages(settings, topic))


if __name__ == "__main__":
    sys.exit(main())
