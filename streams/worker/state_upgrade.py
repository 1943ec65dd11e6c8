"""Upgrades a state of format 1 before its worker folds the first record (decide/upgrade.py).

The order lets it break off anywhere. First the commands that clear topics go to the log, then stories and documents to
the changelog, and last the progress with the new format. A worker that dies before that leaves a state of format 1, and
the next one does all again: a command that the log has twice is obeyed once, and the documents are the same.
"""

import asyncio
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import structlog
from aiokafka import TopicPartition

from streams.config.settings import Settings
from streams.decide import upgrade
from streams.decide.state import STORY_PREFIX, State
from streams.decide.state_entries import (
    PROGRESS,
    STATE_FORMAT,
    Entry,
    Progress,
    StoryEntry,
    decode_entry,
    document_key,
    encode_changes,
)
from streams.kafka.consumer import fetch_first_offset
from streams.kafka.producer import append_commands
from streams.model.topics import LOG
from streams.worker.committer import Committer
from streams.worker.log_fold import BATCH, fold_log
from streams.worker.rocksdb_store import DiskStore

log = structlog.get_logger()
REPORT_SECONDS = 2.0


async def upgrade_state(settings: Settings, committer: Committer, state: State, folder: Path) -> None:
    """Brings a state of format 1 to format 2; does nothing with another. `folder` holds a second state meanwhile.

    The caller has fenced its predecessor and read the changelog to its end.
    """
    if not upgrade.needs_upgrade(state.progress):
        return
    log.info("state_upgrade", stories=state.stories, why="a state of format 1 has no texts: they come from the log")
    commands = await send_clear_commands(settings, _read_stories(state.rows()), state.progress)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        partition = TopicPartition(settings.topics.full(LOG), 0)
        first = await fetch_first_offset(settings.kafka, partition)
        folded = await fold_log(settings, first, state.progress.next_offset, DiskStore(folder, ""), _Report())
        try:
            texts, lost = await _write_upgraded(committer, state, folded)
        finally:
            folded.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    log.info("state_upgraded", texts=texts, texts_lost=lost, clear_commands=commands)


async def send_clear_commands(settings: Settings, stories: Iterable[StoryEntry], progress: Progress) -> int:
    """Appends the commands that clear topics of stories of format 1 to the log; returns their number."""
    commands = await asyncio.to_thread(upgrade.build_clear_commands, stories, progress)
    if commands:
        await append_commands(settings, commands)
    return len(commands)


async def _write_upgraded(committer: Committer, state: State, folded: State) -> tuple[int, int]:
    """Writes what the stories get, and last the new format. Returns how many texts were found and how many not."""
    texts = lost = 0
    chunk: dict[str, Entry | None] = {}
    for key in await asyncio.to_thread(_list_story_keys, state):
        story = state.get(key)
        assert isinstance(story, StoryEntry)
        changes = upgrade.upgrade_story(story, folded)
        found = document_key(story.uri) in changes
        texts, lost = texts + found, lost + (upgrade.has_text(story) and not found)
        chunk.update(changes)
        if len(chunk) >= BATCH:
            await _commit(committer, state, chunk)
            chunk = {}
    chunk[PROGRESS] = msgspec.structs.replace(state.progress, format=STATE_FORMAT)
    await _commit(committer, state, chunk)
    return texts, lost


def _list_story_keys(state: State) -> list[str]:
    return [key for key, _ in state.rows() if key.startswith(STORY_PREFIX)]


async def _commit(committer: Committer, state: State, changes: Mapping[str, Entry | None]) -> None:
    rows = encode_changes(changes)
    end = await committer.write({key.encode(): value for key, value in rows.items()})
    state.apply_rows(rows, state.position if end < 0 else end, changes)


def _read_stories(rows: Iterable[tuple[str, bytes]]) -> Iterator[StoryEntry]:
    for key, value in rows:
        if key.startswith(STORY_PREFIX) and isinstance(story := decode_entry(value), StoryEntry):
            yield story


class _Report:
    """Logs how far the fold of the log is, at most every two seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last > REPORT_SECONDS:
            self._last = now
            log.info("upgrading", offsets=done, of=total)
