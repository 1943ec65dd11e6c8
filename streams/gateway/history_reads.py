"""Reads the tables of the history: pages of rows, stories, companies."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import zstandard

from streams.gateway.history_query import HistoryQuery, StoredLabel, list_labels, write_statement
from streams.gateway.ticker_view import StoryVersion
from streams.model.headers import KafkaHeaders


class HistoryRow(msgspec.Struct, frozen=True):
    """A row of a page."""

    number: int
    """Orders the rows, and is the cursor behind it."""
    data: bytes
    """The row as JSON."""


class HistoryPage(msgspec.Struct, frozen=True):
    """A page of rows, newest first."""

    rows: tuple[HistoryRow, ...]
    older: int | None
    """The cursor `before` of the next page; None where there is nothing older."""
    newer: int | None
    """The cursor `after` of the page before; None where there is nothing newer, or nothing newer was skipped."""


class HistoryItem(msgspec.Struct, frozen=True):
    """A story as it stands."""

    number: int
    data: bytes
    """The row of the story as JSON."""
    is_open: bool
    """Whether anyone may read the text."""
    document: bytes
    """The enriched item as JSON."""
    versions: tuple[StoryVersion, ...]
    """The versions that were read, this one last."""


class StoredCompany(msgspec.Struct, frozen=True):
    """A company of which there is news."""

    id: str
    name: str
    symbols: tuple[str, ...]
    """Tickers with their exchanges: `XNAS:FCEL`."""
    items: int
    """How many stories name it."""


class StoredRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record of news.latest as the history keeps it."""

    headers: tuple[tuple[str, bytes | None], ...]
    document: bytes


def encode_record(headers: KafkaHeaders, document: bytes) -> bytes:
    """Encodes a record; the history keeps it compressed."""
    return msgspec.msgpack.encode(StoredRecord(tuple(headers), document))


def unpack_record(body: bytes) -> StoredRecord:
    """Returns a record as it was before it was compressed and kept."""
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=StoredRecord)


def decode_versions(data: bytes) -> tuple[StoryVersion, ...]:
    """Decodes the versions of a story as they are kept."""
    return msgspec.json.decode(data, type=tuple[StoryVersion, ...])


def find_page(connection: sqlite3.Connection, query: HistoryQuery) -> HistoryPage:
    """Finds a page of rows."""
    names = [name for group in list_labels(query.filter) for name in group]
    statement = write_statement(query, _load_labels(connection, names))
    found = [] if statement is None else connection.execute(statement.sql, statement.values).fetchall()
    is_more = len(found) > query.limit
    rows = [HistoryRow(number, data) for number, data in found[: query.limit]]
    if query.upwards:
        rows.reverse()
        older = rows[-1].number if rows else query.above + 1
        return HistoryPage(tuple(rows), older, rows[0].number if rows and is_more else None)
    newer = (rows[0].number if rows else query.below - 1) if query.is_page else None
    return HistoryPage(tuple(rows), rows[-1].number if is_more else None, newer)


def _load_labels(connection: sqlite3.Connection, names: Iterable[str]) -> Mapping[str, StoredLabel]:
    statement = "SELECT label, count FROM label_names WHERE name = ?"
    found = ((name, connection.execute(statement, (name,)).fetchone()) for name in names)
    return {name: StoredLabel(*row) for name, row in found if row}


def load_item(connection: sqlite3.Connection, column: str, value: int) -> HistoryItem | None:
    """Loads a story by `items.id` or `items.story`."""
    found = connection.execute(
        "SELECT items.id, items.row, items.is_open, records.versions, records.body FROM items"  # noqa: S608
        f" JOIN records ON records.id = items.id WHERE {column} = ?",
        (value,),
    ).fetchone()
    if found is None:
        return None
    number, data, is_open, versions, body = found
    return HistoryItem(number, data, bool(is_open), unpack_record(body).document, decode_versions(versions))


def load_companies(connection: sqlite3.Connection, where: str, values: Sequence[str], most: int) -> list[StoredCompany]:
    """Loads the companies that meet a condition, most news first."""
    rows = connection.execute(
        "SELECT label_names.name, companies.name, companies.symbols, label_names.count FROM companies"  # noqa: S608
        f" JOIN label_names ON label_names.label = companies.label WHERE {where}"
        " ORDER BY label_names.count DESC, companies.name LIMIT ?",
        (*values, most),
    )
    return [
        StoredCompany(label.removeprefix("company:"), name, tuple(symbols.split()), count)
        for label, name, symbols, count in rows
    ]
