"""Watches the settings of a running process: a change that counts only after a restart is said in the log."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from streams.config.changes import list_restart_settings
from streams.config.errors import ConfigError
from streams.config.loader import find_file, load
from streams.config.settings import Settings
from streams.runtime.file_watch import watch_files

log = structlog.get_logger()


class RestartNotice:
    """Says in the log, once for each change, which settings differ from those that the process runs with."""

    def __init__(self, settings: Settings, process: str) -> None:
        self._settings, self._process = settings, process
        self._said: list[str] = []

    def compare(self, settings: Settings) -> None:
        """Compares with the settings as the file has them now."""
        changed = list_restart_settings(self._settings, settings, self._process)
        if changed and changed != self._said:
            log.warning("restart_needed", stage=self._process, settings=changed)
        self._said = changed


async def watch_settings(
    path: str | None, settings: Settings, process: str, asked: asyncio.Event | None = None
) -> None:
    """Watches the settings file until cancelled, for a process that takes no new settings while it runs."""
    notice = RestartNotice(settings, process)
    async for _ in watch_files(list_settings_file(path), asked or asyncio.Event()):
        try:
            notice.compare(load(path))
        except ConfigError as error:
            log.error("settings_refused", stage=process, why=str(error))


def list_settings_file(path: str | None) -> Callable[[], list[Path]]:
    """Returns a function that lists the settings file, where there is one."""
    return lambda: [Path(found)] if (found := find_file(path)) else []
