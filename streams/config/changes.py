"""Says which settings have changed and count only after a restart (pure)."""

import msgspec

from streams.config.settings import PrepareSettings, Settings
from streams.model.sources import RESTART_FIELDS, Source

RELOADED = {"rules", "reference", "mapping", "model", "sectors"}
"""Settings of prepare that name files; a running worker reads these files again."""
USED_BY = {
    "prepare": ("kafka", "topics", "prepare", "worker", "log"),
    "decide": ("kafka", "topics", "decide", "worker", "log"),
    "gateway": ("kafka", "topics", "gateway", "log"),
}
"""Process -> tables of the settings that it reads at its start."""


def list_restart_settings(old: Settings, new: Settings, process: str) -> list[str]:
    """Lists the settings that differ and that this process (a key of `USED_BY`) reads only at its start."""
    changed = [
        f"{table}.{field}"
        for table in USED_BY[process]
        for field in _changed_fields(getattr(old, table), getattr(new, table))
        if not (isinstance(getattr(old, table), PrepareSettings) and field in RELOADED)
    ]
    for source in sorted(old.sources.keys() | new.sources.keys()):
        fields = _changed_fields(old.sources.get(source, Source()), new.sources.get(source, Source()))
        changed += [f"sources.{source}.{field}" for field in fields if _reads(process, field)]
    return changed


def _changed_fields(old: msgspec.Struct, new: msgspec.Struct) -> list[str]:
    return [name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)]


def _reads(process: str, field: str) -> bool:
    """Whether a process reads this field of a source at its start."""
    return {"prepare": False, "decide": field in RESTART_FIELDS, "gateway": field not in RESTART_FIELDS}[process]
