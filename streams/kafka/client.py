"""Connects to Kafka: the options of every client, from the settings, and aiokafka's errors as one sentence."""

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol, TypeVar

from aiokafka import errors
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import collect_hosts
from aiokafka.helpers import create_ssl_context

from streams.config.errors import ConfigError
from streams.config.settings import KafkaSettings
from streams.kafka.metadata_backoff import wait_between_metadata_requests
from streams.model.errors import Unreachable, WorkFailed

# Without a handler Python prints warnings to stderr; a program that configures logging still gets them.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())
wait_between_metadata_requests()

REACH_MS = 10_000
"""How long a broker may take to answer the first request."""
STOP_SECONDS = 8.0
"""How long a client may take to stop: below the 10 s in which a process ends."""

_CREDENTIALS = (
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
    errors.AuthenticationMethodNotSupported,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)
_RIGHTS = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
)
_CONNECTION = (
    errors.KafkaConnectionError,
    errors.NodeNotReadyError,
    errors.KafkaTimeoutError,
    errors.RequestTimedOutError,
    errors.LeaderNotAvailableError,
    errors.NotLeaderForPartitionError,
)

_CERTIFICATES = {
    (9,): "its certificate is not valid yet: compare the clocks of both machines",
    (10,): "its certificate has expired: renew it on the broker",
    (18, 19): "its certificate is self-signed: put it into kafka.ssl_ca_file if it is the right one",
    (2, 20, 21): "kafka.ssl_ca_file does not hold the authority that signed its certificate",
    (62, 64): "its certificate is for another host: write into kafka.brokers the name that the certificate has",
}
"""What is wrong with the certificate of a broker, by the codes of OpenSSL's verification (X509_V_ERR_...)."""


def build_client_options(settings: KafkaSettings, environ: Mapping[str, str] | None = None) -> dict[str, object]:
    """Builds the keyword arguments of aiokafka's clients. Raises `ConfigError`.

    The password comes from NEWSWIRE_KAFKA_PASSWORD, else from the file; it is kept nowhere else.
    """
    environ = os.environ if environ is None else environ
    options: dict[str, object] = {
        "bootstrap_servers": split_servers(settings.brokers),
        "security_protocol": settings.security_protocol,
        "client_id": "newswire",
    }
    if settings.security_protocol.startswith("SASL"):
        options["sasl_mechanism"] = settings.sasl_mechanism
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = _password(settings, environ)
    if settings.security_protocol.endswith("SSL"):
        options["ssl_context"] = _tls(settings)
    return options


class Client(Protocol):
    """A consumer or producer of aiokafka; its admin client has `close` in place of `stop`."""

    async def start(self) -> None:
        """Connects."""

    async def stop(self) -> None:
        """Disconnects."""


ClientT = TypeVar("ClientT", bound=Client)


@asynccontextmanager
async def connect(client: ClientT, settings: KafkaSettings) -> AsyncIterator[ClientT]:
    """Starts a consumer, producer or admin client, and stops it in the end. aiokafka's errors become `WorkFailed`."""
    cause = _CauseKeeper()
    logger = logging.getLogger("aiokafka")
    logger.addHandler(cause)
    try:
        await client.start()
        logger.removeHandler(cause)
        yield client
    except errors.KafkaError as error:
        raise explain_error(error, settings.brokers, cause.error) from error
    finally:
        logger.removeHandler(cause)
        await stop_client(client)


async def stop_client(client: Client | AIOKafkaClient, seconds: float = STOP_SECONDS) -> None:
    """Stops a client of aiokafka; errors of Kafka do not matter then.

    It does so in a task of its own, as aiokafka swallows a cancellation of the task in which it stops. It waits so many
    seconds at most: a producer waits for what it has not sent, for ever where the broker is away.
    """
    stop = client.close if isinstance(client, AIOKafkaAdminClient | AIOKafkaClient) else client.stop
    stopping = asyncio.create_task(stop())
    done, _ = await asyncio.wait({stopping}, timeout=seconds)
    if not done:
        stopping.cancel()
    else:
        with suppress(errors.KafkaError, OSError):
            stopping.result()


