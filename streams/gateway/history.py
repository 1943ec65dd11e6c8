"""Keeps what is public in SQLite with full text (FTS5), so that readers reach more than the newest rows.

One thread writes (`HistoryConsumer`); a few threads read, each with a connection of its own. The file is a copy of
news.latest: it holds the next offset of each partition, and one that is damaged or of another topic is made again. What
another release derived from the records is made again from those in the file (`derive`). A story that is withdrawn
leaves with all its words: deleted pages are overwritten, so are the journal and the index (`wipe_journal`,
`wipe_index`). Of the story only a hash stays, which tells it from a story never seen.
"""

import asyncio
import sqlite3
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TypeVar

import msgspec
import structlog
import zstandard

from streams.gateway.filters import NamedCompany, TickerItem, list_companies, parse_ticker_item, with_status
from streams.gateway.history_query import LAST, HistoryQuery, build_row_number
from streams.gateway.history_reads import (
    HistoryItem,
    HistoryPage,
    StoredCompany,
    StoredRecord,
    decode_versions,
    encode_record,
    find_page,
    load_companies,
    load_item,
    unpack_record,
)
from streams.gateway.history_tables import (
    DERIVED_FORMAT,
    KEPT_FORMAT,
    WITH_SECURE_INDEX,
    create_derived,
    create_kept,
)
from streams.gateway.search_text import split_words
from streams.gateway.story_address import build_short_id, parse_short_id
from streams.gateway.story_versions import compare_documents
from streams.gateway.ticker_row import parse_shown_fields
from streams.gateway.ticker_view import MAX_VERSIONS, StoryVersion, version_number
from streams.kafka.file_lock import try_lock
from streams.model.errors import WorkFailed
from streams.model.headers import KafkaHeaders
from streams.model.printable import make_printable
from streams.model.sources import Sources
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
DERIVED_AT_ONCE = 200
"""How many rows one call of `derive` makes again."""
_INDEX_IS_DIRTY = "index holds deleted words"
_DERIVED, _DERIVE_BELOW = "derived", "derive below"
"""Facts: the format of what is derived, and the number of the last row that was made again, while some are missing."""
_CORRUPT, _NOT_A_DATABASE = 11, 26
Answer = TypeVar("Answer")


