import asyncio

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streams.cli.main import main
from streams.config.settings import KafkaSettings, TopicSettings
from streams.kafka import client
from streams.kafka.admin import Alter, Create, ExistingTopic, Grow, Plan, list_declared_topics, plan_changes
from streams.kafka.protocol import IncrementalAlterConfigsRequest
from streams.model.topics import TOPICS

SETTINGS = TopicSettings(prefix="wire", raw_partitions=3)


def as_declared():
    return {
        name: ExistingTopic(topic.partitions, topic.config()) for name, topic in list_declared_topics(SETTINGS).items()
    }


def test_prefix_and_raw_partitions_come_from_the_settings():
    topics = list_declared_topics(SETTINGS)
    assert len(topics) == len(TOPICS)
    assert topics["wire.raw"].partitions == 3
    assert topics["wire.internal.items"].partitions == 1


def test_topics_as_declared_need_no_change():
    assert plan_changes(list_declared_topics(SETTINGS), as_declared()) == Plan()


def test_topics_of_other_systems_stay_as_they_are():
    assert plan_changes(list_declared_topics(SETTINGS), {**as_declared(), "theirs": ExistingTopic(9, {})}) == Plan()


def test_a_missing_topic_is_created_with_its_settings():
    found = as_declared()
    del found["wire.withheld"]
    config = list_declared_topics(SETTINGS)["wire.withheld"].config()
    assert plan_changes(list_declared_topics(SETTINGS), found) == Plan((Create("wire.withheld", 1, config),))
    assert config["cleanup.policy"] == "compact"
    assert config["min.compaction.lag.ms"] == "86400000"
    assert config["retention.ms"] == "-1"
    assert config["message.timestamp.type"] == "LogAppendTime"


def test_raw_partitions_are_added_and_the_plan_says_what_that_does():
    found = {**as_declared(), "wire.raw": ExistingTopic(2, list_declared_topics(SETTINGS)["wire.raw"].config())}
    plan = plan_changes(list_declared_topics(SETTINGS), found)
    assert plan == Plan((Grow("wire.raw", 2, 3),))
    assert "2 partitions -> 3; this spreads the keys in another way" in str(plan.changes[0])


def test_too_many_partitions_are_a_problem_that_apply_does_not_change():
    topics = list_declared_topics(SETTINGS)
    found = {
        **as_declared(),
        "wire.raw": ExistingTopic(6, topics["wire.raw"].config()),
        "wire.internal.items": ExistingTopic(2, topics["wire.internal.items"].config()),
    }
    assert plan_changes(topics, found) == Plan(
        (),
        (
            "wire.raw has 6 partitions, 3 declared: set topics.raw_partitions = 6",
            "wire.internal.items has 2 partitions and must have 1, as its order is total:"
            " stop the workers, delete it and run `newswire topics apply`",
        ),
    )


def test_a_setting_that_differs_is_changed_and_the_order_of_a_list_is_no_difference():
    config = list_declared_topics(SETTINGS)["wire.latest"].config()
    found = {
        **as_declared(),
        "wire.latest": ExistingTopic(1, {**config, "retention.ms": "1000", "cleanup.policy": "delete,compact"}),
    }
    assert plan_changes(list_declared_topics(SETTINGS), found) == Plan(
        (Alter("wire.latest", {"retention.ms": ("1000", "2592000000")}),)
    )


def test_retention_comes_from_the_settings():
    topics = list_declared_topics(TopicSettings(retention_days=3, raw_retention_days=9))
    days = {name: topic.config()["retention.ms"] for name, topic in topics.items()}
    three, nine = "259200000", "777600000"
    assert {days["news.raw"], days["news.internal.items"], days["news.decisions"]} == {nine}
    assert {days["news.latest"], days["news.markets"], days["news.duplicates"], days["news.dead-letters"]} == {three}
    assert topics["news.latest"].config()["delete.retention.ms"] == three
    assert topics["news.withheld"].config()["delete.retention.ms"] == three


def test_a_topic_of_three_replicas_is_told_how_many_must_be_in_sync():
    topics = list_declared_topics(TopicSettings(replication=3))
    found = {
        name: ExistingTopic(topic.partitions, {**topic.config(), "min.insync.replicas": "1"}, replicas=3)
        for name, topic in topics.items()
    }
    assert plan_changes(topics, found) == Plan(
        tuple(Alter(name, {"min.insync.replicas": ("1", "2")}) for name in topics)
    )
    assert str(plan_changes(topics, found).changes[0]) == "change   news.raw: min.insync.replicas 1 -> 2"


