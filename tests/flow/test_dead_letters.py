"""Dead letters on the real broker: each code is provoked, shown, mended and retried."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import flow

from streams.config import Settings
from streams.topics import DEAD_LETTERS, LATEST

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


@pytest.fixture
def worked(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """All cases fed and refused, the worker still running."""
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.working(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, CASES.values(), partition=0))
        yield settings


def listed(settings: Settings, *arguments: str) -> list[dict[str, str]]:
    found = flow.newswire(settings, "dead-letters", "list", "--json", *arguments)
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_each_code_is_listed_shown_mended_and_retried(worked: Settings, tmp_path: Path) -> None:
    found = {row["code"]: row for row in listed(worked)}
    assert found.keys() == CASES.keys()
    (one,) = listed(worked, "--code", "malformed")
    shown = flow.newswire(worked, "dead-letters", "show", one["id"])
    assert b'{"title": "unclosed' in shown.stdout
    assert b"000000  7b 22 74 69" in shown.stdout
    refused = flow.newswire(worked, "dead-letters", "retry", one["id"])
    assert refused.returncode == 2
    assert b"--yes" in refused.stderr
    mended = tmp_path / "mended.json"
    for code, row in found.items():
        mended.write_bytes(GOOD % code.encode())
        change = ["--as-source", "testwire"] if code == "missing-source" else ["--with", str(mended)]
        retried = flow.newswire(worked, "dead-letters", "retry", row["id"], *change, "--yes")
        assert retried.returncode == 0, retried.stderr
        about = b"duplicate " if code != next(iter(found)) else b"published "
        assert retried.stdout.startswith(row["id"].encode() + b"  " + about), retried.stdout
    assert listed(worked) == []
    assert {row["state"] for row in listed(worked, "--all")} == {"retried"}
    # As if it had passed at once: the received time is the first one.
    first = flow.read(worked, LATEST)[0]
    assert dict(first.headers)["ce_time"] == b"2026-03-02T10:00:00Z"
    assert flow.newswire(worked, "audit").returncode == 0


def test_a_letter_that_fails_again_counts_its_attempts_and_is_left_alone_after_five(worked: Settings) -> None:
    for attempt in range(2, 6):
        (row,) = listed(worked, "--code", "malformed")
        assert row["attempts"] == attempt - 1
        done = flow.newswire(worked, "dead-letters", "retry", row["id"], "--yes")
        assert b"rejected malformed" in done.stdout
    (row,) = listed(worked, "--code", "malformed")
    assert row["attempts"] == 5
    tired = flow.newswire(worked, "dead-letters", "retry", "--code", "malformed", "--yes")
    assert tired.returncode == 1
    assert b"failed 5 times" in tired.stderr


def test_a_discarded_letter_keeps_its_bytes_and_the_reason(worked: Settings, tmp_path: Path) -> None:
    done = flow.newswire(worked, "dead-letters", "discard", "--code", "encoding", "--why", "a broken modem", "--yes")
    assert done.returncode == 0, done.stderr
    for _ in range(50):
        rows = [row for row in listed(worked, "--all", "--code", "encoding") if row["state"] == "discarded"]
        if rows:
            break
        flow.time.sleep(0.2)
    assert rows[0]["why"] == "a broken modem"
    assert listed(worked, "--code", "encoding") == []
    assert flow.newswire(worked, "dead-letters", "retry", rows[0]["id"], "--yes").returncode == 1
    bytes_and_note = [
        row.value for row in flow.read(worked, DEAD_LETTERS) if (row.key or b"").decode() == rows[0]["id"]
    ]
    assert bytes_and_note == [b"\x00\x01\x02", None]
    file = tmp_path / "letters.jsonl.zst"
    exported = flow.newswire(worked, "dead-letters", "export", str(file), "--source", "testwire")
    assert exported.stdout.startswith(b"7 letters"), exported.stdout + exported.stderr
