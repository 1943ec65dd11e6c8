"""The topics read with a tool that knows nothing of ours."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from support import flow
from support.items import mixed_items

from streams.config import Settings

pytestmark = pytest.mark.system


def test_a_category_is_read_with_kcat(settings: Settings, tmp_path: Path) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.working(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, mixed_items(60, seed=7)))
        topic = "companies.corporate-actions"
        ours = flow.read(settings, topic)
        command = ["kcat", "-b", settings.kafka.brokers, "-C", "-t", settings.topics.full(topic), "-e", "-q"]
        output = subprocess.run(
            [*command, "-X", "isolation.level=read_committed", "-J"], capture_output=True, check=True, timeout=30
        ).stdout
    theirs = [json.loads(line) for line in output.splitlines()]
    assert ours
    assert [(row["key"], json.loads(row["payload"])) for row in theirs] == [
        ((row.key or b"").decode(), json.loads(row.value or b"")) for row in ours
    ]
