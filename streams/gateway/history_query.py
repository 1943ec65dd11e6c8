"""Parses what a reader asks of the history, and writes it as SQL. No text of a reader stands in the SQL.

A row has a number that orders all rows as the ticker does: the second of its time, then its place in news.latest. That
number is the cursor of a page. It is the same at every gateway, and it holds when its row is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from streams.gateway.filters import Filter, build_filter
from streams.gateway.search_text import Search
from streams.model.sources import Sources
from streams.model.topics import LATEST

DEFAULT_LIMIT = 50
FILTERS = ("category", "ticker", "language", "source", "company", "about", "sector", "q")
PARAMETERS = (*FILTERS, "from", "to", "before", "after", "limit")
PLACE_BITS = 20
"""How many bits of a row's number hold its place within the second."""
FIRST, LAST = 0, 1 << 62
"""Numbers before and after every row."""
FEW_ROWS = 2000
"""A condition that so few rows meet is looked up before words are."""


class HistoryQuery(msgspec.Struct, frozen=True):
    """Which rows a reader asks for."""

    filter: Filter = Filter()
    above: int = FIRST
    """Rows with a greater number only."""
    below: int = LAST
    """Rows with a smaller number only."""
    upwards: bool = False
    """Whether the rows nearest to `above` are wanted, else those nearest to `below`."""
    is_page: bool = False
    """Whether a cursor or a time was given: without one, these are the newest rows."""
    limit: int = DEFAULT_LIMIT


class StoredLabel(msgspec.Struct, frozen=True):
    """A label as the history keeps it."""

    number: int
    count: int
    """How many rows have it."""


class Statement(msgspec.Struct, frozen=True):
    """An SQL statement with its values."""

    sql: str
    values: tuple[int | str, ...]


def build_row_number(time: str, offset: int, appended_ms: int) -> int:
    """Builds the number of a row from the wire's time, its offset in news.latest, and when it was appended there."""
    moment = parse_moment(time)
    seconds = appended_ms // 1000 if moment is None else max(0, int(moment.timestamp()))
    return (seconds << PLACE_BITS) | (offset & ((1 << PLACE_BITS) - 1))


