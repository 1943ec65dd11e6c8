"""The embedded Apache Kafka, really started."""

import asyncio
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from click.testing import CliRunner, Result

from streams.cli.kafka import command
from streams.kafka.embedded import broker, home, jars, launch, probe
from streams.kafka.embedded.ports import find_free

pytestmark = pytest.mark.kafka


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which no broker is left behind."""
    yield tmp_path / "kafka"
    broker.stop(tmp_path / "kafka")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[broker.RunningBroker]:
    """A broker the tests of this module share."""
    with broker.start(tmp_path_factory.mktemp("kafka")) as running:
        yield running


def newswire_kafka(*arguments: str | int | Path) -> Result:
    return CliRunner().invoke(command, list(map(str, arguments)))


def answers(address: str) -> bool:
    host, _, port = address.partition(":")
    return probe.fetch_cluster_id(host, int(port)) is not None


def is_gone(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=30)
    return not psutil.pid_exists(pid)


async def send(address: str, topic: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, max_request_size=32 * 2**20) as producer:
        await producer.send_and_wait(topic, value)


async def first(address: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic, 0)])
    async with consumer:
        record = await consumer.getone()
    assert isinstance(record.value, bytes)
    return record.value


def test_up_prints_an_address_that_answers_and_again_the_same_and_down_is_idempotent(folder: Path) -> None:
    first_up = newswire_kafka("up", "--dir", folder)
    second_up = newswire_kafka("up", "--dir", folder)
    address = first_up.stdout.strip()
    answered = answers(address)
    status = newswire_kafka("status", "--dir", folder)
    downs = [newswire_kafka("down", "--dir", folder) for _ in range(2)]

    assert (first_up.exit_code, second_up.exit_code, status.exit_code) == (0, 0, 0)
    assert first_up.stdout == second_up.stdout == f"{address}\n"
    assert answered
    assert status.stdout.splitlines()[0] == f"address  {address}"
    assert [(down.exit_code, down.stdout, down.stderr) for down in downs] == [
        (0, "", ""),
        (0, "", f"no broker runs in {folder}\n"),
    ]
    assert not answers(address)


def test_status_of_a_folder_without_a_broker_is_a_failure_of_one_sentence(folder: Path) -> None:
    result = newswire_kafka("status", "--dir", folder)
    assert result.exit_code == 1
    assert str(result.exception) == f"no broker runs in {folder}: start it with `newswire kafka up`"


def test_data_and_port_survive_a_stop_and_a_kill(folder: Path) -> None:
    with broker.start(folder, *find_free(1)) as before:
        asyncio.run(send(before.address, "kept", b"Acme Widgets plc"))
        before.kill()
    with broker.start(folder) as after_kill:
        kept_after_kill = asyncio.run(first(after_kill.address, "kept"))
    with broker.start(folder) as after_stop:
        kept_after_stop = asyncio.run(first(after_stop.address, "kept"))

    assert kept_after_kill == kept_after_stop == b"Acme Widgets plc"
    assert before.address == after_kill.address == after_stop.address
    assert len({before.pid, after_kill.pid, after_stop.pid}) == 3


def test_a_record_of_16_mib_passes(running: broker.RunningBroker) -> None:
    large = bytes(16 * 2**20)
    asyncio.run(send(running.address, "large", large))
    assert asyncio.run(first(running.address, "large")) == large


def test_a_second_broker_on_one_folder_is_refused(running: broker.RunningBroker) -> None:
    with pytest.raises(broker.BrokerError) as refusal:
        broker.start(running.folder)
    folder = running.folder
    assert str(refusal.value) == f"a broker runs in {folder} already: stop it with `newswire kafka down`"
    assert answers(running.address)


def test_up_on_a_running_broker_refuses_another_port(running: broker.RunningBroker) -> None:
    result = newswire_kafka("up", "--dir", running.folder, "--port", 1)
    port = running.address.partition(":")[2]
    assert result.exit_code == 1
    assert str(result.exception) == (
        f"the broker in {running.folder} runs on port {port}: stop it first with `newswire kafka down`"
    )


def test_an_explicit_port_that_is_taken_is_refused(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = newswire_kafka("up", "--dir", folder, "--port", port)
    assert result.exit_code == 1
    assert str(result.exception) == f"port {port} is taken by another program: choose another with --port"
    assert broker.status(folder) is None


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").touch()
    result = newswire_kafka("up", "--dir", tmp_path)
    assert result.exit_code == 1
    assert str(result.exception) == f"{tmp_path} holds other files: choose an empty or a new folder with --dir"
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = newswire_kafka("up", "--dir", tmp_path / "file" / "kafka")
    assert str(result.exception) == (
        f"cannot write {tmp_path / 'file' / 'kafka'} (Not a directory): correct that or choose another --dir"
    )


PARENT = """
import sys, threading, time
from pathlib import Path
from streams.kafka.embedded import broker
def run():
    running = broker.start(Path(sys.argv[1]))
    print(running.address, running.pid, flush=True)
