"""The wheel that `make dist` builds works where there is no checkout."""

import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from pathlib import Path

import pytest
from support.readme import ROOT

pytestmark = pytest.mark.release


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive and the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "build"]
    subprocess.run(install, check=True, timeout=120)
    build = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    return folder


def find_one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_wheel_and_archive_hold_the_package_and_nothing_else(dist: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "streams"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    with zipfile.ZipFile(find_one(dist, "*.whl")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == {name for name in tracked if not name.endswith(".md")} | {"streams/commit.txt"}
    with tarfile.open(find_one(dist, "*.tar.gz")) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    assert names - set(tracked) == {
        "streams/commit.txt", "deploy/build_hook.py", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"
    }  # fmt: skip


def test_the_demo_of_an_installed_wheel_shows_items(dist: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    newswire = tmp_path / "venv" / "bin" / "newswire"
    wheel = find_one(dist, "*.whl")
    install = [newswire.with_name("python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, f"{wheel}[kafka,demo]"], check=True, timeout=400)

    work = tmp_path / "work"
    work.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
    version = subprocess.run(
        [newswire, "--version"], cwd=work, env=environment, check=True, capture_output=True, text=True, timeout=60
    ).stdout
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert re.fullmatch(rf"newswire \S+, commit {head[:12]}; log format .*\n", version)

    with (tmp_path / "rows").open("wb") as rows, (tmp_path / "steps").open("wb") as steps:
        demo = subprocess.Popen([newswire, "demo"], cwd=work, env=environment, stdout=rows, stderr=steps)
        try:
            end = time.monotonic() + 180
            while (tmp_path / "rows").read_bytes().count(b"\n") < 10:
                assert demo.poll() is None, (tmp_path / "steps").read_text()
                assert time.monotonic() < end, (tmp_path / "steps").read_text()
                time.sleep(0.5)
        finally:
            demo.send_signal(signal.SIGINT)
            status = demo.wait(60)
    assert status == 0
