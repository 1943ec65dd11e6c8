"""Formats the result and the records of replays as lines for a terminal (pure)."""

from collections.abc import Iterable, Iterator

from streams.model.printable import make_printable
from streams.ops.diff_page import DiffRow
from streams.replay.diff import Difference, DifferenceKind, count_differences
from streams.replay.job import Job


def build_rows(difference: Difference) -> Iterator[DiffRow]:
    """Builds the rows of a difference for a page, one for each kind."""
    for kind in difference.kinds:
        was, now = _before_and_now(difference, kind)
        lost, won = [each for each in was if each not in now], [each for each in now if each not in was]
        yield DiffRow(f"{difference.uri}  {difference.received}", difference.headline, kind, lost, won)


def format_difference(difference: Difference) -> Iterator[str]:
    """Formats a difference, one line for each kind: `moved  URI  v2  companies.ipos -> companies  HEADLINE`."""
    for kind in difference.kinds:
        was, now = map(_listed, _before_and_now(difference, kind))
        version = f"v{difference.version}" if difference.version else "-"
        yield f"{kind:<19}  {difference.uri}  {version}  {was} -> {now}  {make_printable(difference.headline)}"


def _before_and_now(difference: Difference, kind: DifferenceKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if kind == "moved":
        return difference.categories_before, difference.categories_now
    if kind == "companies":
        return difference.companies_before, difference.companies_now
    return (difference.outcome_before,), (difference.outcome_now,)


def format_summary(differences: Iterable[Difference]) -> Iterator[str]:
    """Formats the number of differences of each kind, then how many stories enter and leave each category."""
    counts = count_differences(differences)
    if not counts["kinds"]:
        yield "nothing would change"
        return
    for kind, count in counts["kinds"].items():
        yield f"{count:>7}  {kind}"
    for category in sorted({*counts["entering"], *counts["leaving"]}):
        entering, leaving = counts["entering"].get(category, 0), counts["leaving"].get(category, 0)
        yield f"{category:<40}  +{entering}  -{leaving}"


def format_job(job: Job) -> str:
    """Formats a line of `replay list`."""
    what = f"into {job.into}" if job.mode == "into" else job.mode
    done = f"{job.done}/{job.total}"
    parts = (job.id, f"{job.state:<9}", f"{what:<12}", done, f"by {job.by}", f"heard {job.heard}", job.note)
    return "  ".join(parts).rstrip()


def format_duration(seconds: float) -> str:
    """Formats seconds as `45 s`, `3 min` or `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
