"""Loads the files that prepare needs: rules, mapping of wire codes, model, tables of companies and sectors."""

from functools import cache
from importlib import resources
from pathlib import Path

from streams.config.errors import ConfigError
from streams.config.settings import Settings
from streams.prepare.classify import linear_model, rules, sectors, wire_codes
from streams.prepare.classify.classifier import Classifiers
from streams.prepare.classify.rules import RuleSet
from streams.prepare.classify.sectors import SectorFinder
from streams.prepare.companies import reference
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.reference_file import TableError
from streams.prepare.formats.document import Limits
from streams.prepare.stage import Knowledge

_PACKAGE = resources.files("streams.prepare.classify")


def load_knowledge(settings: Settings) -> Knowledge:
    """Loads all that prepare needs. Raises what `load_classifiers`, `load_reference` and `load_sectors` raise."""
    limits = settings.prepare
    return Knowledge(
        settings.source_table,
        load_classifiers(settings),
        load_reference(settings),
        load_sectors(settings),
        Limits(int(limits.item_mb * (1 << 20)), limits.item_tags, limits.item_depth),
    )


def load_classifiers(settings: Settings) -> Classifiers:
    """Loads the classifiers of categories.

    Raises `ConfigError` for a file that cannot be read; `RulesError`, `MappingError` or `ModelError` for a wrong one.
    """
    mapping, trained = settings.prepare.mapping, settings.prepare.model
    return Classifiers(
        load_rules(settings),
        wire_codes.load_mapping(_read_text("mapping", mapping), mapping) if mapping else load_packaged_mapping(),
        linear_model.load_model(_read_bytes("model", trained), trained) if trained else load_packaged_model(),
    )


def load_rules(settings: Settings) -> RuleSet:
    """Loads the classification rules, of one file or of the files of a folder. Raises `ConfigError`, `RulesError`.

    A file may use the word lists of the `names.toml` beside it.
    """
    path = settings.prepare.rules
    if not path:
        return rules.load_packaged_rules()
    if Path(path).is_dir():
        files = sorted(Path(path).glob("*.toml"))
        if not files:
            raise ConfigError(f"prepare.rules: no file *.toml in {path}")
    else:
        names = Path(path).parent / rules.NAMES_FILE
        files = [Path(path), names] if names.is_file() and names != Path(path) else [Path(path)]
    return rules.load_rule_files({str(file): _read_text("rules", str(file)) for file in files})


def load_sectors(settings: Settings) -> SectorFinder:
    """Loads the table of sectors. Raises `ConfigError`, `SectorsError`."""
    path = settings.prepare.sectors
    return sectors.load_sector_table(_read_text("sectors", path), path) if path else load_packaged_sectors()


def load_reference(settings: Settings) -> Reference:
    """Loads the table of companies. Raises `ConfigError`."""
    path = settings.prepare.reference
    if not path:
        return reference.load_packaged()
    try:
        return Reference(_read_bytes("reference", path), path)
    except TableError as error:
        raise ConfigError(f"prepare.reference: {error}") from error


@cache
def load_packaged_mapping() -> wire_codes.CodeMapping:
    """Loads the mapping of wire codes that comes with the package."""
    return wire_codes.load_mapping(_PACKAGE.joinpath("codes.toml").read_text(encoding="utf-8"), "codes.toml")


@cache
def load_packaged_sectors() -> SectorFinder:
    """Loads the table of sectors that comes with the package."""
    return sectors.load_sector_table(_PACKAGE.joinpath("sectors.toml").read_text(encoding="utf-8"), "sectors.toml")


@cache
def load_packaged_model() -> linear_model.LinearModel:
    """Loads the model that comes with the package."""
    return linear_model.load_model(_PACKAGE.joinpath("model.bin").read_bytes(), "model.bin")


def load_packaged_classifiers() -> Classifiers:
    """Loads the classifiers that come with the package."""
    return Classifiers(rules.load_packaged_rules(), load_packaged_mapping(), load_packaged_model())


def _read_bytes(setting: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {path}: {error.strerror}") from error


def _read_text(setting: str, path: str) -> str:
    try:
        return _read_bytes(setting, path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {path}: {error}") from error
