"""The command `newswire train`: trains the statistical model on labelled data."""

from pathlib import Path

import click
import msgspec

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.model.errors import WorkFailed


@click.command()
@click.argument("labelled", metavar="LABELLED", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write the model here.")
@click.option("--report", is_flag=True, help="Print figures by cross-validation and of what is held out, as Markdown.")
@click.option(
    "--held-out",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with lists of ids by set: the model sees none of these items.",
)
@pass_settings
def command(settings: Settings, labelled: Path, out: Path | None, report: bool, held_out: Path | None) -> None:
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
    from streams.prepare.loading import parse_rules, read_files

    def print_step(text: str) -> None:
        click.echo(text, err=True)

    ids = frozenset(each for ids in _read_held_out(held_out).values() for each in ids) if held_out else frozenset()
    rules = parse_rules(read_files(settings))
    tuned = build.tune_thresholds(data.read_labelled_items(labelled), rules, ids, print_step)
    if report:
        for line in build.format_report(tuned, print_step):
            click.echo(line)
    if out:
        out.write_bytes(build.build_model(tuned, print_step))
        click.echo(f"{out}: {out.stat().st_size} bytes", err=True)


def _read_held_out(path: Path) -> dict[str, list[str]]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, list[str]])
    except msgspec.DecodeError as error:
        raise click.UsageError(f'{path} is no {{"set": ["id", …]}}: {error}') from error
