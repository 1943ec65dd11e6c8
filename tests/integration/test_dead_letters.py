"""Tests dead letters on a real broker: each error code is provoked, shown, corrected and retried."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from support import flow
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.errors import Reason
from streams.model.topics import DEAD_LETTERS, LATEST

pytestmark = pytest.mark.kafka

GOOD = b'{"id": "%s", "version": "1", "title": "Norwick Pumps opens a new factory in the north"}'
SOURCE = {"source": "testwire", "received-at": "2026-03-02T10:00:00Z"}
CASES: dict[str, tuple[bytes, dict[str, str]]] = {
    "empty": (b"", SOURCE),
    "malformed": (b'{"title": "unclosed', SOURCE),
    "encoding": (b"\x00\x01\x02", SOURCE),
    "unknown-format": (b'{"weather": "fair"}', SOURCE),
    "missing-source": (GOOD % b"missing-source", {"received-at": "2026-03-02T10:00:00Z"}),
    "missing-field": (b'{"id": "a", "title": ""}', SOURCE),
    "too-deep": (b"[" * 100_000, SOURCE),
    "too-large": (b"x" * (8 * 1024 * 1024 + 1), SOURCE),
    "test-item": (b'{"id": "t", "title": "Norwick Pumps opens a factory", "status": "test"}', SOURCE),
}
"""Error code -> an item that is refused with it, and its headers."""
SLOW = b'{"id": "slow", "title": "Norwick Pumps opens a factory", "body": "SLOW PREPARE in the west."}'
LARGE = b'{"id": "large", "title": "Norwick Pumps opens a factory", "body": "%s"}' % (b"It opens a plant. " * 400_000)
FAULTY = (str(Path(__file__).parents[1] / "support" / "broken.py"),)
BROKEN = {
    "prepare": b'{"id": "p", "title": "Norwick Pumps opens a factory", "body": "BREAK PREPARE in the north."}',
    "decide": b'{"id": "f", "title": "Halvard Marine orders nine ships", "body": "BREAK FOLD in the south."}',
}


@pytest.fixture
def case_settings(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a running system that has refused all of CASES."""
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, CASES.values(), partition=0))
        yield settings


def list_dead_letters(settings: Settings, *arguments: str) -> list[dict[str, str]]:
    found = flow.newswire(settings, "dead-letters", "list", "--json", *arguments)
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_each_code_is_listed_shown_mended_and_retried(case_settings: Settings, tmp_path: Path) -> None:
    found = {row["code"]: row for row in list_dead_letters(case_settings)}
    assert found.keys() == CASES.keys()
    (one,) = list_dead_letters(case_settings, "--code", "malformed")
    shown = flow.newswire(case_settings, "dead-letters", "show", one["id"])
    assert b'{"title": "unclosed' in shown.stdout
    assert b"000000  7b 22 74 69" in shown.stdout
    unconfirmed = flow.newswire(case_settings, "dead-letters", "retry", one["id"])
    assert unconfirmed.returncode == 2
    assert b"--yes" in unconfirmed.stderr
    mended = tmp_path / "mended.json"
    for code, row in found.items():
        mended.write_bytes(GOOD % code.encode())
        change = ["--as-source", "testwire"] if code == "missing-source" else ["--with", str(mended)]
        retried = flow.newswire(case_settings, "dead-letters", "retry", row["id"], *change, "--yes")
        assert retried.returncode == 0, retried.stderr
        about = b"duplicate " if code != next(iter(found)) else b"published "
        assert retried.stdout.startswith(row["id"].encode() + b"  " + about), retried.stdout
    assert list_dead_letters(case_settings) == []
    assert {row["state"] for row in list_dead_letters(case_settings, "--all")} == {"retried"}
    # As if it had passed at once: the received time is the first one.
    first = flow.read(case_settings, LATEST)[0]
    assert dict(first.headers)["ce_time"] == b"2026-03-02T10:00:00Z"
    assert flow.newswire(case_settings, "audit").returncode == 0


def test_every_code_has_its_case() -> None:
    assert {*CASES, "timeout", "crashed", "internal"} == {reason.value for reason in Reason}