class HistoryRecord(msgspec.Struct, frozen=True):
    """A record of news.latest for the history."""

    partition: int
    offset: int
    appended_ms: int
    item: TickerItem | None
    """None where the record is no item; only its offset counts."""
    headers: KafkaHeaders
    document: bytes


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
        self._reading: dict[int, tuple[int, sqlite3.Connection]] = {}
        """The connection of each reading thread, with the generation of its file."""
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
        for _, connection in self._reading.values():
            connection.close()
        self._reading.clear()
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
        statement = "SELECT id FROM records WHERE appended < ? ORDER BY appended LIMIT ?"
        found = connection.execute(statement, (oldest, EXPIRED_AT_ONCE)).fetchall()
        with _Transaction(connection):
            for (number,) in found:
                self._remove(number)
            connection.execute("DELETE FROM withdrawn WHERE at < ?", (oldest,))
        return len(found)

    def derive(self, sources: Sources) -> bool:
        """Makes some rows again that another release made. Returns whether none is left.

        Until then the history is not complete. Records are read by `sources` as they are today.
        """
        connection = self._connection
        facts = dict(connection.execute("SELECT name, value FROM facts"))
        if facts.get(_DERIVED) != DERIVED_FORMAT:
            log.info("history_derived_again", file=str(self._path))
            with _Transaction(connection):
                create_derived(connection)
                facts |= {_DERIVED: DERIVED_FORMAT, _DERIVE_BELOW: str(LAST)}
                connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts.items())
            self._labels.clear()
            self._generation += 1
        if _DERIVE_BELOW not in facts:
            return True
        found = connection.execute(
            "SELECT id, versions, body FROM records WHERE id < ? ORDER BY id DESC LIMIT ?",
            (int(facts[_DERIVE_BELOW]), DERIVED_AT_ONCE),
        ).fetchall()
        with _Transaction(connection):
            for number, versions, body in found:
                self._derive_item(number, decode_versions(versions)[-1], unpack_record(body), sources)
            if found:
                connection.execute("UPDATE facts SET value = ? WHERE name = ?", (str(found[-1][0]), _DERIVE_BELOW))
            else:
                connection.execute("DELETE FROM facts WHERE name = ?", (_DERIVE_BELOW,))
        return not found

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
        return await self._read(lambda connection: find_page(connection, query))

    async def find_items(self, query: HistoryQuery) -> list[HistoryItem]:
        """Finds the stories of a page, newest first. Raises `HistoryTooSlow`."""

        def find(connection: sqlite3.Connection) -> list[HistoryItem]:
            rows = find_page(connection, query).rows
            items = (load_item(connection, "items.id", row.number) for row in rows)
            return [item for item in items if item is not None]

        return await self._read(find)

    async def find_item(self, short_id: str) -> HistoryItem | None:
        """Finds a story by its short id; None where there is none or no more."""
        story = parse_short_id(short_id)
        if story is None:
            return None
        return await self._read(lambda connection: load_item(connection, "items.story", story))

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
        found = await self._read(lambda connection: load_companies(connection, where, (f"company:{company}",), 1))
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
            lambda connection: load_companies(connection, where, bounds, max(1, min(most, MAX_COMPANIES)))
        )

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
                create_kept(connection)
                create_derived(connection)
                facts = {"topic": self._topic, _DERIVED: DERIVED_FORMAT}
                connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
        elif format_ != KEPT_FORMAT:
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
        before = load_item(connection, "items.id", held[0]) if held else None
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
        number = build_row_number(row.time, record.offset, record.appended_ms)
        while connection.execute("SELECT 1 FROM records WHERE id = ?", (number,)).fetchone():
            number += 1  # another partition has the same place in this second
        versions = msgspec.json.encode((*earlier, this)[-MAX_VERSIONS:])
        body = self._compress(encode_record(record.headers, record.document))
        connection.execute("INSERT INTO records VALUES (?, ?, ?, ?)", (number, appended, versions, body))
        self._insert(number, item)
        return False

    def _derive_item(self, number: int, last: StoryVersion, record: StoredRecord, sources: Sources) -> None:
        try:
            item = parse_ticker_item(record.document, record.headers, sources)
        except ValueError as error:  # this release takes it for no item of ours
            log.warning("no_enriched_item", record=f"history/{number}", error=make_printable(str(error)))
            self._connection.execute("DELETE FROM records WHERE id = ?", (number,))
            return
        self._insert(number, item if item.row.status == last.status else with_status(item, last.status))

    def _insert(self, number: int, item: TickerItem) -> None:
        """Inserts what is derived of a record."""
        connection = self._connection
        story = parse_short_id(build_short_id(item.row.uri))
        version = version_number(item.row.version)
        names = sorted(item.labels.union(f"category:{each}" for each in item.categories - {LATEST}))
        labels = [self._find_label(name) for name in names]
        connection.executemany("UPDATE label_names SET count = count + 1 WHERE label = ?", [(each,) for each in labels])
        connection.execute(
            "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, story, version, item.is_open, array("I", labels).tobytes(), item.data, item.words),
        )
        connection.execute("INSERT INTO search (rowid, words) VALUES (?, ?)", (number, item.words))
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
        connection.execute("DELETE FROM records WHERE id = ?", (number,))
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
        if held:
            statement = "UPDATE companies SET name = ?, symbols = ?, item = ? WHERE label = ?"
        else:
            statement = "INSERT INTO companies (name, symbols, item, label) VALUES (?, ?, ?, ?)"
        connection.execute(statement, (company.name, symbols, number, label))
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
            item = load_item(connection, "items.id", number)
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
        generation, thread = self._generation, threading.get_ident()
        opened, connection = self._reading.get(thread, (-1, None))
        if connection is not None and opened == generation:
            return connection
        if connection is not None:
            connection.close()
        address = f"{self._path.resolve().as_uri()}?mode=ro"
        connection = sqlite3.connect(
            address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._reading[thread] = generation, connection
        connection.execute("PRAGMA query_only = ON")
        return connection


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
