"""The command `newswire classify-report`: measures the classification of labelled items."""

from collections import Counter
from pathlib import Path

import click
import msgspec

from streams.cli.main import pass_settings
from streams.config.settings import Settings
from streams.model.errors import WorkFailed
from streams.model.records import Label
from streams.model.topics import CATEGORIES
from streams.prepare.classify import evaluation
from streams.prepare.classify.classifier import Classifiers, classify
from streams.prepare.classify.linear_model import name_copy_kind
from streams.prepare.classify.rules import BY_DISTRIBUTOR, tokenize_item_with_headline
from streams.prepare.loading import parse_classifiers, read_files


class ReportItem(msgspec.Struct, frozen=True):
    """A labelled item of the file."""

    id: str
    text: str = ""
    """The headline, or the headline, ` — ` and the beginning of the text."""
    title: str = ""
    body: str = ""
    """Headline and text, where `text` is empty."""
    release: bool = False
    """It is a release."""
    language: str = "en"
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
    """Precision, recall and F1 on LABELLED, as Markdown: by category, by kind of copy and by who decided.

    LABELLED has items {"id", "text", "yes": [category…], "maybe": [category…]}, as a JSON list or one a line (as
    `newswire rules case` prints them). Text is a headline, or a headline, " — " and the beginning of the text. In place
    of text an item may have "title" and "body", and "release": true where it is a release. Its language is "en" unless
    it says so. `maybe` and press releases never count. The worst errors follow.
    """
    items = _read_labelled(labelled)
    classifiers = parse_classifiers(read_files(settings))
    every = frozenset(CATEGORIES) - {BY_DISTRIBUTOR}
    rows: list[evaluation.EvaluatedItem] = []
    judgements: list[evaluation.JudgedItem] = []
    wrong: list[tuple[int, str]] = []
    for item in items:
        headline, lead = (item.title, item.body) if item.title or item.body else split_text(item.text)
        labels = classify_item(classifiers, headline, lead, item.release, item.language)
        given = {label.category: label.confidence for label in labels}
        wanted, judged = frozenset(item.yes), every - frozenset(item.maybe)
        rows.append((frozenset(given), wanted, judged))
        kind = name_copy_kind(has_text=bool(lead), is_release=item.release)
        who = {label.category: _name_decider(label) for label in labels}
        judgements.append(evaluation.JudgedItem(kind, who, wanted, judged))
        for category in sorted(judged & (wanted ^ given.keys())):
            surely = given.get(category, 0)
            kind = f"wrong, {surely}" if surely else "missed"
            # Missed categories come after wrong ones, which are sorted by their confidence.
            wrong.append((-surely, f"{category} ({kind}): {item.id}: {headline[:100]}"))
    for line in evaluation.format_table(evaluation.count_by_category(rows, sorted(every))):
        click.echo(line)
    for lines in (evaluation.format_kinds(judgements), evaluation.format_deciders(judgements)):
        click.echo("")
        for line in lines:
            click.echo(line)
    none = sum(not given for given, _, _ in rows)
    click.echo(f"\nUnclassified: {none} of {len(rows)}")
    if errors and wrong:
        click.echo(f"\nWorst of {len(wrong)} errors:")
        for _, line in sorted(wrong)[:errors]:
            click.echo(f"- {line}")


def split_text(text: str) -> tuple[str, str]:
    """Splits a text at ` — ` into headline and lead; a lead is at least as long as its headline."""
    headline, dash, lead = text.partition(" — ")
    return (headline, lead) if dash and len(lead) >= len(headline) else (text, "")


def classify_item(
    classifiers: Classifiers, headline: str, lead: str, release: bool, language: str = "en"
) -> tuple[Label, ...]:
    """Classifies a headline and its text without what the distributor or a known company gives."""
    return classify(
        classifiers,
        tokenize_item_with_headline(headline, lead),
        language=language,
        release_wire=False,
        has_company=False,
        release_copy=release,
    )


def _name_decider(label: Label) -> str:
    """Returns who decided a label: `rule`, `code` or `model`; an implied one was decided with its sub-section."""
    name = label.creator.rpartition("@")[2].partition("-")[0]
    return {"rules": "rule", "codes": "code"}.get(name, name)


def _read_labelled(path: Path) -> list[ReportItem]:
    data = path.read_bytes()
    try:
        if data.lstrip().startswith(b"["):
            items = msgspec.json.decode(data, type=list[ReportItem])
        else:
            items = msgspec.json.Decoder(ReportItem).decode_lines(data)
    except msgspec.DecodeError as error:
        raise click.UsageError(f'{path} is no list of {{"id", "text", "yes", "maybe"}}: {error}') from error
    unknown = Counter(category for item in items for category in (*item.yes, *item.maybe) if category not in CATEGORIES)
    if unknown:
        raise WorkFailed(f"{path} names {', '.join(sorted(unknown))}: no category of this program (README, categories)")
    return items
