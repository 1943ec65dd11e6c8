"""The tables of the history, and the numbers of their formats.

The records are kept as Kafka had them, with what news.latest cannot tell again: the versions of a story and when it
came. All else is derived from them: rows, labels, words. Where a release derives more, it makes those tables again
(`HistoryStore.derive`); the records stay, those that Kafka no longer has too.
"""

import sqlite3
from hashlib import blake2b

from streams.gateway.ticker_row import TickerRow

WITH_SECURE_INDEX = sqlite3.sqlite_version_info >= (3, 42)
"""Whether FTS5 removes the words of a deleted row at once. With an older SQLite, `wipe_index` rewrites the index."""
_KEPT = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE records (
    id INTEGER PRIMARY KEY, appended INTEGER NOT NULL, versions BLOB NOT NULL, body BLOB NOT NULL
);
CREATE INDEX records_by_age ON records (appended);
CREATE TABLE withdrawn (story INTEGER PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX withdrawn_by_time ON withdrawn (at);
"""
_KEPT_TABLES = ("facts", "positions", "records", "withdrawn")
_DERIVED = """
CREATE TABLE items (
    id INTEGER PRIMARY KEY, story INTEGER NOT NULL UNIQUE, version INTEGER NOT NULL, is_open INTEGER NOT NULL,
    labels BLOB NOT NULL, row BLOB NOT NULL, words TEXT NOT NULL
);
CREATE TABLE label_names (label INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, count INTEGER NOT NULL);
CREATE TABLE labels (label INTEGER, id INTEGER, PRIMARY KEY (label, id)) WITHOUT ROWID;
CREATE TABLE companies (
    label INTEGER PRIMARY KEY, name TEXT NOT NULL, symbols TEXT NOT NULL, item INTEGER NOT NULL
);
CREATE INDEX companies_of_item ON companies (item);
CREATE TABLE company_words (word TEXT, label INTEGER, PRIMARY KEY (word, label)) WITHOUT ROWID;
CREATE INDEX words_of_company ON company_words (label);
CREATE VIRTUAL TABLE search USING fts5(
    words, content='items', content_rowid='id', tokenize='ascii', columnsize=0
);
"""
_LABELS_AND_WORDS = 1
"""Grows when other labels or words are made of the same item (filters.py, search_text.py)."""


def _number(*parts: str) -> int:
    return int.from_bytes(blake2b(" ".join(parts).encode(), digest_size=4).digest()) & 0x7FFF_FFFF


KEPT_FORMAT = _number(_KEPT)
"""The format of what is kept. A file with another one is made again from the topic, and loses what only it has."""
DERIVED_FORMAT = str(_number(_DERIVED, *TickerRow.__struct_fields__, str(_LABELS_AND_WORDS)))
"""The format of what is derived; it changes with the fields of a row too."""


def create_kept(connection: sqlite3.Connection) -> None:
    """Makes the tables of what is kept."""
    _run(connection, _KEPT)
    connection.execute(f"PRAGMA user_version = {KEPT_FORMAT}")


def create_derived(connection: sqlite3.Connection) -> None:
    """Makes the tables of what is derived, empty, in place of those of another release."""
    for kind in ("sql LIKE 'CREATE VIRTUAL%'", "name NOT LIKE 'sqlite_%'"):  # a virtual table drops its own tables
        found = connection.execute(f"SELECT name FROM sqlite_master WHERE type = 'table' AND {kind}").fetchall()  # noqa: S608
        for (name,) in found:
            if name not in _KEPT_TABLES:
                connection.execute(f'DROP TABLE "{name}"')
    _run(connection, _DERIVED)
    if WITH_SECURE_INDEX:
        connection.execute("INSERT INTO search (search, rank) VALUES ('secure-delete', 1)")


def _run(connection: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)
