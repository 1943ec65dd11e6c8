import msgspec
import pytest

from streams.model.topics import CATEGORIES, DAY_MS, TOPICS

BY_NAME = {topic.name: topic for topic in TOPICS}
COMMON = {
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": str(17 << 20),
    "segment.ms": str(DAY_MS),
}
COMPACTED = {**COMMON, "max.compaction.lag.ms": str(2 * DAY_MS)}
ITEMS = {**COMPACTED, "min.compaction.lag.ms": str(DAY_MS), "delete.retention.ms": str(30 * DAY_MS)}


def test_every_category_has_its_topic():
    assert set(CATEGORIES) <= set(BY_NAME)


@pytest.mark.parametrize("name", ["latest", *CATEGORIES])
def test_a_topic_of_items_is_compacted_within_two_days_and_keeps_tombstones_as_long_as_records(name):
    days = str(30 * DAY_MS)
    assert BY_NAME[name].config() == {**ITEMS, "cleanup.policy": "compact,delete", "retention.ms": days}


def test_a_withheld_item_is_kept_until_its_release():
    assert BY_NAME["withheld"].config() == {**ITEMS, "cleanup.policy": "compact", "retention.ms": "-1"}


@pytest.mark.parametrize("name", ["internal.state", "internal.replays"])
def test_a_topic_of_the_system_state_is_compacted_and_never_ends(name):
    assert BY_NAME[name].config() == {**COMPACTED, "cleanup.policy": "compact", "retention.ms": "-1"}


@pytest.mark.parametrize(
    ("name", "days"), [("raw", 32), ("internal.items", 32), ("decisions", 32), ("duplicates", 30), ("dead-letters", 30)]
)
def test_what_is_not_compacted_is_deleted_after_its_days(name, days):
    found = BY_NAME[name].config()
    assert (found["cleanup.policy"], found["retention.ms"]) == ("delete", str(days * DAY_MS))
    assert not [key for key in found if "compaction" in key or key == "delete.retention.ms"]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_from_three_replicas_on_two_must_have_a_record(topic):
    found = [
        msgspec.structs.replace(topic, replicas=count).config().get("min.insync.replicas") for count in range(1, 6)
    ]
    assert found == [None, None, "2", "2", "2"]
