"""Keeps the settings and files that a worker has accepted, for its processes: one that starts again takes these.

A file on disk that is broken meanwhile so changes nothing. The worker's parent writes the first; each process that
prepares writes the files that it took since.
"""

import os
from pathlib import Path

import msgspec

from streams.config.settings import Settings
from streams.prepare.loading import KnowledgeFiles


class Accepted(msgspec.Struct, frozen=True):
    """What a worker runs with. The settings are those of its start; the files may be newer."""

    settings: Settings
    files: KnowledgeFiles
    versions: dict[str, str]
    """The version of each table that the files give."""


def write_accepted(path: Path, accepted: Accepted) -> None:
    """Writes what was accepted, whole or not at all."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_bytes(msgspec.msgpack.encode(accepted))
    new.replace(path)


def read_accepted(path: Path) -> Accepted:
    """Reads what was accepted last."""
    return msgspec.msgpack.decode(path.read_bytes(), type=Accepted)
