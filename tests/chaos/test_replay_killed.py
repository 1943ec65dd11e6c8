"""The short form of `python tests/chaos/replay.py`: all formats, live items at the same time, kills and `--resume`."""

from pathlib import Path

import pytest
from chaos.replay import Plan, run

pytestmark = [pytest.mark.kafka, pytest.mark.chaos, pytest.mark.timeout(1500)]


def test_a_killed_and_resumed_replay_gives_the_result_of_the_new_rules_from_the_start(
    kafka: str, tmp_path: Path
) -> None:
    report = run(kafka, tmp_path, Plan(seed=3, items=1_500, kills=2, live=5.0, quiet_seconds=2.0))
    assert report.violations == []
    assert report.changed > 50
    assert report.published + report.dropped == report.changed
