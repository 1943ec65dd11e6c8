"""Renders the live view of the demo in a terminal, and its plain lines where there is no terminal."""

from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from streams.demo.score import Scoreboard
from streams.gateway.ticker_row import TickerRow, format_ticker_time
from streams.model.topics import CATEGORIES, LATEST

NEW_YORK = ZoneInfo("America/New_York")
OUTCOME_STYLES = {
    "published": "green",
    "revised": "cyan",
    "withdrawn": "magenta",
    "duplicate": "yellow",
    "withheld": "blue",
    "rejected": "red",
}


def render_frame(score: Scoreboard, addresses: dict[str, str], height: int) -> RenderableType:
    """Renders one frame: ticker on the left, counts and suppressed items on the right, addresses below."""
    layout = Layout()
    layout.split_column(Layout(name="top"), Layout(_render_addresses(addresses), size=len(addresses) + 2))
    layout["top"].split_row(Layout(name="ticker", ratio=3), Layout(name="side", ratio=2))
    layout["ticker"].update(
        Panel(_render_ticker(score, height), title="Latest News, New York time", title_align="left")
    )
    told = Panel(Text("\n".join(score.told)), title="What happens", title_align="left")
    layout["side"].split_column(
        Layout(told, ratio=2),
        Layout(Panel(_render_outcomes(score), title="Outcomes", title_align="left"), size=9),
        Layout(Panel(_render_categories(score), title="Categories", title_align="left"), size=13),
        Layout(Panel(_render_suppressed(score, height), title="Not shown, and why", title_align="left")),
    )
    return layout


def format_row(row: TickerRow) -> str:
    """Formats a row as `newswire tail` prints it."""
    mark = {"updated": "  (updated)", "corrected": "  (corrected)", "withdrawn": "  (withdrawn)"}.get(row.status, "")
    return f"{format_ticker_time(row.time, NEW_YORK)}  {row.headline or row.uri}{mark}  {row.source}"


def format_summary(score: Scoreboard) -> str:
    """Formats the counts in one line, for a demo without a terminal."""
    outcomes = ", ".join(f"{count} {name}" for name, count in sorted(score.outcomes.items()))
    half = score.latency(0.5)
    return f"-- {outcomes or 'nothing yet'}" + (f"; median {half * 1000:.0f} ms from raw to decision" if half else "")


def _render_ticker(score: Scoreboard, height: int) -> RenderableType:
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(width=6, no_wrap=True)
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(width=2, no_wrap=True)
    for row in list(score.rows)[:height]:
        style = "cyan" if row.status in ("updated", "corrected") else ""
        grid.add_row(
            Text(format_ticker_time(row.time, NEW_YORK), "dim"), Text(row.headline, style), Text(row.source, "bold")
        )
    return grid


def _render_outcomes(score: Scoreboard) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, style in OUTCOME_STYLES.items():
        grid.add_row(Text(name, style), Text(str(score.outcomes[name]), justify="right"))
    half, most = score.latency(0.5), score.latency(0.99)
    text = f"raw to decision: median {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms" if half and most else "waiting"
    return Group(grid, Text(text, "dim"))


def _render_categories(score: Scoreboard) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    names = [name for name in CATEGORIES if score.categories[name]]
    names.sort(key=lambda name: -score.categories[name])
    cells = [(LATEST, score.categories[LATEST]), *((name, score.categories[name]) for name in names)]
    for name, count in cells[:11]:
        grid.add_row(name, Text(str(count), justify="right"))
    return grid


def _render_suppressed(score: Scoreboard, height: int) -> RenderableType:
    lines = [Text(line, no_wrap=True, overflow="ellipsis") for line in list(score.suppressed)[:height]]
    return Group(*lines) if lines else Text("nothing yet", "dim")


def _render_addresses(addresses: dict[str, str]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, address in addresses.items():
        grid.add_row(Text(name, "dim"), address)
    return Panel(grid, title="Look here; Ctrl-C stops all of it", title_align="left")
