"""Keeps what is public in SQLite with full text (FTS5), so that readers reach more than the newest rows.

One thread writes (`HistoryConsumer`); a few threads read, each with a connection of its own. The file is a copy of
news.latest: it holds the next offset of each partition, and one that is damaged, of another format or of another topic
is made again. A story that is withdrawn leaves with all its words: deleted pages are overwritten, so are the journal
and the index (`wipe_journal`, `wipe_index`). Of the story only a hash stays, which tells it from a story never seen.
"""

import asyncio
import sqlite3
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from typing import IO, TypeVar

import msgspec
import structlog
import zstandard

from streams.gateway.filters import NamedCompany, TickerItem, list_companies, with_status
from streams.gateway.history_query import (
    HistoryQuery,
    StoredLabel,
    build_row_number,
    list_labels,
    write_statement,
)
from streams.gateway.search_text import split_words
from streams.gateway.story_address import build_short_id, parse_short_id
from streams.gateway.story_versions import compare_documents
from streams.gateway.ticker_row import TickerRow, parse_shown_fields
from streams.gateway.ticker_view import MAX_VERSIONS, StoryVersion, version_number
from streams.kafka.file_lock import try_lock
from streams.model.errors import WorkFailed
from streams.model.topics import LATEST

log = structlog.get_logger()
FILE, LOCK = "history.db", "history.lock"
READERS = 4
"""How many threads read."""
READ_SECONDS = 3.0
"""A search that takes longer is given up."""
BUSY_SECONDS = 10.0
CHECK_STEPS = 20_000
"""How many steps SQLite makes between two looks at the clock."""
EXPIRED_AT_ONCE = 200
"""How many old rows one call of `expire` removes."""
MERGE_PAGES = 64
"""How many pages of the index one call of `wipe_index` rewrites."""
MAX_COMPANIES = 20
WITH_SECURE_INDEX = sqlite3.sqlite_version_info >= (3, 42)
"""Whether FTS5 removes the words of a deleted row at once. With an older SQLite, `wipe_index` rewrites the index."""
_CORRUPT, _NOT_A_DATABASE = 11, 26
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE items (
    id INTEGER PRIMARY KEY, story INTEGER NOT NULL UNIQUE, version INTEGER NOT NULL, is_open INTEGER NOT NULL,
    appended INTEGER NOT NULL, labels BLOB NOT NULL, row BLOB NOT NULL, words TEXT NOT NULL, versions BLOB NOT NULL
);
CREATE INDEX items_by_age ON items (appended);
CREATE TABLE documents (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE label_names (label INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, count INTEGER NOT NULL);
CREATE TABLE labels (label INTEGER, id INTEGER, PRIMARY KEY (label, id)) WITHOUT ROWID;
CREATE TABLE companies (
    label INTEGER PRIMARY KEY, name TEXT NOT NULL, symbols TEXT NOT NULL, item INTEGER NOT NULL
);
CREATE INDEX companies_of_item ON companies (item);
CREATE TABLE company_words (word TEXT, label INTEGER, PRIMARY KEY (word, label)) WITHOUT ROWID;
CREATE INDEX words_of_company ON company_words (label);
CREATE TABLE withdrawn (story INTEGER PRIMARY KEY, version INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX withdrawn_by_time ON withdrawn (at);
CREATE VIRTUAL TABLE search USING fts5(
    words, content='items', content_rowid='id', tokenize='ascii', columnsize=0
);
"""
_INDEX_IS_DIRTY = "index holds deleted words"
FORMAT = int.from_bytes(
    blake2b(" ".join((_TABLES, *TickerRow.__struct_fields__)).encode(), digest_size=4).digest()
) & 0x7FFF_FFFF  # fmt: skip
"""The number of the format: it changes with the tables and with the fields of a row."""
Answer = TypeVar("Answer")


class HistoryRecord(msgspec.Struct, frozen=True):
    """A record of news.latest for the history."""

    partition: int
    offset: int
    appended_ms: int
    item: TickerItem | None
    """None where the record is no item; only its offset counts."""
    document: bytes


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
    """Its row as JSON."""
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


class HistoryTooSlow(WorkFailed):
    """A search took longer than `READ_SECONDS`."""


class HistoryStore:
    """The file of the history. One thread calls `open`, `write`, `expire` and the like; the loop awaits what reads."""

    def __init__(self, folder: Path, topic: str) -> None:
        self._path = folder / FILE
        self._topic = topic
        self._writer: sqlite3.Connection | None = None
        self._lock: IO[bytes] | None = None
        self._generation = 0
        """Grows when the file is made again, so that each reader opens the new one."""
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="history")
        self._labels: dict[str, int] = {}
        self._compress = zstandard.ZstdCompressor(level=3).compress
        self.is_complete = False
        """Whether all that news.latest had at the start is read; before that, rows are missing."""
        self.is_damaged = False
        """Whether a reader found the file damaged; then `HistoryConsumer` makes it again."""

    def open(self) -> dict[int, int]:
        """Opens the file for writing, or makes it. Returns the next offset of each partition. Raises `WorkFailed`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._take_lock()
        except OSError as error:
            raise WorkFailed(f"cannot write the history in {self._path.parent}: {error.strerror}") from error
        try:
            problem = self._connect()
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise WorkFailed(f"cannot open {self._path}: {error}") from error
            problem = f"it is damaged ({error})"
        if problem:
            self.rebuild(problem)
        return self.positions()

    def rebuild(self, why: str) -> None:
        """Makes the file again, empty."""
        log.warning("history_made_again", file=str(self._path), why=why)
        self._disconnect()
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._path.with_name(FILE + suffix).unlink(missing_ok=True)
        self._connect()

    def close(self) -> None:
        """Closes the file. The readers must have ended."""
        self._readers.shutdown(wait=True)
        self._disconnect()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def positions(self) -> dict[int, int]:
        """Returns the next offset of each partition."""
        return dict(self._connection.execute("SELECT partition, next FROM positions"))

    def write(self, records: Sequence[HistoryRecord]) -> int:
        """Applies records in one transaction. Returns how many stories were withdrawn."""
        withdrawn = 0
        with _Transaction(self._connection):
            for record in records:
                withdrawn += record.item is not None and self._apply(record, record.item)
            ends = {record.partition: record.offset + 1 for record in records}
            self._connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", ends.items())
            if withdrawn and not WITH_SECURE_INDEX:
                self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, '')", (_INDEX_IS_DIRTY,))
        return withdrawn

    def expire(self, oldest: int) -> int:
        """Removes some rows that Kafka got before a second (since 1970). Returns how many."""
        connection = self._connection
        statement = "SELECT id FROM items WHERE appended < ? ORDER BY appended LIMIT ?"
        found = connection.execute(statement, (oldest, EXPIRED_AT_ONCE)).fetchall()
        with _Transaction(connection):
            for (number,) in found:
                self._remove(number)
            connection.execute("DELETE FROM withdrawn WHERE at < ?", (oldest,))
        return len(found)

    def wipe_journal(self) -> bool:
        """Moves the journal into the file and cuts it: it may hold deleted words. Returns whether it is empty."""
        busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def wipe_index(self) -> bool:
        """Rewrites a part of the index, which holds deleted words with an old SQLite. Returns whether none is left."""
        connection = self._connection
        if not connection.execute("SELECT 1 FROM facts WHERE name = ?", (_INDEX_IS_DIRTY,)).fetchone():
            return True
        before = connection.total_changes
        with _Transaction(connection):
            # A negative number: all parts of the index become one in the end.
            connection.execute("INSERT INTO search (search, rank) VALUES ('merge', ?)", (-MERGE_PAGES,))
            is_clean = connection.total_changes - before < 2
            if is_clean:
                connection.execute("DELETE FROM facts WHERE name = ?", (_INDEX_IS_DIRTY,))
        return is_clean

    async def find_page(self, query: HistoryQuery) -> HistoryPage:
        """Finds a page of rows. Raises `HistoryTooSlow`."""
        return await self._read(lambda connection: _find_page(connection, query))

    async def find_items(self, query: HistoryQuery) -> list[HistoryItem]:
        """Finds the stories of a page, newest first. Raises `HistoryTooSlow`."""

        def find(connection: sqlite3.Connection) -> list[HistoryItem]:
            rows = _find_page(connection, query).rows
            items = (_load_item(connection, "items.id", row.number) for row in rows)
            return [item for item in items if item is not None]

        return await self._read(find)

    async def find_item(self, short_id: str) -> HistoryItem | None:
        """Finds a story by its short id; None where there is none or no more."""
        story = parse_short_id(short_id)
        if story is None:
            return None
        return await self._read(lambda connection: _load_item(connection, "items.story", story))

    async def is_withdrawn(self, short_id: str) -> bool:
        """Whether the story was withdrawn."""
        story = parse_short_id(short_id)
        statement = "SELECT 1 FROM withdrawn WHERE story = ?"
        return await self._read(lambda connection: connection.execute(statement, (story,)).fetchone() is not None)

    async def find_withdrawn(self, most: int) -> list[tuple[str, int]]:
        """Finds the stories that were withdrawn last: the short id of each, and when (seconds since 1970)."""
        statement = "SELECT story, at FROM withdrawn ORDER BY at DESC, story LIMIT ?"
        found = await self._read(lambda connection: connection.execute(statement, (most,)).fetchall())
        return [(story.to_bytes(8, signed=True).hex(), at) for story, at in found]

    async def find_company(self, company: str) -> StoredCompany | None:
        """Finds a company by its id, such as `cik-886128`; None where no story names it."""
        where = "label_names.name = ?"
        found = await self._read(lambda connection: _load_companies(connection, where, (f"company:{company}",), 1))
        return found[0] if found else None

    async def suggest_companies(self, text: str, most: int = 10) -> list[StoredCompany]:
        """Finds companies whose name or tickers have words that begin with the words of a text, most news first."""
        words = split_words(text)[:5]
        if not words:
            return []
        where = " AND ".join(
            ["companies.label IN (SELECT label FROM company_words WHERE word >= ? AND word < ?)"] * len(words)
        )
        bounds = [bound for word in words for bound in (word, word + "\U0010ffff")]
        return await self._read(
            lambda connection: _load_companies(connection, where, bounds, max(1, min(most, MAX_COMPANIES)))
        )

    async def count_items(self) -> tuple[int, int | None]:
        """Counts the stories, and returns the second (since 1970) of the oldest one's time."""

        def count(connection: sqlite3.Connection) -> tuple[int, int | None]:
            (oldest,) = connection.execute("SELECT min(id) >> 20 FROM items").fetchone()
            (items,) = connection.execute("SELECT count(*) FROM items").fetchone()
            return items, oldest

        return await self._read(count)

    @property
    def _connection(self) -> sqlite3.Connection:
        assert self._writer is not None, "open comes first"
        return self._writer

    def _take_lock(self) -> None:
        if self._lock is not None:
            return
        self._lock = self._path.with_name(LOCK).open("ab")
        if not try_lock(self._lock):
            self._lock.close()
            self._lock = None
            raise WorkFailed(f"another gateway keeps its history in {self._path.parent}: give each its own --state")

    def _connect(self) -> str:
        """Opens the file, and makes the tables of an empty one. Returns why the file must be made again."""
        self._labels.clear()
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._writer = connection
        self._path.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        for pragma in ("synchronous = NORMAL", "secure_delete = ON", "temp_store = MEMORY", "cache_size = -32000"):
            connection.execute(f"PRAGMA {pragma}")
        (format_,) = connection.execute("PRAGMA user_version").fetchone()
        if format_ == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            with _Transaction(connection):
                for statement in _TABLES.split(";\n"):
                    if statement.strip():
                        connection.execute(statement)
                if WITH_SECURE_INDEX:
                    connection.execute("INSERT INTO search (search, rank) VALUES ('secure-delete', 1)")
                connection.execute("INSERT INTO facts VALUES ('topic', ?)", (self._topic,))
                connection.execute(f"PRAGMA user_version = {FORMAT}")
        elif format_ != FORMAT:
            return "it has the format of another release"
        (topic,) = connection.execute("SELECT value FROM facts WHERE name = 'topic'").fetchone() or ("",)
        if topic != self._topic:
            return f"it holds the topic {topic}"
        self._generation += 1
        self.is_damaged = False
        return ""

    def _disconnect(self) -> None:
        self._generation += 1
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _apply(self, record: HistoryRecord, item: TickerItem) -> bool:
        """Applies a record. Returns whether it withdraws a story that was here."""
        connection = self._connection
        story = parse_short_id(build_short_id(item.row.uri))
        version = version_number(item.row.version)
        held = connection.execute("SELECT id, version FROM items WHERE story = ?", (story,)).fetchone()
        gone = connection.execute("SELECT version FROM withdrawn WHERE story = ?", (story,)).fetchone()
        if version <= max(held[1] if held else -1, gone[0] if gone else -1):
            return False
        before = _load_item(connection, "items.id", held[0]) if held else None
        if held:
            self._remove(held[0])
        appended = record.appended_ms // 1000
        if item.row.status == "withdrawn":
            connection.execute("INSERT OR REPLACE INTO withdrawn VALUES (?, ?, ?)", (story, version, appended))
            return held is not None
        if gone:
            connection.execute("DELETE FROM withdrawn WHERE story = ?", (story,))
        earlier = before.versions if before else ()
        if item.row.replayed and earlier:  # no wire sent this version
            item = with_status(item, earlier[-1].status)
        row = item.row
        this = StoryVersion(row.version, row.time, row.headline, row.status, row.replayed)
        if before is not None:
            changes = compare_documents(before.document, record.document)
            this = msgspec.structs.replace(this, changes=changes, is_open=before.is_open and item.is_open)
        self._insert(record, item, story, version, (*earlier, this)[-MAX_VERSIONS:])
        return False

    def _insert(
        self,
        record: HistoryRecord,
        item: TickerItem,
        story: int | None,
        version: int,
        versions: tuple[StoryVersion, ...],
    ) -> None:
        connection = self._connection
        number = build_row_number(item.row.time, record.offset, record.appended_ms)
        while connection.execute("SELECT 1 FROM items WHERE id = ?", (number,)).fetchone():
            number += 1  # another partition has the same place in this second
        names = sorted(item.labels.union(f"category:{each}" for each in item.categories - {LATEST}))
        labels = [self._find_label(name) for name in names]
        connection.executemany("UPDATE label_names SET count = count + 1 WHERE label = ?", [(each,) for each in labels])
        connection.execute(
            "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, story, version, item.is_open, record.appended_ms // 1000, array("I", labels).tobytes(), item.data,
             item.words, msgspec.json.encode(versions)),
        )  # fmt: skip
        connection.execute("INSERT INTO search (rowid, words) VALUES (?, ?)", (number, item.words))
        connection.execute("INSERT INTO documents VALUES (?, ?)", (number, self._compress(record.document)))
        connection.executemany("INSERT INTO labels VALUES (?, ?)", [(each, number) for each in labels])
        for company in item.companies:
            if company.name:
                self._name_company(self._find_label(f"company:{company.id}"), company, number)

    def _remove(self, number: int) -> None:
        """Removes a row with all that is known of it. The last story of a company takes its name along."""
        connection = self._connection
        packed, words = connection.execute("SELECT labels, words FROM items WHERE id = ?", (number,)).fetchone()
        labels = [(each,) for each in array("I", packed)]
        connection.execute("INSERT INTO search (search, rowid, words) VALUES ('delete', ?, ?)", (number, words))
        connection.executemany("DELETE FROM labels WHERE label = ? AND id = ?", [(each, number) for (each,) in labels])
        connection.execute("DELETE FROM documents WHERE id = ?", (number,))
        connection.execute("DELETE FROM items WHERE id = ?", (number,))
        for (label,) in connection.execute("SELECT label FROM companies WHERE item = ?", (number,)).fetchall():
            self._rename_company(label)
        connection.executemany("UPDATE label_names SET count = count - 1 WHERE label = ?", labels)
        for (label,) in labels:
            statement = "DELETE FROM label_names WHERE label = ? AND count = 0 RETURNING name"
            for (name,) in connection.execute(statement, (label,)).fetchall():
                self._labels.pop(name, None)

    def _find_label(self, name: str) -> int:
        """Returns the number of a label, a new one for a new label."""
        if (known := self._labels.get(name)) is not None:
            return known
        connection = self._connection
        connection.execute("INSERT OR IGNORE INTO label_names (name, count) VALUES (?, 0)", (name,))
        (number,) = connection.execute("SELECT label FROM label_names WHERE name = ?", (name,)).fetchone()
        self._labels[name] = number
        return int(number)

    def _name_company(self, label: int, company: NamedCompany, number: int) -> None:
        """Gives a company the name and tickers that its newest story has."""
        connection = self._connection
        symbols = " ".join(company.symbols)
        held = connection.execute("SELECT name, symbols, item FROM companies WHERE label = ?", (label,)).fetchone()
        if held and held[2] > number:
            return
        connection.execute(
            "INSERT OR REPLACE INTO companies VALUES (?, ?, ?, ?)", (label, company.name, symbols, number)
        )
        if not held or (company.name, symbols) != held[:2]:
            words = {*split_words(company.name), *split_words(symbols)}
            connection.execute("DELETE FROM company_words WHERE label = ?", (label,))
            connection.executemany("INSERT INTO company_words VALUES (?, ?)", [(word, label) for word in sorted(words)])

    def _rename_company(self, label: int) -> None:
        """Gives a company the name that its newest story has, now that the one that named it is gone."""
        connection = self._connection
        connection.execute("DELETE FROM companies WHERE label = ?", (label,))
        connection.execute("DELETE FROM company_words WHERE label = ?", (label,))
        (named,) = connection.execute("SELECT name FROM label_names WHERE label = ?", (label,)).fetchone()
        rows = connection.execute("SELECT id FROM labels WHERE label = ? ORDER BY id DESC LIMIT 1", (label,)).fetchall()
        for (number,) in rows:
            item = _load_item(connection, "items.id", number)
            assert item is not None
            for company in list_companies(parse_shown_fields(item.document)):
                if f"company:{company.id}" == named and company.name:
                    self._name_company(label, company, number)

    async def _read(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read_here, act)

    def _read_here(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer:
        connection = self._reading_connection()
        deadline = time.monotonic() + READ_SECONDS
        connection.set_progress_handler(lambda: time.monotonic() > deadline, CHECK_STEPS)
        try:
            with _Transaction(connection):
                return act(connection)
        except sqlite3.OperationalError as error:
            if time.monotonic() > deadline:
                raise HistoryTooSlow from error
            raise
        except sqlite3.DatabaseError as error:
            self.is_damaged = self.is_damaged or is_damage(error)
            raise

    def _reading_connection(self) -> sqlite3.Connection:
        """Returns this thread's own connection, a new one where the file was made again."""
        generation = self._generation
        if getattr(self._local, "generation", None) != generation:
            connection = sqlite3.connect(
                f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
            )
            connection.execute("PRAGMA query_only = ON")
            self._local.connection, self._local.generation = connection, generation
        found: sqlite3.Connection = self._local.connection
        return found


class _Transaction:
    """A transaction as a `with` block, undone where the block raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("ROLLBACK" if kind else "COMMIT")


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error says that the file is damaged, and not that it is full or busy."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (_CORRUPT, _NOT_A_DATABASE)


def _find_page(connection: sqlite3.Connection, query: HistoryQuery) -> HistoryPage:
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


def _load_item(connection: sqlite3.Connection, column: str, value: int) -> HistoryItem | None:
    """Loads a story by `items.id` or `items.story`."""
    found = connection.execute(
        "SELECT items.id, items.row, items.is_open, items.versions, documents.body FROM items"  # noqa: S608
        f" JOIN documents ON documents.id = items.id WHERE {column} = ?",
        (value,),
    ).fetchone()
    if found is None:
        return None
    number, data, is_open, versions, body = found
    document = zstandard.ZstdDecompressor().decompress(body)
    known = msgspec.json.decode(versions, type=tuple[StoryVersion, ...])
    return HistoryItem(number, data, bool(is_open), document, known)


def _load_companies(
    connection: sqlite3.Connection, where: str, values: Sequence[str], most: int
) -> list[StoredCompany]:
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