@asynccontextmanager
async def open_admin(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Opens an admin client: also the quickest way to find out that no broker answers (`WorkFailed`)."""
    client = AIOKafkaAdminClient(**build_client_options(settings), request_timeout_ms=REACH_MS)
    async with connect(client, settings) as ready:
        yield ready


def make_metadata_client(settings: KafkaSettings, timeout_seconds: float) -> AIOKafkaClient:
    """Makes a bare client, not yet started, that can only ask for metadata: enough to see whether a broker answers."""
    return AIOKafkaClient(**build_client_options(settings), request_timeout_ms=int(timeout_seconds * 1000))


def explain_error(error: BaseException, brokers: str = "", cause: BaseException | None = None) -> WorkFailed:
    """Turns an error of aiokafka into a sentence for the user; `cause` is the error that aiokafka only logged."""
    at = f"Kafka at {brokers}" if brokers else "Kafka"
    why = next((each for each in (cause, error) if isinstance(each, (*_CREDENTIALS, *_RIGHTS, ssl.SSLError))), error)
    text = " ".join(str(why).split()) or type(why).__name__
    if isinstance(why, _CREDENTIALS):
        return WorkFailed(
            f"{at} refused the credentials ({text}): look at kafka.sasl_mechanism, kafka.sasl_username"
            " and NEWSWIRE_KAFKA_PASSWORD or kafka.sasl_password_file"
        )
    if isinstance(why, ssl.SSLCertVerificationError):
        for codes, sentence in _CERTIFICATES.items():
            if why.verify_code in codes:
                return WorkFailed(f"no TLS with {at}: {sentence}")
    if isinstance(why, ssl.SSLError):
        return WorkFailed(f"no TLS with {at} ({text}): look at kafka.ssl_ca_file, ssl_cert_file and ssl_key_file")
    if isinstance(why, _RIGHTS):
        return WorkFailed(f"{at} does not allow this ({text}): give the user the right, or use another user")
    if isinstance(cause, ConnectionResetError | errors.KafkaConnectionError):
        return Unreachable(
            f"{at} closes the connection: look whether kafka.security_protocol fits this port, and whether it takes"
            " the certificate of kafka.ssl_cert_file"
        )
    if isinstance(why, _CONNECTION):
        return Unreachable(f"no {at}: start one with `newswire kafka up` or set NEWSWIRE_KAFKA")
    return WorkFailed(f"{at} refused the work ({type(why).__name__}: {text}); `newswire check` says more")


class _CauseKeeper(logging.Handler):
    """Keeps the exception that aiokafka logs when it cannot connect, before it raises a general one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        values = record.args if isinstance(record.args, tuple) else ()
        self.error = next((value for value in values if isinstance(value, BaseException)), self.error)


def split_servers(brokers: str) -> list[str]:
    """Splits `kafka.brokers` into addresses, `host:port`. Raises `ConfigError`."""
    servers = [server.strip() for server in brokers.split(",") if server.strip()]
    try:
        hosts = collect_hosts(servers, randomize=False)
        right = bool(hosts) and all(host and 0 < port < 65536 for host, port, _ in hosts)
    except ValueError:
        right = False
    if not right:
        raise ConfigError(f"kafka.brokers (NEWSWIRE_KAFKA) is {brokers!r}: give host:port[,host:port]")
    return servers


def _password(settings: KafkaSettings, environ: Mapping[str, str]) -> str:
    password = environ.get("NEWSWIRE_KAFKA_PASSWORD")
    if not settings.sasl_username or not (password or settings.sasl_password_file):
        raise ConfigError(
            f"kafka.security_protocol {settings.security_protocol} needs kafka.sasl_username"
            " and a password: set NEWSWIRE_KAFKA_PASSWORD or kafka.sasl_password_file"
        )
    if password:
        return password
    try:
        return Path(settings.sasl_password_file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"kafka.sasl_password_file cannot be read: {error}") from error


def _tls(settings: KafkaSettings) -> ssl.SSLContext:
    try:
        context = create_ssl_context(
            cafile=settings.ssl_ca_file or None,
            certfile=settings.ssl_cert_file or None,
            keyfile=settings.ssl_key_file or None,
            # Never ask on the terminal for a key's password.
            password="",
        )
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"kafka.ssl_ca_file, kafka.ssl_cert_file or kafka.ssl_key_file cannot be used: {error}"
        ) from error
    assert isinstance(context, ssl.SSLContext)
    return context
