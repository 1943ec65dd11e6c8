"""Small Faust apps, stock and on our worker, for tests/integration/test_known_faust_faults.py.

Called as `faust_faults.py APP BROKER NAME`. An app prints what it does to standard output, one word a line.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import faust
from faust.transport.consumer import Consumer

from streams.config.loader import load
from streams.runtime import health
from streams.worker.app import fail_worker, make_app
from streams.worker.batch_transport import make_batch_topic

SLOW_SECONDS = 5.0
SESSION_SECONDS = 2.0


def print_word(word: Any) -> None:
    print(word, flush=True)


def make_stock_app(broker: str, name: str, **options: Any) -> faust.App:
    return faust.App(
        name,
        broker=f"kafka://{broker}",
        store="memory://",
        datadir=Path(tempfile.gettempdir()) / f"bitten-{name}",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=0.2,
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=0.5,
        worker_redirect_stdouts=False,
        **options,
    )


def make_our_app(broker: str, name: str) -> faust.App:
    settings = load(environ={"NEWSWIRE_KAFKA": broker, "NEWSWIRE_WORKER__SESSION_SECONDS": str(SESSION_SECONDS)})
    return make_app(settings, name)


def raises_stock(broker: str, name: str) -> faust.App:
    app = make_stock_app(broker, name)

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            if value == b"bad":
                raise ValueError(value)
            print_word(value.decode())

    return app


def raises_ours(broker: str, name: str) -> faust.App:
    app = make_our_app(broker, name)

    @app.agent(make_batch_topic(app, name))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            try:
                for record in event.value:
                    if record.value == b"bad":
                        raise ValueError(record.value)
                    print_word(record.value.decode())
                await stream.ack(event)
            except ValueError as error:
                print_word("left")
                await fail_worker(app, "bad", error)
                return

    return app


def print_commits() -> None:
    """Makes the app print `commit` after each of its commits, which it tries once in each commit interval."""
    commit = Consumer.commit

    async def commit_and_print(self: Consumer, *arguments: Any, **options: Any) -> bool:
        done = await commit(self, *arguments, **options)
        print_word("commit")
        return done

    Consumer.commit = commit_and_print  # type: ignore[method-assign]


def unfinished_stock(broker: str, name: str) -> faust.App:
    print_commits()
    app = make_stock_app(broker, name)

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            if event.value != b"unfinished":
                await stream.ack(event)
            print_word(event.value.decode())

    return app


def unfinished_ours(broker: str, name: str) -> faust.App:
    print_commits()
    app = make_our_app(broker, name)

    @app.agent(make_batch_topic(app, name))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            values = [record.value for record in event.value]
            if b"unfinished" not in values:
                await stream.ack(event)
            for value in values:
                print_word(value.decode())

    return app


def recovery_stock(broker: str, name: str) -> faust.App:
    """Recovers where Faust's guide does it: while the assignment is handled."""
    app = make_stock_app(broker, name)

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        print_word("assigned")
        await asyncio.sleep(SLOW_SECONDS)
        print_word("recovered")

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            print_word(value.decode())

    return app


def recovery_ours(broker: str, name: str) -> faust.App:
    """Runs the fold itself, with a changelog that takes as long to read."""
    from streams import topology
    from streams.worker import state_directory
    from streams.worker.changelog import Changelog

    read = Changelog.read

    async def slow(self: Changelog, *arguments: Any) -> int:
        await asyncio.sleep(SLOW_SECONDS)
        return await read(self, *arguments)

    Changelog.read = slow  # type: ignore[method-assign]
    settings = load(
        environ={
            "NEWSWIRE_KAFKA": broker,
            "NEWSWIRE_TOPICS__PREFIX": name,
            "NEWSWIRE_WORKER__SESSION_SECONDS": str(SESSION_SECONDS),
        }
    )
    app = topology.decide_app(settings, None, health.listen("127.0.0.1", 17_300), state_directory.claim(None))

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        print_word("assigned")

    return app


def table_stock(broker: str, name: str) -> faust.App:
    app = make_stock_app(broker, name, topic_partitions=1, topic_replication_factor=1)
    table = app.Table("seen", key_type=bytes, value_type=bytes, partitions=1)

    @table.on_recover
    async def recovered() -> None:
        for key in sorted(table):
            print_word(key.decode())
        print_word("recovered")

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            table[value] = value

    return app


async def print_fetch_waits(broker: str) -> None:
    """Prints how long a fetch waits for records, in milliseconds: on stock Faust, then on our worker."""
    for app in (make_stock_app(broker, "waits-stock"), make_our_app(broker, "waits-ours")):
        app.finalize()
        print_word(app.consumer._new_consumer_thread()._create_worker_consumer(app.transport)._fetch_max_wait_ms)


APPS = {
    each.__name__: each
    for each in (
        raises_stock,
        raises_ours,
        unfinished_stock,
        unfinished_ours,
        recovery_stock,
        recovery_ours,
        table_stock,
    )
}

if __name__ == "__main__":
    if sys.argv[1] == "waits":
        asyncio.run(print_fetch_waits(sys.argv[2]))
        sys.exit()
    made = APPS[sys.argv[1]](*sys.argv[2:4])
    worker = made.Worker(loglevel="INFO", override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None
    worker.execute_from_commandline()
