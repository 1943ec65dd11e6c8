"""Opens the place of an archive: a folder, or the address of a bucket."""

from pathlib import Path

from streams.archive.s3 import open_bucket
from streams.archive.store import ArchiveStore, FolderStore


def open_store(place: str) -> ArchiveStore:
    """Opens a folder or a bucket. Raises `WorkFailed`."""
    return open_bucket(place) if "://" in place else FolderStore(Path(place))