def test_a_topic_with_too_few_replicas_is_a_problem_and_stays_writable():
    topics = list_declared_topics(TopicSettings(replication=3))
    found = {name: ExistingTopic(topic.partitions, topic.config(), replicas=3) for name, topic in topics.items()}
    for count, shown in ((1, "1 replica"), (2, "2 replicas")):
        found["news.raw"] = ExistingTopic(4, {**topics["news.raw"].config(), "min.insync.replicas": "1"}, count)
        assert plan_changes(topics, found) == Plan(
            (),
            (
                f"news.raw has {shown}, 3 declared: add replicas with Kafka's kafka-reassign-partitions.sh,"
                " or set topics.replication",
            ),
        )


def test_a_topic_with_more_replicas_than_set_is_as_safe_as_those_allow():
    topics = list_declared_topics(TopicSettings(replication=1))
    found = {name: ExistingTopic(topic.partitions, topic.config(), replicas=1) for name, topic in topics.items()}
    found["news.raw"] = ExistingTopic(4, {**topics["news.raw"].config(), "min.insync.replicas": "1"}, replicas=3)
    assert plan_changes(topics, found) == Plan((Alter("news.raw", {"min.insync.replicas": ("1", "2")}),))


@pytest.fixture
def topics_command(kafka, prefix, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSWIRE_KAFKA", kafka)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", prefix)

    def call(name, **settings):
        for key, value in settings.items():
            monkeypatch.setenv(f"NEWSWIRE_TOPICS__{key.upper()}", value)
        with pytest.raises(SystemExit) as stop:
            main(["topics", name])
        out, err = capsys.readouterr()
        return stop.value.code, out.splitlines(), err

    return call


NOTHING = f"nothing to do: {len(TOPICS)} topics are as declared"


@pytest.mark.kafka
def test_apply_creates_the_topics_and_does_nothing_the_second_time(topics_command, prefix):
    status, planned, _ = topics_command("plan")
    assert (status, len(planned)) == (0, len(TOPICS))
    assert planned[0].startswith(f"create   {prefix}.raw: 4 partitions, cleanup.policy=delete ")
    assert topics_command("apply") == (0, planned, f"{len(TOPICS)} changes made\n")
    assert topics_command("apply") == (0, [NOTHING], "")
    assert topics_command("plan") == (0, [NOTHING], "")


@pytest.mark.kafka
def test_apply_adds_partitions_and_cannot_remove_them(topics_command, prefix):
    topics_command("apply", raw_partitions="2")
    status, lines, _ = topics_command("apply", raw_partitions="3")
    assert (status, lines[0].partition(";")[0]) == (0, f"grow     {prefix}.raw: 2 partitions -> 3")
    assert topics_command("plan") == (0, [NOTHING], "")
    assert topics_command("apply", raw_partitions="2") == (
        1,
        [f"problem  {prefix}.raw has 3 partitions, 2 declared: set topics.raw_partitions = 3"],
        "not all topics can be made as declared: see the lines that begin with `problem`\n",
    )


@pytest.mark.kafka
def test_apply_changes_the_declared_settings_and_no_others(topics_command, kafka, prefix):
    topics_command("apply")
    name = f"{prefix}.latest"

    async def change():
        async with client.open_admin(KafkaSettings(brokers=kafka)) as admin:
            wrong = {"retention.ms": "1000", "flush.messages": "123456"}
            await admin._send_request(IncrementalAlterConfigsRequest({name: wrong}))
        while await look() != wrong:
            pass

    async def look():
        async with client.open_admin(KafkaSettings(brokers=kafka)) as admin:
            asked = ConfigResource(ConfigResourceType.TOPIC, name, {"retention.ms": "", "flush.messages": ""})
            [response] = await admin.describe_configs([asked])
            return {entry[0]: entry[1] for entry in response.resources[0][4]}

    asyncio.run(change())
    assert topics_command("apply") == (0, [f"change   {name}: retention.ms 1000 -> 2592000000"], "1 change made\n")
    assert asyncio.run(look()) == {"retention.ms": "2592000000", "flush.messages": "123456"}
