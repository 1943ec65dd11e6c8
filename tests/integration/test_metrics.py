"""A live worker, gateway and archive serve every declared metric, with numbers that the topics confirm."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support import flow
from support.metric_names import list_declared
from support.mixed_items import mixed_items
from support.processes import free_ports, run_gateway, wait_until_ready
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import DUPLICATES

pytestmark = pytest.mark.kafka
NOT_YET = (
    "newswire_rebalance_seconds",
    "newswire_wire_delay_seconds",
    "newswire_feeder_",
    "newswire_archive_lost_records_total",
    "newswire_source_most_per_minute",
    "newswire_webhook_",
)
"""What has labels has no sample before its first event; these settings name no limit and no webhook."""


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


def read_expected_totals(settings: Settings) -> dict[str, float]:
    """Reads from the topics the totals that the counters must show."""
    decisions = flow.read_decisions(settings)
    return {
        "newswire_items_total": len(decisions),
        "newswire_items_received_total": len(decisions),
        "newswire_duplicate_delay_seconds_count": len(flow.read(settings, DUPLICATES)),
        "newswire_dead_letters_total": sum(decision["fate"] == "rejected" for decision in decisions),
        "newswire_items_by_language_total": sum(decision["fate"] in ("published", "revised") for decision in decisions),
        "newswire_companies_found_total": sum(decision["fate"] in ("published", "revised") for decision in decisions),
        "newswire_unclassified_total": sum(
            decision["fate"] in ("published", "revised") and decision["topics"] == ["latest"] for decision in decisions
        ),
    }


def find_deviations(samples: dict[str, float], expected: dict[str, float]) -> dict[str, float | None]:
    """Finds declared metrics that are missing (None), and totals that differ from the expected ones."""
    names = {key.partition("{")[0] for key in samples}
    missing = {name: None for name in list_declared() - names if not name.startswith(NOT_YET)}
    totals = {name: sum(value for key, value in samples.items() if key.startswith(f"{name}{{")) for name in expected}
    return {**missing, **{name: total for name, total in totals.items() if total != expected[name]}}


@contextmanager
def run_archive(settings: Settings, folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "streams", "archive", str(folder), "--http", str(port)]
    with subprocess.Popen(
        command, env={**flow.environment(settings), "NEWSWIRE_ARCHIVE__FLUSH_SECONDS": "1"}
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def test_every_declared_metric_is_served_and_agrees_with_the_topics(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    first = free_ports(4)
    ports = (first, first + 1, first + 2, first + 3)
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
    with (
        flow.run_worker(settings, tmp_path, "--http", str(first)),
        run_gateway(settings, ports[2]),
        run_archive(settings, tmp_path / "archive", ports[3]),
    ):
        flow.wait_decided(settings, flow.send(settings, [*mixed_items(40, seed=9), *twice]))
        wait_until_ready(*ports)
        expected = read_expected_totals(settings)
        # A record is counted after its commit, and some metrics are refreshed once a second.
        wait_until(
            lambda: not find_deviations(scrape(*ports), expected), lambda: find_deviations(scrape(*ports), expected)
        )
        samples = scrape(*ports)
        flow.wait_decided(settings, 42 + flow.send(settings, mixed_items(20, seed=11)))
        after = scrape(*ports)
    assert find_deviations(samples, expected) == {}
    assert expected["newswire_duplicate_delay_seconds_count"] > 0
    assert samples["newswire_transactions_total{result=aborted}"] == 0
    assert samples["newswire_ready{stage=decide}"] == samples["newswire_ready{stage=prepare}"] == 1
    counters = {key for key in samples if key.partition("{")[0].endswith(("_total", "_count"))}
    assert {key for key in counters if after[key] < samples[key]} == set()
