"""Dead letters on the real broker: each code is provoked, shown, mended and retried."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import pytest
from support import flow
from support.until import until

from streams.config import Settings
from streams.reasons import Reason
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
"""What the item itself is refused for."""
SLOW = b'{"id": "slow", "title": "Norwick Pumps opens a factory", "body": "SLOW PREPARE in the west."}'
LARGE = b'{"id": "large", "title": "Norwick Pumps opens a factory", "body": "%s"}' % (b"It opens a plant. " * 400_000)
FAULTY = (str(Path(__file__).parents[1] / "support" / "broken.py"),)
BROKEN = {
    "prepare": b'{"id": "p", "title": "Norwick Pumps opens a factory", "body": "BREAK PREPARE in the north."}',
    "decide": b'{"id": "f", "title": "Halvard Marine orders nine ships", "body": "BREAK FOLD in the south."}',
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


def test_every_code_has_its_case() -> None:
    assert {*CASES, "timeout", "crashed", "internal"} == {reason.value for reason in Reason}


def test_what_time_or_memory_was_short_for_passes_once_there_is_more(settings: Settings, tmp_path: Path) -> None:
    hasty = msgspec.structs.replace(settings.prepare, item_seconds=1)
    narrow = msgspec.structs.replace(settings.prepare, item_seconds=120, memory_mb=400)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    sent = 0
    for prepare, item in ((hasty, (SLOW, SOURCE)), (narrow, (LARGE, {**SOURCE, "origin": "large.json"}))):
        with flow.working(msgspec.structs.replace(settings, prepare=prepare), tmp_path, program=FAULTY):
            sent += flow.send(settings, [item], partition=0)
            flow.wait_decided(settings, sent)
    rows = {row["code"]: row for row in listed(settings)}
    assert rows.keys() == {"timeout", "crashed"}
    shown = flow.newswire(settings, "dead-letters", "show", rows["crashed"]["id"]).stdout
    assert b"preparing it ended the process twice" in shown
    assert b"\nfrom large.json\n" in shown
    assert b"\n    from large.json\n" in flow.newswire(settings, "why", rows["crashed"]["id"]).stdout
    enough = msgspec.structs.replace(settings.prepare, item_seconds=120)
    with flow.working(msgspec.structs.replace(settings, prepare=enough), tmp_path, program=FAULTY):
        retry_all(settings, sent)
    assert listed(settings) == []


def test_what_met_a_bug_passes_with_the_release_that_mends_it_from_its_own_bytes(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    with flow.working(settings, tmp_path, program=FAULTY):
        flow.wait_decided(settings, flow.send(settings, [(body, SOURCE) for body in BROKEN.values()], partition=0))
    rows = {row["stage"]: row for row in listed(settings)}
    assert {stage: row["code"] for stage, row in rows.items()} == {"prepare": "internal", "decide": "internal"}
    assert b"a bug in the fold" in flow.newswire(settings, "dead-letters", "show", rows["decide"]["id"]).stdout
    with flow.working(settings, tmp_path):
        retry_all(settings, len(BROKEN))
    assert listed(settings) == []
    assert_as_if_at_once(settings, BROKEN.values(), tmp_path)


def retry_all(settings: Settings, raw_records: int) -> None:
    """Retries what is open; none of it is refused again, however long the worker takes to start."""
    retried = flow.newswire(settings, "dead-letters", "retry", "--every", "--yes")
    assert retried.returncode == 0, retried.stderr
    flow.wait_decided(settings, 2 * raw_records)
    assert len([fate for fate in flow.fates(settings) if fate["fate"] == "rejected"]) == raw_records


def assert_as_if_at_once(settings: Settings, bodies: Iterable[bytes], folder: Path) -> None:
    """What was published is what `newswire process` makes of the same bytes, received at the same time."""
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
    rows: list[dict[str, str]] = []

    def discarded() -> bool:
        rows[:] = [row for row in listed(worked, "--all", "--code", "encoding") if row["state"] == "discarded"]
        return bool(rows)

    until(discarded)
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
