"""The command `newswire worker`: runs the stages prepare and decide until stopped."""

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streams.cli.main import config_path

if TYPE_CHECKING:
    from streams.config.settings import Settings
    from streams.worker.accepted import Accepted


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
@click.option("--accepted", type=click.Path(path_type=Path), hidden=True)
def command(
    stage: str, workers: int, state: Path | None, port: int | None, part: str | None, accepted: Path | None
) -> None:
    """Run the stages until stopped (SIGTERM or Ctrl-C).

    Starts one process that decides and as many that prepare as --workers says; restarts one that dies. Several
    workers on one machine, or on many, share the work.
    """
    from streams.config.loader import load
    from streams.runtime import supervisor
    from streams.worker.accepted import write_accepted

    if part and port and accepted:
        _run_part(part, port, state, accepted)
        return
    settings = load(config_path())
    port = port or settings.worker.http_port
    names = [
        *(["decide"] if stage != "prepare" else []),
        *(["prepare"] * workers if stage != "decide" else []),
    ]
    checked = _check_machine(settings, stage, state)
    if not _wait_until_ready(settings, stage, names, port):
        return
    config = ["--config", path] if (path := config_path()) else []
    kept = ["--state", str(state)] if state is not None else []
    with tempfile.TemporaryDirectory(prefix="newswire-worker-") as folder:
        accepted = Path(folder) / "accepted"
        write_accepted(accepted, checked)
        shared = ["--accepted", str(accepted), *kept]
        parts = [
            supervisor.ChildProcess(
                name, supervisor.build_command(*config, "worker", "--part", name, "--http", str(port + index), *shared)
            )
            for index, name in enumerate(names)
        ]
        status = supervisor.supervise(parts)
    sys.exit(status)


def _run_part(part: str, port: int, state: Path | None, accepted_file: Path) -> None:
    """Runs one process of a worker with what its parent has accepted, whatever the files hold by now."""
    from streams.runtime import logging, supervisor
    from streams.worker.accepted import read_accepted

    accepted = read_accepted(accepted_file)
    logging.set_up(os.environ.get("NEWSWIRE_LOG__LEVEL") or accepted.settings.log.level)
    supervisor.end_with_parent()
    # The broker may have left since the parent looked: a part that was restarted waits for it, and does not die.
    if _wait_until_ready(accepted.settings, part, [part], port):
        _run_stage(accepted, accepted_file, part, port, state)


def _check_machine(settings: "Settings", stage: str, state: Path | None) -> "Accepted":
    """Checks, before any process starts, the versions of the engine, the rules and the state folder.

    Errors are raised here, so that the user reads one sentence of ours and no process is restarted for ever. Returns
    what the processes begin with.
    """
    from streams.prepare.loading import parse_knowledge, read_files
    from streams.worker import prepare_child, state_directory
    from streams.worker.accepted import Accepted
    from streams.worker.batch_transport import check_versions

    check_versions()
    files = read_files(settings)
    knowledge = parse_knowledge(files)
    if files.rules:  # the packaged ones are checked where they are made
        prepare_child.check_examples(knowledge)
    if stage != "prepare":
        state_directory.require_writable(state)
    return Accepted(settings, files, knowledge.versions)


def _wait_until_ready(settings: "Settings", stage: str, parts: list[str], port: int) -> bool:
    """Checks the broker and the topics, and waits while the broker is away. Returns False if a signal stopped the wait.

    Answers HTTP meanwhile on the ports of these parts, one for each process, from `port` on.
    """
    import asyncio

    from streams.kafka.admin import fetch_partitions
    from streams.model.errors import Unreachable
    from streams.runtime import logging, startup
    from streams.worker.app import list_needed_topics

    async def topics_exist() -> None:
        await fetch_partitions(settings.kafka, wanted)

    wanted = list_needed_topics(settings, stage)
    try:
        asyncio.run(topics_exist())
    except Unreachable:
        logging.set_up(settings.log.level)
        return asyncio.run(startup.serve_until_ready(parts, settings.worker.http_host, port, topics_exist))
    logging.set_up(settings.log.level)
    return True


def _run_stage(accepted: "Accepted", accepted_file: Path, part: str, port: int, state: Path | None) -> None:
    from streams.worker import faust_process

    faust_process.use_uvloop()
    from streams import topology
    from streams.kafka.acls import PREPARE_GROUP
    from streams.runtime import health, static_membership
    from streams.worker import state_directory
    from streams.worker.prepare_agent import PrepareStart

    settings = accepted.settings
    listener = health.listen(settings.worker.http_host, port)
    if part == "prepare":
        member = static_membership.claim_or_none(state, PREPARE_GROUP)
        app = topology.prepare_app(PrepareStart(accepted, accepted_file, config_path()), listener, member)
    else:
        app = topology.decide_app(settings, config_path(), listener, state_directory.claim(state))
    faust_process.run_app(app)
