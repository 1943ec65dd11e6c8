"""What a live worker and gateway tell Prometheus: every declared metric, and numbers that the topics confirm."""

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import flow
from support.items import mixed_items
from support.metrics import declared
from support.running import free_ports, gateway, until_ready
from support.until import until

from streams.config import Settings
from streams.topics import DUPLICATES

pytestmark = pytest.mark.kafka
NOT_YET = ("newswire_rebalance_seconds", "newswire_feeder_")
"""A histogram with labels that shows nothing before its first event, and what the feeder tells."""


def scraped(*ports: int) -> dict[str, float]:
    """Every sample by name and labels, of all processes; their texts must be what Prometheus reads."""
    found: dict[str, float] = {}
    for port in ports:
        for family in text_string_to_metric_families(flow.http(port, "/metrics")[1]):
            for sample in family.samples:
                labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                key = f"{sample.name}{{{labels}}}"
                found[key] = found.get(key, 0) + sample.value
    return found


def of_the_topics(settings: Settings) -> dict[str, float]:
    """What the counters must say, by what is in the topics."""
    fates = flow.fates(settings)
    return {
        "newswire_items_total": len(fates),
        "newswire_items_received_total": len(fates),
        "newswire_duplicate_delay_seconds_count": len(flow.read(settings, DUPLICATES)),
        "newswire_dead_letters_total": sum(fate["fate"] == "rejected" for fate in fates),
        "newswire_unclassified_total": sum(
            fate["fate"] in ("published", "revised") and fate["topics"] == ["latest"] for fate in fates
        ),
    }


def wrong(samples: dict[str, float], expected: dict[str, float]) -> dict[str, float | None]:
    """Metrics that are declared and missing (None), and totals that are not as expected."""
    names = {key.partition("{")[0] for key in samples}
    missing = {name: None for name in declared() - names if not name.startswith(NOT_YET)}
    totals = {name: sum(value for key, value in samples.items() if key.startswith(f"{name}{{")) for name in expected}
    return {**missing, **{name: total for name, total in totals.items() if total != expected[name]}}


def test_every_declared_metric_is_there_and_the_numbers_are_those_of_the_topics(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    first = free_ports(3)
    ports = (first, first + 1, first + 2)
    twice = [
        (
            json.dumps(
                {
                    "id": wire,
                    "title": "Norwick Pumps opens its new factory in Ostby on the coast",
                    "body": "Norwick Pumps said on Monday that it opened a factory.",
                }
            ).encode(),
            {"source": wire},
        )
        for wire in ("prnewswire", "businesswire")
    ]
    with flow.working(settings, tmp_path, "--http", str(first)), gateway(settings, ports[2]):
        flow.wait_decided(settings, flow.send(settings, [*mixed_items(40, seed=9), *twice]))
        until_ready(*ports)
        expected = of_the_topics(settings)
        # A record is counted behind its commit, and some numbers are looked at once a second.
        until(lambda: not wrong(scraped(*ports), expected), lambda: wrong(scraped(*ports), expected))
        samples = scraped(*ports)
        flow.wait_decided(settings, 42 + flow.send(settings, mixed_items(20, seed=11)))
        after = scraped(*ports)
    assert wrong(samples, expected) == {}
    assert expected["newswire_duplicate_delay_seconds_count"] > 0
    assert samples["newswire_transactions_total{result=aborted}"] == 0
    assert samples["newswire_ready{stage=decide}"] == samples["newswire_ready{stage=prepare}"] == 1
    counters = {key for key in samples if key.partition("{")[0].endswith(("_total", "_count"))}
    assert {key for key in counters if after[key] < samples[key]} == set()
