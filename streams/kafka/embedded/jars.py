"""Fetches the jars of the embedded Kafka: pinned in jars.lock, downloaded by jgo, kept in the user's cache folder.

`python -m streams.kafka.embedded.jars lock` writes jars.lock again (maintainers: after a change of ROOTS).
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from streams.model.errors import WorkFailed

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.4.0"
_LOG4J_VERSION = "2.25.5"  # the one Kafka brings
# Kafka first: where two of these want one library, the first one's version is taken.
ROOTS = (
    f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}",
    f"org.apache.logging.log4j:log4j-slf4j-impl:{_LOG4J_VERSION}",
)
LOCK = Path(__file__).with_name("jars.lock")
_DOWNLOADS = 4
_TIMEOUT_SECONDS = 60


class JarsError(WorkFailed):
    """The jars cannot be fetched or are not the pinned ones. The text is one sentence for the user."""


class Jar(NamedTuple):
    """One pinned jar: its Maven coordinates and the SHA-256 of the file, in hex."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name of the file, as in any Maven repository."""
        return f"{self.artifact}-{self.version}.jar"


def cache_folder() -> Path:
    """Returns the folder of the jars: one for each Kafka version, below XDG_CACHE_HOME (default ~/.cache)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "newswire-streams" / f"kafka-{KAFKA_VERSION}"


def parse_lock(text: str) -> tuple[Jar, ...]:
    """Parses a lock file: one jar a line, `SHA-256  group:artifact:version`; `#` opens a comment."""
    rows = (re.split("[ :]+", line) for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(Jar(group, artifact, version, sha256) for sha256, group, artifact, version in rows)


def format_lock(jars: Iterable[Jar]) -> str:
    """Formats a lock file; the inverse of parse_lock."""
    head = "# Written by `python -m streams.kafka.embedded.jars lock`: SHA-256  group:artifact:version\n"
    return head + "".join(f"{j.sha256}  {j.group}:{j.artifact}:{j.version}\n" for j in jars)


def fetch_class_path(folder: Path | None = None, jars: tuple[Jar, ...] | None = None) -> tuple[Path, ...]:
    """Returns the files that Kafka runs from, each with its pinned SHA-256; downloads those that are missing.

    Raises JarsError when a download fails or a file is not the pinned one.
    """
    folder = cache_folder() if folder is None else folder
    jars = parse_lock(LOCK.read_text(encoding="utf-8")) if jars is None else jars
    missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
    if missing:
        _download(missing, folder)
    for jar in jars:
        _verify(folder / jar.file_name, jar, f"delete {folder} and start again")
    return tuple(folder / jar.file_name for jar in jars)


def are_cached() -> bool:
    """Tells whether all jars are in the cache folder."""
    return all((cache_folder() / jar.file_name).exists() for jar in parse_lock(LOCK.read_text(encoding="utf-8")))


def _verify(path: Path, jar: Jar, remedy: str) -> None:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise JarsError(f"cannot read {path} ({error.strerror}): {remedy}") from error
    if found != jar.sha256:
        raise JarsError(f"{jar.file_name} is not the pinned file (SHA-256 {found}): {remedy}")


def _download(jars: list[Jar], folder: Path) -> None:
    if sys.stderr.isatty():
        print(f"fetching Apache Kafka {KAFKA_VERSION}: {len(jars)} jars into {folder} ...", file=sys.stderr)
    with _resolver(folder) as context:

        def fetch(jar: Jar) -> None:
            artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
            path = Path(artifact.resolve())
            _verify(path, jar, "the repository or a proxy on the way gave another file; try again later")
            fresh = path if path.is_relative_to(context.repo_cache) else _copy(path, context.repo_cache)
            fresh.replace(folder / jar.file_name)  # whole or not at all, also when two processes fetch

        with ThreadPoolExecutor(_DOWNLOADS) as pool:
            _await_downloads(pool.map(fetch, jars))


def _await_downloads(results: Iterator[None]) -> None:
    try:
        list(results)
    except JarsError:
        raise
    except Exception as error:  # jgo passes on what requests, sockets and files raise
        reason = str(error).split("\n", 1)[0][:200]
        raise JarsError(
            f"cannot download Apache Kafka ({reason}): check network, proxy and certificates, then try again"
        ) from error


def _copy(path: Path, folder: Path) -> Path:
    copy = folder / path.name
    copy.write_bytes(path.read_bytes())
    return copy


@contextmanager
def _resolver(folder: Path) -> Iterator["MavenContext"]:
    """Opens a jgo context that downloads into a temporary folder; it only reads the user's Maven repository."""
    from jgo.config import GlobalSettings  # slow to import, and only the first start needs it
    from jgo.maven import MavenContext
    from jgo.maven._core import DEFAULT_REMOTE_REPOS

    settings = GlobalSettings.load()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder)
    except OSError as error:
        raise JarsError(
            f"cannot write the cache folder {folder} ({error.strerror}): set XDG_CACHE_HOME to another"
        ) from error
    with temporary:
        yield MavenContext(
            repo_cache=Path(temporary.name),
            local_repos=[settings.repo_cache],
            remote_repos={**DEFAULT_REMOTE_REPOS, **settings.repositories},
            timeout=_TIMEOUT_SECONDS,
        )


def resolve(folder: Path) -> tuple[Jar, ...]:
    """Downloads ROOTS and all they need at run time below `folder`; returns them with their SHA-256, sorted."""
    found: dict[tuple[str, str], Jar] = {}
    with _resolver(folder) as context:
        for root in ROOTS:
            # One by one: together, the dependency management of one changes the versions of the other.
            inputs, transitive = context.resolver.resolve([context.create_dependency(root)])
            needed = [d for d in transitive if d.scope in ("compile", "runtime") and not d.optional]
            for artifact in (dependency.artifact for dependency in [*inputs, *needed]):
                key = (artifact.groupId, artifact.artifactId)
                if key not in found:
                    digest = hashlib.sha256(Path(artifact.resolve()).read_bytes()).hexdigest()
                    found[key] = Jar(*key, artifact.version, digest)
    return tuple(sorted(found.values()))


if __name__ == "__main__":
    if sys.argv[1:] != ["lock"]:
        sys.exit("usage: python -m streams.kafka.embedded.jars lock")
    cache_folder().mkdir(parents=True, exist_ok=True)
    LOCK.write_text(format_lock(resolve(cache_folder())), encoding="utf-8")
