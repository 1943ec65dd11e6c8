"""What `newswire feed --config FILE` brings: feeds to poll and folders to watch; what is impossible is refused.

contact = "wires@example.org"     # goes into the user agent
state = "feeders.state.json"      # positions; beside FILE where not absolute
http_port = 6166                  # /healthz, /metrics

[feeds.globenewswire]             # the name is the source, unless `source` gives another
url = "https://wire.example/rss"
seconds = 60                      # between two looks

[folders.businesswire]
path = "/var/spool/businesswire"
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from streams.config.errors import ConfigError, Refused, bad_value, check_table, unknown

Seconds = Annotated[float, Meta(ge=1, le=86_400)]


class FeedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An RSS, Atom or JSON feed."""

    url: str
    source: str = ""
    seconds: Seconds = 60


class FolderRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder that others write files into."""

    path: str
    source: str = ""
    seconds: Seconds = 2


class FeederSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    contact: str = ""
    state: str = ""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535)] = 6166
    feeds: dict[str, FeedRow] = {}
    folders: dict[str, FolderRow] = {}


def load(path: str) -> FeederSettings:
    """Reads the file. Raises `ConfigError` with the setting's name."""
    try:
        tree = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        found = _check_tree(tree, path)
    except (Refused, msgspec.ValidationError) as error:
        raise ConfigError(str(error)) from None
    if not found.feeds and not found.folders:
        raise ConfigError(f"{path} names nothing to bring: give [feeds.<source>] with a url or [folders.<source>]")
    state = Path(path).parent / (found.state or f"{Path(path).stem}.state.json")
    return msgspec.structs.replace(found, state=str(state))


def _check_tree(tree: dict[str, Any], path: str) -> FeederSettings:
    def where(_: tuple[str, ...]) -> str:
        return path

    names = [field.name for field in msgspec.structs.fields(FeederSettings)]
    kinds: dict[str, tuple[type[msgspec.Struct], str]] = {"feeds": (FeedRow, "url"), "folders": (FolderRow, "path")}
    for name in tree:
        if name not in names:
            raise unknown((name,), names, where)
    check_table((), {name: value for name, value in tree.items() if name not in kinds}, FeederSettings, where)
    for table, (kind, needed) in kinds.items():
        rows = tree.get(table, {})
        if not isinstance(rows, dict):
            raise bad_value((table,), rows, where, f"it is a table of tables: give [{table}.<source>]")
        for key, row in rows.items():
            check_table((table, key), row, kind, where)
            if needed not in row:
                raise bad_value((table, key, needed), "", where, "it is missing")
            _check_row((table, key), row, where)
    return msgspec.convert(tree, FeederSettings)


def _check_row(path: tuple[str, ...], row: dict[str, Any], where: Any) -> None:
    source = row.get("source", path[1])
    if not source.strip() or not source.isprintable() or len(source) > 200:
        raise bad_value((*path, "source"), source, where, "give a feed id such as prnewswire")
    if "url" in row:
        try:
            parts = urlsplit(row["url"])
            right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            right = False
        if not right:
            raise bad_value((*path, "url"), row["url"], where, "give an address such as https://wire.example/rss")
    elif not Path(row["path"]).is_dir():
        raise bad_value((*path, "path"), row["path"], where, "there is no such folder")
