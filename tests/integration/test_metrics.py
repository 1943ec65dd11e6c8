"""A live worker and gateway serve every declared metric, with numbers that the topics confirm."""

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import flow
from support.metric_names import list_declared
from support.mixed_items import mixed_items
from support.processes import free_ports, run_gateway, wait_until_ready

from streams.config.settings import Settings
from streams.model.topics import DUPLICATES

pytestmark = pytest.mark.kafka
NOT_YET = ("newswire_rebalance_seconds", "newswire_feeder_")
"""A histogram with labels, which has no sample before its first event, and the metrics of the feeder."""


def scrape(*ports: int) -> dict[str, float]:
    """Reads every sample of all processes, by name and labels, with the parser of Prometheus."""
    found: dict[str, float] = {}
    for port in ports:
        for family in text_string_to_metric_families(flow.http_get(port, "/metrics")[1]):
            for sample in family.samples:
                labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
                key = f"{sample.name}{{{labels}}}"
                found[key] = found.get(key, 0) + sample.value
    return found


def test_every_declared_metric_is_served_and_agrees_with_the_topics(settings: Settings, tmp_path: Path) -> None:
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
    with flow.run_worker(settings, tmp_path, "--http", str(first)), run_gateway(settings, ports[2]):
        flow.wait_decided(settings, flow.send(settings, [*mixed_items(40, seed=9), *twice]))
        wait_until_ready(*ports)
        flow.time.sleep(2)
        samples = scrape(*ports)
        fates = flow.read_decisions(settings)
        duplicates = flow.read(settings, DUPLICATES)
        flow.wait_decided(settings, 42 + flow.send(settings, mixed_items(20, seed=11)))
        after = scrape(*ports)
    names = {key.partition("{")[0] for key in samples}
    missing = {name for name in list_declared() - names if not name.startswith(NOT_YET)}
    assert missing == set()

    def total(name: str) -> float:
        return sum(value for key, value in samples.items() if key.startswith(f"{name}{{"))

    assert total("newswire_items_total") == len(fates)
    assert total("newswire_items_received_total") == len(fates)
    assert total("newswire_duplicate_delay_seconds_count") == len(duplicates) > 0
    assert total("newswire_dead_letters_total") == sum(fate["fate"] == "rejected" for fate in fates)
    assert total("newswire_unclassified_total") == sum(
        fate["fate"] in ("published", "revised") and fate["topics"] == ["latest"] for fate in fates
    )
    assert samples["newswire_transactions_total{result=aborted}"] == 0
    assert samples["newswire_ready{stage=decide}"] == samples["newswire_ready{stage=prepare}"] == 1
    counters = {key for key in samples if key.partition("{")[0].endswith(("_total", "_count"))}
    assert {key for key in counters if after[key] < samples[key]} == set()
