"""Draws `deploy/charts/*.svg`, bar charts of the saved results: `python tests/bench/charts.py`."""

import math
import re
import sys
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import results

FOLDER = results.FILE.parent
WIDTH, LEFT, ROW, TOP = 760, 310, 24, 44
OURS, OTHERS = "#1f6feb", "#9aa4b2"


class Bar(NamedTuple):
    """A bar with its value, and with the least and most of several rounds."""

    name: str
    value: float
    shown: str
    ours: bool
    least: float
    most: float


def parse_bar(name: str, cell: str, *, ours: bool = True) -> Bar:
    """Parses a cell such as `36,120 (35,000-37,500)` or `55`."""
    numbers = [float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*\.?\d*", cell)]
    middle, least, most = numbers if len(numbers) == 3 else (numbers[0], numbers[0], numbers[0])
    return Bar(name, middle, cell.partition(" ")[0], ours, least, most)


def draw_chart(title: str, bars: list[Bar], end_at: float = math.inf) -> str:
    """Draws an SVG: a row has the bar, a line for its spread, and its value. Bars are cut at `end_at`."""
    bars = bars or [Bar("not measured yet", 0.0, "", False, 0.0, 0.0)]
    bars = [each._replace(value=min(each.value, end_at), most=min(each.most, end_at)) for each in bars]
    longest = max(each.most for each in bars) or 1.0
    scale = (WIDTH - LEFT - 90) / longest
    rows = []
    for at, each in enumerate(bars):
        y = TOP + at * ROW
        fill = OURS if each.ours else OTHERS
        end = LEFT + each.value * scale
        rows += [
            f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(each.name)}</text>',
            f'<rect x="{LEFT}" y="{y + 3}" width="{max(1, end - LEFT):.1f}" height="15" rx="2" fill="{fill}"/>',
            f'<text x="{LEFT + each.most * scale + 6:.1f}" y="{y + 14}">{escape(each.shown)}</text>',
        ]
        if each.most > each.least:
            low, high = LEFT + each.least * scale, LEFT + each.most * scale
            rows.append(f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + 10}" y2="{y + 10}" stroke="#24292f"/>')
    height = TOP + len(bars) * ROW + 10
    style = "text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:15px}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">'
        f"<title>{escape(title)}</title><style>{style}</style>"
        f'<rect width="100%" height="100%" fill="#fff"/><text class="t" x="12" y="26">{escape(title)}</text>'
        + "".join(rows)
        + "</svg>\n"
    )


def draw_charts() -> dict[str, str]:
    """Draws all charts: name -> SVG."""
    plain = [
        parse_bar(f"{row['engine']}, {row['delivery']}", row["items/s"], ours=row["engine"].startswith("ours"))
        for row in results.read_rows("plain_job")
    ]
    waits = [
        parse_bar(f"{row['delivery']}, {row['items a second']}/s, {name}", row[column], ours=name == "p50")
        for row in results.read_rows("latency")
        for name, column in (("p50", "p50, ms"), ("p99", "p99"))
    ]
    steps = [parse_bar(row["step"], row["µs an item"]) for row in results.read_rows("hotpath")]
    memory = [parse_bar(f"{row['items']:,} items", str(row["MB"])) for row in results.read_rows("memory-curve")]
    return {
        "plain-job": draw_chart("Plain job: items a second on one core", plain),
        "latency": draw_chart("From news.raw to readable in news.latest, ms (bars end at 1,000)", waits, 1_000),
        "hot-path": draw_chart("CPU of an item by step, µs", steps),
        "memory": draw_chart("Memory of the worker that decides, MB", memory),
    }


def main() -> None:
    for name, picture in draw_charts().items():
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
