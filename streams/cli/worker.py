"""The command `newswire worker`: runs the stages prepare and decide until stopped."""

import sys
from pathlib import Path

import click

from streams.cli.main import config_path, pass_settings
from streams.config.settings import Settings


@click.command()
@click.option("--stage", type=click.Choice(["prepare", "decide", "all"]), default="all", show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that prepare.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the worker's own, kept over restarts: its identity, so that a restart moves no partition of "
    "news.raw, and the fold's state (a cache of its changelog).",
)
@click.option("--http", "port", type=click.IntRange(1, 65535), help="First HTTP port; each process takes the next.")
@click.option("--part", type=click.Choice(["prepare", "decide"]), hidden=True)
@pass_settings
def command(settings: Settings, stage: str, workers: int, state: Path | None, port: int | None, part: str) -> None:
    """Run the stages until stopped (SIGTERM or Ctrl-C).

    Starts one process that decides and as many that prepare as --workers says; restarts one that dies. Several
    workers on one machine, or on many, share the work.
    """
    from streams.runtime import logging, supervisor

    port = port or settings.worker.http_port
    if part:
        logging.set_up(settings.log.level)
        supervisor.end_with_parent()
        # The broker may have left since the parent looked: a part that was restarted waits for it, and does not die.
        if not _wait_until_ready(settings, part, [part], port):
            return
        _run_stage(settings, part, port, state)
        return
    names = [
        *(["decide"] if stage != "prepare" else []),
        *(["prepare"] * workers if stage != "decide" else []),
    ]
    _check_machine(settings, stage, state)
    if not _wait_until_ready(settings, stage, names, port):
        return
    config = ["--config", path] if (path := config_path()) else []
    kept = ["--state", str(state)] if state is not None else []
    parts = [
        supervisor.ChildProcess(
            name, supervisor.build_command(*config, "worker", "--part", name, "--http", str(port + index), *kept)
        )
        for index, name in enumerate(names)
    ]
    sys.exit(supervisor.supervise(parts))


def _check_machine(settings: Settings, stage: str, state: Path | None) -> None:
    """Checks, before any process starts, the versions of the engine, the rules and the state folder.

    Errors are raised here, so that the user reads one sentence of ours and no process is restarted for ever.
    """
    from streams.prepare.loading import load_knowledge
    from streams.worker import state_directory
    from streams.worker.batch_transport import check_versions

    check_versions()
    load_knowledge(settings)
    if stage != "prepare":
        state_directory.require_writable(state)


def _wait_until_ready(settings: Settings, stage: str, parts: list[str], port: int) -> bool:
    """Checks the broker and the topics, and waits while the broker is away. Returns False if a signal stopped the wait.

    Answers HTTP meanwhile on the ports of these parts, one for each process, from `port` on.
    """
    import asyncio

    from streams.kafka.admin import require_partitions
    from streams.kafka.client import open_admin
    from streams.model.errors import Unreachable
    from streams.runtime import logging, startup
    from streams.worker.app import list_needed_topics

    async def topics_exist() -> None:
        async with open_admin(settings.kafka) as client:
            await require_partitions(client, wanted)

    wanted = list_needed_topics(settings, stage)
    try:
        asyncio.run(topics_exist())
    except Unreachable:
        logging.set_up(settings.log.level)
        return asyncio.run(startup.serve_until_ready(parts, settings.worker.http_host, port, topics_exist))
    logging.set_up(settings.log.level)
    return True


def _run_stage(settings: Settings, part: str, port: int, state: Path | None) -> None:
    from streams.worker import faust_process

    faust_process.use_uvloop()
    from streams import topology
    from streams.kafka.acls import PREPARE_GROUP
    from streams.prepare.loading import load_knowledge
    from streams.runtime import health, static_membership
    from streams.worker import state_directory

    listener = health.listen(settings.worker.http_host, port)
    if part == "prepare":
        member = static_membership.claim_or_none(state, PREPARE_GROUP)
        app = topology.prepare_app(settings, load_knowledge(settings), listener, member)
    else:
        app = topology.decide_app(settings, listener, state_directory.claim(state))
    faust_process.run_app(app)
