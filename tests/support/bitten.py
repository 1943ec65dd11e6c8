"""Small Faust apps, stock and on our shell, for tests/flow/test_known_to_bite.py: `bitten.py APP BROKER NAME`.

What an app does it says on standard output, a word a line.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import faust
from faust.transport.consumer import Consumer

from streams.config import load
from streams.shell.app import leave, make_app
from streams.shell.transport import batch_topic

SLOW_SECONDS = 5.0
SESSION_SECONDS = 2.0


def say(word: Any) -> None:
    print(word, flush=True)


def stock(broker: str, name: str, **options: Any) -> faust.App:
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


def ours(broker: str, name: str) -> faust.App:
    settings = load(environ={"NEWSWIRE_KAFKA": broker, "NEWSWIRE_WORKER__SESSION_SECONDS": str(SESSION_SECONDS)})
    return make_app(settings, name)


def raises_stock(broker: str, name: str) -> faust.App:
    app = stock(broker, name)

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            if value == b"bad":
                raise ValueError(value)
            say(value.decode())

    return app


def raises_ours(broker: str, name: str) -> faust.App:
    app = ours(broker, name)

    @app.agent(batch_topic(app, name))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            try:
                for record in event.value:
                    if record.value == b"bad":
                        raise ValueError(record.value)
                    say(record.value.decode())
                await stream.ack(event)
            except ValueError as error:
                say("left")
                await leave(app, "bad", error)
                return

    return app


def tell_commits() -> None:
    """Says `commit` whenever the app has committed what it can, which it tries in each of its intervals."""
    commit = Consumer.commit

    async def told(self: Consumer, *arguments: Any, **options: Any) -> bool:
        done = await commit(self, *arguments, **options)
        say("commit")
        return done

    Consumer.commit = told  # type: ignore[method-assign]


def unfinished_stock(broker: str, name: str) -> faust.App:
    tell_commits()
    app = stock(broker, name)

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            if event.value != b"unfinished":
                await stream.ack(event)
            say(event.value.decode())

    return app


def unfinished_ours(broker: str, name: str) -> faust.App:
    tell_commits()
    app = ours(broker, name)

    @app.agent(batch_topic(app, name))
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            values = [record.value for record in event.value]
            if b"unfinished" not in values:
                await stream.ack(event)
            for value in values:
                say(value.decode())

    return app


def recovery_stock(broker: str, name: str) -> faust.App:
    """Recovers where Faust's guide hooks in: while the assignment is handled."""
    app = stock(broker, name)

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        say("assigned")
        await asyncio.sleep(SLOW_SECONDS)
        say("recovered")

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            say(value.decode())

    return app


def recovery_ours(broker: str, name: str) -> faust.App:
    """The fold itself, with a changelog that takes as long to read."""
    from streams import topology
    from streams.shell import statefolder
    from streams.shell.changelog import Changelog

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
    app = topology.decide_app(settings, 17_300, statefolder.claim(None))

    @app.on_partitions_assigned.connect
    async def assigned(*_: Any, **__: Any) -> None:
        say("assigned")

    return app


def table_stock(broker: str, name: str) -> faust.App:
    app = stock(broker, name, topic_partitions=1, topic_replication_factor=1)
    table = app.Table("seen", key_type=bytes, value_type=bytes, partitions=1)

    @table.on_recover
    async def recovered() -> None:
        for key in sorted(table):
            say(key.decode())
        say("recovered")

    @app.agent(app.topic(name, value_type=bytes, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        async for value in stream:
            table[value] = value

    return app


async def waits(broker: str) -> None:
    """How long a fetch waits for records, in milliseconds: on stock, and on our shell."""
    for app in (stock(broker, "waits-stock"), ours(broker, "waits-ours")):
        app.finalize()
        say(app.consumer._new_consumer_thread()._create_worker_consumer(app.transport)._fetch_max_wait_ms)


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
        asyncio.run(waits(sys.argv[2]))
        sys.exit()
    made = APPS[sys.argv[1]](*sys.argv[2:4])
    worker = made.Worker(loglevel="INFO", override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None
    worker.execute_from_commandline()
