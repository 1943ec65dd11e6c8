"""Makes a Faust app with our settings, and adds what every stage has: HTTP, health and the metrics of its lag."""

import asyncio
import contextlib
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import faust
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP
from faust.types.auth import CredentialsT

from streams.config.settings import Settings
from streams.kafka.client import build_client_options, split_servers
from streams.kafka.consumer import fetch_committed_offsets
from streams.model.codec import UnknownFormatError
from streams.model.errors import LogReplacedError
from streams.model.topics import LOG, RAW, REPLAYS, TOPICS
from streams.runtime import health, logging, metrics, probes, supervisor
from streams.runtime.settings_watch import watch_settings
from streams.runtime.tasks import cancel
from streams.worker import faust_process
from streams.worker.batch_transport import use_batch_transport

log = structlog.get_logger()
WATCH_SECONDS = 1.0


def make_app(settings: Settings, group: str, member: str | None = None, client_id: str = "newswire") -> faust.App:
    """Makes an app whose consumer group is `group`. Topics are created by `newswire topics apply`, never by Faust.

    `member` is the id of a static member (runtime/static_membership.py). Kafka shows `client_id` to those who look at
    the group.
    """
    app = faust.App(
        group,
        consumer_group_instance_id=member,
        # The broker gives a static member that returns its old assignment, and Faust checks that this URL is in it.
        canonical_url=f"http://{member or group}",
        datadir=Path(tempfile.gettempdir()) / f"{group}-{os.getuid()}",  # Faust makes one level
        broker=[f"kafka://{address}" for address in split_servers(settings.kafka.brokers)],
        broker_credentials=_build_credentials(settings),
        broker_client_id=client_id,
        broker_session_timeout=settings.worker.session_seconds,
        broker_heartbeat_interval=settings.worker.session_seconds / 4,
        broker_rebalance_timeout=20.0,
        broker_max_poll_records=settings.worker.batch_records,
        broker_commit_interval=1.0,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 << 20,
        # A leader that joins while the broker starts may not see the topic, and assigns its partitions to nobody until
        # it looks again: after five minutes by default.
        consumer_metadata_max_age_ms=5_000,
        stream_wait_empty=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
        autodiscover=False,
    )
    app.finalize()
    use_batch_transport(app)
    return app


def list_needed_topics(settings: Settings, stage: str) -> list[str]:
    """Lists the full names of the topics that a stage needs: `prepare`, `decide` or `all`."""
    names = [topic.name for topic in TOPICS if topic.name != REPLAYS]  # only people write it
    of_stage = {"prepare": [RAW, LOG], "decide": [name for name in names if name != RAW], "all": names}
    return [settings.topics.full(name) for name in of_stage[stage]]


def _build_credentials(settings: Settings) -> CredentialsT | None:
    options = build_client_options(settings.kafka)
    protocol = settings.kafka.security_protocol
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=options["sasl_plain_username"],
            password=options["sasl_plain_password"],
            ssl_context=options.get("ssl_context"),
            mechanism=settings.kafka.sasl_mechanism,
        )
    return faust.SSLCredentials(context=options["ssl_context"]) if protocol == "SSL" else None


def add_monitoring(
    app: faust.App, settings: Settings, state: health.Health, listener: socket.socket, stage: str
) -> None:
    """Serves HTTP and keeps the metrics of lag and health, for as long as the app runs. Ends a stuck process."""
    probes.measure_rebalances(app, stage)

    @app.task
    async def serve_http() -> None:
        runner = await health.serve(state, listener)
        log.info("http", stage=stage, address=f"http://{settings.worker.http_host}:{listener.getsockname()[1]}")
        measuring = [
            asyncio.create_task(probes.measure_loop()),
            asyncio.create_task(probes.measure_collector()),
            asyncio.create_task(probes.measure_broker(settings.kafka, state, list_needed_topics(settings, stage))),
        ]
        with contextlib.suppress(asyncio.CancelledError):
            while not app.should_stop:
                state.update_lag(_measure_lag(app))
                metrics.READY.labels(stage).set(not state.problem())
                metrics.STALLED_SECONDS.labels(stage).set(state.stalled_seconds())
                if state.is_stuck():
                    stuck = RuntimeError(f"no progress for {health.GIVE_UP_SECONDS:.0f} s with {state.lag} to read")
                    await fail_worker(app, "stuck", stuck)
                await asyncio.sleep(WATCH_SECONDS)
        await cancel(*measuring)
        await runner.cleanup()


def watch_settings_file(app: faust.App, settings: Settings, config: str | None, stage: str) -> None:
    """Says in the log, for as long as the app runs, which settings have changed that count only after a restart."""

    @app.task
    async def watch() -> None:
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])  # the parent held it back until now
        watching = asyncio.create_task(watch_settings(config, settings, stage, asked))
        while not app.should_stop:
            await asyncio.sleep(WATCH_SECONDS)
        await cancel(watching)


_read: dict[TP, tuple[int, int]] = {}
"""Partition -> offset and timestamp (ms) of the last record that was committed."""


async def init_lag(settings: Settings, group: str, partitions: Iterable[TP]) -> None:
    """Counts the lag from the committed offsets on, until the first batch is committed."""
    wanted = [TopicPartition(partition.topic, partition.partition) for partition in partitions]
    try:
        for partition, committed in (await fetch_committed_offsets(settings.kafka, group, wanted)).items():
            _read.setdefault(TP(partition.topic, partition.partition), (committed - 1, int(time.time() * 1000)))
    except KafkaError as error:
        log.warning("lag_unknown", error=str(error))


def record_progress(partition: TP, offset: int, timestamp: int) -> None:
    """Notes that a batch up to this offset was committed; `timestamp` (ms) is that of its last record."""
    _read[partition] = (offset, timestamp)


def _measure_lag(app: faust.App) -> int:
    total = 0
    assigned = app.consumer.assignment()
    for gone in set(_read) - set(assigned):
        del _read[gone]
        for gauge in (metrics.LAG_RECORDS, metrics.LAG_SECONDS):
            with contextlib.suppress(KeyError):
                gauge.remove(gone.topic, str(gone.partition))
    for partition in assigned:
        end = app.consumer.highwater(partition) or 0
        offset, timestamp = _read.get(partition, (-1, 0))
        lag = max(0, end - offset - 1) if partition in _read else 0
        total += lag
        labels = (partition.topic, str(partition.partition))
        metrics.LAG_RECORDS.labels(*labels).set(lag)
        metrics.LAG_SECONDS.labels(*labels).set(max(0.0, time.time() - timestamp / 1000) if lag else 0.0)
    return total


async def fail_worker(app: faust.App, why: str, error: BaseException) -> None:
    """Ends this process after an error that only a fresh start ends; its supervisor starts it again.

    A fresh start does not help against what a newer release wrote, nor against a log that was created again: then
    the supervisor stops too.
    """
    if isinstance(error, UnknownFormatError | LogReplacedError):
        faust_process.set_exit_status(supervisor.CANNOT_GO_ON)
    logging.log_leaving(why, error)
    await app.crash(error)
