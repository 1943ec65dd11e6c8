import asyncio
import contextlib
import ssl

import pytest
from aiokafka import errors

from streams.config.errors import ConfigError
from streams.config.settings import KafkaSettings
from streams.kafka.client import build_client_options, explain_error, open_admin, stop_client
from streams.model.errors import WorkFailed


def test_a_plain_broker_needs_its_address_only():
    assert build_client_options(KafkaSettings(brokers="one:9092, two:9093"), {}) == {
        "bootstrap_servers": ["one:9092", "two:9093"],
        "security_protocol": "PLAINTEXT",
        "client_id": "newswire",
    }


@pytest.mark.parametrize("brokers", ["", " , ", "host:port", "host:0", "host:70000", ":9092"])
def test_an_impossible_address_is_refused(brokers):
    with pytest.raises(ConfigError, match=r"^kafka\.brokers \(NEWSWIRE_KAFKA\) is "):
        build_client_options(KafkaSettings(brokers=brokers), {})


def test_the_password_comes_from_the_environment_before_the_file(tmp_path):
    (tmp_path / "password").write_text("from-file\n", encoding="utf-8")
    settings = KafkaSettings(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_username="desk",
        sasl_password_file=str(tmp_path / "password"),
    )
    options = build_client_options(settings, {})
    assert (options["sasl_mechanism"], options["sasl_plain_username"]) == ("SCRAM-SHA-512", "desk")
    assert options["sasl_plain_password"] == "from-file"
    named = build_client_options(settings, {"NEWSWIRE_KAFKA_PASSWORD": "from-environment"})
    assert named["sasl_plain_password"] == "from-environment"


def test_sasl_without_a_password_is_refused():
    with pytest.raises(ConfigError, match=r"set NEWSWIRE_KAFKA_PASSWORD or kafka\.sasl_password_file"):
        build_client_options(KafkaSettings(security_protocol="SASL_SSL", sasl_username="desk"), {})


def test_sasl_without_a_user_is_refused():
    settings = KafkaSettings(security_protocol="SASL_SSL")
    with pytest.raises(ConfigError, match=r"needs kafka\.sasl_username"):
        build_client_options(settings, {"NEWSWIRE_KAFKA_PASSWORD": "x"})


def test_tls_trusts_the_system_unless_told_otherwise():
    context = build_client_options(KafkaSettings(security_protocol="SSL"), {})["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_certificate_that_is_not_there_is_refused(tmp_path):
    settings = KafkaSettings(security_protocol="SSL", ssl_ca_file=str(tmp_path / "gone.pem"))
    with pytest.raises(ConfigError, match=r"kafka\.ssl_ca_file"):
        build_client_options(settings, {})


def test_refused_credentials_are_told_from_an_absent_broker():
    absent = errors.KafkaConnectionError("Unable to bootstrap")
    assert str(explain_error(absent, "h:1")) == (
        "no Kafka at h:1: start one with `newswire kafka up` or set NEWSWIRE_KAFKA"
    )
    assert str(explain_error(absent, "h:1", errors.AuthenticationFailedError("wrong password"))).startswith(
        "Kafka at h:1 refused the credentials ("
    )
    assert str(explain_error(absent, "h:1", ssl.SSLError("bad certificate"))).startswith("no TLS with Kafka at h:1 (")
    assert str(explain_error(errors.TopicAuthorizationFailedError("news.raw"), "h:1")).startswith(
        "Kafka at h:1 does not allow this ("
    )


@pytest.mark.kafka
def test_a_broker_without_sasl_refuses_credentials_in_one_sentence(kafka, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_KAFKA_PASSWORD", "secret-word")
    settings = KafkaSettings(brokers=kafka, security_protocol="SASL_PLAINTEXT", sasl_username="desk")

    async def reach():
        async with open_admin(settings):
            pass

    with pytest.raises(WorkFailed, match="refused the credentials") as failed:
        asyncio.run(reach())
    assert "secret-word" not in str(failed.value)


class SlowClient:
    """A client that swallows a cancellation while it stops, as aiokafka's do."""

    async def start(self) -> None: ...

    async def stop(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)


def test_a_task_that_is_cancelled_while_it_stops_a_client_ends() -> None:
    async def run() -> None:
        task = asyncio.create_task(stop_client(SlowClient()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_a_client_that_does_not_stop_in_time_is_left() -> None:
    asyncio.run(asyncio.wait_for(stop_client(SlowClient(), 0.01), 30))
