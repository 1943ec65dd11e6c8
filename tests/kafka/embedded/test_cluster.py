"""Three nodes of the embedded Apache Kafka, really started."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from streams.cli.kafka import command
from streams.config.loader import load
from streams.kafka.admin import create_topics
from streams.kafka.embedded import broker, cluster

pytestmark = pytest.mark.kafka


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no node is left behind."""
    yield tmp_path / "kafka"
    cluster.stop(tmp_path / "kafka")


def newswire_kafka(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))


def commit_transaction(address: str, topic: str) -> None:
    """Commits a record and the offset of a group in a transaction; the broker makes its internal topics for them."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "acme", "log_level": 0})
    producer = Producer({"bootstrap.servers": address, "transactional.id": "acme", "log_level": 0})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(topic, b"Acme Widgets plc", b"key")
    producer.send_offsets_to_transaction([TopicPartition(topic, 0, 1)], consumer.consumer_group_metadata())
    producer.commit_transaction()
    consumer.close()


def test_three_nodes_keep_each_record_twice_at_least_and_one_of_them_may_be_away(folder: Path) -> None:
    up = newswire_kafka("up", "--nodes", "3", "--dir", folder)
    address = up.stdout.strip()
    settings = load(environ={"NEWSWIRE_KAFKA": address, "NEWSWIRE_TOPICS__REPLICATION": "3"})
    asyncio.run(create_topics(settings))
    commit_transaction(address, settings.topics.full("latest"))
    admin = AdminClient({"bootstrap.servers": address})
    topics = admin.list_topics(timeout=20).topics
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in topics]
    in_sync = {
        resource.name: result.result()["min.insync.replicas"].value
        for resource, result in admin.describe_configs(resources).items()
    }
    nodes = cluster.status(folder)
    memory = sum(psutil.Process(found.pid).memory_info().rss for found in nodes.values() if found)

    killed = nodes[2]
    assert killed is not None
    process = psutil.Process(killed.pid)
    process.kill()
    psutil.wait_procs([process], timeout=30)
    commit_transaction(address, settings.topics.full("latest"))
    without = newswire_kafka("status", "--dir", folder)
    again = newswire_kafka("up", "--dir", folder)
    status = newswire_kafka("status", "--dir", folder)
    refusals = [newswire_kafka("up", "--dir", folder, *options) for options in (("--nodes", "1"), ("--port", "1"))]
    downs = [newswire_kafka("down", "--dir", folder) for _ in range(2)]

    assert len(set(address.split(","))) == 3
    assert {"__transaction_state", "__consumer_offsets"} < set(topics)
    assert {name: {len(part.replicas) for part in topic.partitions.values()} for name, topic in topics.items()} == {
        name: {3} for name in topics
    }
    assert in_sync == dict.fromkeys(topics, "2")
    assert memory < 1536 << 20
    assert str(without.exception) == f"node 2 does not run: start it with `newswire kafka up --dir {folder}`"
    assert again.stdout.strip() == address
    assert [line.split()[1] for line in status.stdout.splitlines() if line.startswith("address")] == address.split(",")
    first_port = address.split(",")[0].partition(":")[2]
    assert [str(refusal.exception) for refusal in refusals] == [
        f"{folder} holds three nodes: choose another with --dir, or leave out --nodes",
        f"the cluster in {folder} runs from port {first_port} on: stop it first with `newswire kafka down`",
    ]
    assert [(down.exit_code, down.stderr) for down in downs] == [(0, ""), (0, f"no broker runs in {folder}\n")]
    assert cluster.status(folder) == {1: None, 2: None, 3: None}


def test_a_folder_with_a_broker_that_is_alone_is_no_cluster(tmp_path: Path) -> None:
    (tmp_path / "broker.lock").touch()
    result = newswire_kafka("up", "--nodes", "3", "--dir", tmp_path)
    assert (
        str(result.exception) == f"{tmp_path} holds no cluster of 3 nodes: choose an empty or a new folder with --dir"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["broker.lock"]


def test_a_damaged_memory_of_a_cluster_is_reported(folder: Path) -> None:
    folder.mkdir()
    (folder / "cluster.lock").touch()
    (folder / "cluster.json").write_text('{"cluster"')
    with pytest.raises(broker.BrokerError) as refusal:
        cluster.up(folder)
    assert str(refusal.value) == f"{folder / 'cluster.json'} cannot be read: delete {folder} to start with no data"


def test_a_port_of_one_of_the_nodes_that_is_taken_is_refused(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        result = newswire_kafka("up", "--nodes", "3", "--dir", folder, "--port", str(taken - 1))
    assert str(result.exception) == f"port {taken} is taken by another program: choose another with --port"
    assert cluster.status(folder) == {1: None, 2: None, 3: None}
