"""The commands `newswire kafka …`: start, stop and inspect the embedded Apache Kafka."""

from pathlib import Path

import click

from streams.cli.options import KAFKA_FOLDER
from streams.model.errors import WorkFailed

_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=KAFKA_FOLDER,
    show_default=True,
    metavar="D",
    help="Folder of the broker: its data, logs and settings.",
)


@click.group(name="kafka")
def command() -> None:
    """The embedded real Apache Kafka: one node or three on this machine, for development and tests."""


@command.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="P",
    help="Default: the folder's last port, else 9092, else any; the first that is free. With three nodes: P to P+2.",
)
@click.option(
    "--nodes",
    type=click.Choice(["1", "3"]),
    metavar="N",
    help="1 or 3. Default: as many as the folder has, 1 in a new one. Three nodes use up to 1.5 GB of memory.",
)
@_folder
def up(port: int | None, nodes: str | None, folder: Path) -> None:
    """Start it in the background, print its host:port when it answers.

    Three nodes keep three copies of each record, and one of them may be away. Their addresses are printed on one line,
    with commas. Set topics.replication = 3 (NEWSWIRE_TOPICS__REPLICATION=3) before `newswire topics apply`.

    The first start on a machine downloads Kafka (43 MB) into the user's cache folder.
    """
    from streams.kafka.embedded import broker, cluster

    if nodes == "1" and cluster.is_cluster(folder):
        raise WorkFailed(f"{folder} holds three nodes: choose another with --dir, or leave out --nodes")
    if nodes == "3" or cluster.is_cluster(folder):
        click.echo(cluster.up(folder, port).address)
    else:
        click.echo(broker.up(folder, port).address)


@command.command()
@_folder
def down(folder: Path) -> None:
    """Stop it, with all its nodes; its data stay."""
    from streams.kafka.embedded import broker, cluster

    if not (cluster.stop(folder) if cluster.is_cluster(folder) else broker.stop(folder)):
        click.echo(f"no broker runs in {folder}", err=True)


@command.command()
@_folder
def status(folder: Path) -> None:
    """Show address, process id, uptime and size of the data of each node; exit status 1 if one does not run."""
    from streams.kafka.embedded import broker, cluster

    nodes = cluster.status(folder) if cluster.is_cluster(folder) else {1: broker.status(folder)}
    if not any(nodes.values()):
        raise WorkFailed(f"no broker runs in {folder}: start it with `newswire kafka up`")
    for number, found in nodes.items():
        if len(nodes) > 1:
            click.echo(f"node     {number}")
        if found is not None:
            click.echo(f"address  {found.address}")
            click.echo(f"pid      {found.pid}")
            click.echo(f"uptime   {_format_duration(int(found.uptime_seconds))}")
            click.echo(f"data     {found.data_bytes / 1024 / 1024:.1f} MiB")
    if away := [str(number) for number, found in nodes.items() if found is None]:
        raise WorkFailed(f"node {' and '.join(away)} does not run: start it with `newswire kafka up --dir {folder}`")


def _format_duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
