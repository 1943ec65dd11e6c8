"""Rules change under load: `python tests/chaos/reload.py --items 10000 --changes 20`.

Items come at a steady rate while the rule file is replaced again and again. At the end each item must name one version
of the rules and be filed by it alone, the topics must equal the fold of the log, and the audit must be clean. Prints
how long prepare was held up: the longest delay of its event loops, and the longest time between two records of the log.
"""

import argparse
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from confluent_kafka import OFFSET_BEGINNING, TopicPartition
from support import flow, rule_changes, topic_reader
from support.wait import wait_until

from streams.config.loader import load
from streams.config.settings import Settings
from streams.kafka.embedded import broker
from streams.model.topics import LOG

HTTP = 17_480
BATCH = 10
WORKERS = 2


def run(settings: Settings, folder: Path, items: int, changes: int, rate: float) -> dict[str, object]:
    rules = Path(settings.prepare.rules)
    versions = [rule_changes.write_rules(rules, 0)]
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, folder, "--workers", str(WORKERS), "--http", str(HTTP)):
        wait_until(lambda: count_loaded(versions[-1]) == WORKERS, seconds=120)
        before = longest_delay()
        sent, began = 0, time.monotonic()
        while sent < items or len(versions) <= changes:
            if len(versions) <= changes and count_loaded(versions[-1]) == WORKERS:
                versions.append(rule_changes.write_rules(rules, len(versions)))
            if sent < items:
                sent += flow.send(settings, rule_changes.build_items(sent, BATCH))
            time.sleep(max(0.0, began + sent / rate - time.monotonic()) if sent < items else 0.2)
        wait_until(lambda: count_loaded(versions[-1]) == WORKERS, seconds=120)
        flow.wait_decided(settings, items, 600)
        delays = longest_delay()
        rows = [row.value or b"" for row in flow.read(settings, LOG)]
        is_fold = flow.read_outcome_topics(settings) == flow.fold_log(settings)
        audit = flow.newswire(settings, "audit").returncode
    marks = [rule_changes.read_rule_marks(value) for value in rows]
    own = {version: f"rule:norwick-{number}@{version}" for number, version in enumerate(versions)}
    wrong = [mark for mark in marks if own.get(mark[0]) != mark[1]]
    return {
        "items": len(rows),
        "changes": len(versions) - 1,
        "versions met": len(Counter(version for version, _ in marks)),
        "items with another version than they name": len(wrong),
        "topics equal the fold of the log": is_fold,
        "audit": audit,
        "longest delay of an event loop before, s": before,
        "longest delay of an event loop, s": delays,
        "longest time between two log records, ms": longest_gap(settings),
        "seconds": round(time.monotonic() - began),
    }


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


def longest_gap(settings: Settings) -> int:
    """Returns the longest time (ms) between two records of the log, by their LogAppendTime."""
    consumer = topic_reader.build_consumer(settings)
    consumer.assign([TopicPartition(settings.topics.full(LOG), 0, OFFSET_BEGINNING)])
    times: list[int] = []
    while batch := [message for message in consumer.consume(1000, 5) if not message.error()]:
        times += [message.timestamp()[1] for message in batch]
    consumer.close()
    return max(after - before for before, after in itertools.pairwise(times))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--changes", type=int, default=20)
    options.add_argument("--rate", type=float, default=60.0, help="items a second")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name, broker.start(Path(name) / "kafka") as kafka:
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
