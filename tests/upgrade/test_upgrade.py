"""What an older version wrote, today's code reads: its state folder, its changelog, its topics."""

import json
import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from rocksdict import Options, Rdict
from support.wait import wait_until

from streams.decide.state_entries import decode_entry
from streams.kafka.embedded import broker

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VERSIONS = tomllib.loads((HERE / "versions.toml").read_text(encoding="utf-8"))
COUNT = 150


@pytest.fixture(scope="module", params=list(VERSIONS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that make.sh fills with the code of an older version."""
    commit = VERSIONS[request.param]["commit"]
    if subprocess.run(["git", "-C", ROOT, "cat-file", "-e", commit], capture_output=True, check=False).returncode:
        pytest.skip(f"this clone does not have the commit of {request.param}: {commit}")
    out = tmp_path_factory.mktemp("upgrade")
    environment = {**os.environ, "COUNT": str(COUNT), "PYTHON": sys.executable}
    subprocess.run([HERE / "make.sh", request.param, out], check=True, env=environment, timeout=500)
    return out


@pytest.mark.kafka
def test_every_entry_of_an_old_state_folder_can_be_read(made: Path) -> None:
    database = Rdict(str(next((made / "state").glob("decide-*"))), Options(raw_mode=True))
    rows = [(key, value) for key, value in database.items() if not key.startswith((b"\0", b"\1"))]
    database.close()
    kinds = Counter(type(decode_entry(value)).__name__ for _, value in rows)
    assert kinds.total() == len(rows) > COUNT


@pytest.mark.kafka
def test_a_worker_goes_on_where_an_older_one_stopped(made: Path) -> None:
    environment = {**os.environ, "NEWSWIRE_TOPICS__RAW_PARTITIONS": "1"}

    def newswire(*words: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "-m", "streams", *words]
        return subprocess.run(call, env=environment, cwd=made, capture_output=True, text=True, check=False)

    running = broker.up(made / "kafka", None)
    environment["NEWSWIRE_KAFKA"] = running.address
    worker = subprocess.Popen(
        [sys.executable, "-m", "streams", "worker", "--state", "state"], cwd=made, env=environment
    )
    try:
        assert newswire("topics", "apply").returncode == 0
        assert newswire("generate", "--count", str(COUNT), "--to-kafka").returncode == 0
        wait_until(lambda: newswire("audit").returncode == 0, lambda: newswire("audit").stderr)
        dump = subprocess.run([sys.executable, HERE / "dump.py", running.address], capture_output=True, check=True)
    finally:
        worker.terminate()
        worker.wait()
        broker.stop(made / "kafka")
    decisions = [
        json.loads(json.loads(line)["value"]) for line in dump.stdout.splitlines() if b"news.decisions" in line
    ]
    again = [each for each in decisions if each["origin"] and each["origin"]["offset"] >= COUNT]
    assert len(again) == COUNT
    assert {each["fate"] for each in again} <= {"duplicate", "rejected"}
