"""Tests `newswire status`."""

import json
from pathlib import Path

import pytest
from support import flow
from support.mixed_items import mixed_items
from support.processes import free_ports

from streams.cli.status import format_status
from streams.config.settings import Settings
from streams.ops.system_status import (
    ProcessAnswer,
    count_decisions,
    find_address,
    merge_sources,
    read_metrics,
)

NOW = 1_900_000_000.0


class DecisionRecord:
    """A record of news.decisions, `age` seconds old."""

    def __init__(self, age: float, value: bytes) -> None:
        self.timestamp = int((NOW - age) * 1000)
        self.value = value


def build_record(age: float, fate: str, source: str = "prnewswire", action: str = "") -> DecisionRecord:
    return DecisionRecord(age, json.dumps({"fate": fate, "source": source, "action": action, "uri": "u"}).encode())


def test_items_are_counted_by_outcome_and_neither_repeats_nor_foreign_records_nor_commands_are_items() -> None:
    found = count_decisions(
        [
            build_record(3000, "published"),
            build_record(70, "published", "reuters"),
            build_record(59, "published"),
            build_record(40, "duplicate", "re\x1buters"),
            build_record(35, "rejected", "unknown"),
            build_record(30, "repeat"),
            DecisionRecord(20, b"no JSON"),
            DecisionRecord(20, b'{"fate": "unheard-of"}'),
            build_record(10, "withdrawn", "prnewswire", "kill"),
        ],
        NOW,
    )
    assert {name: list(count.values()) for name, count in found["outcomes"].items() if count["last_hour"]} == {
        "published": [1, 3],
        "duplicate": [1, 1],
        "withdrawn": [1, 1],
        "rejected": [1, 1],
    }
    assert (found["counted_seconds"], found["newest_seconds"]) == (3600, 35.0)
    assert found["sources"] == {"prnewswire": 59.0, "reuters": 40.0}


def test_with_very_many_items_the_counts_say_how_far_back_they_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.ops.system_status.MOST_DECISIONS", 2)
    found = count_decisions([build_record(600, "published"), build_record(5, "published")], NOW)
    assert found["counted_seconds"] == 600
    assert count_decisions([], NOW)["newest_seconds"] is None


@pytest.mark.parametrize(
    ("client_id", "client_host", "address"),
    [
        ("newswire-decide@127.0.0.1:6066", "/127.0.0.1", "http://127.0.0.1:6066"),
        ("newswire-decide@0.0.0.0:6066", "/10.0.0.5", "http://10.0.0.5:6066"),
        ("newswire-prepare@:::6067", "/fd00:0:0:0:0:0:0:5", "http://[fd00:0:0:0:0:0:0:5]:6067"),
        ("newswire-prepare@::1:6067", "/0:0:0:0:0:0:0:1", "http://[::1]:6067"),
        ("faust-0.15.3", "/10.0.0.5", ""),
        ("a@b", "/10.0.0.5", ""),
    ],
)
def test_the_address_of_a_member_stands_in_its_client_id(client_id: str, client_host: str, address: str) -> None:
    assert find_address(client_id, client_host) == address


def test_the_status_is_formatted_in_lines() -> None:
    assert format_status(
        {
            "groups": {"newswire-decide": {"state": "Stable", "members": 1, "lag": 0}},
            "processes": [
                {"stage": "decide", "address": "http://127.0.0.1:6066", "ready": True, "problem": "", "refused": ""},
                {"stage": "prepare", "address": "", "ready": False, "problem": "no answer from here", "refused": ""},
                {"stage": "prepare", "address": "http://a:1", "ready": True, "problem": "", "refused": "rules: line 3"},
            ],
            "outcomes": {
                "published": {"last_minute": 3, "last_hour": 90},
                "rejected": {"last_minute": 0, "last_hour": 1},
            },
            "counted_seconds": 3600,
            "newest_seconds": 7200.0,
            "dead_letters": {"open": 2, "at_least": True},
            "sources": {"prnewswire": 61.5, "reuters": 600.0},
            "silent": {"reuters": 301.0},
        }
    ).splitlines() == [
        "newswire-decide    stable, 1 member, 0 records behind",
        "  decide           ready  http://127.0.0.1:6066",
        "  prepare          no answer from here",
        "  prepare          ready  http://a:1",
        "                   does not take the changed files: rules: line 3",
        "published          3 in the last minute, 90 in the last hour",
        "rejected           0 in the last minute, 1 in the last hour",
        "newest decision    2 h ago",
        "dead letters       2 or more open",
        "source prnewswire      newest 61 s ago",
        "source reuters         newest 10 min ago, silent: usually at most 5 min",
    ]


def test_the_metrics_of_a_process_say_which_files_it_refused_and_which_source_is_silent_for_too_long() -> None:
    refused, newest, quiet_after = read_metrics(
        "# HELP newswire_rules_info What\n"
        'newswire_rules_info{refused="rule \\"a\\" misses its example",rules="rules-1"} 1.0\n'
        f'newswire_source_last_item_timestamp_seconds{{source="reuters"}} {NOW - 7000}\n'
        f'newswire_source_last_item_timestamp_seconds{{source="ended"}} {NOW - 90000}\n'
        f'newswire_source_last_item_timestamp_seconds{{source="prnewswire"}} {NOW - 30}\n'
        'newswire_source_quiet_after_seconds{source="reuters"} 3600.0\n'
        'newswire_source_quiet_after_seconds{source="ended"} 0.0\n'
        'newswire_source_quiet_after_seconds{source="prnewswire"} 3600.0\n'
        'newswire_items_total{outcome="published",source="reuters"} 7.0\n'
    )
    assert refused == 'rule "a" misses its example'
    answer = ProcessAnswer(
        {"stage": "decide", "address": "", "ready": True, "problem": "", "refused": ""}, newest, quiet_after
    )
    ages, silent = merge_sources({"prnewswire": 29.0}, [answer], NOW)
    assert ages == {"ended": 90000.0, "prnewswire": 29.0, "reuters": 7000.0}
    assert silent == {"reuters": 3600.0}
    assert read_metrics("") == ("", {}, {})


@pytest.mark.kafka
def test_the_status_of_a_running_system_shows_outcomes_readiness_lag_and_dead_letters(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSWIRE_GATEWAY__HTTP_PORT", str(free_ports(1)))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    count = flow.send(settings, mixed_items(20, seed=4))
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, count)
        done = flow.newswire(settings, "status", "--json")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
    assert [(row["stage"], row["problem"]) for row in found["processes"]] == [
        ("decide", ""),
        ("gateway", "no answer from here; the setting gateway.http_port tells this command where it listens"),
        ("prepare", ""),
    ]
    assert sum(each["last_hour"] for each in found["outcomes"].values()) >= count
    assert found["outcomes"]["rejected"]["last_hour"] == found["dead_letters"]["open"]
    assert found["groups"]["newswire-decide"]["lag"] == 0
    assert all(0 <= seconds < 600 for seconds in found["sources"].values())
    assert found["sources"]


def test_without_its_broker_the_command_prints_one_plain_sentence(monkeypatch, run_newswire):
    monkeypatch.setenv("NEWSWIRE_KAFKA", "127.0.0.1:1")
    assert run_newswire("status") == (
        1,
        "",
        "no Kafka at 127.0.0.1:1: start one with `newswire kafka up` or set NEWSWIRE_KAFKA\n",
    )
