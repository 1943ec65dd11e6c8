"""Loads the files that prepare needs: rules, mapping of wire codes, model, tables of companies and sectors.

Reading and parsing are two steps: a worker reads the files once, and each child process parses what was read.
"""

from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from streams.config.errors import ConfigError
from streams.config.settings import Settings
from streams.model.sources import Source, Sources
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


class NamedFile(msgspec.Struct, frozen=True):
    """A file that was read: its path, as messages name it, and its content."""

    name: str
    content: bytes


class KnowledgeFiles(msgspec.Struct, frozen=True):
    """All that prepare needs, as it stood in the files at one moment; None: the packaged file.

    A child process parses it, as often as it is started again: it is always the same knowledge.
    """

    sources: dict[str, Source]
    rules: tuple[NamedFile, ...]
    """One file, or those of a folder; none: the packaged ones."""
    mapping: NamedFile | None
    model: NamedFile | None
    reference: NamedFile | None
    sectors: NamedFile | None
    limits: Limits


def list_files(settings: Settings) -> list[Path]:
    """Lists the files that the settings name, and the folder of rules. The packaged files are not among them."""
    prepare = settings.prepare
    named = [
        Path(path)
        for path in (prepare.rules, prepare.mapping, prepare.model, prepare.reference, prepare.sectors)
        if path
    ]
    return [*named, *(Path(file) for file in _list_rule_files(prepare.rules))] if prepare.rules else named


def read_files(settings: Settings) -> KnowledgeFiles:
    """Reads the files that the settings name. Raises `ConfigError` for one that cannot be read."""
    prepare = settings.prepare
    files = _list_rule_files(prepare.rules) if prepare.rules else []
    if prepare.rules and not files:
        raise ConfigError(f"prepare.rules: no file *.toml in {prepare.rules}")
    return KnowledgeFiles(
        settings.sources,
        tuple(_read_file("rules", file) for file in files),
        _read_file("mapping", prepare.mapping) if prepare.mapping else None,
        _read_file("model", prepare.model) if prepare.model else None,
        _read_file("reference", prepare.reference) if prepare.reference else None,
        _read_file("sectors", prepare.sectors) if prepare.sectors else None,
        Limits(int(prepare.item_mb * (1 << 20)), prepare.item_tags, prepare.item_depth),
    )


def parse_knowledge(files: KnowledgeFiles) -> Knowledge:
    """Parses all that prepare needs. Raises what `parse_classifiers`, `parse_reference` and `parse_sectors` raise."""
    return Knowledge(
        Sources(files.sources),
        parse_classifiers(files),
        parse_reference(files),
        parse_sectors(files),
        files.limits,
    )


def load_knowledge(settings: Settings) -> Knowledge:
    """Reads and parses all that prepare needs. Raises what `read_files` and `parse_knowledge` raise."""
    return parse_knowledge(read_files(settings))


def parse_classifiers(files: KnowledgeFiles) -> Classifiers:
    """Parses the classifiers of categories.

    Raises `ConfigError` for a file that is no text; `RulesError`, `MappingError` or `ModelError` for a wrong one.
    """
    mapping, model = files.mapping, files.model
    return Classifiers(
        parse_rules(files),
        wire_codes.load_mapping(_decode("mapping", mapping), mapping.name) if mapping else load_packaged_mapping(),
        linear_model.load_model(model.content, model.name) if model else load_packaged_model(),
    )


def parse_rules(files: KnowledgeFiles) -> RuleSet:
    """Parses the classification rules. Raises `ConfigError`, `RulesError`.

    A file may use the word lists of the `names.toml` beside it.
    """
    if not files.rules:
        return rules.load_packaged_rules()
    return rules.load_rule_files({file.name: _decode("rules", file) for file in files.rules})


def parse_sectors(files: KnowledgeFiles) -> SectorFinder:
    """Parses the table of sectors. Raises `ConfigError`, `SectorsError`."""
    file = files.sectors
    return sectors.load_sector_table(_decode("sectors", file), file.name) if file else load_packaged_sectors()


def parse_reference(files: KnowledgeFiles) -> Reference:
    """Parses the table of companies. Raises `ConfigError`."""
    file = files.reference
    if not file:
        return reference.load_packaged()
    try:
        return Reference(file.content, file.name)
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


def _list_rule_files(path: str) -> list[str]:
    """Lists the rule files of a folder, or one file and the names that it may use."""
    if Path(path).is_dir():
        return sorted(str(file) for file in Path(path).glob("*.toml"))
    names = Path(path).parent / rules.NAMES_FILE
    return [path, str(names)] if names.is_file() and names != Path(path) else [path]


def _read_file(setting: str, path: str) -> NamedFile:
    try:
        return NamedFile(path, Path(path).read_bytes())
    except OSError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {path}: {error.strerror}") from error


def _decode(setting: str, file: NamedFile) -> str:
    try:
        return file.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"prepare.{setting}: cannot read {file.name}: {error}") from error