def parse_query(given: Iterable[tuple[str, str]], table: Sources, most: int) -> HistoryQuery:
    """Parses the parameters of a request. Raises ValueError with a sentence that says what may be given instead."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in PARAMETERS:
            raise ValueError(f"there is no parameter {name[:60]!r}: use {', '.join(PARAMETERS)}")
        values.setdefault(name, []).append(value)
    listed = {name: _split(values.get(name, ())) for name in FILTERS}
    filter_ = build_filter(
        table,
        categories=listed["category"],
        tickers=listed["ticker"],
        languages=listed["language"],
        sources=listed["source"],
        companies=listed["company"],
        sectors=listed["sector"],
        about=_parse_about(listed["about"]),
        words=" ".join(values.get("q", ())),
    )
    last = {name: texts[-1].strip() for name, texts in values.items() if name not in FILTERS}
    above = max(_parse_start("from", last.get("from", "")), _parse_cursor("after", last.get("after", ""), FIRST))
    below = min(_parse_end("to", last.get("to", "")), _parse_cursor("before", last.get("before", ""), LAST))
    return HistoryQuery(
        filter_,
        above,
        below,
        upwards=bool(last.get("after")) and not last.get("before"),
        is_page=any(last.get(name) for name in ("from", "to", "before", "after")),
        limit=min(_parse_limit(last.get("limit", "")), most),
    )


def list_labels(filter_: Filter) -> list[frozenset[str]]:
    """Lists the sets of labels of a filter: a row must have a label of each. Every row is in `latest`."""
    categories = filter_.categories
    groups = [frozenset(f"category:{each}" for each in categories)] if categories and LATEST not in categories else []
    return [*groups, *filter_.labels]


def write_statement(query: HistoryQuery, known: Mapping[str, StoredLabel]) -> Statement | None:
    """Writes a query as SQL over the tables of the history; None where no row can match.

    It begins with the condition that the fewest rows meet, and asks of each of those rows whether it meets the others.
    One row more than the limit is asked for: it shows that there are more.
    """
    groups = [
        sorted((known[name] for name in names if name in known), key=lambda label: label.number)
        for names in list_labels(query.filter)
    ]
    if not all(groups):
        return None
    groups.sort(key=lambda group: sum(label.count for label in group))
    search = query.filter.search
    if search is not None and not (groups and sum(label.count for label in groups[0]) <= FEW_ROWS):
        return _write_search(query, groups, search.as_match())
    order = _order(query)
    if not groups:
        conditions, bounds = _write_bounds(query, "id", ())
        sql = f"SELECT id, row FROM items WHERE {conditions} ORDER BY id {order} LIMIT ?"  # noqa: S608
        return Statement(sql, (*bounds, query.limit + 1))
    words, terms = ("", ()) if search is None else _write_words(search)
    source = "labels AS found" if search is None else "labels AS found CROSS JOIN items ON items.id = found.id"
    conditions, bounds = _write_bounds(query, "found.id", groups[1:])
    part = f"SELECT found.id FROM {source} WHERE found.label = ?{words} AND {conditions} ORDER BY 1 {order} LIMIT ?"  # noqa: S608
    # The nearest rows of all labels are among the nearest rows of each.
    ids = " UNION ".join([f"SELECT id FROM ({part})"] * len(groups[0]))  # noqa: S608
    sql = (
        f"SELECT items.id, items.row FROM (SELECT id FROM ({ids}) ORDER BY id {order} LIMIT ?) AS nearest"  # noqa: S608
        f" CROSS JOIN items ON items.id = nearest.id ORDER BY items.id {order}"
    )
    values = [value for label in groups[0] for value in (label.number, *terms, *bounds, query.limit + 1)]
    return Statement(sql, (*values, query.limit + 1))


def _write_search(query: HistoryQuery, groups: Sequence[Sequence[StoredLabel]], match: str) -> Statement:
    conditions, values = _write_bounds(query, "search.rowid", groups)
    order = _order(query)
    sql = (
        "SELECT items.id, items.row FROM search CROSS JOIN items ON items.id = search.rowid"  # noqa: S608
        f" WHERE search MATCH ? AND {conditions} ORDER BY search.rowid {order} LIMIT ?"
    )
    return Statement(sql, (match, *values, query.limit + 1))


def _write_bounds(
    query: HistoryQuery, column: str, groups: Sequence[Sequence[StoredLabel]]
) -> tuple[str, tuple[int | str, ...]]:
    """Writes the bounds of the row numbers, and the labels that a row must have too."""
    parts = [f"{column} > ? AND {column} < ?"]
    values = [query.above, query.below]
    for group in groups:
        marks = ", ".join("?" * len(group))
        parts.append(f"EXISTS (SELECT 1 FROM labels AS other WHERE other.label IN ({marks}) AND other.id = {column})")  # noqa: S608
        values += [label.number for label in group]
    return " AND ".join(parts), tuple(values)


def _write_words(search: Search) -> tuple[str, tuple[str, ...]]:
    wanted = " AND instr(items.words, ?) > 0" * len(search.wanted)
    unwanted = " AND instr(items.words, ?) = 0" * len(search.unwanted)
    return wanted + unwanted, tuple(f" {term} " for term in (*search.wanted, *search.unwanted))


def _order(query: HistoryQuery) -> str:
    return "ASC" if query.upwards else "DESC"


def _split(values: Sequence[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _parse_about(values: Sequence[str]) -> bool | None:
    if not values:
        return None
    if values[-1] not in ("0", "1"):
        raise ValueError(f"about is {values[-1][:60]!r}: give 1 (what is about the company) or 0 (mentions too)")
    return values[-1] == "1"


def _parse_limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
        raise ValueError(f"limit is {text[:60]!r}: give how many rows, 1 or more")
    return int(text)


def _parse_cursor(name: str, text: str, default: int) -> int:
    """Parses a cursor; a time stands for the rows before or after it, those of its second too."""
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= LAST:
        return int(text)
    moment = parse_moment(text)
    if moment is None:
        raise ValueError(f"{name} is {text[:60]!r}: give the cursor of a page, or a time such as 2026-03-02T10:00:00Z")
    seconds = max(0, int(moment.timestamp()))
    return ((seconds + 1) << PLACE_BITS) if name == "before" else (seconds << PLACE_BITS) - 1


def _parse_start(name: str, text: str) -> int:
    if not text:
        return FIRST
    day = _parse_day(text)
    return (_parse_seconds(name, text, day) << PLACE_BITS) - 1


def _parse_end(name: str, text: str) -> int:
    if not text:
        return LAST
    day = _parse_day(text)
    return (_parse_seconds(name, text, None if day is None else day + timedelta(days=1)) + (day is None)) << PLACE_BITS


def _parse_seconds(name: str, text: str, day: date | None) -> int:
    moment = parse_moment(text) if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
    if moment is None:
        raise ValueError(f"{name} is {text[:60]!r}: give a day, 2026-03-02, or a time, 2026-03-02T10:00:00Z")
    return max(0, int(moment.timestamp()))


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 and "0001" < text[:4] < "9999" else None
    except ValueError:
        return None


def parse_moment(text: str) -> datetime | None:
    """Parses an RFC 3339 time; one without a zone is UTC. A `+` that an address did not quote is a blank here."""
    text = text[:11] + text[11:].replace(" ", "+")
    try:
        moment = datetime.fromisoformat(text) if len(text) > 10 else None
    except ValueError:
        return None
    if moment is None or not 1 < moment.year < 9999:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
