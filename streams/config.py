"""Settings: newswire.toml, then NEWSWIRE_… variables (levels joined by __). Unknown or impossible ones are refused.

The README's table of settings is tested against these classes; a field's help is its metadata.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from streams.refusal import Refused, Where, bad_value, check_table, unknown
from streams.sources import Source, Sources


class ConfigError(Exception):
    """A setting is unknown or impossible; the message names it and says what it may be."""


class KafkaSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to reach the broker."""

    brokers: Annotated[str, Meta(description="host:port[,host:port]; also NEWSWIRE_KAFKA")] = "localhost:9092"
    security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], Meta(description="as any Kafka client")
    ] = "PLAINTEXT"
    sasl_mechanism: Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Meta(description="with SASL_…")] = (
        "PLAIN"
    )
    sasl_username: Annotated[str, Meta(description="with SASL_…")] = ""
    sasl_password_file: Annotated[
        str, Meta(description="file with the password; or NEWSWIRE_KAFKA_PASSWORD in the environment")
    ] = ""
    ssl_ca_file: Annotated[str, Meta(description="certificates to trust, PEM; empty: the system's")] = ""
    ssl_cert_file: Annotated[str, Meta(description="client certificate, PEM")] = ""
    ssl_key_file: Annotated[str, Meta(description="client key, PEM")] = ""


class TopicSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names and layout of topics."""

    prefix: Annotated[
        str,
        Meta(
            pattern=r"^[a-zA-Z0-9._-]+$",
            max_length=200,
            description="first part of each topic's name",
            extra={"allowed": "1 to 200 letters from a to z, digits, dots, underscores or hyphens"},
        ),
    ] = "news"
    raw_partitions: Annotated[int, Meta(ge=1, le=1000, description="partitions of news.raw")] = 4
    replication: Annotated[int, Meta(ge=1, le=10, description="replication factor of new topics")] = 1

    def full(self, name: str) -> str:
        """A topic's name on the cluster."""
        return f"{self.prefix}.{name}"


class PrepareSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The map."""

    rules: Annotated[str, Meta(description="file of classification rules; empty: the packaged ones")] = ""
    reference: Annotated[
        str, Meta(description="table of companies, made by `newswire reference load`; empty: the packaged one")
    ] = ""
    mapping: Annotated[str, Meta(description="file that maps wires' codes to categories; empty: the packaged one")] = ""
    model: Annotated[str, Meta(description="file of the statistical model; empty: the packaged one")] = ""
    sectors: Annotated[str, Meta(description="table of sectors and their words; empty: the packaged one")] = ""
    item_seconds: Annotated[
        float, Meta(gt=0, le=600, description="an item that takes longer is dead-lettered as timeout")
    ] = 5.0
    item_mb: Annotated[
        float, Meta(gt=0, le=8, description="a larger raw record is dead-lettered as too-large, MiB")
    ] = 8.0
    item_tags: Annotated[
        int,
        Meta(ge=100, le=1_000_000, description="an item with more tags in its markup is dead-lettered as too-large"),
    ] = 40_000
    item_depth: Annotated[
        int, Meta(ge=10, le=256, description="one whose XML, HTML or JSON nests deeper is dead-lettered as too-deep")
    ] = 256
    memory_mb: Annotated[int, Meta(ge=128, description="memory limit of a child process, MiB")] = 1024


class DecideSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The fold. Changed only by a restart."""

    window_hours: Annotated[
        int, Meta(ge=1, le=720, description="how long a text is remembered; covers a long weekend")
    ] = 72
    memory_days: Annotated[
        int,
        Meta(ge=1, le=365, description="how long ids, kills and a story's topics are remembered; as the log"),
    ] = 30
    clock_items: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="records in a row received beyond the window that move its clock: a wrong clock sends fewer",
        ),
    ] = 8
    near_similarity: Annotated[
        float,
        Meta(
            ge=0.3, le=1, description="a near-copy shares so much of all 3-word phrases; a desk's rewording leaves 0.7"
        ),
    ] = 0.55
    near_contained: Annotated[
        float,
        Meta(ge=0.5, le=1, description="and so much of the shorter text's; alone where a copy is cut short"),
    ] = 0.8
    translation_hours: Annotated[
        int,
        Meta(ge=0, le=720, description="how far from its original a translation may come to be linked to it"),
    ] = 24
    delivery: Annotated[
        Literal["exactly-once", "at-least-once"],
        Meta(description="outcomes in one transaction with state and offset, or sent before it"),
    ] = "exactly-once"


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The processes."""

    http_host: Annotated[str, Meta(description="address of /healthz, /readyz and /metrics")] = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535, description="first port; each process takes the next")] = 6066
    session_seconds: Annotated[float, Meta(ge=1, le=60, description="a worker silent for so long is replaced")] = 8.0
    batch_records: Annotated[int, Meta(ge=1, le=10_000, description="most records of a batch")] = 500


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ticker gateway."""

    http_host: Annotated[str, Meta(description="address of the page, the stream and the health checks")] = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=0, le=65535, description="its port; 0: any that is free")] = 8080
    rows: Annotated[int, Meta(ge=1, le=10_000, description="newest rows kept of each category")] = 200
    max_clients: Annotated[int, Meta(ge=1, le=100_000, description="open streams; one more is refused")] = 4000
    max_clients_per_address: Annotated[
        int, Meta(ge=1, le=100_000, description="open streams of one address; one more is refused")
    ] = 1000
    proxies: Annotated[
        str, Meta(description="addresses or networks, by comma, whose X-Forwarded-For tells the client's address")
    ] = "127.0.0.1,::1"
    origins: Annotated[
        str, Meta(description="origins, by comma, whose pages may read rows and items; `*`: any page")
    ] = "*"
    token_file: Annotated[
        str,
        Meta(description="file of bearer tokens, one a line, that show full texts; or NEWSWIRE_GATEWAY_TOKEN"),
    ] = ""
    private: Annotated[bool, Meta(description="rows and items are shown only with a token")] = False


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is told on standard error."""

    level: Annotated[
        Literal["DEBUG", "INFO", "WARNING"],
        Meta(description="at the start; SIGUSR1 tells more of a running process, SIGUSR2 less"),
    ] = "INFO"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """All settings."""

    kafka: KafkaSettings = KafkaSettings()
    topics: TopicSettings = TopicSettings()
    prepare: PrepareSettings = PrepareSettings()
    decide: DecideSettings = DecideSettings()
    worker: WorkerSettings = WorkerSettings()
    gateway: GatewaySettings = GatewaySettings()
    log: LogSettings = LogSettings()
    sources: dict[str, Source] = {}

    @cached_property
    def source_table(self) -> Sources:
        """The packaged sources with the deployment's own on top."""
        return Sources({**packaged_sources(), **self.sources})


