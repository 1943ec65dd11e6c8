"""Before the release of items under embargo no topic that others read holds a word of them; then all is told."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from support import flow
from support.embargoed import MARK, SOURCE, build_item, list_followers
from support.flow import RecordContent
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import (
    DEAD_LETTERS,
    DECISIONS,
    DUPLICATES,
    LATEST,
    LOG,
    RAW,
    REPLAYS,
    STATE,
    TOPICS,
    WITHHELD,
)

pytestmark = pytest.mark.kafka
CLOSED = (RAW, LOG, STATE, REPLAYS, WITHHELD, DEAD_LETTERS)
OPEN = [each.name for each in TOPICS if each.name not in CLOSED]
"""The topics that others read."""
ITEMS = 50


def read_open_topics(settings: Settings) -> dict[str, list[RecordContent]]:
    return flow.read_all(settings, OPEN)


def find_words(row: RecordContent) -> set[str]:
    """Finds the words of items in value, headers and key of a record."""
    return set(re.findall(rf"{MARK}\w+", repr(row).casefold()))


def test_no_word_of_50_items_under_embargo_is_readable_before_their_release_which_then_tells_all(
    settings: Settings, tmp_path: Path
) -> None:
    settings = msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, raw_partitions=1))
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    followers = [(number, *row) for number in range(ITEMS) for row in list_followers(number)]
    rows = [(build_item(number), SOURCE) for number in range(ITEMS)] + [row[2:] for row in followers]
    headers = {"received-at": "2026-03-02T12:00:00Z"}
    with flow.run_worker(settings, tmp_path):
        sent = flow.send(settings, [(body, {"source": source, **headers}) for body, source in rows])
        flow.wait_decided(settings, sent)
        before = read_open_topics(settings)
        assert [row for topic in OPEN for row in before[topic] if find_words(row)] == []
        waiting = {row.key for row in flow.read(settings, WITHHELD) if row.value is not None}
        fates = [decision["fate"] for decision in flow.read_decisions(settings)]
        assert {fate: fates.count(fate) for fate in set(fates)} == {
            "withheld": ITEMS + 30,
            "duplicate": 2 * ITEMS + 5,
            "withdrawn": 14,
            "rejected": 15,
        }
        assert len(waiting) == ITEMS + 12
        killed = {f"urn:newswire:{SOURCE}:urn%3Aexample%3Aitem-{row[0]}" for row in followers if row[1] == "kill"}
        freed = sorted(uri.decode() for uri in waiting if uri.decode() not in killed)
        release = flow.newswire(settings, "desk", "release", *freed, "--why", "it is time", "--yes")
        assert release.returncode == 0, release.stderr
        wait_until(lambda: len(flow.read(settings, DECISIONS)) == len(before[DECISIONS]) + len(freed))
        after = read_open_topics(settings)
    assert after[DUPLICATES] == before[DUPLICATES]
    decisions = [json.loads(row.value or b"") for row in after[DECISIONS]]
    told = {row["uri"]: row for row in decisions if row["action"] == "release"}
    shown = {(row.key or b"").decode(): find_words(row) for row in after[LATEST]}
    repeats: dict[int, list[str]] = {}
    for offset, (number, kind, _, _) in enumerate(followers, ITEMS):
        if kind in ("repeat", "late version"):
            repeats.setdefault(number, []).append(f"{settings.topics.full(RAW)}/0/{offset}/0")
    for number in range(ITEMS):
        uri = f"urn:newswire:{SOURCE}:urn%3Aexample%3Aitem-{number}"
        if uri in killed:
            assert (uri in told, shown[uri]) == (False, set())
            continue
        assert told[uri]["evidence"]["copies"] == repeats[number]
        assert told[uri]["evidence"]["matched"] in ("nothing", "id")
        assert all(label["matched"] or label["creator"].startswith("model") for label in told[uri]["labels"])
        assert len(shown[uri]) >= 7
    assert {uri for uri in told if told[uri]["labels"]} != set()
