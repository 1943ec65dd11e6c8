"""What a user reads when TLS with Kafka fails: one sentence that says which certificate is wrong, and what to do."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streams.config.errors import ConfigError
from streams.config.settings import KafkaSettings
from streams.kafka.client import open_admin
from streams.model.errors import WorkFailed

HOST = "127.0.0.1"
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


def sign_itself(folder: Path) -> Path:
    """Writes key and certificate of a broker that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(PAST)
        .not_valid_after(FUTURE)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "self-signed.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def listen(certificate: Path | None, authority: Path | None = None) -> Iterator[str]:
    """Listens as a broker does, with a certificate or without TLS, and closes a connection after its first bytes.

    With an authority it wants a certificate of its clients.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate is not None:
        context.load_cert_chain(certificate)
    if authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    client.settimeout(5)
                    with suppress(OSError):
                        if certificate is None:
                            client.recv(100)
                            client.sendall(b"\0\0\0\0")
                        else:
                            with context.wrap_socket(client, server_side=True) as secured:
                                secured.recv(100)
                    client.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"{HOST}:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def explain(address: str, **settings: str) -> str:
    async def connect() -> None:
        async with open_admin(KafkaSettings(brokers=address, **settings)):
            pass

    with pytest.raises((WorkFailed, ConfigError)) as raised:
        asyncio.run(connect())
    return str(raised.value)


class Certificates(NamedTuple):
    """An authority's file, and files of certificates for a broker at 127.0.0.1."""

    authority: Path
    files: dict[str, Path]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder, authority, other = tmp_path_factory.mktemp("certificates"), trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    made = {
        "good": authority.issue_cert(HOST),
        "expired": authority.issue_cert(HOST, not_before=PAST, not_after=PAST + timedelta(1)),
        "too early": authority.issue_cert(HOST, not_before=FUTURE - timedelta(1), not_after=FUTURE),
        "for another name": authority.issue_cert("kafka.example"),
        "for another address": authority.issue_cert("192.0.2.1"),
        "of another authority": other.issue_cert(HOST),
    }
    files = {"self-signed": sign_itself(folder)}
    for name, certificate in made.items():
        files[name] = folder / f"{name}.pem"
        certificate.private_key_and_cert_chain_pem.write_to_path(files[name])
    return Certificates(folder / "ca.pem", files)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("expired", "its certificate has expired: renew it on the broker"),
        ("too early", "its certificate is not valid yet: compare the clocks of both machines"),
        (
            "for another name",
            "its certificate is for another host: write into kafka.brokers the name that the certificate has",
        ),
        (
            "for another address",
            "its certificate is for another host: write into kafka.brokers the name that the certificate has",
        ),
        ("of another authority", "kafka.ssl_ca_file does not hold the authority that signed its certificate"),
        ("self-signed", "its certificate is self-signed: put it into kafka.ssl_ca_file if it is the right one"),
    ],
)
def test_a_certificate_that_is_not_trusted_gives_one_sentence_on_what_is_wrong_with_it(
    certificates: Certificates, name: str, sentence: str
) -> None:
    with listen(certificates.files[name]) as address:
        said = explain(address, security_protocol="SSL", ssl_ca_file=str(certificates.authority))
    assert said == f"no TLS with Kafka at {address}: {sentence}"


def test_tls_on_a_port_without_it_and_no_tls_on_a_port_with_it_are_told_as_such(certificates: Certificates) -> None:
    ours = {"security_protocol": "SSL", "ssl_ca_file": str(certificates.authority)}
    for certificate, settings in ((None, ours), (certificates.files["good"], {})):
        with listen(certificate) as address:
            said = explain(address, **settings)
        assert said.startswith(f"Kafka at {address} closes the connection: look whether kafka.security_protocol fits")


@pytest.mark.parametrize("name", ["expired", "of another authority", "self-signed"])
def test_a_certificate_of_ours_that_the_broker_does_not_trust_is_told_as_such(
    certificates: Certificates, name: str
) -> None:
    own = dict.fromkeys(("ssl_cert_file", "ssl_key_file"), str(certificates.files[name]))
    with listen(certificates.files["good"], certificates.authority) as address:
        said = explain(address, security_protocol="SSL", ssl_ca_file=str(certificates.authority), **own)
    assert f"Kafka at {address}" in said
    assert "kafka.ssl_cert_file" in said or "ssl_cert_file and ssl_key_file" in said, said


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"ssl_ca_file": "/nowhere"}, "No such file or directory"),
        ({"ssl_ca_file": __file__}, "no certificate"),
        ({"ssl_cert_file": "expired", "ssl_key_file": "good"}, "key values mismatch"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_sent(
    certificates: Certificates, settings: dict[str, str], why: str
) -> None:
    named = {name: str(certificates.files.get(value, value)) for name, value in settings.items()}
    said = explain("127.0.0.1:1", security_protocol="SSL", **named)
    assert said.startswith("kafka.ssl_ca_file, kafka.ssl_cert_file or kafka.ssl_key_file cannot be used: ")
    assert why in said
