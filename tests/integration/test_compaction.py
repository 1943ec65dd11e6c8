"""After the broker has compacted a topic, a reader has the same stories as one who saw each record."""

import pytest
from support import compaction, flow

from streams.config.settings import Settings

pytestmark = pytest.mark.kafka
TOPICS = ("latest", "companies", "markets")


def test_a_topic_that_the_broker_has_compacted_gives_the_table_of_all_its_records(settings: Settings) -> None:
    effects = compaction.build_effects(200, TOPICS)
    assert flow.newswire(settings, "topics", "apply").returncode == 0
    compaction.write(settings, effects)
    every = flow.read_all(settings, TOPICS)
    with compaction.busy_cleaner(settings):
        compaction.compact(settings, TOPICS)
    newest = flow.read_all(settings, TOPICS)
    for topic in TOPICS:
        expected = compaction.fold((each.key, each.value) for each in effects if each.topic == topic)
        assert len(expected) > 20
        assert compaction.fold((row.key, row.value) for row in every[topic]) == expected
        assert len(newest[topic]) < len(every[topic])
        assert compaction.fold((row.key, row.value) for row in newest[topic]) == expected
