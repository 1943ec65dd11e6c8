"""The fold's state on disk: a RocksDB of this process in its state folder (Apache-2.0, through rocksdict, MIT).

It is a cache of the changelog, so nothing is synced to disk: its write-ahead log leaves, after any crash, all that was
written up to some moment, and the note in it says how far in the changelog that is. In memory it has a bounded block
cache and write buffers, whatever the size of the state.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, Rdict, WriteBatch

from streams.decide.state_entries import STATE_FORMAT, parse_fingerprint_key
from streams.decide.state_store import ExpiryBucket, StoreError, StoreMeta, WriteSet

FORMAT = f"1.{STATE_FORMAT}"
"""Of the keys and values below, and of the entries. A store of another format is made anew from the changelog."""
CACHE_BYTES = 48 << 20
WRITE_BUFFER_BYTES = 16 << 20
WRITE_BUFFERS = 3
OPEN_FILES = 512
NEAR = b"near "
NOTE = b"\0note"
OWNER = b"\0owner"
REMINDER = b"\1"

_pack = msgspec.msgpack.Encoder().encode
_note = msgspec.msgpack.Decoder(StoreMeta).decode
_keys = msgspec.msgpack.Decoder(list[str]).decode


class DiskStore:
    """Entries under their keys; numbers of prints at full length, so that prints are stored in their order.

    `owner` names the changelog that it is a cache of: what it holds of another one, or in another format, is removed.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._owner = f"{FORMAT} {owner}".encode()
        with _failing(self._folder):
            self._db: Any = Rdict(str(self._folder), _options())  # its types know nothing of raw mode
            if self._db.get(OWNER) != self._owner or not owner:
                self._wipe()
            self._inode = self._folder.stat().st_ino
            self._written: int = self._db.latest_sequence_number()

    def meta(self) -> StoreMeta:
        """The note as last written."""
        with _failing(self._folder):
            value = self._db.get(NOTE)
            return StoreMeta() if value is None else _note(value)

    def get(self, key: str) -> bytes | None:
        """An encoded entry."""
        try:
            value: bytes | None = self._db.get(_place(key))
        except Exception as error:  # as `_failing`, which costs as much as the look-up
            raise _failed(self._folder, error) from error
        return value

    def fingerprints(self) -> Iterator[tuple[int, bytes]]:
        """Each print, by number."""
        with _failing(self._folder):
            for key, value in self._db.items(from_key=NEAR):
                if not key.startswith(NEAR):
                    return
                yield int(key[len(NEAR) :]), value

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Every entry."""
        with _failing(self._folder):
            for key, value in self._db.items(from_key=b"\2"):
                yield _key(key), value

    def expiring(self, before: int, most: int) -> list[ExpiryBucket]:
        """Reminders of hours before this one."""
        found: list[ExpiryBucket] = []
        with _failing(self._folder):
            for bucket_id, value in self._db.items(from_key=REMINDER):
                if bucket_id >= _hour(before) or sum(len(bucket.keys) for bucket in found) >= most:
                    break
                found.append(ExpiryBucket(bucket_id, _keys(value)))
        return found

    def write(self, changes: WriteSet) -> None:
        """All of it or nothing; durable through the end of this process, not of the machine."""
        self._written += 1
        batch = WriteBatch(raw_mode=True)
        for bucket_id in changes.finished:
            batch.delete(bucket_id)
        for hour, keys in changes.expiring.items():
            batch.put(_hour(hour) + self._written.to_bytes(8, "big"), _pack(keys))
        for key, value in changes.rows.items():
            if value is None:
                batch.delete(_place(key))
            else:
                batch.put(_place(key), value)
        batch.put(NOTE, _pack(changes.meta))
        with _failing(self._folder):
            if self._folder.stat().st_ino != self._inode:
                raise FileNotFoundError("it was deleted and made anew while it was in use")
            self._db.write(batch)

    def clear(self) -> None:
        """Removes everything."""
        with _failing(self._folder):
            self._wipe()

    def _wipe(self) -> None:
        self._db.delete_range(b"", b"\xff")
        self._db.put(OWNER, self._owner)

    def close(self) -> None:
        """Gives the folder back; what was written is in it. Where the folder is gone, so is the store."""
        with suppress(Exception):
            self._db.close()

    def __len__(self) -> int:
        with _failing(self._folder):
            return self._db.property_int_value("rocksdb.estimate-num-keys") or 0


def _options() -> Options:
    table = BlockBasedOptions()
    table.set_block_cache(Cache(CACHE_BYTES))
    # Indexes and filters stay in memory, outside the block cache: some 15 bytes a story. In the cache an index may be
    # larger than a shard of it, and is then read from disk, whole, with every look-up: 100 µs in place of 5.
    table.set_bloom_filter(10, False)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(WRITE_BUFFERS)
    # Most look-ups are of what is new: a filter answers them for a third of what a search of the write buffers costs.
    options.set_memtable_prefix_bloom_ratio(0.1)
    options.set_memtable_whole_key_filtering(True)
    options.set_max_open_files(OPEN_FILES)
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(1 << 20)
    return options


def _place(key: str) -> bytes:
    return b"near %020d" % parse_fingerprint_key(key) if key.startswith("near ") else key.encode()


def _key(place: bytes) -> str:
    return f"near {int(place[len(NEAR) :])}" if place.startswith(NEAR) else place.decode()


def _hour(hour: int) -> bytes:
    return REMINDER + hour.to_bytes(8, "big")


@contextmanager
def _failing(folder: Path) -> Iterator[None]:
    """RocksDB's errors as ours: the folder deleted, its files damaged, the disk full or not writable."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        raise _failed(folder, error) from error


def damaged_mark(folder: Path) -> Path:
    """The file that says, to the next process, that this store could not be used."""
    return folder.with_suffix(".damaged")


def _failed(folder: Path, error: Exception) -> StoreError:
    with suppress(OSError):
        damaged_mark(folder).touch()
    return StoreError(f"the state in {folder} cannot be used: {error}")
