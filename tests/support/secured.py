"""Runs a real broker with TLS, SASL and its own certificates, and applies deploy/acls.sh to it."""

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import trustme
from confluent_kafka import admin as kafka_admin
from cryptography.hazmat.primitives import serialization
from support.acls import FILE

from streams.kafka.acls import ROLES
from streams.kafka.embedded import broker

PASSWORD = "open-sesame-{}"
SCRAM = {"prepare": "SCRAM-SHA-512", "decide": "SCRAM-SHA-256"}
"""The parts that come with SCRAM; the others come with PLAIN."""


class SecuredBroker(NamedTuple):
    """A running broker: `plain` is for the administrator without a password, `secured` has TLS and passwords."""

    plain: str
    secured: str
    authority: Path
    other_authority: Path

    def environment(self, part: str, prefix: str, **more: str) -> dict[str, str]:
        """Builds the settings of one part, as its operator writes them."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")}
        return {
            **own,
            "NEWSWIRE_KAFKA": self.secured,
            "NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "NEWSWIRE_KAFKA__SASL_MECHANISM": SCRAM.get(part, "PLAIN"),
            "NEWSWIRE_KAFKA__SASL_USERNAME": f"newswire-{part}",
            "NEWSWIRE_KAFKA_PASSWORD": PASSWORD.format(part),
            "NEWSWIRE_KAFKA__SSL_CA_FILE": str(self.authority),
            "NEWSWIRE_TOPICS__PREFIX": prefix,
            "NEWSWIRE_WORKER__SESSION_SECONDS": "2",
            **more,
        }

    def allow(self, prefix: str, *, leave_out: str = "\0") -> None:
        """Runs deploy/acls.sh without the lines that contain `leave_out`."""
        text = FILE.read_text(encoding="utf-8")
        kept = "\n".join(line for line in text.splitlines() if leave_out not in line)
        tool = f"{shlex.quote(sys.executable)} {shlex.quote(__file__)}"
        kept = kept.replace('"${KAFKA_ACLS:-kafka-acls.sh}"', tool)
        environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "PREFIX": prefix,
            "KAFKA": self.plain,
            "ADMIN": "none",
        }
        subprocess.run(["bash", "-c", kept], env=environment, check=True, timeout=120)

    def forbid_all(self) -> None:
        """Removes every ACL."""
        everything = kafka_admin.AclBindingFilter(
            kafka_admin.ResourceType.ANY,
            None,
            kafka_admin.ResourcePatternType.ANY,
            None,
            None,
            kafka_admin.AclOperation.ANY,
            kafka_admin.AclPermissionType.ANY,
        )
        client = kafka_admin.AdminClient({"bootstrap.servers": self.plain})
        for future in client.delete_acls([everything]).values():
            future.result(30)


@contextmanager
def run_secured_broker(folder: Path) -> Iterator[SecuredBroker]:
    """Starts the broker, with one user for each part."""
    authority, other = trustme.CA(), trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), None)
    pkcs8 = key.private_bytes(  # Java reads no other form
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "broker.pem").write_bytes(pkcs8 + b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    other.cert_pem.write_to_path(folder / "other-ca.pem")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    passwords = {f"newswire-{part}": PASSWORD.format(part) for part in ROLES if part not in SCRAM}
    secured = broker.Secured(port, folder / "broker.pem", folder / "ca.pem", passwords)
    with broker.start(folder / "kafka", secured=secured) as running:
        _create_scram_users(running.address)
        yield SecuredBroker(running.address, f"127.0.0.1:{port}", folder / "ca.pem", folder / "other-ca.pem")


def _create_scram_users(address: str) -> None:
    mechanisms = {
        "SCRAM-SHA-256": kafka_admin.ScramMechanism.SCRAM_SHA_256,
        "SCRAM-SHA-512": kafka_admin.ScramMechanism.SCRAM_SHA_512,
    }
    wanted = [
        kafka_admin.UserScramCredentialUpsertion(
            f"newswire-{part}", kafka_admin.ScramCredentialInfo(mechanisms[name], 4096), PASSWORD.format(part).encode()
        )
        for part, name in SCRAM.items()
    ]
    client = kafka_admin.AdminClient({"bootstrap.servers": address})
    for future in client.alter_user_scram_credentials(wanted).values():
        future.result(30)


def add_acls(arguments: list[str]) -> None:
    """Does what `kafka-acls.sh --add` does with these options of Kafka; this broker comes without that tool."""
    options: dict[str, list[str]] = {}
    words = iter(word for word in arguments if word != "--add")
    for option in words:
        options.setdefault(option.removeprefix("--"), []).append(next(words))
    pattern = kafka_admin.ResourcePatternType[options.get("resource-pattern-type", ["literal"])[0].upper()]
    kinds = {
        "topic": kafka_admin.ResourceType.TOPIC,
        "group": kafka_admin.ResourceType.GROUP,
        "transactional-id": kafka_admin.ResourceType.TRANSACTIONAL_ID,
    }
    known = {*kinds, "bootstrap-server", "command-config", "allow-principal", "operation", "resource-pattern-type"}
    assert not set(options) - known, options
    codes = {"DescribeConfigs": "DESCRIBE_CONFIGS", "AlterConfigs": "ALTER_CONFIGS"}
    bindings = [
        kafka_admin.AclBinding(
            kinds[kind],
            name,
            pattern,
            user,
            "*",
            kafka_admin.AclOperation[codes.get(operation, operation.upper())],
            kafka_admin.AclPermissionType.ALLOW,
        )
        for kind in kinds
        for name in options.get(kind, [])
        for user in options["allow-principal"]
        for operation in options["operation"]
    ]
    client = kafka_admin.AdminClient({"bootstrap.servers": options["bootstrap-server"][0]})
    for future in client.create_acls(bindings).values():
        future.result(30)


if __name__ == "__main__":
    add_acls(sys.argv[1:])
