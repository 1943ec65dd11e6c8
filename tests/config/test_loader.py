import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.errors import ConfigError
from streams.config.loader import NAMED, load, load_packaged_sources
from streams.config.settings import Settings
from streams.model.sources import Source

PREFIX = "give 1 to 200 letters from a to z, digits, dots, underscores or hyphens"


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
    assert load(environ={}) == Settings(sources=load_packaged_sources())


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
        if table in NAMED:
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
    assert load(environ={"NEWSWIRE_KAFKA_PASSWORD": "secret", "NEWSWIRE_TRACEBACK": "1"}) == Settings(
        sources=load_packaged_sources()
    )


@pytest.mark.parametrize(
    ("setting", "values", "allowed"),
    [
        (
            "topics",
            ["red"],
            "it is a table, with prefix, raw_partitions, replication, retention_days, raw_retention_days",
        ),
        ("topics.prefix", ["a b", "", "x" * 201], PREFIX),
        ("topics.raw_partitions", ["0", "four", "4.5"], "give a whole number from 1 to 1000"),
        ("prepare.item_seconds", ["0", "nan", "inf"], "give a number above 0 and up to 600"),
        ("prepare.memory_mb", ["1"], "give a whole number from 128 on"),
        ("decide.delivery", ["maybe"], "give one of exactly-once, at-least-once"),
        ("decide.window_hours", ["721"], "give a whole number from 1 to 720"),
        ("worker.http_port", ["65536", "0"], "give a whole number from 1 to 65535"),
        ("kafka.security_protocol", ["TELNET"], "give one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
        (
            "kafka.brokers",
            ["", "a", "a:0", "a:65536", "a:kafka", "a:1,", "a b:1", "http://a:1", "::1:9092", ":9092"],
            "give host:port[,host:port], each port from 1 to 65535",
        ),
        (
            "sources.norwire",
            ["x"],
            "it is a table, with name, code, kind, zone, language, split, full_text, expires_days, names, marks,"
            " quiet_minutes, most_per_minute",
        ),
        ("sources.norwire.kind", ["blog"], "give one of release-wire, agency, aggregator, other"),
        ("sources.norwire.full_text", ["perhaps"], "give true or false"),
        ("sources.norwire.names", ["NW"], "give a list of texts"),
        ("sources.norwire.code", ["NOR", ""], "give two characters"),
        (
            "sources.norwire.zone",
            ["Mars/One"],
            "zone 'Mars/One' is not an IANA time zone such as America/New_York",
        ),
        ("sources.norwire.split", ["(?P<id>x)"], "split needs the groups (?P<id>…) and (?P<version>…)"),
        (
            "sources.norwire.split",
            ["("],
            "split is no regular expression: missing ), unterminated subpattern at position 0",
        ),
    ],
)
def test_an_impossible_value_is_told_with_its_setting_its_origin_and_what_is_allowed(setting, values, allowed):
    name = f"NEWSWIRE_{setting.replace('.', '__').upper()}"
    for value in values:
        shown = repr(value) if len(value) < 79 else f"'{value[:79]}…"
        assert refused(**{name: value}) == f"{setting} is {shown}, from {name}: {allowed}"


@pytest.mark.parametrize(
    ("name", "setting", "hint"),
    [
        (
            "COLOUR",
            "colour",
            "there are kafka, topics, prepare, decide, worker, gateway, archive, log, searches, sources",
        ),
        ("TOPIC", "topic", "did you mean NEWSWIRE_TOPICS?"),
        ("TOPICS_PREFIX", "topics_prefix", "did you mean NEWSWIRE_TOPICS__PREFIX?"),
        ("TRACEBAK", "tracebak", "did you mean NEWSWIRE_TRACEBACK?"),
        ("TOPICS__PREFX", "topics.prefx", "did you mean NEWSWIRE_TOPICS__PREFIX?"),
        ("PREFIX", "prefix", "did you mean NEWSWIRE_TOPICS__PREFIX?"),
        ("SOURCES__NORWIRE__ZOEN", "sources.norwire.zoen", "did you mean NEWSWIRE_SOURCES__NORWIRE__ZONE?"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(name, setting, hint):
    assert refused(**{f"NEWSWIRE_{name}": "red"}) == f"{setting}, from NEWSWIRE_{name}, is no setting: {hint}"


def test_the_refusal_names_the_file_that_a_value_is_from():
    file("[topics]\nprefix = 3\nnames = 4\n")
    assert refused() == f"topics.prefix is 3, from newswire.toml: {PREFIX}"
    assert refused(NEWSWIRE_TOPICS__PREFIX="desk") == (
        "topics.names, from newswire.toml, is no setting: there are topics.prefix, topics.raw_partitions,"
        " topics.replication, topics.retention_days, topics.raw_retention_days"
    )


def test_a_setting_where_a_table_belongs_is_refused():
    file("kafka = 3\n")
    assert (
        refused(NEWSWIRE_KAFKA="a:1") == "kafka is 3, from newswire.toml: it is a table, as NEWSWIRE_KAFKA has it too"
    )
    assert refused().startswith("kafka is 3, from newswire.toml: it is a table, with brokers, ")


def test_addresses_of_brokers_are_hosts_and_ports():
    for address in ("localhost:9092", "a:1, b:65535", "[::1]:9092", "10.0.0.1:9092"):
        assert load(environ={"NEWSWIRE_KAFKA": address}).kafka.brokers == address


def test_a_file_of_certificates_must_be_there_where_tls_is_used(tmp_path):
    assert load(environ={"NEWSWIRE_KAFKA__SSL_CA_FILE": "gone.pem"}).kafka.ssl_ca_file == "gone.pem"
    assert refused(NEWSWIRE_KAFKA__SECURITY_PROTOCOL="SASL_SSL", NEWSWIRE_KAFKA__SSL_CA_FILE="gone.pem") == (
        "kafka.ssl_ca_file is 'gone.pem', from NEWSWIRE_KAFKA__SSL_CA_FILE: there is no such file"
    )
    (tmp_path / "ca.pem").touch()
    assert load(environ={"NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SSL", "NEWSWIRE_KAFKA__SSL_CA_FILE": "ca.pem"})


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
    assert set(table.table) == set(load_packaged_sources()) | {"norwire"}


def test_each_code_of_the_site_is_of_one_packaged_source_with_a_zone():
    codes = [source.code for source in load_packaged_sources().values()]
    assert len(codes) == len(set(codes))
    assert {"MD", "MT", "AN", "CI", "DP", "PU", "ZD", "AQ", "BU", "DJ", "GL", "PR", "RE"} <= set(codes)
    assert [source.name for source in load_packaged_sources().values() if not source.zone] == []


def test_a_deployment_changes_one_field_of_a_packaged_source_and_keeps_the_others():
    changed = load(environ={"NEWSWIRE_SOURCES__REUTERS__FULL_TEXT": "true"}).source_table.get("reuters")
    before = load_packaged_sources()["reuters"]
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


def build_days(memory, retention, raw):
    return {
        "NEWSWIRE_DECIDE__MEMORY_DAYS": str(memory),
        "NEWSWIRE_TOPICS__RETENTION_DAYS": str(retention),
        "NEWSWIRE_TOPICS__RAW_RETENTION_DAYS": str(raw),
    }


def test_a_memory_shorter_than_the_topics_are_kept_is_refused():
    text = (
        "decide.memory_days is 30 and topics.retention_days is 30: a story must be remembered two days longer than its"
        " topics show it; set decide.memory_days to 32 or more, or topics.retention_days to less"
    )
    assert refused(NEWSWIRE_DECIDE__MEMORY_DAYS="30") == text
    assert refused(NEWSWIRE_TOPICS__RETENTION_DAYS="40").startswith(
        "decide.memory_days is 32 and topics.retention_days is 40: "
    )


def test_a_memory_longer_than_the_log_is_refused():
    text = (
        "decide.memory_days is 60 and topics.raw_retention_days is 32: the log must reach back as far as the memory;"
        " set topics.raw_retention_days to 60 or more, or decide.memory_days to less"
    )
    assert refused(NEWSWIRE_DECIDE__MEMORY_DAYS="60") == text
    file("[topics]\nraw_retention_days = 31\n")
    assert refused().startswith("decide.memory_days is 32 and topics.raw_retention_days is 31: ")


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_days_are_taken_exactly_when_the_memory_lies_between_topics_and_log(memory, retention, raw):
    environ = build_days(memory, retention, raw)
    if retention + 2 <= memory <= raw:
        assert load(environ=environ).decide.memory_days == memory
    else:
        named = refused(**environ)
        assert f"decide.memory_days is {memory} and topics." in named
