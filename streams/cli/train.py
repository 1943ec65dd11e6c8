"""The command `newswire train`: trains the statistical model on labelled data."""

from pathlib import Path

import click

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.model.errors import WorkFailed


@click.command()
@click.argument("labelled", metavar="LABELLED", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the model here.")
@click.option("--report", is_flag=True, help="Print figures of the third kept for it, as Markdown.")
@pass_settings
def command(settings: Settings, labelled: Path, out: Path | None, report: bool) -> None:
    """Train the statistical model on the folder LABELLED and the rules of the settings.

    The file goes into prepare.model of the settings, or over streams/prepare/classify/model.bin.
    Needs the extra `train`.
    """
    if out is None and not report:
        raise click.UsageError("give --out FILE, --report or both")
    try:
        from streams.training import build, data
    except ImportError as error:
        raise WorkFailed(f"{error.name} is not installed: pip install 'newswire-streams[train]'") from error
    from streams.prepare.loading import load_rules

    def print_step(text: str) -> None:
        click.echo(text, err=True)

    tuned = build.tune_thresholds(data.read_labelled_items(labelled), load_rules(settings), print_step)
    if report:
        for line in build.format_report(tuned, print_step):
            click.echo(line)
    if out:
        out.write_bytes(build.build_model(tuned, print_step))
        click.echo(f"{out}: {out.stat().st_size} bytes", err=True)
