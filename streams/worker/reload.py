"""Takes changed rules, sources and tables into a running process of prepare, between two batches.

The files are read at one moment. A spare child process parses them and checks them with their own examples, while
batches run in the old child. Then the spare takes the place of the old one as a whole, so each item is prepared with
one version of each file. Files that are refused change nothing.
"""

import asyncio
import signal
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path

import msgspec
import structlog
from pebble import ProcessExpired

from streams.config.errors import ConfigError
from streams.config.loader import find_file, load
from streams.prepare.loading import KnowledgeFiles, list_files, read_files
from streams.runtime import metrics
from streams.runtime.file_watch import watch_files
from streams.runtime.settings_watch import RestartNotice
from streams.worker import prepare_child
from streams.worker.accepted import Accepted, write_accepted
from streams.worker.prepare_child import RefusedFilesError
from streams.worker.process_pool import PreparePool

log = structlog.get_logger()
CHECK_SECONDS = 300.0
"""Time for a spare child to check the examples of its files; on a busy machine it gets little of a core."""
MAX_REASON = 1_000
"""Characters of a reason that stand in a metric; the log has all of a longer one."""


class Reloader:
    """Knows what a process prepares with, and brings it the files that have changed since."""

    def __init__(
        self,
        accepted: Accepted,
        accepted_file: Path,
        config: str | None,
        make_spare: Callable[[KnowledgeFiles], PreparePool],
        swap: Callable[[PreparePool], PreparePool],
    ) -> None:
        """`swap` makes the next batches run in a pool, and returns the pool of before."""
        self._settings, self._files, self._versions = accepted.settings, accepted.files, accepted.versions
        self._accepted_file, self._config = accepted_file, config
        self._make_spare, self._swap = make_spare, swap
        self._named = accepted.settings
        """The settings that name the files to watch: those of the file as it is now, where it can be read."""
        self._notice = RestartNotice(accepted.settings, "prepare")
        self._refused = ""
        """Why the newest files were not taken; empty where they were."""
        self._asked = asyncio.Event()

    async def run(self) -> None:
        """Watches the files until cancelled."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._asked.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGHUP])  # the parent held it back until now
        self._note("")
        await self._reload()  # what has changed since these files were accepted
        async for _ in watch_files(self._list_files, self._asked):
            await self._reload()

    def _list_files(self) -> list[Path]:
        named = [Path(found)] if (found := find_file(self._config)) else []
        return [*named, *list_files(self._named)]

    async def _reload(self) -> None:
        try:
            await self._take(await asyncio.to_thread(self._read))
        except (ConfigError, RefusedFilesError, ProcessExpired, FutureTimeoutError) as error:
            why = str(error) or f"not checked within {CHECK_SECONDS:.0f} s"
            log.error("rules_refused", why=why, stays=self._versions)
            metrics.RELOADS.labels("refused").inc()
            self._note(why)

    def _read(self) -> KnowledgeFiles:
        settings = load(self._config)
        self._named = settings
        self._notice.compare(settings)
        limits = self._files.limits  # of the start, as the other settings
        return msgspec.structs.replace(read_files(settings), limits=limits)

    async def _take(self, files: KnowledgeFiles) -> None:
        if files == self._files:
            if self._refused:
                log.info("rules_as_before", stays=self._versions)
            self._note("")
            return
        spare = self._make_spare(files)
        try:
            versions = await spare.check(prepare_child.check, CHECK_SECONDS)
        except BaseException:
            await asyncio.to_thread(spare.stop)
            raise
        before = self._swap(spare)
        changed = {name: version for name, version in versions.items() if version != self._versions.get(name)}
        self._files, self._versions = files, versions
        log.info("rules_loaded", changed=changed)
        metrics.RELOADS.labels("loaded").inc()
        self._note("")
        await asyncio.to_thread(write_accepted, self._accepted_file, Accepted(self._settings, files, versions))
        await before.retire()

    def _note(self, refused: str) -> None:
        if len(refused) > MAX_REASON:
            refused = f"{refused[:MAX_REASON]} …"
        self._refused = refused
        metrics.RULES.clear()
        metrics.RULES.labels(**self._versions, refused=refused).set(1)
