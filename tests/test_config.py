import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config import ConfigError, Settings, load, packaged_sources
from streams.sources import Source


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def file(text, name="newswire.toml"):
    Path(name).write_text(text, encoding="utf-8")
    return name


def refused(**environ):
    with pytest.raises(ConfigError) as caught:
        load(environ=environ)
    return str(caught.value)


def test_without_file_and_variables_everything_has_its_default():
    assert load(environ={}) == Settings()


def test_a_file_in_the_folder_is_read():
    file("[topics]\nprefix = 'desk'\n[decide]\nwindow_hours = 48\n")
    found = load(environ={})
    assert (found.topics.prefix, found.decide.window_hours, found.topics.raw_partitions) == ("desk", 48, 4)


def test_the_file_given_wins_over_the_variable_and_that_over_the_folders():
    file("[topics]\nprefix = 'here'\n")
    file("[topics]\nprefix = 'named'\n", "named.toml")
    file("[topics]\nprefix = 'given'\n", "given.toml")
    assert load(environ={}).topics.prefix == "here"
    assert load(environ={"NEWSWIRE_CONFIG": "named.toml"}).topics.prefix == "named"
    assert load("given.toml", {"NEWSWIRE_CONFIG": "named.toml"}).topics.prefix == "given"


def test_a_variable_wins_over_the_file_and_leaves_its_neighbours():
    file("[topics]\nprefix = 'desk'\nraw_partitions = 8\n")
    found = load(environ={"NEWSWIRE_TOPICS__RAW_PARTITIONS": "2", "HOME": "/"}).topics
    assert (found.prefix, found.raw_partitions) == ("desk", 2)


def test_every_setting_can_be_given_as_a_variable():
    for table in Settings.__struct_fields__:
        if table == "sources":
            continue
        part = getattr(Settings(), table)
        for field in part.__struct_fields__:
            value = getattr(part, field)
            name = f"NEWSWIRE_{table}__{field}".upper()
            assert getattr(getattr(load(environ={name: str(value)}), table), field) == value, name


def test_newswire_kafka_is_the_broker():
    file("[kafka]\nbrokers = 'file:9092'\n")
    assert load(environ={"NEWSWIRE_KAFKA": "a:1,b:2"}).kafka.brokers == "a:1,b:2"
    assert load(environ={"NEWSWIRE_KAFKA": "a:1", "NEWSWIRE_KAFKA__BROKERS": "b:2"}).kafka.brokers == "a:1"
    assert load(environ={"NEWSWIRE_KAFKA__BROKERS": "b:2"}).kafka.brokers == "b:2"


def test_the_password_and_the_traceback_switch_are_no_settings():
    assert load(environ={"NEWSWIRE_KAFKA_PASSWORD": "secret", "NEWSWIRE_TRACEBACK": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NEWSWIRE_COLOUR", "red", "`colour`"),
        ("NEWSWIRE_TOPICS__COLOUR", "red", "`colour` - at `$.topics`"),
        ("NEWSWIRE_TOPICS", "red", "`$.topics`"),
        ("NEWSWIRE_TOPICS__PREFIX", "a b", "`$.topics.prefix`"),
        ("NEWSWIRE_TOPICS__PREFIX", "", "`$.topics.prefix`"),
        ("NEWSWIRE_TOPICS__PREFIX", "x" * 250, "`$.topics.prefix`"),
        ("NEWSWIRE_TOPICS__RAW_PARTITIONS", "0", "`$.topics.raw_partitions`"),
        ("NEWSWIRE_TOPICS__RAW_PARTITIONS", "four", "`$.topics.raw_partitions`"),
        ("NEWSWIRE_TOPICS__RAW_PARTITIONS", "4.5", "`$.topics.raw_partitions`"),
        ("NEWSWIRE_PREPARE__ITEM_SECONDS", "0", "`$.prepare.item_seconds`"),
        ("NEWSWIRE_PREPARE__ITEM_SECONDS", "nan", "`$.prepare.item_seconds`"),
        ("NEWSWIRE_PREPARE__ITEM_SECONDS", "inf", "`$.prepare.item_seconds`"),
        ("NEWSWIRE_DECIDE__DELIVERY", "maybe", "`$.decide.delivery`"),
        ("NEWSWIRE_DECIDE__WINDOW_HOURS", "721", "`$.decide.window_hours`"),
        ("NEWSWIRE_WORKER__HTTP_PORT", "65536", "`$.worker.http_port`"),
        ("NEWSWIRE_KAFKA__SECURITY_PROTOCOL", "TELNET", "`$.kafka.security_protocol`"),
        ("NEWSWIRE_SOURCES__NORWIRE", "x", "sources.norwire"),
        ("NEWSWIRE_SOURCES__NORWIRE__COLOUR", "red", "sources.norwire: Object contains unknown field `colour`"),
        ("NEWSWIRE_SOURCES__NORWIRE__KIND", "blog", "sources.norwire: Invalid enum value 'blog' - at `$.kind`"),
        ("NEWSWIRE_SOURCES__NORWIRE__ZONE", "Mars/One", "sources.norwire: zone 'Mars/One' is not"),
        ("NEWSWIRE_SOURCES__NORWIRE__SPLIT", "(", "sources.norwire: split is no regular expression"),
        ("NEWSWIRE_SOURCES__NORWIRE__SPLIT", "(?P<id>x)", "sources.norwire: split needs the groups"),
    ],
)
def test_an_unknown_or_impossible_setting_is_refused_with_its_name(name, value, said):
    assert said in refused(**{name: value})


