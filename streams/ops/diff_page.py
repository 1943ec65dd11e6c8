"""Builds one static HTML page of what a change would move, to send to an editor before it is made (pure).

The page needs no script and nothing from a network. Every text in it is escaped.
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from streams.model.printable import make_printable

STYLE = (
    "body{font:15px/1.4 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1a1a1a;"
    "background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.35rem .6rem;border-bottom:1px solid #ddd}th{position:sticky;top:0;background:#f4f4f4}"
    "del{color:#a00000}ins{color:#005c1f;text-decoration:none}small{color:#555;overflow-wrap:anywhere}"
    "pre{background:#f4f4f4;padding:.7rem}"
)


class DiffRow(NamedTuple):
    """One item that would change: where it is, what it says, and what it loses and wins."""

    place: str
    headline: str
    kind: str
    lost: Sequence[str]
    won: Sequence[str]


def build_diff_page(title: str, summary: Iterable[str], rows: Iterable[DiffRow]) -> str:
    """Builds the page: a title, a summary in lines, and a table with one row for each change."""
    body = "\n".join(_format_row(row) for row in rows)
    lines = "\n".join(_safe(line) for line in summary)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_safe(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{_safe(title)}</h1>
<pre>{lines}</pre>
<table>
<thead><tr><th>Item</th><th>Change</th><th>Loses</th><th>Wins</th></tr></thead>
<tbody>
{body}
</tbody>
</table>
</body>
</html>
"""


def _format_row(row: DiffRow) -> str:
    lost = "<br>".join(f"<del>{_safe(each)}</del>" for each in row.lost)
    won = "<br>".join(f"<ins>{_safe(each)}</ins>" for each in row.won)
    item = f"{_safe(row.headline)}<br><small>{_safe(row.place)}</small>"
    return f"<tr><td>{item}</td><td>{_safe(row.kind)}</td><td>{lost}</td><td>{won}</td></tr>"


def _safe(text: str) -> str:
    return escape(make_printable(text))
