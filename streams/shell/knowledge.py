"""Reads the files that prepare needs: rules, mapping of codes, model, tables of companies, sectors and sources."""

from functools import cache
from importlib import resources
from pathlib import Path

from streams.config import ConfigError, Settings
from streams.prepare import codes, model, rules, sectors
from streams.prepare.classify import Judges
from streams.prepare.companies import reference
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.table import TableError
from streams.prepare.limits import Limits
from streams.prepare.rules import Rules
from streams.prepare.sectors import Sectors
from streams.prepare.stage import Knowledge

_PACKAGE = resources.files("streams.prepare")


def load_knowledge(settings: Settings) -> Knowledge:
    """What the settings name. Raises what `load_judges`, `load_reference` and `load_sectors` do."""
    limits = settings.prepare
    return Knowledge(
        settings.source_table,
        load_judges(settings),
        load_reference(settings),
        load_sectors(settings),
        Limits(int(limits.item_mb * (1 << 20)), limits.item_tags, limits.item_depth),
    )


def load_judges(settings: Settings) -> Judges:
    """What decides on categories.

    Raises `ConfigError` for a file that cannot be read, `RulesError`, `MappingError`, `ModelError` for a wrong one.
    """
    mapping, trained = settings.prepare.mapping, settings.prepare.model
    return Judges(
        load_rules(settings),
        codes.load(_text("mapping", mapping), mapping) if mapping else packaged_mapping(),
        model.load(_bytes("model", trained), trained) if trained else packaged_model(),
    )


def load_rules(settings: Settings) -> Rules:
    """The classification rules. Raises `ConfigError`, `RulesError`."""
    path = settings.prepare.rules
    return rules.load(_text("rules", path), path) if path else rules.packaged()


def load_sectors(settings: Settings) -> Sectors:
    """The table of sectors. Raises `ConfigError`, `SectorsError`."""
    path = settings.prepare.sectors
    return sectors.load(_text("sectors", path), path) if path else packaged_sectors()


def load_reference(settings: Settings) -> Reference:
    """The table of companies. Raises `ConfigError`."""
    path = settings.prepare.reference
    if not path:
        return reference.packaged()
    try:
        return Reference(_bytes("reference", path), path)
    except TableError as error:
        raise ConfigError(f"prepare.reference: {error}") from error


@cache
def packaged_mapping() -> codes.Mapping:
    """The mapping that comes with the package."""
    return codes.load(_PACKAGE.joinpath("codes.toml").read_text(encoding="utf-8"), "codes.toml")


@cache
def packaged_sectors() -> Sectors:
    """The table of sectors that comes with the package."""
    return sectors.load(_PACKAGE.joinpath("sectors.toml").read_text(encoding="utf-8"), "sectors.toml")


@cache
def packaged_model() -> model.Model:
    """The model that comes with the package."""
    return model.load(_PACKAGE.joinpath("model.bin").read_bytes(), "model.bin")


def packaged_judges() -> Judges:
    """What decides on categories where the settings name no files."""
    return Judges(rules.packaged(), packaged_mapping(), packaged_model())


def _bytes(setting: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {path}: {error.strerror}") from error


def _text(setting: str, path: str) -> str:
    try:
        return _bytes(setting, path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {path}: {error}") from error