RESERVED = {
    "NEWSWIRE_KAFKA",
    "NEWSWIRE_CONFIG",
    "NEWSWIRE_KAFKA_PASSWORD",
    "NEWSWIRE_GATEWAY_TOKEN",
    "NEWSWIRE_TRACEBACK",
}


def packaged_sources() -> dict[str, Source]:
    """The sources that come with the package."""
    return msgspec.convert(_packaged_rows(), dict[str, Source])


def _packaged_rows() -> dict[str, Any]:
    return tomllib.loads(resources.files("streams").joinpath("sources.toml").read_text(encoding="utf-8"))


def load(path: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings. Raises `ConfigError` with the setting's name."""
    environ = os.environ if environ is None else environ
    named = path or environ.get("NEWSWIRE_CONFIG") or ("newswire.toml" if Path("newswire.toml").is_file() else "")
    tree: dict[str, Any] = _read(Path(named)) if named else {}
    given = {
        tuple(name.removeprefix("NEWSWIRE_").lower().split("__")): name
        for name in environ
        if name.startswith("NEWSWIRE_") and name not in RESERVED
    }
    if "NEWSWIRE_KAFKA" in environ:
        given["kafka", "brokers"] = "NEWSWIRE_KAFKA"

    def where(wanted: tuple[str, ...]) -> str:
        return next((name for keys, name in given.items() if keys[: len(wanted)] == wanted), named)

    try:
        for keys, name in given.items():
            _put(tree, keys, environ[name], lambda path: given.get(path, named))
        _check(tree, where)
        if "sources" in tree:
            tree["sources"] = _sources(tree["sources"], where)
        return msgspec.convert(tree, Settings, strict=False)
    except (Refused, msgspec.ValidationError) as error:
        raise ConfigError(str(error)) from None


def _check(tree: dict[str, Any], where: Where) -> None:
    tables = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name, rows in tree.items():
        if name not in tables:
            parts = [(part, kind) for part, kind in tables.items() if part != "sources"]
            every = [f"{part}.{field.name}" for part, kind in parts for field in msgspec.structs.fields(kind)]
            raise unknown((name,), tables, where, every, sorted(RESERVED))
        if name != "sources":
            check_table((name,), rows, tables[name], where)
    kafka = tree.get("kafka", {})
    if "brokers" in kafka and not all(map(_is_address, kafka["brokers"].split(","))):
        what = "give host:port[,host:port], each port from 1 to 65535"
        raise bad_value(("kafka", "brokers"), kafka["brokers"], where, what)
    if str(kafka.get("security_protocol", "")).endswith("SSL"):
        for name in ("ssl_ca_file", "ssl_cert_file", "ssl_key_file"):
            if kafka.get(name) and not Path(kafka[name]).is_file():
                raise bad_value(("kafka", name), kafka[name], where, "there is no such file")


def _is_address(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    right = bool(host) and port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
    return right and not re.search(r"[\s/]", host) and (":" not in host or (host[0] == "[" and host[-1] == "]"))


def _sources(rows: Any, where: Where) -> dict[str, Source]:
    """The deployment's sources; one that comes with the package keeps the fields that are not named here."""
    if not isinstance(rows, dict):
        raise bad_value(("sources",), rows, where, "it is a table of tables: give [sources.<id>]")
    packaged = _packaged_rows()
    found = {}
    for key, row in rows.items():
        path = ("sources", key)
        check_table(path, row, Source, where)
        if len(row.get("code", "  ")) != 2:
            raise bad_value((*path, "code"), row["code"], where, "give two characters")
        try:
            found[key] = msgspec.convert({**packaged.get(key, {}), **row}, Source, strict=False)
        except msgspec.ValidationError as error:
            field = str(error).partition(" ")[0]
            raise bad_value((*path, field), row.get(field), where, str(error)) from None
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration {path} is not TOML: {error}") from error


def _put(tree: dict[str, Any], keys: tuple[str, ...], value: str, where: Where) -> None:
    *above, last = keys
    for count, key in enumerate(above, 1):
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise bad_value(keys[:count], tree, where, f"it is a table, as {where(keys)} has it too")
    tree[last] = value
