"""A replay's findings as lines (pure)."""

from collections.abc import Iterable, Iterator

from streams.model.printable import neutral
from streams.replay.diff import Change, summary
from streams.replay.job import Job


def change_lines(change: Change) -> Iterator[str]:
    """One line a kind: `moved  URI  v2  companies.ipos -> companies  HEADLINE`."""
    for kind in change.kinds:
        if kind == "moved":
            was, now = _listed(change.categories_before), _listed(change.categories_now)
        elif kind == "companies":
            was, now = _listed(change.companies_before), _listed(change.companies_now)
        else:
            was, now = change.fate_before, change.fate_now
        version = f"v{change.version}" if change.version else "-"
        yield neutral(f"{kind:<19}  {change.uri}  {version}  {was} -> {now}  {change.headline}")


def summary_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Counts by kind, then by category what comes in and what leaves."""
    counts = summary(changes)
    if not counts["kinds"]:
        yield "nothing would change"
        return
    for kind, count in counts["kinds"].items():
        yield f"{count:>7}  {kind}"
    for category in sorted({*counts["entering"], *counts["leaving"]}):
        entering, leaving = counts["entering"].get(category, 0), counts["leaving"].get(category, 0)
        yield f"{category:<40}  +{entering}  -{leaving}"


def job_line(job: Job) -> str:
    """A line of `replay list`."""
    what = f"into {job.into}" if job.mode == "into" else job.mode
    done = f"{job.done}/{job.total}"
    parts = (job.id, f"{job.state:<9}", f"{what:<12}", done, f"by {job.by}", f"heard {job.heard}", job.note)
    return "  ".join(parts).rstrip()


def duration(seconds: float) -> str:
    """`45 s`, `3 min`, `2.5 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