def test_an_item_refused_for_time_or_memory_passes_with_a_higher_limit(settings: Settings, tmp_path: Path) -> None:
    short_time = msgspec.structs.replace(settings.prepare, item_seconds=1)
    small_memory = msgspec.structs.replace(settings.prepare, item_seconds=120, memory_mb=400)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    sent = 0
    for prepare, item in ((short_time, (SLOW, SOURCE)), (small_memory, (LARGE, {**SOURCE, "origin": "large.json"}))):
        with flow.run_worker(msgspec.structs.replace(settings, prepare=prepare), tmp_path, program=FAULTY):
            sent += flow.send(settings, [item], partition=0)
            flow.wait_decided(settings, sent)
    rows = {row["code"]: row for row in list_dead_letters(settings)}
    assert rows.keys() == {"timeout", "crashed"}
    shown = flow.newswire(settings, "dead-letters", "show", rows["crashed"]["id"]).stdout
    assert b"preparing it ended the process twice" in shown
    assert b"\nfrom large.json\n" in shown
    assert b"\n    from large.json\n" in flow.newswire(settings, "why", rows["crashed"]["id"]).stdout
    enough = msgspec.structs.replace(settings.prepare, item_seconds=120)
    with flow.run_worker(msgspec.structs.replace(settings, prepare=enough), tmp_path, program=FAULTY):
        retry_all(settings, sent)
    assert list_dead_letters(settings) == []


def test_an_item_that_hit_a_bug_passes_unchanged_with_the_release_that_fixes_it(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.run_worker(settings, tmp_path, program=FAULTY):
        flow.wait_decided(settings, flow.send(settings, [(body, SOURCE) for body in BROKEN.values()], partition=0))
    rows = {row["stage"]: row for row in list_dead_letters(settings)}
    assert {stage: row["code"] for stage, row in rows.items()} == {"prepare": "internal", "decide": "internal"}
    assert b"a bug in the fold" in flow.newswire(settings, "dead-letters", "show", rows["decide"]["id"]).stdout
    with flow.run_worker(settings, tmp_path):
        retry_all(settings, len(BROKEN))
    assert list_dead_letters(settings) == []
    assert_same_as_process(settings, BROKEN.values(), tmp_path)


def retry_all(settings: Settings, raw_records: int) -> None:
    """Retries all open dead letters and checks that none is refused again."""
    retried = flow.newswire(settings, "dead-letters", "retry", "--every", "--yes")
    assert retried.returncode == 0, retried.stderr
    flow.wait_decided(settings, 2 * raw_records)
    assert len([fate for fate in flow.read_decisions(settings) if fate["fate"] == "rejected"]) == raw_records


def assert_same_as_process(settings: Settings, bodies: Iterable[bytes], folder: Path) -> None:
    """Checks that the published items equal those of `newswire process` for the same bytes and received time."""
    events = []
    for number, body in enumerate(bodies):
        path = folder / f"{number}.json"
        path.write_bytes(body)
        processed = flow.newswire(
            settings, "process", str(path), "--source", SOURCE["source"], "--received-at", SOURCE["received-at"]
        )
        events += [json.loads(line)["event"] for line in processed.stdout.splitlines()]
    published = [json.loads(row.value or b"") for row in flow.read(settings, LATEST)]
    assert sorted(published, key=lambda event: event["uri"]) == sorted(events, key=lambda event: event["uri"])


def test_a_letter_that_fails_again_counts_its_attempts_and_is_left_alone_after_five(
    case_settings: Settings,
) -> None:
    for attempt in range(2, 6):
        (row,) = list_dead_letters(case_settings, "--code", "malformed")
        assert row["attempts"] == attempt - 1
        done = flow.newswire(case_settings, "dead-letters", "retry", row["id"], "--yes")
        assert b"rejected malformed" in done.stdout
    (row,) = list_dead_letters(case_settings, "--code", "malformed")
    assert row["attempts"] == 5
    tired = flow.newswire(case_settings, "dead-letters", "retry", "--code", "malformed", "--yes")
    assert tired.returncode == 1
    assert b"failed 5 times" in tired.stderr


def test_a_discarded_letter_keeps_its_bytes_and_the_reason(case_settings: Settings, tmp_path: Path) -> None:
    done = flow.newswire(
        case_settings, "dead-letters", "discard", "--code", "encoding", "--why", "a broken modem", "--yes"
    )
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, str]] = []

    def is_discarded() -> bool:
        rows[:] = [
            row
            for row in list_dead_letters(case_settings, "--all", "--code", "encoding")
            if row["state"] == "discarded"
        ]
        return bool(rows)

    wait_until(is_discarded)
    assert rows[0]["why"] == "a broken modem"
    assert list_dead_letters(case_settings, "--code", "encoding") == []
    assert flow.newswire(case_settings, "dead-letters", "retry", rows[0]["id"], "--yes").returncode == 1
    bytes_and_note = [
        row.value for row in flow.read(case_settings, DEAD_LETTERS) if (row.key or b"").decode() == rows[0]["id"]
    ]
    assert bytes_and_note == [b"\x00\x01\x02", None]
    file = tmp_path / "letters.jsonl.zst"
    exported = flow.newswire(case_settings, "dead-letters", "export", str(file), "--source", "testwire")
    assert exported.stdout.startswith(b"7 letters"), exported.stdout + exported.stderr
