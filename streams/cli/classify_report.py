"""The command `newswire classify-report`: measures the classification of labelled items."""

from collections import Counter
from pathlib import Path

import click
import msgspec

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.model.errors import WorkFailed
from streams.model.topics import CATEGORIES
from streams.prepare.classify import evaluation
from streams.prepare.classify.classifier import Classifiers, classify
from streams.prepare.classify.rules import BY_DISTRIBUTOR, tokenize_item_with_headline
from streams.prepare.loading import load_classifiers


class ReportItem(msgspec.Struct, frozen=True):
    """A labelled item of the file."""

    id: str
    text: str
    yes: tuple[str, ...] = ()
    """The categories that are right."""
    maybe: tuple[str, ...] = ()
    """The categories that are neither right nor wrong."""


@click.command()
@click.argument("labelled", metavar="LABELLED", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--errors", metavar="N", default=20, show_default=True, type=click.IntRange(0), help="Worst errors shown."
)
@pass_settings
def command(settings: Settings, labelled: Path, errors: int) -> None:
    """Precision, recall and F1 by category on LABELLED, as Markdown, and the worst errors.

    LABELLED is a JSON list of {"id", "text", "yes": [category…], "maybe": [category…]}; text is a headline, or a
    headline, " — " and the beginning of the text. `maybe` and press releases never count.
    """
    items = _read_labelled(labelled)
    classifiers = load_classifiers(settings)
    every = frozenset(CATEGORIES) - {BY_DISTRIBUTOR}
    rows: list[evaluation.EvaluatedItem] = []
    wrong: list[tuple[int, str]] = []
    for item in items:
        given = classify_text(classifiers, item.text)
        wanted, judged = frozenset(item.yes), every - frozenset(item.maybe)
        rows.append((frozenset(given), wanted, judged))
        for category in sorted(judged & (wanted ^ given.keys())):
            surely = given.get(category, 0)
            kind = f"wrong, {surely}" if surely else "missed"
            # Missed categories come after wrong ones, which are sorted by their confidence.
            wrong.append((-surely, f"{category} ({kind}): {item.id}: {item.text[:100]}"))
    for line in evaluation.format_table(evaluation.count_by_category(rows, sorted(every))):
        click.echo(line)
    none = sum(not given for given, _, _ in rows)
    click.echo(f"\nUnclassified: {none} of {len(rows)}")
    if errors and wrong:
        click.echo(f"\nWorst of {len(wrong)} errors:")
        for _, line in sorted(wrong)[:errors]:
            click.echo(f"- {line}")


def classify_text(classifiers: Classifiers, text: str) -> dict[str, int]:
    """Classifies a headline, or a headline and its lead; returns category -> confidence."""
    headline, dash, lead = text.partition(" — ")
    if not dash or len(lead) < len(headline):
        headline, lead = text, ""
    found = classify(
        classifiers, tokenize_item_with_headline(headline, lead), language="en", release_wire=False, has_company=False
    )
    return {label.category: label.confidence for label in found}


def _read_labelled(path: Path) -> list[ReportItem]:
    try:
        items = msgspec.json.decode(path.read_bytes(), type=list[ReportItem])
    except msgspec.DecodeError as error:
        raise click.UsageError(f'{path} is no list of {{"id", "text", "yes", "maybe"}}: {error}') from error
    unknown = Counter(category for item in items for category in (*item.yes, *item.maybe) if category not in CATEGORIES)
    if unknown:
        raise WorkFailed(f"{path} names {', '.join(sorted(unknown))}: no category of this program (README, categories)")
    return items
