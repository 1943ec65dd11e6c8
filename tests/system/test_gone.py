"""Of 1,000 stories that an editor kills, no word is left in the topics of items once the broker has compacted them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import compaction, flow
from support.wait import wait_until

from streams.config.settings import Settings
from streams.model.topics import DAY_MS, LATEST, ROLLED

pytestmark = pytest.mark.system
STORIES = 1_000
COPIES = BROKEN = 20
LEFT = {"raw": 33, "internal.items": 33, "decisions": 33, "duplicates": 31, "dead-letters": 31, "internal.state": 35}
"""Days after which the last word of a topic goes: its retention, or the memory of the fold and the compaction lag; and
a day for the segment."""


def build_name(number: int) -> str:
    return "".join(
        ("Bal", "Cor", "Dun", "Fal", "Gor", "Hel", "Kir", "Lor", "Mol", "Nor")[int(n)] for n in f"{number:03}"
    )


def build_item(number: int, id: str) -> bytes:
    name = build_name(number)
    headline = f"{name} Pumps signs a contract worth {number + 2} million dollars in {name}burg"
    body = (
        f"{headline}, {name} Pumps said on Monday. Its chief {name} Irwell will open {number + 7} yards in {name}stad."
    )
    return json.dumps({"id": id, "title": headline, "body": body}).encode()


def test_of_1000_killed_stories_no_word_is_left_in_the_topics_of_items_and_the_day_of_all_others_is_named(
    settings: Settings, tmp_path: Path
) -> None:
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    items = [build_item(number, f"n{number}") for number in range(STORIES)]
    items += [build_item(number, f"copy-{number}") for number in range(COPIES)]
    items += [build_item(number, f"broken-{number}")[:-3] for number in range(BROKEN)]
    with flow.run_worker(settings, tmp_path):
        flow.wait_decided(settings, flow.send(settings, [(item, {"source": "testwire"}) for item in items]))
        kill = ("desk", "kill", "--source", "testwire", "--match", r"\bpumps\b", "--why", "a court order", "--yes")
        done = flow.newswire(settings, *kill)
        assert (done.returncode, done.stdout.split()[0]) == (0, b"1000"), done.stderr[-500:]
        wait_until(lambda: len(flow.read(settings, LATEST)) == 2 * STORIES)
    uris = {(row.key or b"").decode() for row in flow.read(settings, LATEST)}
    assert len(uris) == STORIES
    filled = [topic for topic, rows in flow.read_all(settings, ROLLED).items() if rows]
    with compaction.busy_cleaner(settings):
        compaction.compact(settings, filled)
    before = datetime.now(UTC).timestamp() * 1000
    audit = flow.newswire(settings, "audit", "--gone", "-", "--json", stdin="\n".join(uris).encode())
    assert audit.returncode == 0, audit.stderr
    found = {row["topic"].removeprefix(f"{settings.topics.prefix}."): row for row in json.loads(audit.stdout)}
    assert found.keys() == LEFT.keys()
    for topic, days in LEFT.items():
        assert -DAY_MS / 12 < before + days * DAY_MS - found[topic]["gone_by"] < DAY_MS / 12, topic
    counts = {topic: row["records"] for topic, row in found.items()}
    assert (counts["raw"], counts["duplicates"], counts["dead-letters"]) == (len(items), COPIES, BROKEN)
    said = flow.newswire(settings, "audit", "--gone", "-", stdin="\n".join(uris).encode()).stdout.decode().splitlines()
    assert said[-1].startswith("the last word is gone by 20")
