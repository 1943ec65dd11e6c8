"""Running workers take changed rules and sources between two batches; a broken file changes nothing."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from support import flow, rule_changes
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import LOG

pytestmark = pytest.mark.kafka
HTTP = 17_460


def with_rules(settings: Settings, rules: Path) -> Settings:
    topics = msgspec.structs.replace(settings.topics, raw_partitions=2)
    prepare = msgspec.structs.replace(settings.prepare, rules=str(rules))
    return msgspec.structs.replace(settings, topics=topics, prepare=prepare)


def read_loaded() -> list[str]:
    """Returns the line of `newswire_rules_info` of each of the two processes that prepare."""
    found = []
    for port in (HTTP + 1, HTTP + 2):
        with suppress(OSError):  # it does not listen yet
            found += flow.http_get(port, "/metrics")[1].splitlines()
    return [line for line in found if line.startswith("newswire_rules_info")]


def all_loaded(version: str) -> bool:
    lines = read_loaded()
    return len(lines) == 2 and all(f'rules="{version}"' in line and 'refused=""' in line for line in lines)


def test_items_come_while_rules_change_and_each_is_prepared_with_one_version_and_a_broken_file_changes_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    settings = with_rules(settings, rules)
    versions = [rule_changes.write_rules(rules, 0)]
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    sent = 0
    with flow.run_worker(settings, tmp_path, "--workers", "2", "--http", str(HTTP)) as worker:
        wait_until(lambda: all_loaded(versions[0]), worker.read_log)
        for number in range(1, 4):
            versions.append(rule_changes.write_rules(rules, number))
            if number == 2:
                os.kill(worker.process.pid, signal.SIGHUP)
            while not all_loaded(versions[-1]):
                sent += flow.send(settings, rule_changes.build_items(sent, 20))
                time.sleep(0.3)  # the machine also has to check the rules
        rule_changes.write_rules(rules, 4, example="No word of it")
        refused = "prepare.rules: rule 'norwick-4' (en) misses its example 'No word of it': see `newswire rules test`"
        wait_until(lambda: [f'refused="{refused}"' in line for line in read_loaded()] == [True] * 2, read_loaded)
        assert all(f'rules="{versions[-1]}"' in line for line in read_loaded())
        worker.kill_part("prepare")  # a process that starts again does not take the broken file either
        sent += flow.send(settings, rule_changes.build_items(sent, 40))
        flow.wait_decided(settings, sent)
        wait_until(lambda: [f'refused="{refused}"' in line for line in read_loaded()] == [True] * 2, read_loaded)
        assert all(f'rules="{versions[-1]}"' in line for line in read_loaded())
        assert refused in worker.read_log()
        marks = [rule_changes.read_rule_marks(row.value or b"") for row in flow.read(settings, LOG)]
        assert flow.read_outcome_topics(settings) == flow.fold_log(settings)
    assert {version for version, _ in marks} <= set(versions)
    assert marks[-1][0] == versions[3]
    assert len({version for version, _ in marks}) > 1
    for version, creator in marks:
        assert creator == f"rule:norwick-{versions.index(version)}@{version}"


def test_of_sources_prepare_takes_what_it_uses_and_the_log_names_what_needs_a_restart(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "newswire.toml"
    monkeypatch.setenv("NEWSWIRE_CONFIG", str(config))
    config.write_text('[sources.norwire]\nname = "Nor Wire"\nlanguage = "en"\n')
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    item = (b'{"id": "1", "title": "Tessaly opens a mill", "body": "In the north."}', {"source": "norwire"})
    again = (b'{"id": "2", "title": "Tessaly ferme une usine", "body": "Dans le sud."}', {"source": "norwire"})
    with flow.run_worker(settings, tmp_path) as worker:
        flow.wait_decided(settings, flow.send(settings, [item]))
        config.write_text(
            '[sources.norwire]\nname = "Nor Wire"\nlanguage = "fr"\nmost_per_minute = 60\n[decide]\nwindow_hours = 48\n'
        )
        wait_until(lambda: "restart_needed" in worker.read_log(), worker.read_log)
        wait_until(lambda: "rules_loaded" in worker.read_log(), worker.read_log)
        flow.wait_decided(settings, 1 + flow.send(settings, [again]))
        items = [msgspec.json.decode(row.value or b"") for row in flow.read(settings, "latest")]
        log = worker.read_log()
        accepted = config.read_bytes()
        config.write_text("[sources.norwire\n")
        wait_until(lambda: "is not TOML" in worker.read_log() and "rules_refused" in worker.read_log())
        config.write_bytes(accepted)
        wait_until(lambda: "rules_as_before" in worker.read_log(), worker.read_log)
    assert [each["language"] for each in items] == ["en", "fr"]
    said = [msgspec.json.decode(line) for line in log.splitlines() if "restart_needed" in line]
    assert {each["stage"]: each["settings"] for each in said} == {
        "decide": ["decide.window_hours", "sources.norwire.most_per_minute"],
    }
