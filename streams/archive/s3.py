"""Keeps the objects of an archive in S3, or in any store that obstore knows (the extra `archive`).

Credentials, region and endpoint come from the environment, as every client of S3 reads them: AWS_ACCESS_KEY_ID and so
on. S3 replaces the head only where nobody else did meanwhile (a conditional write), which every S3 has had since 2024.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from streams.archive.store import Conflict
from streams.model.errors import WorkFailed

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class BucketStore:
    """Keeps objects below a prefix of a bucket."""

    def __init__(self, store: "ObjectStore", name: str) -> None:
        self.name = name
        self._store = store

    def read(self, path: str) -> bytes:
        """Reads an object."""
        with _explain(self.name):
            return bytes(self._store.get(path).bytes())

    def write(self, path: str, data: bytes) -> None:
        """Writes an object."""
        with _explain(self.name):
            self._store.put(path, data)

    def delete(self, path: str) -> None:
        """Deletes an object. In a bucket with versions, older versions stay until its rule of life cycle ends them."""
        with _explain(self.name), suppress(FileNotFoundError):
            self._store.delete(path)

    def list(self) -> Iterator[tuple[str, float]]:
        """Lists all objects."""
        with _explain(self.name):
            for rows in self._store.list():
                for row in rows:
                    yield row["path"], row["last_modified"].timestamp()

    def read_version(self, path: str) -> tuple[bytes, str] | None:
        """Reads an object with its ETag."""
        with _explain(self.name), suppress(FileNotFoundError):
            found = self._store.get(path)
            return bytes(found.bytes()), found.meta["e_tag"] or ""
        return None

    def swap(self, path: str, version: str, data: bytes) -> str:
        """Replaces an object by a conditional write."""
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        try:
            with _explain(self.name):
                done = self._store.put(path, data, mode={"e_tag": version} if version else "create")
        except (AlreadyExistsError, PreconditionError):
            raise Conflict(f"another process has changed the archive {self.name}") from None
        if not done["e_tag"]:
            raise WorkFailed(f"{self.name} gives no ETag: an archive needs conditional writes")
        return done["e_tag"]


@contextmanager
def _explain(name: str) -> Iterator[None]:
    """Turns an error of the network or of rights into a sentence. obstore has asked again before it gives up."""
    from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

    try:
        yield
    except (AlreadyExistsError, PreconditionError):
        raise
    except BaseError as error:
        raise WorkFailed(f"{name}: {str(error).splitlines()[0][:300]}") from None


def open_bucket(url: str) -> BucketStore:
    """Opens `s3://bucket/prefix`. Raises `WorkFailed` where the extra is not installed or the address is wrong."""
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError:
        raise WorkFailed(f"{url} needs the extra: pip install 'newswire-streams[archive]'") from None
    try:
        return BucketStore(from_url(url), url)
    except (BaseError, ValueError) as error:
        raise WorkFailed(f"{url}: {str(error).splitlines()[0]}") from None