starter = threading.Thread(target=run)
starter.start()
starter.join()  # the thread that started the broker has ended: the broker must not
sys.stdin.readline()
print(broker.up(Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


def test_a_bound_broker_outlives_the_thread_that_started_it_and_ends_with_a_killed_parent(
    folder: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        address, pid = parent.stdout.readline().split()
        parent.stdin.write("\n")
        parent.stdin.flush()
        pid_later = parent.stdout.readline().strip()
        parent.kill()

    assert pid_later == pid
    assert is_gone(int(pid))
    assert not answers(address)
    assert not home.is_locked(folder)


def launched(tmp_path: Path, parent: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-I", launch.__file__, tmp_path / "pid", str(parent), "/bin/sleep", "600"])


def written_pid(folder: Path) -> int:
    while not (folder / "pid").exists():  # under the time limit of a test
        time.sleep(0.01)
    return int((folder / "pid").read_text())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_a_kill_of_the_keeper_takes_the_broker_along(tmp_path: Path) -> None:
    with launched(tmp_path, os.getpid()) as keeper:
        pid = written_pid(tmp_path)
        keeper.kill()
    assert pid != keeper.pid
    assert is_gone(pid)


def test_a_keeper_whose_parent_is_gone_already_ends_what_it_keeps(tmp_path: Path) -> None:
    with launched(tmp_path, 1) as keeper:
        assert keeper.wait(timeout=30) == signal.SIGTERM


def test_an_unbound_launch_leaves_the_command_to_itself(tmp_path: Path) -> None:
    with launched(tmp_path, 0) as launcher:
        assert launcher.wait(timeout=30) == 0
    pid = written_pid(tmp_path)
    assert psutil.pid_exists(pid)
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)


def test_a_pid_left_by_a_dead_broker_is_not_signalled(folder: Path) -> None:
    home.claim_folder(folder)
    with subprocess.Popen(["/bin/sleep", "600"]) as bystander:
        (folder / home.PID_FILE).write_text(f"{bystander.pid}\n")
        assert broker.stop(folder) is False
        assert bystander.poll() is None
        bystander.kill()


def test_a_damaged_memory_of_the_folder_is_reported(folder: Path) -> None:
    home.claim_folder(folder)
    (folder / "broker.json").write_text('{"cluster"')
    with pytest.raises(broker.BrokerError) as refusal:
        broker.start(folder)
    assert str(refusal.value) == (f"{folder / 'broker.json'} cannot be read: delete {folder} to start with no data")


def test_a_jar_that_differs_from_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "anvil-1.0.jar").write_bytes(b"not the anvil")
    with pytest.raises(jars.JarsError) as refusal:
        jars.fetch_class_path(tmp_path, (jars.Jar("org.example", "anvil", "1.0", "0" * 64),))
    assert str(refusal.value) == (
        "anvil-1.0.jar is not the pinned file (SHA-256 "
        "e981ffd3f0b565207ffb6f6208f3a9cfcc8cd1568a6c0120d9fc1dbbc0be410d): "
        f"delete {tmp_path} and start again"
    )


def machine_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven repository of this machine that holds one invented jar."""
    jar = folder / "org" / "example" / "anvil" / "1.0" / "anvil-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(b"the anvil")
    monkeypatch.setenv("M2_REPO", str(folder))
    return jar


def test_a_jar_is_taken_from_the_machines_own_repository_which_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = machine_repository(tmp_path / "repository", monkeypatch)
    pinned = jars.Jar("org.example", "anvil", "1.0", hashlib.sha256(b"the anvil").hexdigest())
    assert jars.fetch_class_path(tmp_path / "cache", (pinned,)) == (tmp_path / "cache" / "anvil-1.0.jar",)
    assert (tmp_path / "cache" / "anvil-1.0.jar").read_bytes() == theirs.read_bytes() == b"the anvil"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["anvil-1.0.jar"]


def test_a_fetched_jar_that_differs_from_the_pinned_one_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine_repository(tmp_path / "repository", monkeypatch)
    with pytest.raises(jars.JarsError, match=r"^anvil-1.0.jar is not the pinned file \(SHA-256 "):
        jars.fetch_class_path(tmp_path / "cache", (jars.Jar("org.example", "anvil", "1.0", "0" * 64),))
    assert list((tmp_path / "cache").iterdir()) == []


def test_jars_that_cannot_be_downloaded_give_one_sentence_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")  # nobody listens there
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(jars.JarsError) as refusal:
        jars.fetch_class_path(tmp_path, (jars.Jar("org.example", "anvil", "1.0", "0" * 64),))
    assert str(refusal.value).startswith("cannot download Apache Kafka (")
    assert str(refusal.value).endswith("): check network, proxy and certificates, then try again")
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_the_jars_reads_back_what_was_written() -> None:
    pinned = jars.parse_lock(jars.LOCK.read_text())
    assert jars.parse_lock(jars.format_lock(pinned)) == pinned
    assert ("org.apache.kafka", "kafka_2.13", jars.KAFKA_VERSION) in {jar[:3] for jar in pinned}


def test_a_port_where_no_kafka_answers_has_no_cluster() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert probe.fetch_cluster_id("127.0.0.1", silent.getsockname()[1], timeout=0.1) is None
