"""Reads the files that prepare needs: rules and the table of sources."""

from pathlib import Path

from streams.config import ConfigError, Settings
from streams.prepare import rules
from streams.prepare.stage import Knowledge


def load_knowledge(settings: Settings) -> Knowledge:
    """What the settings name. Raises `ConfigError` for a file that cannot be read, `RulesError` for a wrong one."""
    path = settings.prepare.rules
    if not path:
        return Knowledge(settings.source_table, rules.packaged())
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prepare.rules: cannot read {path}: {error}") from error
    return Knowledge(settings.source_table, rules.load(text, path))
