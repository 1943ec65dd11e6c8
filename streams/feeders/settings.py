"""Reads and checks the file of `newswire feed --config FILE`: the feeds to poll and the folders to watch.

An example of the file:

contact = "wires@example.org"     # goes into the user agent
state = "feeders.state.json"      # the checkpoint file; a relative path starts at the folder of FILE
http_port = 6166                  # /healthz, /metrics

[feeds.globenewswire]             # the name is the source, unless `source` gives another
url = "https://wire.example/rss"
seconds = 60                      # between two polls

[folders.businesswire]
path = "/var/spool/businesswire"
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from streams.config.errors import ConfigError, FindOrigin, SettingRefused, check_table, refuse_unknown, refuse_value

Seconds = Annotated[float, Meta(ge=1, le=86_400)]


class FeedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An RSS, Atom or JSON feed."""

    url: str
    source: str = ""
    seconds: Seconds = 60
    private: bool = False
    """It may lead to addresses of the own network, by DNS or by a redirect."""


class FolderRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A folder into which others write files."""

    path: str
    source: str = ""
    seconds: Seconds = 2


class FeederSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of the whole file."""

    contact: str = ""
    state: str = ""
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Meta(ge=1, le=65535)] = 6166
    feeds: dict[str, FeedRow] = {}
    folders: dict[str, FolderRow] = {}


def load(path: str) -> FeederSettings:
    """Reads and checks the file. Raises `ConfigError` with the name of the setting that is wrong."""
    try:
        tree = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        found = _check_tree(tree, path)
    except (SettingRefused, msgspec.ValidationError) as error:
        raise ConfigError(str(error)) from None
    if not found.feeds and not found.folders:
        raise ConfigError(f"{path} names nothing to bring: give [feeds.<source>] with a url or [folders.<source>]")
    state = Path(path).parent / (found.state or f"{Path(path).stem}.state.json")
    return msgspec.structs.replace(found, state=str(state))


def _check_tree(tree: Mapping[str, object], path: str) -> FeederSettings:
    """Checks the tree of the TOML file name by name, then converts it. Raises `SettingRefused`."""

    def where(_: tuple[str, ...]) -> str:
        return path

    names = [field.name for field in msgspec.structs.fields(FeederSettings)]
    kinds: dict[str, tuple[type[msgspec.Struct], str]] = {"feeds": (FeedRow, "url"), "folders": (FolderRow, "path")}
    for name in tree:
        if name not in names:
            raise refuse_unknown((name,), names, where)
    check_table((), {name: value for name, value in tree.items() if name not in kinds}, FeederSettings, where)
    for table, (kind, needed) in kinds.items():
        rows = tree.get(table, {})
        if not isinstance(rows, dict):
            raise refuse_value((table,), rows, where, f"it is a table of tables: give [{table}.<source>]")
        for key, row in rows.items():
            check_table((table, key), row, kind, where)
            if needed not in row:
                raise refuse_value((table, key, needed), "", where, "it is missing")
            _check_row((table, key), row, where)
    return msgspec.convert(tree, FeederSettings)


def _check_row(path: tuple[str, ...], row: Mapping[str, object], where: FindOrigin) -> None:
    source = row.get("source", path[1])
    assert isinstance(source, str)
    if not source.strip() or not source.isprintable() or len(source) > 200:
        raise refuse_value((*path, "source"), source, where, "give a feed id such as prnewswire")
    url, folder = row.get("url"), row.get("path")
    if isinstance(url, str) and not _is_web_address(url):
        raise refuse_value((*path, "url"), url, where, "give an address such as https://wire.example/rss")
    if isinstance(folder, str) and not Path(folder).is_dir():
        raise refuse_value((*path, "path"), folder, where, "there is no such folder")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
