"""Describes the content of an archive: its head, the manifest of each day, and the names of its files.

The head, `archive.json`, is the only file that is replaced. It says which record of each topic comes next, and it lists
all that belongs to the archive. A file that it does not list, directly or by the manifest of a day, is not part of it.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

import msgspec

FORMAT = 1
HEAD = "archive.json"
Kind = Literal["raw", "commands", "decisions", "withdrawals"]
"""`raw`: raw records. `commands`: the records of the log that no raw record made. `decisions`: `news.decisions`.
`withdrawals`: the records of `news.latest` that withdraw a story, which hold no word of it."""
KINDS: tuple[Kind, ...] = ("raw", "commands", "decisions", "withdrawals")
MAX_SOURCE_NAME = 100
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of one day, with what it holds."""

    path: str
    kind: Kind
    source: str = ""
    """The source id of a file of raw records; empty for other files."""
    records: int
    bytes: int
    """The size of the file."""
    sha256: str
    """The sum of the file as it is, compressed."""
    offsets: dict[str, tuple[int, int]]
    """Partition -> first and last offset in the topic."""
    times: tuple[int, int]
    """The earliest and the latest timestamp, in milliseconds since 1970."""
    log_offsets: tuple[int, int] | None = None
    """The first and the last log offset of a file of decisions."""


class DayManifest(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a day that is over."""

    format: int = FORMAT
    day: str
    files: list[FileEntry]


class LostSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Records that Kafka no longer had when the archive asked for them."""

    partition: str
    first: int
    last: int


class DueWithdrawal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A withdrawn story."""

    due: int
    """When its words leave the archive, in milliseconds since 1970."""
    seen: int
    """The time of the newest decision about it."""
    purged: bool = False
    """Whether its words are gone, as far as they had come when this was written."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The head of an archive."""

    format: int = msgspec.field(name="newswire-archive", default=FORMAT)
    cluster: str
    """The id of the Kafka cluster."""
    prefix: str
    """The first part of the topics' names."""
    next: dict[str, int] = {}
    """Topic and partition, such as `news.raw/0` -> the offset of the record that comes next."""
    days: dict[str, str] = {}
    """Day that is over -> path of its manifest."""
    open: dict[str, list[FileEntry]] = {}
    """Day that may still get records -> its files so far."""
    withdrawn: dict[str, DueWithdrawal] = {}
    """Uri of each story that was withdrawn lately."""
    replaced: list[str] = []
    """Files that are not part of the archive any more and must be deleted."""
    gaps: list[LostSpan] = []


def format_day(timestamp: int) -> str:
    """Formats the day (UTC) of a time in milliseconds since 1970."""
    return datetime.fromtimestamp(timestamp / 1000, UTC).date().isoformat()


def end_of_day(day: str) -> int:
    """Returns the first millisecond after a day."""
    return int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() * 1000) + 86_400_000


def build_path(day: str, kind: Kind, source: str, token: str) -> str:
    """Builds the path of a new file. `token` makes the name new, so that no file is ever changed."""
    if kind != "raw":
        return f"{day}/{kind}.{token}.jsonl.zst"
    name = quote(source, safe="")
    if len(name) > MAX_SOURCE_NAME:
        name = f"{name[:MAX_SOURCE_NAME]}-{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    return f"{day}/raw/{name}.{token}.jsonl.zst"


def manifest_path(day: str, token: str) -> str:
    """Builds the path of the manifest of a day."""
    return f"{day}/manifest.{token}.json"


def is_archive_path(path: str) -> bool:
    """Tells whether a file has a name that only an archive gives: no other file is ever deleted."""
    day, _, rest = path.partition("/")
    name = rest.rpartition("/")[2]
    return bool(_DAY.fullmatch(day)) and (
        name.endswith(".jsonl.zst") or ("manifest." in name and name.endswith(".json"))
    )


def merge_spans(spans: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Returns the smallest span that holds all spans."""
    firsts, lasts = zip(*spans, strict=True)
    return min(firsts), max(lasts)
