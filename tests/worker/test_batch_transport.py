"""A version of Faust or aiokafka that the overrides were not tested with is refused at the start."""

import subprocess
import sys
from pathlib import Path

import pytest

from streams.worker import batch_transport


def test_the_installed_engine_is_one_that_was_tested() -> None:
    batch_transport.check_versions()


def test_an_untested_version_is_refused_with_the_versions_that_were_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_transport, "TESTED", {"faust-streaming": ("0.14.9", "0.15.2")})
    with pytest.raises(RuntimeError, match=r"^faust-streaming 0\.15\.3 is installed; tested with 0\.14\.9, 0\.15\.2: "):
        batch_transport.check_versions()


def test_a_worker_with_an_untested_version_does_not_start(tmp_path: Path) -> None:
    other = tmp_path / "aiokafka-0.99.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: aiokafka\nVersion: 0.99.0\n")
    command = [sys.executable, "-m", "streams", "worker"]
    done = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "aiokafka 0.99.0 is installed; tested with 0.14: install one of these" in done.stderr
