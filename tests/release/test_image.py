"""The image that `make image` builds runs as its file says: no root, no capabilities, a root that is read-only."""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support import flow
from support.processes import free_ports
from support.readme import ROOT
from support.wait import wait_until

from streams.config.settings import Settings

pytestmark = pytest.mark.release
BUILDAH = {**os.environ, "STORAGE_DRIVER": "vfs"}
ITEM = b'{"id": "1", "title": "Norwick Pumps opens a factory in Leeds", "body_text": "Norwick Pumps opens a factory."}'


class Image(NamedTuple):
    """A built image: its root folder, its configuration, and the folder with what it holds."""

    root: Path
    config: dict[str, Any]
    dist: Path


def buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], env=BUILDAH, check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    for tool in ("buildah", "debootstrap", "unshare", "setpriv"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    if os.getuid() != 0:
        pytest.skip("needs root")
    if not (ROOT / ".venv/validators/bin/cyclonedx-py").exists():
        pytest.skip("cyclonedx-py is not installed (deploy/validators.sh)")
    dist = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [ROOT / "deploy" / "image.sh"], env={**BUILDAH, "DIST": str(dist)}, capture_output=True, text=True, timeout=580
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    container = buildah("from", "newswire-streams")
    try:
        config = json.loads(buildah("inspect", "--type", "image", "newswire-streams"))["Docker"]["config"]
        yield Image(Path(buildah("mount", container)), config, dist)
    finally:
        buildah("rm", container)


@contextmanager
def run_container(image: Image, folder: Path, environment: dict[str, str], *command: str) -> Iterator[int]:
    """Runs a command as a container runtime does with read-only root and no capabilities; yields its process id.

    At the end it must stop on SIGTERM with status 0.
    """
    uid, gid = image.config["User"].split(":")
    folder.mkdir()
    state = folder / "state"
    state.mkdir()
    os.chown(state, int(uid), int(gid))
    variables = [*image.config["Env"], *(f"{name}={value}" for name, value in environment.items())]
    root = shlex.quote(str(image.root))
    script = f"""
        set -e
        mount --bind {root} {root}
        mount -o remount,ro,bind {root}
        mount -t tmpfs tmpfs {root}/tmp
        mount --bind /proc {root}/proc
        mount --bind /dev {root}/dev
        mount -t tmpfs -o mode=1777 tmpfs {root}/dev/shm
        mount --bind {shlex.quote(str(state))} {root}/state
        exec chroot {root} setpriv --reuid {uid} --regid {gid} --clear-groups --no-new-privs \
            --inh-caps=-all --bounding-set=-all env -i {shlex.join(variables)} {shlex.join(command)}
    """
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(["unshare", "--mount", "bash", "-c", script], stdout=log, stderr=log, cwd="/")
    try:
        yield process.pid
        process.terminate()
        assert process.wait(60) == 0, Path(log.name).read_text()
    except BaseException:
        process.kill()
        process.wait()
        print(Path(log.name).read_text()[-5000:])
        raise


def read_status(pid: int) -> dict[str, list[str]]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}


def is_healthy(image: Image, port: int) -> bool:
    """Runs the command of the image's HEALTHCHECK, for a port of this test."""
    kind, *command = image.config["Healthcheck"]["Test"]
    assert kind == "CMD"
    variables = shlex.join(image.config["Env"])
    done = subprocess.run(
        ["chroot", image.root, "bash", "-c", f"env -i {variables} {shlex.join([*command, str(port)])}"]
    )
    return done.returncode == 0


def test_worker_and_gateway_of_the_image_publish_an_item_and_serve_it(
    image: Image, settings: Settings, tmp_path: Path
) -> None:
    (entrypoint,) = image.config["Entrypoint"]
    assert image.config["Cmd"] == ["worker", "--state", "/state"]
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    ours = {name: value for name, value in flow.environment(settings).items() if name.startswith("NEWSWIRE_")}
    work, serve = free_ports(3), free_ports(1)
    with (
        run_container(
            image, tmp_path / "worker", ours, entrypoint, *image.config["Cmd"], "--http", str(work), "--workers", "1"
        ) as worker,
        run_container(image, tmp_path / "gateway", ours, entrypoint, "gateway", "--port", str(serve)) as gateway,
    ):
        flow.wait_decided(settings, flow.send(settings, [(ITEM, {"source": "mywire"})]))
        wait_until(lambda: "Norwick Pumps opens a factory in Leeds" in flow.http_get(serve, "/latest")[1])
        assert is_healthy(image, work)
        assert is_healthy(image, serve)
        assert not is_healthy(image, free_ports(1))
        for pid in (worker, gateway):
            status = read_status(pid)
            assert status["Uid"] == ["10001"] * 4
            assert status["Groups"] == []
            assert status["CapEff"] == status["CapPrm"] == status["CapBnd"] == ["0000000000000000"]
            assert status["NoNewPrivs"] == ["1"]


def test_the_image_says_its_commit_and_lists_what_it_holds(image: Image) -> None:
    commit = (image.root / "opt/newswire/bin").parent.glob("lib/python*/site-packages/streams/commit.txt")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert [path.read_text() for path in commit] == [head]
    sbom = json.loads((image.dist / "sbom.json").read_text())
    names = {package["name"] for package in sbom["components"]}
    assert sbom["bomFormat"] == "CycloneDX"
    assert {"newswire-streams", "faust-streaming", "aiokafka", "orjson", "prometheus_client"} <= names
    listed = (image.dist / "licences.txt").read_text().splitlines()
    assert len(listed) == len(sbom["components"])
    assert "orjson" in " ".join(listed)
