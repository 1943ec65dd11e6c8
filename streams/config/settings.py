"""Declares every setting: name, type, default and help text.

`loader.py` reads them from files and variables. The table in deploy/SETTINGS.md is generated from these classes.
"""

from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.model.sources import Source, Sources


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
    replication: Annotated[
        int,
        Meta(
            ge=1, le=10, description="replicas of each topic; from 3 on, two must have a record (min.insync.replicas)"
        ),
    ] = 1
    retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="how long topics of items, duplicates and dead letters keep a record")
    ] = 30
    raw_retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="how long news.raw, the log and news.decisions keep a record")
    ] = 32

    def full(self, name: str) -> str:
        """Returns the full name of a topic on the cluster."""
        return f"{self.prefix}.{name}"


class PrepareSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of prepare, the map."""

    rules: Annotated[str, Meta(description="file or folder of classification rules; empty: the packaged ones")] = ""
    reference: Annotated[
        str, Meta(description="table of companies, made by `newswire reference load`; empty: the packaged one")
    ] = ""
    mapping: Annotated[str, Meta(description="file that maps wires' codes to categories; empty: the packaged one")] = ""
    model: Annotated[str, Meta(description="file of the statistical model; empty: the packaged one")] = ""
    sectors: Annotated[str, Meta(description="table of sectors and their words; empty: the packaged one")] = ""
    item_seconds: Annotated[
        float, Meta(gt=0, le=600, description="an item that takes more CPU time is dead-lettered as timeout")
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
    """The settings of decide, the fold. Only a restart changes them."""

    window_hours: Annotated[
        int, Meta(ge=1, le=720, description="how long a text is remembered; covers a long weekend")
    ] = 72
    memory_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3650,
            description="how long ids, kills and stories are remembered: at least topics.retention_days + 2, at most"
            " topics.raw_retention_days",
        ),
    ] = 32
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
        Meta(ge=0.3, le=1, description="a near-copy shares so much of all 3-word phrases; rewording leaves 0.7"),
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
    """The settings of the worker processes."""

    http_host: Annotated[str, Meta(description="address of /healthz, /readyz and /metrics")] = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535, description="first port; each process takes the next")] = 6066
    session_seconds: Annotated[float, Meta(ge=1, le=60, description="a worker silent for so long is replaced")] = 8.0
    batch_records: Annotated[int, Meta(ge=1, le=10_000, description="most records of a batch")] = 500


class GatewaySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of the ticker gateway."""

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
    desk: Annotated[bool, Meta(description="serve the page of the desk at /desk, to tokens of desk_token_file")] = False
    desk_token_file: Annotated[
        str,
        Meta(description="file of the desk's tokens: lines of NAME ROLE[,ROLE] TOKEN; roles look, file, withdraw"),
    ] = ""
    site: Annotated[
        str, Meta(description="address of the pages for links from outside, such as https://news.example.com")
    ] = ""
    zone: Annotated[str, Meta(description="time zone of the pages that the gateway renders")] = "America/New_York"
    history_days: Annotated[
        int, Meta(ge=1, le=36_500, description="how long the history (search, pages, feeds) keeps an item")
    ] = 30


class ArchiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of the archive."""

    flush_seconds: Annotated[
        float, Meta(ge=1, le=3600, description="how long a record waits at most before it is written to the archive")
    ] = 300.0
    http_host: Annotated[str, Meta(description="address at which `newswire archive` serves health and metrics")] = (
        "127.0.0.1"
    )
    http_port: Annotated[int, Meta(ge=1, le=65535, description="its port; the next free one where it is taken")] = 6266


class SavedSearch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search with a name: a feed, and where it names one, a webhook."""

    title: Annotated[str, Meta(description="title of its feed; without it, its name")] = ""
    filter: Annotated[
        str, Meta(description="parameters as in the address of a search: `category=markets&q=copper`")
    ] = ""
    webhook: Annotated[str, Meta(description="https address that gets each item; empty: none")] = ""
    secret_file: Annotated[str, Meta(description="file with the secret that signs them, `whsec_` and base64")] = ""
    insecure: Annotated[bool, Meta(description="the webhook may be plain http")] = False
    private: Annotated[bool, Meta(description="the webhook may stand in the own network")] = False


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of the log on standard error."""

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
    archive: ArchiveSettings = ArchiveSettings()
    log: LogSettings = LogSettings()
    searches: dict[str, SavedSearch] = {}
    sources: dict[str, Source] = {}

    @cached_property
    def source_table(self) -> Sources:
        """The sources of the package and of this deployment, by id."""
        return Sources(self.sources)
