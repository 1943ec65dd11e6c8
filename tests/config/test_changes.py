"""Which changed settings count only after a restart, by process."""

from pathlib import Path

import pytest

from streams.config.changes import list_restart_settings
from streams.config.loader import load
from streams.config.settings import Settings

BEFORE = load(environ={})
SOURCE = '[sources.norwire]\nname = "Nor Wire"\nzone = "Europe/Oslo"\nquiet_minutes = 60\n'


def with_file(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "newswire.toml").write_text(text)
    return load(str(tmp_path / "newswire.toml"), {})


@pytest.mark.parametrize(
    ("text", "prepare", "decide", "gateway"),
    [
        ('[prepare]\nrules = "my.toml"\nmodel = "my.bin"\n', [], [], []),
        ("[prepare]\nitem_seconds = 9\n", ["prepare.item_seconds"], [], []),
        ("[decide]\nwindow_hours = 48\n", [], ["decide.window_hours"], []),
        ("[gateway]\nrows = 10\n", [], [], ["gateway.rows"]),
        ('[log]\nlevel = "DEBUG"\n', ["log.level"], ["log.level"], ["log.level"]),
        (
            SOURCE,
            [],
            ["sources.norwire.quiet_minutes"],
            ["sources.norwire.name", "sources.norwire.zone"],
        ),
    ],
)
def test_each_process_names_what_it_reads_at_its_start_only(
    tmp_path: Path, text: str, prepare: list[str], decide: list[str], gateway: list[str]
) -> None:
    after = with_file(tmp_path, text)
    found = {name: list_restart_settings(BEFORE, after, name) for name in ("prepare", "decide", "gateway")}
    assert found == {"prepare": prepare, "decide": decide, "gateway": gateway}


def test_the_version_of_the_sources_tells_what_prepare_uses_of_them(tmp_path: Path) -> None:
    one = with_file(tmp_path, SOURCE).source_table.version
    assert one != BEFORE.source_table.version
    assert with_file(tmp_path, SOURCE.replace("60", "90")).source_table.version == one
    assert with_file(tmp_path, SOURCE.replace("Oslo", "Rome")).source_table.version != one
