"""Keeps the fold's state on disk, in a RocksDB of this process (Apache-2.0, through rocksdict, MIT).

The changelog topic is authoritative. The local RocksDB directory is a disposable cache that stores its own offset
atomically with the entries. So nothing is synced to disk: after a crash the write-ahead log restores all writes up to
some moment, and the stored offset says which moment that is. Memory is bounded (block cache and write buffers),
whatever the size of the state.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, Rdict, WriteBatch, WriteOptions

from streams.decide.state_entries import STATE_FORMAT, parse_fingerprint_key
from streams.decide.state_store import ExpiryBucket, StoreError, StoreMeta, WriteSet

FORMAT = f"1.{STATE_FORMAT}"
"""Format of the keys and values below, and of the entries. A store of another format is rebuilt from the changelog."""
CACHE_BYTES = 48 << 20
WRITE_BUFFER_BYTES = 16 << 20
WRITE_BUFFERS = 3
OPEN_FILES = 512
FINGERPRINT_PREFIX = b"near "
META_KEY = b"\0note"
OWNER_KEY = b"\0owner"
EXPIRY_PREFIX = b"\1"

_encode = msgspec.msgpack.Encoder().encode
_decode_meta = msgspec.msgpack.Decoder(StoreMeta).decode
_decode_keys = msgspec.msgpack.Decoder(list[str]).decode


class DiskStore:
    """A store on disk. Keys of fingerprints have numbers of full length, so that RocksDB keeps them in order.

    `owner` names the changelog that the store is a cache of. Content of another changelog, or in another format, is
    removed. An empty `owner` removes any content.
    """

    def __init__(self, folder: Path, owner: str) -> None:
        self._folder = folder
        self._write_options: Any = WriteOptions()  # its types know no properties
        self._owner = f"{FORMAT} {owner}".encode()
        with _convert_errors(self._folder):
            self._db: Any = Rdict(str(self._folder), _build_options())  # its types know nothing of raw mode
            if self._db.get(OWNER_KEY) != self._owner or not owner:
                self._wipe()
            self._inode = self._folder.stat().st_ino
            self._written: int = self._db.latest_sequence_number()

    def meta(self) -> StoreMeta:
        """Returns the metadata as last written."""
        with _convert_errors(self._folder):
            value = self._db.get(META_KEY)
            return StoreMeta() if value is None else _decode_meta(value)

    def get(self, key: str) -> bytes | None:
        """Returns an encoded entry."""
        try:
            value: bytes | None = self._db.get(_encode_key(key))
        except Exception as error:  # as `_convert_errors`, which costs as much as the look-up
            raise _mark_damaged(self._folder, error) from error
        return value

    def count(self, keys: Sequence[str]) -> int:
        """Counts the keys under which there is an entry."""
        if not keys:
            return 0
        with _convert_errors(self._folder):
            return sum(value is not None for value in self._db.get([_encode_key(key) for key in keys]))

    def fingerprints(self) -> Iterator[tuple[int, bytes]]:
        """Yields each fingerprint, by rising number."""
        with _convert_errors(self._folder):
            for key, value in self._db.items(from_key=FINGERPRINT_PREFIX):
                if not key.startswith(FINGERPRINT_PREFIX):
                    return
                yield int(key[len(FINGERPRINT_PREFIX) :]), value

    def keys_between(self, first: str, last: str) -> Iterator[str]:
        """Yields the keys from `first` to before `last`, sorted."""
        end = last.encode()
        with _convert_errors(self._folder):
            for key in self._db.keys(from_key=first.encode()):
                if key >= end:
                    return
                yield key.decode()

    def rows(self) -> Iterator[tuple[str, bytes]]:
        """Yields every entry."""
        with _convert_errors(self._folder):
            for key, value in self._db.items(from_key=b"\2"):
                yield _decode_key(key), value

    def expiring(self, before: int, most: int) -> list[ExpiryBucket]:
        """Returns the buckets of hours before this one, until they hold `most` keys or more."""
        found: list[ExpiryBucket] = []
        with _convert_errors(self._folder):
            for bucket_id, value in self._db.items(from_key=EXPIRY_PREFIX):
                if bucket_id >= _encode_hour(before) or sum(len(bucket.keys) for bucket in found) >= most:
                    break
                found.append(ExpiryBucket(bucket_id, _decode_keys(value)))
        return found

    def write(self, changes: WriteSet) -> None:
        """Writes all changes or none; they outlive this process, not a crash of the machine."""
        self._written += 1
        batch = WriteBatch(raw_mode=True)
        for bucket_id in changes.finished:
            batch.delete(bucket_id)
        for hour, keys in changes.expiring.items():
            batch.put(_encode_hour(hour) + self._written.to_bytes(8, "big"), _encode(keys))
        for key, value in changes.rows.items():
            if value is None:
                batch.delete(_encode_key(key))
            else:
                batch.put(_encode_key(key), value)
        batch.put(META_KEY, _encode(changes.meta))
        with _convert_errors(self._folder):
            if self._folder.stat().st_ino != self._inode:
                raise FileNotFoundError("it was deleted and made again while it was in use")
            self._db.write(batch)

    def begin_load(self) -> None:
        """Writes without the write-ahead log from now on."""
        self._write_options.disable_wal = True
        self._db.set_write_options(self._write_options)

    def end_load(self) -> None:
        """Writes the buffers to files, and uses the write-ahead log again.

        Else a crash could lose rows without the log, and restore later ones that are in the log.
        """
        with _convert_errors(self._folder):
            self._db.flush()
        self._write_options.disable_wal = False
        self._db.set_write_options(self._write_options)

    def clear(self) -> None:
        """Removes everything."""
        with _convert_errors(self._folder):
            self._wipe()

    def _wipe(self) -> None:
        self._db.delete_range(b"", b"\xff")
        self._db.put(OWNER_KEY, self._owner)

    def close(self) -> None:
        """Closes the database. Errors are ignored: a folder that was deleted cannot be closed."""
        with suppress(Exception):
            self._db.close()

    def __len__(self) -> int:
        with _convert_errors(self._folder):
            return self._db.property_int_value("rocksdb.estimate-num-keys") or 0


def _build_options() -> Options:
    table = BlockBasedOptions()
    table.set_block_cache(Cache(CACHE_BYTES))
    # Indexes and filters stay in memory, outside the block cache: about 15 bytes a story. In the cache an index may be
    # larger than a shard of it, and each look-up then reads all of it from disk: 100 µs instead of 5.
    table.set_bloom_filter(10, False)
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_block_based_table_factory(table)
    options.set_compression_type(DBCompressionType.lz4())
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    options.set_max_write_buffer_number(WRITE_BUFFERS)
    # Most look-ups are for new keys: a filter answers them at a third of the cost of a search of the write buffers.
    options.set_memtable_prefix_bloom_ratio(0.1)
    options.set_memtable_whole_key_filtering(True)
    options.set_max_open_files(OPEN_FILES)
    options.set_keep_log_file_num(2)
    options.set_max_log_file_size(1 << 20)
    return options


def _encode_key(key: str) -> bytes:
    return b"near %020d" % parse_fingerprint_key(key) if key.startswith("near ") else key.encode()


def _decode_key(place: bytes) -> str:
    return f"near {int(place[len(FINGERPRINT_PREFIX) :])}" if place.startswith(FINGERPRINT_PREFIX) else place.decode()


def _encode_hour(hour: int) -> bytes:
    return EXPIRY_PREFIX + hour.to_bytes(8, "big")


@contextmanager
def _convert_errors(folder: Path) -> Iterator[None]:
    """Turns errors of RocksDB into `StoreError`: folder deleted, files damaged, disk full or not writable."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        raise _mark_damaged(folder, error) from error


def damaged_marker(folder: Path) -> Path:
    """Returns the file that tells the next process that this store could not be used."""
    return folder.with_suffix(".damaged")


def _mark_damaged(folder: Path, error: Exception) -> StoreError:
    with suppress(OSError):
        damaged_marker(folder).touch()
    return StoreError(f"the state in {folder} cannot be used: {error}")
