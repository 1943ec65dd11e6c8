"""Workers of the newest release and of this code work side by side, and one goes on with the state of the other."""

import io
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from support import flow
from support.mixed_items import mixed_items
from support.processes import free_ports, wait_until_alive
from support.readme import ROOT
from upgrade.versions import NEWEST, require_commit

from streams.config.settings import Settings
from streams.decide.fold import apply
from streams.decide.parameters import DecideParams
from streams.decide.state import State
from streams.model import codec
from streams.model.records import Decision, RecordRef, StampedRef
from streams.model.topics import DECISIONS, RAW
from streams.prepare.batch import RawMessage, prepare_message
from streams.prepare.loading import load_knowledge

BATCH = 30
NAMES = {
    *("ce_type", "ce_id", "ce_time", "duplicate-of", "error-code"),
    *("origin-partition", "origin-offset", "origin-index"),
}
"""The headers that are compared."""
Headers = Iterable[tuple[str, bytes | None]]


class Told(NamedTuple):
    """What a record says, whatever else a release adds to it."""

    key: bytes | None
    headers: dict[str, bytes]


class Fate(NamedTuple):
    """What became of an item."""

    offset: int
    fate: str
    uri: str
    version: str


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of the newest release."""
    commit = require_commit(NEWEST)
    folder = tmp_path_factory.mktemp("released")
    packed = subprocess.run(["git", "-C", ROOT, "archive", commit, "streams"], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


class Site:
    """A site on its own topics: runs workers of any code on them, and sends the same items as every other site."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        topics = msgspec.structs.replace(settings.topics, raw_partitions=1)
        patient = msgspec.structs.replace(settings.prepare, item_seconds=60)  # a busy machine refuses no item
        self.settings = msgspec.structs.replace(settings, topics=topics, prepare=patient)
        self.folder = folder
        self.items = list(mixed_items(4 * BATCH, seed=11))
        self.sent = 0
        folder.mkdir()

    def newswire(self, code: Path, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "streams", *words],
            cwd=self.folder, env=self.environment(code), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def environment(self, code: Path) -> dict[str, str]:
        return {**flow.environment(self.settings), "PYTHONPATH": str(code)}

    @contextmanager
    def run(self, code: Path, stage: str, name: str) -> Iterator[None]:
        """Runs one stage with the code of a release; `name` names its state folder. It must end with status 0."""
        port = free_ports(2)
        words = ["worker", "--stage", stage, "--state", str(self.folder / name), "--http", str(port)]
        path = self.folder / f"{name}.log"
        with path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "streams", *words],
                cwd=self.folder, env=self.environment(code), stdout=log, stderr=log,
            )  # fmt: skip
        try:
            wait_until_alive(port)
            yield
            process.terminate()
            assert process.wait(60) == 0, path.read_text()
        except BaseException:
            process.kill()
            process.wait()
            print(path.read_text()[-4000:])
            raise

    def send(self, count: int) -> None:
        flow.send(self.settings, self.items[self.sent : self.sent + count])
        self.sent += count

    def wait_decided(self) -> None:
        flow.wait_decided(self.settings, self.sent)

    def read_decisions(self) -> list[Fate]:
        rows = [msgspec.convert(row, Decision) for row in flow.read_decisions(self.settings)]
        return [_tell_fate(row) for row in rows]

    def read_topics(self) -> dict[str, list[Told]]:
        found = flow.read_outcome_topics(self.settings)
        del found[DECISIONS]
        return {topic: [_tell(row.key, row.headers) for row in rows] for topic, rows in found.items() if rows}


def _tell_fate(decision: Decision) -> Fate:
    assert decision.origin is not None
    return Fate(decision.origin.offset, decision.outcome.value, decision.uri, decision.version)


def _tell(key: bytes | None, headers: Headers) -> Told:
    return Told(key, {name: value or b"" for name, value in headers if name in NAMES})


def fold_uninterrupted(site: Site) -> tuple[list[Fate], dict[str, list[Told]]]:
    """What this code alone makes of the items of a site, from the first to the last in one go, without Kafka."""
    knowledge, params = load_knowledge(site.settings), DecideParams.from_settings(site.settings)
    state, fates, topics = State(), list[Fate](), dict[str, list[Told]]()
    for offset, (value, headers) in enumerate(site.items):
        position = StampedRef(RecordRef(site.settings.topics.full(RAW), 0, offset), int(time.time() * 1000))
        encoded = tuple((name, text.encode()) for name, text in headers.items())
        for _, record in prepare_message(RawMessage(position, encoded, value), knowledge).records:
            batch = state.batch()
            decision, effects = apply(batch, codec.decode(record), len(fates), params)
            state.merge(batch.changes)
            fates.append(_tell_fate(decision))
            for effect in effects:
                if effect.topic != DECISIONS:
                    topics.setdefault(effect.topic, []).append(_tell(effect.key, effect.headers))
    return fates, topics


@pytest.mark.kafka
@pytest.mark.release
@pytest.mark.timeout(1800)  # a minute; ten on a machine that does much else
def test_workers_of_two_releases_take_turns_and_the_topics_tell_what_one_release_alone_tells(
    settings: Settings, released: Path, tmp_path: Path
) -> None:
    mixed = Site(settings, tmp_path / "mixed")
    where = subprocess.run(
        [sys.executable, "-c", "import streams; print(streams.__file__)"],
        cwd=mixed.folder, env=mixed.environment(released), check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert Path(where.strip()).is_relative_to(released)

    mixed.newswire(released, "topics", "apply")
    with ExitStack() as old_prepare, ExitStack() as new_decide:
        old_prepare.enter_context(mixed.run(released, "prepare", "old-prepare"))
        with mixed.run(released, "decide", "old-decide"):
            mixed.send(BATCH)
            mixed.wait_decided()
            mixed.newswire(ROOT, "topics", "apply")
            new_decide.enter_context(mixed.run(ROOT, "decide", "new-decide"))
            mixed.send(BATCH // 2)
        mixed.send(BATCH // 2)  # prepared by the old release, decided by the new one
        mixed.wait_decided()
        with mixed.run(ROOT, "prepare", "new-prepare"), mixed.run(released, "decide", "old-decide"):
            old_prepare.close()
            mixed.send(BATCH // 2)
            new_decide.close()
            mixed.send(BATCH // 2)  # the other way round: the old release goes on with the state of the new one
            mixed.wait_decided()
    with mixed.run(ROOT, "all", "old-decide"):  # the new release on the state folder of the old one
        mixed.send(BATCH)
        mixed.wait_decided()
        mixed.newswire(ROOT, "audit")

    fates, topics = fold_uninterrupted(mixed)
    assert {fate.fate for fate in fates} >= {"published", "revised", "duplicate", "withdrawn", "rejected"}
    assert mixed.read_decisions() == fates
    assert mixed.read_topics() == topics
