"""The topics can be read with kcat, a tool that does not know this project."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support import api, flow
from support.mixed_items import mixed_items

from streams.config.settings import Settings
from streams.model.topics import DEAD_LETTERS, DECISIONS, RAW

pytestmark = pytest.mark.system


def test_kcat_reads_a_category(settings: Settings, tmp_path: Path) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed")
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
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


def test_the_commands_in_the_schemas_readme_print_what_it_says(settings: Settings, tmp_path: Path) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed")
    text = (api.FOLDER / "README.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) for line in block.splitlines()]
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    shown: list[list[str]] = []
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, mixed_items(60, seed=7)))
        for line in (line for line in lines if not line.startswith("#")):
            done = subprocess.run(
                ["bash", "-c", "set -o pipefail; " + line.replace("-t news.", f"-t {settings.topics.prefix}.")],
                env={**os.environ, "NEWSWIRE_KAFKA": settings.kafka.brokers},
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert done.returncode == 0, f"{line}: {done.stderr}"
            shown.append(done.stdout.splitlines())
        flow.wait_decided(settings, 61)
        refused, decided = flow.read(settings, DEAD_LETTERS), flow.read(settings, DECISIONS)
        own = [row for row in flow.read(settings, RAW) if row.key == b"mywire"]
    companies, newest, copies, counted, fates, sent = shown
    assert all(re.match(r"urn:newswire:\S+ ce_specversion=1.0,ce_id=", line) for line in companies)
    assert companies
    assert {json.loads(line)["topic"] for line in newest} == {settings.topics.full("latest")}
    assert {line.partition("=")[0] for line in copies if "=" in line} == {"match-kind", "seconds-later"}
    assert counted == [f"{len(refused):>7} error-code=malformed"]
    assert {json.loads(line.partition(" ")[2])["fate"] for line in fates} >= {"published", "duplicate", "rejected"}
    assert (len(fates), len(own), sent) == (len(decided) - 1, 1, [])