def test_the_refusal_names_the_file_where_one_was_read():
    file("[topics]\nprefix = 3\n")
    assert "in newswire.toml or in NEWSWIRE_… variables" in refused()


def test_without_a_file_none_is_blamed():
    assert refused(NEWSWIRE_COLOUR="red") == (
        "setting refused in NEWSWIRE_… variables: Object contains unknown field `colour`"
    )


def test_a_setting_where_a_table_belongs_is_refused():
    file("kafka = 3\n")
    assert refused(NEWSWIRE_KAFKA="a:1") == "NEWSWIRE_KAFKA names a part of a setting that is no table"
    assert "`$.kafka`" in refused()


@pytest.mark.parametrize("text", [b"[topics\n", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_refused_with_its_name(text):
    Path("newswire.toml").write_bytes(text)
    assert refused().startswith("the configuration newswire.toml is not TOML: ")


def test_a_file_that_is_not_there_is_refused_with_its_name():
    assert refused(NEWSWIRE_CONFIG="gone.toml") == "cannot read the configuration gone.toml: No such file or directory"


def test_a_deployment_adds_its_sources_to_the_packaged_ones():
    file("[sources.norwire]\nname = 'Norwire'\ncode = 'NW'\nnames = ['NorWire AS']\nzone = 'Europe/Oslo'\n")
    table = load(environ={}).source_table
    assert table.get("norwire") == Source(name="Norwire", code="NW", names=("NorWire AS",), zone="Europe/Oslo")
    assert table.by_name("norwire as") == "norwire"
    assert set(table.table) == set(packaged_sources()) | {"norwire"}


def test_a_deployment_changes_one_field_of_a_packaged_source_and_keeps_the_others():
    changed = load(environ={"NEWSWIRE_SOURCES__REUTERS__FULL_TEXT": "true"}).source_table.get("reuters")
    before = packaged_sources()["reuters"]
    assert (changed.full_text, before.full_text) == (True, False)
    assert (changed.name, changed.code, changed.split, changed.names) == (
        before.name,
        before.code,
        before.split,
        before.names,
    )


def test_a_source_of_a_nested_table_and_one_of_variables_meet():
    file("[sources.norwire]\nname = 'Norwire'\n")
    found = load(environ={"NEWSWIRE_SOURCES__NORWIRE__CODE": "NW", "NEWSWIRE_SOURCES__NORWIRE__ZONE": "UTC"})
    assert found.source_table.get("norwire") == Source(name="Norwire", code="NW", zone="UTC")


def test_the_settings_are_those_of_the_environment_where_none_is_given(monkeypatch):
    for name in os.environ:
        if name.startswith("NEWSWIRE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NEWSWIRE_TOPICS__PREFIX", "desk")
    assert load().topics.full("latest") == "desk.latest"


NAMES = st.lists(st.sampled_from(["kafka", "topics", "prefix", "sources", "x", "zone", ""]), min_size=1, max_size=4)


@given(st.dictionaries(NAMES.map(lambda keys: f"NEWSWIRE_{'__'.join(keys)}".upper()), st.text(max_size=5), max_size=4))
def test_any_variables_are_settings_or_refused(environ):
    environ.pop("NEWSWIRE_CONFIG", None)
    with suppress(ConfigError):
        assert isinstance(load(environ=environ), Settings)
