"""Brings feeds and folders for good: looks, sends, waits for the confirmations, then moves the position.

A crash between the confirmation and the saved position sends those records once more: the pipeline names them
duplicates (`same-version`, `same-text`). Nothing is lost. A feed that fails waits and tries again, the others go on.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec
import structlog
from aiokafka.errors import KafkaError

from streams.feeders import backoff, files, http, metrics, watch_folder
from streams.feeders.checkpoint import CheckpointFile, FeedCheckpoint, FileCheckpoint, remember
from streams.feeders.feed_split import FeedEntry, split_feed
from streams.feeders.raw_records import RawRecord, build_file_headers, build_headers
from streams.feeders.settings import FeederSettings, FeedRow, FolderRow
from streams.model.errors import Reject, WorkFailed
from streams.model.topics import MAX_RAW_BYTES

log = structlog.get_logger()
Send = Callable[[Sequence[RawRecord]], Awaitable[None]]
"""Returns when Kafka confirmed every record; raises KafkaError."""
FAILURES = (http.FetchError, KafkaError, OSError, WorkFailed)


class FeedPoller:
    """One polled feed."""

    def __init__(
        self, name: str, row: FeedRow, state: CheckpointFile, client: aiohttp.ClientSession, send: Send
    ) -> None:
        self.name, self.every = name, row.seconds
        self._row, self._state, self._client, self._send = row, state, client, send
        self._quiet = False

    async def look(self) -> float:
        """Sends what is new. Returns the seconds that the server asks to wait. Raises one of FAILURES."""
        known = self._state.positions.feeds.get(self.name, FeedCheckpoint())
        if known.configured != self._row.url:  # another address: other ETags
            known = msgspec.structs.replace(known, configured=self._row.url, url="", etag="", modified="")
        answer = await http.fetch(self._client, known.url or self._row.url, known.etag, known.modified)
        now = time.time()
        if answer.moved and answer.moved != known.url:
            log.warning("feed_moved", feed=self.name, to=answer.moved, do="write the new address into the file")
            known = msgspec.structs.replace(known, url=answer.moved)
        fresh: list[FeedEntry] = []
        if answer.body is not None:
            try:
                entries = await asyncio.to_thread(split_feed, answer.body, answer.content_type)
            except Reject as reject:
                raise http.FetchError(reject.message) from reject
            fresh = [entry for entry in entries if known.seen.get(entry.id) != entry.digest]
            await self._send([self._record(entry, answer.url, now) for entry in fresh])
            seen = remember(known.seen, [(entry.id, entry.digest) for entry in entries])
            known = msgspec.structs.replace(known, seen=seen, etag=answer.etag, modified=answer.modified)
        if fresh:
            habit = backoff.record_gap(known.habit, known.last, now)
            known = msgspec.structs.replace(known, last=now, habit=habit)
        self._notice(known, now, len(fresh))
        if known != self._state.positions.feeds.get(self.name):
            self._state.positions.feeds[self.name] = known
            self._state.save()
        return answer.retry_after

    def _record(self, entry: FeedEntry, url: str, now: float) -> RawRecord:
        source = self._row.source or self.name
        body, size = entry.body, 0
        if len(body) > MAX_RAW_BYTES:
            body, size = files.build_stub_of(body), len(body)
        headers = build_headers(source, entry.content_type, datetime.fromtimestamp(int(now), UTC), url, entry.id, size)
        return RawRecord(source.encode(), body, headers)

    def _notice(self, known: FeedCheckpoint, now: float, fresh: int) -> None:
        metrics.SENT.labels(self.name).inc(fresh)
        metrics.LAST.labels(self.name).set(known.last)
        quiet = bool(known.last) and now - known.last > backoff.alert_after(known.habit)
        metrics.QUIET.labels(self.name).set(quiet)
        if quiet and not self._quiet:
            log.warning(
                "feed_quiet", feed=self.name, seconds=round(now - known.last), habit=backoff.alert_after(known.habit)
            )
        elif self._quiet and not quiet:
            log.info("feed_speaks_again", feed=self.name)
        self._quiet = quiet


class FolderPoller:
    """One watched folder."""

    def __init__(self, name: str, row: FolderRow, state: CheckpointFile, send: Send) -> None:
        self.name, self.every = name, row.seconds
        self._row, self._state, self._send = row, state, send
        self._before: dict[str, object] = {}

    async def look(self) -> float:
        """Sends what is new. Raises one of FAILURES."""
        known = dict(self._state.positions.folders.get(self.name, {}))
        now = await asyncio.to_thread(watch_folder.scan, self._row.path)
        before, self._before = self._before, dict(now)
        found = await asyncio.to_thread(lambda: list(watch_folder.find_changes(known, before, now)))  # type: ignore[arg-type]
        for file in found:
            if file.is_new:
                await self._bring(file.path)
            known[file.path] = file.position
            self._keep(known)
        left = {path: position for path, position in known.items() if path in now}
        if left != known:
            self._keep(left)
        return 0.0

    async def _bring(self, path: str) -> None:
        source = self._row.source or self.name
        received = datetime.now(UTC).replace(microsecond=0)
        refused: list[str] = []
        items = files.read([path], lambda _, why: refused.append(why))
        while batch := await asyncio.to_thread(_take_batch, items):
            records = [
                RawRecord(source.encode(), item.body, build_file_headers(item, source, received)) for item in batch
            ]
            await self._send(records)
            metrics.SENT.labels(self.name).inc(len(records))
        for why in refused:
            log.error("file_not_read", feed=self.name, file=Path(path).name, error=why, do="mend it and write it again")

    def _keep(self, known: dict[str, FileCheckpoint]) -> None:
        self._state.positions.folders[self.name] = dict(known)
        self._state.save()


def _take_batch(items: Iterator[files.RawFile]) -> list[files.RawFile]:
    batch, size = [], 0
    for item in items:
        batch.append(item)
        size += len(item.body)
        if len(batch) == 500 or size > MAX_RAW_BYTES:
            break
    return batch


async def run_pollers(settings: FeederSettings, state: CheckpointFile, send: Send) -> None:
    """Until cancelled."""
    async with http.make_session(settings.contact) as client:
        brought: list[FeedPoller | FolderPoller] = [
            FeedPoller(name, row, state, client, send) for name, row in settings.feeds.items()
        ]
        brought += [FolderPoller(name, row, state, send) for name, row in settings.folders.items()]
        async with asyncio.TaskGroup() as group:
            for one in brought:
                group.create_task(run_poller(one))


async def run_poller(one: FeedPoller | FolderPoller) -> None:
    """Looks at one for good."""
    failures = 0
    while True:
        try:
            asked = await one.look()
            if failures:
                log.info("feed_works_again", feed=one.name, after=failures)
            failures = 0
        except FAILURES as error:
            failures, asked = failures + 1, getattr(error, "retry_after", 0.0)
            log.warning("feed_failed", feed=one.name, failures=failures, error=f"{error}" or type(error).__name__)
        except Exception:  # one bad feed never stops the others
            failures, asked = failures + 1, 0.0
            log.exception("feed_failed", feed=one.name, failures=failures)
        metrics.LOOKS.labels(one.name, "failed" if failures else "done").inc()
        await asyncio.sleep(backoff.compute_delay(one.every, failures, asked, random.random()))  # noqa: S311 - spreads looks
