"""Polls feeds and folders until cancelled: reads what is new, sends it, waits for Kafka, then saves the checkpoint.

A crash between Kafka's confirmation and the saved checkpoint sends those records again. The pipeline marks them as
duplicates (`same-version`, `same-text`), so nothing is lost. A feed that fails is retried later; the others go on.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import structlog
from aiokafka.errors import KafkaError

from streams.feeders import backoff, files, http, metrics, watch_folder
from streams.feeders.checkpoint import CheckpointFile, FeedCheckpoint, path_key, remember
from streams.feeders.feed_split import FeedEntry, recall_shared_id, split_feed
from streams.feeders.pacing import Send
from streams.feeders.raw_records import RawRecord, build_file_headers, build_headers
from streams.feeders.settings import FeederSettings, FeedRow, FolderRow
from streams.model.errors import Reject, WorkFailed
from streams.model.printable import escape_controls
from streams.model.topics import MAX_RAW_BYTES

log = structlog.get_logger()
FAILURES = (http.FetchError, KafkaError, OSError, WorkFailed)
"""Errors after which a poll is tried again."""


class FeedPoller:
    """Polls one RSS, Atom or JSON feed."""

    def __init__(self, name: str, row: FeedRow, state: CheckpointFile, client: http.FeedClient, send: Send) -> None:
        self.name, self.every = name, row.seconds
        self._row, self._state, self._client, self._send = row, state, client, send
        self._quiet = False

    async def poll(self) -> float:
        """Sends the new and changed entries. Returns the seconds that the server asks to wait. Raises FAILURES."""
        known = self._state.checkpoints.feeds.get(self.name, FeedCheckpoint())
        if known.configured != self._row.url:  # another address: other ETags
            known = msgspec.structs.replace(known, configured=self._row.url, url="", etag="", modified="")
        result = await self._fetch(known)
        now = time.time()
        if result.moved and result.moved != known.url:
            log.warning("feed_moved", feed=self.name, to=result.moved, do="write the new address into the file")
            known = msgspec.structs.replace(known, url=result.moved)
        fresh: list[FeedEntry] = []
        if result.body is not None:
            try:
                entries = await asyncio.to_thread(split_feed, result.body, result.content_type)
            except Reject as reject:
                raise http.FetchError(reject.message) from reject
            entries = tuple(recall_shared_id(entry, known.seen) for entry in entries)
            fresh = [entry for entry in entries if known.seen.get(entry.key) != entry.digest]
            await self._send([self._build_record(entry, result.url, now) for entry in fresh])
            shared = {entry.id: entry.shared_id for entry in entries if entry.shared_id}
            seen = remember(known.seen, [*((entry.key, entry.digest) for entry in entries), *shared.items()])
            known = msgspec.structs.replace(known, seen=seen, etag=result.etag, modified=result.modified)
        if fresh:
            history = backoff.record_gap(known.silence_history, known.last, now)
            known = msgspec.structs.replace(known, last=now, silence_history=history)
        self._report(known, now, len(fresh))
        if known != self._state.checkpoints.feeds.get(self.name):
            self._state.save_feed(self.name, known)
        return result.retry_after

    async def _fetch(self, known: FeedCheckpoint) -> http.FetchResult:
        """Fetches the feed from where it moved to. Where that is refused, the move is forgotten."""
        row = self._row
        at = known.url or row.url
        try:
            return await http.fetch(
                self._client, at, known.etag, known.modified, configured=row.url, private=row.private
            )
        except http.OwnNetworkError:
            if known.url:
                self._state.save_feed(self.name, msgspec.structs.replace(known, url="", etag="", modified=""))
            raise

    def _build_record(self, entry: FeedEntry, url: str, now: float) -> RawRecord:
        source = self._row.source or self.name
        body, size = entry.body, 0
        if len(body) > MAX_RAW_BYTES:
            body, size = files.build_stub_of(body), len(body)
        received, guid = datetime.fromtimestamp(int(now), UTC), "" if entry.shared_id else entry.id
        headers = build_headers(source, entry.content_type, received, url, guid, size, entry.shared_id)
        return RawRecord(source.encode(), body, headers)

    def _report(self, known: FeedCheckpoint, now: float, fresh: int) -> None:
        """Updates the metrics, and logs when the feed falls quiet and when it speaks again."""
        metrics.SENT.labels(self.name).inc(fresh)
        metrics.LAST.labels(self.name).set(known.last)
        allowed = backoff.alert_after(known.silence_history)
        quiet = bool(known.last) and now - known.last > allowed
        metrics.QUIET.labels(self.name).set(quiet)
        if quiet and not self._quiet:
            log.warning("feed_quiet", feed=self.name, seconds=round(now - known.last), habit=allowed)
        elif self._quiet and not quiet:
            log.info("feed_speaks_again", feed=self.name)
        self._quiet = quiet


class FolderPoller:
    """Polls one watched folder."""

    def __init__(self, name: str, row: FolderRow, state: CheckpointFile, send: Send) -> None:
        self.name, self.every = name, row.seconds
        self._row, self._state, self._send = row, state, send
        self._before: dict[str, os.stat_result] = {}
        self._unreadable: set[str] = set()
        """Files of the last look that could not be read, so that each is logged once."""

    async def poll(self) -> float:
        """Sends the new and changed files. Returns 0: a folder asks for no delay. Raises FAILURES."""
        known = dict(self._state.checkpoints.folders.get(self.name, {}))
        unreadable: dict[str, tuple[str, str]] = {}

        def refuse_link(path: str) -> None:
            unreadable[path] = ("it is a link to a place outside of the folder", "put the file itself there")

        def note_unreadable(path: str, error: OSError) -> None:
            unreadable[path] = (f"{error.strerror}", "correct it")

        now = await asyncio.to_thread(watch_folder.scan, self._row.path, refuse_link)
        before, self._before = self._before, now
        found = await asyncio.to_thread(lambda: list(watch_folder.find_changes(known, before, now, note_unreadable)))
        for path in sorted(unreadable.keys() - self._unreadable):
            _log_unreadable(self.name, path, *unreadable[path])
        self._unreadable = set(unreadable)
        for file in found:
            if file.is_new:
                await self._send_file(file.path)
            known[path_key(file.path)] = file.checkpoint
            self._state.save_folder(self.name, known)
        there = set(map(path_key, now))
        left = {key: checkpoint for key, checkpoint in known.items() if key in there}
        if left != known:
            self._state.save_folder(self.name, left)
        return 0.0

    async def _send_file(self, path: str) -> None:
        source = self._row.source or self.name
        received = datetime.now(UTC).replace(microsecond=0)
        refused: list[str] = []
        items = files.read([path], lambda _, why: refused.append(why))
        while batch := await asyncio.to_thread(_take_batch, items, refused.append):
            records = [
                RawRecord(source.encode(), item.body, build_file_headers(item, source, received)) for item in batch
            ]
            await self._send(records)
            metrics.SENT.labels(self.name).inc(len(records))
        for why in refused:
            _log_unreadable(self.name, path, why, "correct it and write it again")


def _log_unreadable(feed: str, path: str, why: str, remedy: str) -> None:
    name = escape_controls(Path(path).name)
    log.error("file_not_read", feed=feed, file=name, error=escape_controls(why), do=remedy)


def _take_batch(items: Iterator[files.RawFile], refuse: Callable[[str], None]) -> list[files.RawFile]:
    """Reads the next items of a file. `refuse` gets the reason where the file breaks off: it never stops the others."""
    batch: list[files.RawFile] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.body)
            if len(batch) == 500 or size > MAX_RAW_BYTES:
                break
    except Exception as error:  # a fault of one file, which no list of its kinds foresees
        refuse(f"{type(error).__name__}: {error}")
    return batch


async def run_pollers(settings: FeederSettings, state: CheckpointFile, send: Send) -> None:
    """Polls all feeds and folders of the settings until cancelled."""
    async with http.open_client(settings.contact) as client:
        pollers: list[FeedPoller | FolderPoller] = [
            FeedPoller(name, row, state, client, send) for name, row in settings.feeds.items()
        ]
        pollers += [FolderPoller(name, row, state, send) for name, row in settings.folders.items()]
        async with asyncio.TaskGroup() as group:
            for poller in pollers:
                group.create_task(run_poller(poller))


async def run_poller(poller: FeedPoller | FolderPoller) -> None:
    """Polls one feed or folder until cancelled, and waits longer after each failure."""
    failures = 0
    while True:
        try:
            asked = await poller.poll()
            if failures:
                log.info("feed_works_again", feed=poller.name, after=failures)
            failures = 0
        except FAILURES as error:
            failures, asked = failures + 1, getattr(error, "retry_after", 0.0)
            log.warning("feed_failed", feed=poller.name, failures=failures, error=f"{error}" or type(error).__name__)
        except Exception:  # one bad feed never stops the others
            failures, asked = failures + 1, 0.0
            log.exception("feed_failed", feed=poller.name, failures=failures)
        metrics.LOOKS.labels(poller.name, "failed" if failures else "done").inc()
        await asyncio.sleep(backoff.compute_delay(poller.every, failures, asked, random.random()))  # noqa: S311 - spreads looks
