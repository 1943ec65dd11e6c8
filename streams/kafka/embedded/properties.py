"""Formats the configuration of an embedded broker for development and tests, on 127.0.0.1 only.

Paths are relative: the broker runs with its folder as the working directory, so the folder can be moved.
"""

from pathlib import Path
from typing import NamedTuple

from streams.model.topics import REPLICAS_FOR_TWO_IN_SYNC

HOST = "127.0.0.1"
DATA = "data"
LOG = "logs/kafka.log"
_MIB = 1024 * 1024
_LARGEST_BATCH = 17 * _MIB  # 16 MiB for a prepared item in all its copies, and its headers


class Node(NamedTuple):
    """A node of a cluster. Each node is broker and controller; the first has number 1."""

    number: int
    cluster: str
    """The id of the cluster."""
    port: int
    """The port for clients."""
    controller_port: int
    voters: tuple[int, ...]
    """For each node, the port at which the others reach its controller."""

    @property
    def replicas(self) -> int:
        """How many nodes have a copy of each record."""
        return len(self.voters)

    @property
    def in_sync(self) -> int:
        """How many nodes must have a record before its sender is told so."""
        return 2 if self.replicas >= REPLICAS_FOR_TWO_IN_SYNC else 1


class Proxied(NamedTuple):
    """A second listener for a proxy: `port` is the broker's, `advertised` the proxy's, which clients are given.

    The nodes of a cluster also reach one another through their proxies, here and at their controllers.
    """

    port: int
    advertised: int
    controller_port: int = 0
    """The port of the controller; 0: any, for a node that is alone."""
    controller_advertised: int = 0
    """The port of the proxy before the controller."""


class Secured(NamedTuple):
    """A second listener with TLS, SASL and access control. Clients of the first listener are administrators."""

    port: int
    certificate: Path
    """PEM: the broker's key and certificates."""
    authority: Path
    """PEM: the authority that signs the certificates of clients."""
    passwords: dict[str, str]
    """Users of SASL PLAIN and their passwords; users of SCRAM are made on the running broker."""

    def settings(self) -> dict[str, object]:
        """Builds the broker settings of this listener."""
        module = "org.apache.kafka.common.security"
        users = "".join(f' user_{name}="{password}"' for name, password in self.passwords.items())
        scram = f"{module}.scram.ScramLoginModule required;"
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.certificate,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.authority,
            "ssl.client.auth": "requested",
            "listener.name.secured.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
            "listener.name.secured.plain.sasl.jaas.config": f"{module}.plain.PlainLoginModule required{users};",
            "listener.name.secured.scram-sha-256.sasl.jaas.config": scram,
            "listener.name.secured.scram-sha-512.sasl.jaas.config": scram,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


def format_server_properties(node: Node, proxied: Proxied | None = None, secured: Secured | None = None) -> str:
    """Formats server.properties of a node."""
    controller = node.voters[node.number - 1]
    listeners = {"PLAINTEXT": (node.port, node.port), "CONTROLLER": (node.controller_port, controller)}
    if proxied:
        listeners["PROXIED"] = (proxied.port, proxied.advertised)
    if secured:
        listeners["SECURED"] = (secured.port, secured.port)
    settings: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": ",".join(
            f"{number}@{HOST}:{port}" for number, port in enumerate(node.voters, start=1)
        ),
        "controller.listener.names": "CONTROLLER",
        "listeners": ",".join(f"{name}://{HOST}:{port}" for name, (port, _) in listeners.items()),
        "advertised.listeners": ",".join(f"{name}://{HOST}:{port}" for name, (_, port) in listeners.items()),
        "inter.broker.listener.name": "PROXIED" if proxied and node.replicas > 1 else "PLAINTEXT",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT,SECURED:SASL_SSL",
        "log.dirs": DATA,
        # Topics are declared (topics.py): a mistyped name is an error, not a new topic.
        "auto.create.topics.enable": "false",
        "default.replication.factor": node.replicas,
        "min.insync.replicas": node.in_sync,
        "offsets.topic.replication.factor": node.replicas,
        "offsets.topic.num.partitions": 4,
        "offsets.retention.minutes": 60 * 24 * 60,  # outlives the 30 days of the topics
        "transaction.state.log.replication.factor": node.replicas,
        "transaction.state.log.min.isr": node.in_sync,
        "transaction.state.log.num.partitions": 4,
        "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1000,
        "share.coordinator.state.topic.replication.factor": node.replicas,
        "share.coordinator.state.topic.min.isr": node.in_sync,
        "share.coordinator.state.topic.num.partitions": 1,
        # After a kill -9 the node may come back when its old session has ended: 9 s by default.
        "broker.heartbeat.interval.ms": 500,
        "broker.session.timeout.ms": 3000,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 500,
        "message.max.bytes": _LARGEST_BATCH,
        "replica.fetch.max.bytes": _LARGEST_BATCH,
        "fetch.max.bytes": 64 * _MIB,
        "socket.request.max.bytes": 128 * _MIB,
        # Less memory than a server would take: the heap is small (process.py).
        "log.cleaner.dedupe.buffer.size": 16 * _MIB,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "background.threads": 2,
        **(secured.settings() if secured else {}),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def format_log4j_properties() -> str:
    """Formats log4j2.properties: warnings, and how starting and stopping went, in at most 3 files of 10 MiB."""
    return f"""\
status=error
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={LOG}
appender.file.filePattern={LOG}.%i
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{yyyy-MM-dd'T'HH:mm:ss.SSSX}} %p %m (%c)%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size=10MB
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max=2
rootLogger.level=warn
rootLogger.appenderRef.file.ref=file
logger.server.name=kafka.server
logger.server.level=info
"""
