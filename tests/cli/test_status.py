"""Tests `newswire status`."""

import json
from pathlib import Path

import pytest
from support import flow
from support.mixed_items import mixed_items

from streams.cli.status import format_status
from streams.config.settings import Settings


def test_the_status_is_formatted_in_lines() -> None:
    assert format_status(
        {
            "groups": {"newswire-decide": {"state": "Stable", "members": 1, "lag": 0}},
            "topics": {"news.raw": {"last_minute": 3, "last_hour": 90, "newest_seconds": 7200.0}},
            "sources": {"prnewswire": 61.5, "reuters": 600.0},
        }
    ).splitlines() == [
        "newswire-decide        stable, 1 member, 0 records behind",
        "news.raw               3 in the last minute, 90 in the last hour, newest 2 h ago",
        "source prnewswire      newest 61 s ago",
        "source reuters         newest 10 min ago",
    ]


@pytest.mark.kafka
def test_the_status_of_a_running_system_shows_counts_members_and_lag(settings: Settings, tmp_path: Path) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    count = flow.send(settings, mixed_items(20, seed=4))
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, count)
        done = flow.newswire(settings, "status", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
    prefix = settings.topics.prefix
    assert found["topics"][f"{prefix}.raw"]["last_hour"] == count
    assert found["groups"]["newswire-decide"]["lag"] == 0
    assert found["groups"]["newswire-decide"]["members"] >= 1
    assert all(0 <= seconds < 600 for seconds in found["sources"].values())
    assert found["sources"]


def test_without_its_broker_the_command_prints_one_plain_sentence(monkeypatch, run_newswire):
    monkeypatch.setenv("NEWSWIRE_KAFKA", "127.0.0.1:1")
    assert run_newswire("status") == (
        1,
        "",
        "no Kafka at 127.0.0.1:1: start one with `newswire kafka up` or set NEWSWIRE_KAFKA\n",
    )
