"""Reads the files that prepare needs: rules, the table of companies, and the table of sources."""

from pathlib import Path

from streams.config import ConfigError, Settings
from streams.prepare import rules
from streams.prepare.companies import reference
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.table import TableError
from streams.prepare.rules import Rules
from streams.prepare.stage import Knowledge


def load_knowledge(settings: Settings) -> Knowledge:
    """What the settings name. Raises `ConfigError` for a file that cannot be read, `RulesError` for wrong rules."""
    most_bytes = int(settings.prepare.item_mb * (1 << 20))
    return Knowledge(settings.source_table, load_rules(settings), load_reference(settings), most_bytes)


def load_rules(settings: Settings) -> Rules:
    """The classification rules. Raises as `load_knowledge` does."""
    path = settings.prepare.rules
    if not path:
        return rules.packaged()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prepare.rules: cannot read {path}: {error}") from error
    return rules.load(text, path)


def load_reference(settings: Settings) -> Reference:
    """The table of companies. Raises `ConfigError`."""
    path = settings.prepare.reference
    if not path:
        return reference.packaged()
    try:
        return Reference(Path(path).read_bytes(), path)
    except OSError as error:
        raise ConfigError(f"prepare.reference: cannot read {path}: {error.strerror}") from error
    except TableError as error:
        raise ConfigError(f"prepare.reference: {error}") from error
