"""Rules change under load: `python tests/chaos/reload.py --items 10000 --changes 20`.

Items come one by one at a steady rate, to each process that prepares, while the rule file is replaced again and again.
At the end each item must name one version of the rules and be filed by it alone, the topics must equal the fold of the
log, and the audit must be clean.

Prints how long prepare was held up. The wait of an item is the time from its record in `news.raw` to its record in the
log, both by the broker's clock. The pause of a swap is the wait of the first item that a process prepared with new
rules, less the usual wait: the median where no rules were checked. On a busy machine every wait is longer, so compare
it with the longest usual one.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from confluent_kafka import Producer
from support import flow, rule_changes, topic_reader
from support.processes import free_ports
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model import codec
from streams.model.records import Item
from streams.model.topics import LOG, RAW

HTTP = 17_480
WORKERS = 2
QUIET_SHARE = 0.2
"""The part of the items that come before the first change: they tell the usual wait."""


class LogRow(NamedTuple):
    """An item of the log: the partition from which it came, the rules that it met, and how long it waited (ms)."""

    partition: int
    version: str
    rule: str
    wait: int


class Sender(threading.Thread):
    """A thread that sends items one by one, each to the next partition."""

    def __init__(self, settings: Settings, items: int, rate: float) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self._topic, self._items, self._rate = settings.topics.full(RAW), items, rate
        self._producer = Producer({"bootstrap.servers": settings.kafka.brokers, "enable.idempotence": True})

    def run(self) -> None:
        began = time.monotonic()
        for number, (value, headers) in enumerate(rule_changes.build_items(WORKERS, self._items - WORKERS)):
            time.sleep(max(0.0, began + number / self._rate - time.monotonic()))
            self._producer.produce(self._topic, value, headers=list(headers.items()), partition=number % WORKERS)
            self._producer.poll(0)
            self.sent += 1
        assert self._producer.flush(120) == 0


def run(settings: Settings, folder: Path, items: int, changes: int, rate: float) -> dict[str, object]:
    rules = Path(settings.prepare.rules)
    versions = [rule_changes.write_rules(rules, 0)]
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, folder, "--workers", str(WORKERS), "--http", str(HTTP)):
        wait_until(lambda: count_loaded(versions[-1]) == WORKERS, seconds=300)
        for partition in range(WORKERS):  # each process starts the child that prepares with its first item
            flow.send(settings, rule_changes.build_items(partition, 1), partition=partition)
        flow.wait_decided(settings, WORKERS, 300)
        before = longest_delay()
        sender, began = Sender(settings, items, rate), time.monotonic()
        sender.start()
        while sender.is_alive() or len(versions) <= changes:
            if sender.sent >= QUIET_SHARE * items and len(versions) <= changes:
                versions.append(rule_changes.write_rules(rules, len(versions)))
                wait_until(lambda: count_loaded(versions[-1]) == WORKERS, seconds=300)
            time.sleep(0.5)
        sender.join()
        flow.wait_decided(settings, items, 600)
        delays = longest_delay()
        rows = read_rows(settings)
        is_fold = flow.read_outcome_topics(settings) == flow.fold_log(settings)
        audit = flow.newswire(settings, "audit").returncode
    counted = len(rows)
    own = {version: f"rule:norwick-{number}@{version}" for number, version in enumerate(versions)}
    rows = rows[WORKERS:]
    usual = [row.wait for row in rows if row.version == versions[0]]
    pauses = sorted(wait - median(usual) for wait in find_first_waits(rows, versions[0]))
    return {
        "items": counted,
        "changes": len(versions) - 1,
        "versions met": len({row.version for row in rows}),
        "items with another version than they name": sum(own.get(row.version) != row.rule for row in rows),
        "topics equal the fold of the log": is_fold,
        "audit": audit,
        "wait before the first change, ms": summarise(usual),
        "wait while rules change, ms": summarise([row.wait for row in rows if row.version != versions[0]]),
        "swaps": len(pauses),
        "pause of a swap, ms": summarise(pauses),
        "longest delay of an event loop before the first change, s": before,
        "longest delay of an event loop, s": delays,
        "seconds": round(time.monotonic() - began),
    }


def read_rows(settings: Settings) -> list[LogRow]:
    received = {
        (each.partition(), each.offset()): each.timestamp()[1] for each in topic_reader.read_messages(settings, RAW)
    }
    rows = []
    for message in topic_reader.read_messages(settings, LOG):
        value = message.value() or b""
        item = codec.decode(value)
        assert isinstance(item, Item)
        wait = message.timestamp()[1] - received[item.origin.partition, item.origin.offset]
        rows.append(LogRow(item.origin.partition, *rule_changes.read_rule_marks(value), wait))
    return rows


def find_first_waits(rows: list[LogRow], first: str) -> list[int]:
    """Finds the wait of each first item that a process prepared with other rules than the one before."""
    last = dict.fromkeys(range(WORKERS), first)
    found = []
    for row in rows:
        if row.version != last[row.partition]:
            found.append(row.wait)
            last[row.partition] = row.version
    return found


def summarise(values: list[float] | list[int]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    return {"median": median(values), "p99": round(quantiles(values, n=100)[98]), "longest": max(values)}


def read_metrics() -> list[str]:
    return [line for index in range(1, WORKERS + 1) for line in flow.http_get(HTTP + index, "/metrics")[1].splitlines()]


def count_loaded(version: str) -> int:
    try:
        return sum(line.startswith("newswire_rules_info") and f'rules="{version}"' in line for line in read_metrics())
    except OSError:
        return 0


def longest_delay() -> str:
    """Names the bucket of the longest delay of the event loops of prepare."""
    counts: Counter[str] = Counter()
    for line in read_metrics():
        if line.startswith("newswire_event_loop_delay_seconds_bucket"):
            counts[line.partition('le="')[2].partition('"')[0]] += round(float(line.rpartition(" ")[2]))
    limits = sorted(counts, key=float)
    return next((f"at most {limit}" for limit in limits if counts[limit] == counts["+Inf"]), "none")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--changes", type=int, default=20)
    options.add_argument("--rate", type=float, default=60.0, help="items a second")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, broker.start(Path(name) / "kafka", free_ports(1)) as kafka:
        settings = load(environ={"NEWSWIRE_KAFKA": kafka.address, "NEWSWIRE_TOPICS__PREFIX": "reload"})
        prepare = msgspec.structs.replace(settings.prepare, rules=str(Path(name) / "rules.toml"))
        topics = msgspec.structs.replace(settings.topics, raw_partitions=WORKERS)
        settings = msgspec.structs.replace(settings, prepare=prepare, topics=topics)
        result = run(settings, Path(name), given.items, given.changes, given.rate)
    print(json.dumps(result, indent=1))
    right = result["items with another version than they name"] == 0 and result["topics equal the fold of the log"]
    sys.exit(0 if right and result["audit"] == 0 and result["items"] == given.items else 1)


if __name__ == "__main__":
    main()
