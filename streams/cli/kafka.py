"""The commands `newswire kafka …`: start, stop and inspect the embedded Apache Kafka."""

from pathlib import Path

import click

from streams.model.errors import WorkFailed

_folder = click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(".newswire") / "kafka",
    show_default=True,
    metavar="D",
    help="Folder of the broker: its data, logs and settings.",
)


@click.group(name="kafka")
def command() -> None:
    """The embedded real Apache Kafka: one node on this machine, for development and tests."""


@command.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="P",
    help="Default: the folder's last port, else 9092, else any; the first that is free.",
)
@_folder
def up(port: int | None, folder: Path) -> None:
    """Start it in the background, print its host:port when it answers.

    The first start on a machine downloads Kafka (43 MB) into the user's cache folder.
    """
    from streams.kafka.embedded import broker

    click.echo(broker.up(folder, port).address)


@command.command()
@_folder
def down(folder: Path) -> None:
    """Stop it; its data stay."""
    from streams.kafka.embedded import broker

    if not broker.stop(folder):
        click.echo(f"no broker runs in {folder}", err=True)


@command.command()
@_folder
def status(folder: Path) -> None:
    """Show address, process id, uptime and size of the data; exit status 1 if it does not run."""
    from streams.kafka.embedded import broker

    found = broker.status(folder)
    if found is None:
        raise WorkFailed(f"no broker runs in {folder}: start it with `newswire kafka up`")
    click.echo(f"address  {found.address}")
    click.echo(f"pid      {found.pid}")
    click.echo(f"uptime   {_format_duration(int(found.uptime_seconds))}")
    click.echo(f"data     {found.data_bytes / 1024 / 1024:.1f} MiB")


def _format_duration(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
