"""Reads the settings from newswire.toml, then from NEWSWIRE_… environment variables (levels joined by `__`).

A setting that is unknown or not allowed is refused with its name, its value and where it came from.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import msgspec

from streams.config.errors import ConfigError, FindOrigin, SettingRefused, check_table, refuse_unknown, refuse_value
from streams.config.settings import SavedSearch, Settings
from streams.model.records import JsonObject
from streams.model.sources import Source
from streams.model.topics import CATEGORIES, LATEST

RESERVED = {
    "NEWSWIRE_KAFKA",
    "NEWSWIRE_CONFIG",
    "NEWSWIRE_KAFKA_PASSWORD",
    "NEWSWIRE_GATEWAY_TOKEN",
    "NEWSWIRE_TRACEBACK",
}
"""Environment variables that are not settings of these classes; other code reads them."""
NAMED = {"sources", "searches"}
"""Tables whose rows are tables that a deployment names itself."""


def load_packaged_sources() -> dict[str, Source]:
    """Reads the sources that come with the package."""
    return msgspec.convert(_read_packaged_rows(), dict[str, Source])


def _read_packaged_rows() -> JsonObject:
    return tomllib.loads(resources.files("streams.config").joinpath("sources.toml").read_text(encoding="utf-8"))


def load(path: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Reads the settings. Raises `ConfigError`, whose message names the setting."""
    environ = os.environ if environ is None else environ
    named = find_file(path, environ)
    tree: JsonObject = _read(Path(named)) if named else {}
    given = {
        tuple(name.removeprefix("NEWSWIRE_").lower().split("__")): name
        for name in environ
        if name.startswith("NEWSWIRE_") and name not in RESERVED
    }
    if "NEWSWIRE_KAFKA" in environ:
        given["kafka", "brokers"] = "NEWSWIRE_KAFKA"

    def where(wanted: tuple[str, ...]) -> str:
        return next((name for keys, name in given.items() if keys[: len(wanted)] == wanted), named)

    try:
        for keys, name in given.items():
            _put(tree, keys, environ[name], lambda path: given.get(path, named))
        _check(tree, where)
        tree["sources"] = {**load_packaged_sources(), **_read_sources(tree.get("sources", {}), where)}
        settings = msgspec.convert(tree, Settings, strict=False)
        _check_retention(settings)
        return settings
    except (SettingRefused, msgspec.ValidationError) as error:
        raise ConfigError(str(error)) from None


def find_file(path: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Returns the path of the settings file: as given, of NEWSWIRE_CONFIG, or newswire.toml; empty if there is none."""
    environ = os.environ if environ is None else environ
    return path or environ.get("NEWSWIRE_CONFIG") or ("newswire.toml" if Path("newswire.toml").is_file() else "")


def _check(tree: JsonObject, where: FindOrigin) -> None:
    tables = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name, rows in tree.items():
        if name not in tables:
            parts = [(part, kind) for part, kind in tables.items() if part not in NAMED]
            every = [f"{part}.{field.name}" for part, kind in parts for field in msgspec.structs.fields(kind)]
            raise refuse_unknown((name,), tables, where, every, sorted(RESERVED))
        if name not in NAMED:
            check_table((name,), rows, tables[name], where)
    _check_searches(tree.get("searches", {}), where)
    kafka = tree.get("kafka", {})
    if "brokers" in kafka and not all(map(_is_address, kafka["brokers"].split(","))):
        what = "give host:port[,host:port], each port from 1 to 65535"
        raise refuse_value(("kafka", "brokers"), kafka["brokers"], where, what)
    if str(kafka.get("security_protocol", "")).endswith("SSL"):
        for name in ("ssl_ca_file", "ssl_cert_file", "ssl_key_file"):
            if kafka.get(name) and not Path(kafka[name]).is_file():
                raise refuse_value(("kafka", name), kafka[name], where, "there is no such file")


def _check_searches(rows: object, where: FindOrigin) -> None:
    """Checks the saved searches; whether a filter can be read is the gateway's to say."""
    if not isinstance(rows, dict):
        raise refuse_value(("searches",), rows, where, "it is a table of tables: give [searches.<name>]")
    for name, row in rows.items():
        if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) or name in (LATEST, *CATEGORIES):
            what = "name it with small letters, digits and hyphens, and not as a section"
            raise refuse_value(("searches", name), name, where, what)
        check_table(("searches", name), row, SavedSearch, where)


def _check_retention(settings: Settings) -> None:
    """Refuses a memory that ends before the topics of items forget a story, or reaches back beyond the log."""
    memory, kept, raw = settings.decide.memory_days, settings.topics.retention_days, settings.topics.raw_retention_days
    if memory < kept + 2:
        raise SettingRefused(
            f"decide.memory_days is {memory} and topics.retention_days is {kept}: a story must be remembered two days"
            f" longer than its topics show it; set decide.memory_days to {kept + 2} or more, or topics.retention_days"
            " to less"
        )
    if memory > raw:
        raise SettingRefused(
            f"decide.memory_days is {memory} and topics.raw_retention_days is {raw}: the log must reach back as far as"
            f" the memory; set topics.raw_retention_days to {memory} or more, or decide.memory_days to less"
        )


def _is_address(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    right = bool(host) and port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535
    return right and not re.search(r"[\s/]", host) and (":" not in host or (host[0] == "[" and host[-1] == "]"))


def _read_sources(rows: object, where: FindOrigin) -> dict[str, Source]:
    """Reads the sources of the deployment. They change only the named fields of a source of the package."""
    if not isinstance(rows, dict):
        raise refuse_value(("sources",), rows, where, "it is a table of tables: give [sources.<id>]")
    packaged = _read_packaged_rows()
    found = {}
    for key, row in rows.items():
        path = ("sources", key)
        check_table(path, row, Source, where)
        if len(row.get("code", "  ")) != 2:
            raise refuse_value((*path, "code"), row["code"], where, "give two characters")
        try:
            found[key] = msgspec.convert({**packaged.get(key, {}), **row}, Source, strict=False)
        except msgspec.ValidationError as error:
            field = str(error).partition(" ")[0]
            raise refuse_value((*path, field), row.get(field), where, str(error)) from None
    return found


def _read(path: Path) -> JsonObject:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the configuration {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"the configuration {path} is not TOML: {error}") from error


def _put(tree: JsonObject, keys: tuple[str, ...], value: str, where: FindOrigin) -> None:
    *above, last = keys
    for count, key in enumerate(above, 1):
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise refuse_value(keys[:count], tree, where, f"it is a table, as {where(keys)} has it too")
    tree[last] = value
