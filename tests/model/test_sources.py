import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.config.loader import load_packaged_sources
from streams.model.sources import Source, Sources, default_code, normalise_name

SOURCES = Sources(load_packaged_sources())


@pytest.mark.parametrize(
    ("source", "code", "kind"),
    [
        ("prnewswire", "PR", "release-wire"),
        ("businesswire", "BU", "release-wire"),
        ("globenewswire", "GL", "release-wire"),
        ("reuters", "RE", "agency"),
        ("dowjones", "DJ", "agency"),
        ("acquiremedia", "AQ", "aggregator"),
    ],
)
def test_the_wires_of_the_site_have_its_codes(source, code, kind):
    assert (SOURCES.get(source).code, SOURCES.get(source).kind) == (code, kind)


def test_every_packaged_source_is_complete_and_no_two_share_a_code_or_a_name():
    table = load_packaged_sources()
    assert all(re.fullmatch("[A-Z]{2}", row.code) and row.name for row in table.values())
    assert len({row.code for row in table.values()}) == len(table)
    names = [
        (normalise_name(name), key)
        for key, row in table.items()
        for name in {normalise_name(n) for n in (row.name, *row.names)}
    ]
    assert len({name for name, _ in names}) == len({*names})


def test_only_release_wires_may_show_their_full_text():
    assert {row.kind for row in load_packaged_sources().values() if row.full_text} == {"release-wire"}


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("PR Newswire", "prnewswire"),
        ("PRNewswire", "prnewswire"),
        ("pr-newswire", "prnewswire"),
        ("BUSINESS WIRE", "businesswire"),
        ("Globe Newswire, Inc.", "globenewswire"),
        ("Agence France-Presse", "afp"),
        ("The Harbour Wire", ""),
        ("", ""),
        ("—", ""),
    ],
)
def test_a_wire_is_found_by_the_names_that_items_use(name, source):
    assert SOURCES.by_name(name) == source


def test_an_unknown_source_has_default_values():
    assert SOURCES.get("norwire") == Source(name="norwire", code="NO", kind="other", full_text=False)
    assert SOURCES.get("norwire").time_zone is None
    assert SOURCES.get("norwire").split_version("a:1") == ("a:1", "")


@given(st.text())
def test_a_default_code_is_at_most_two_letters_of_the_id(source):
    assert default_code(source) == normalise_name(source)[:2].upper()
    assert SOURCES.by_name(source) in {"", *SOURCES.table}


def test_a_version_group_that_did_not_match_gives_no_version():
    source = Source(split=r"^(?P<id>[A-Z]\d+)(?:-v(?P<version>\d+))?$")
    assert source.split_version("N1-v2") == ("N1", "2")
    assert source.split_version("N1") == ("N1", "")


def test_an_id_that_the_rule_does_not_match_stays_whole():
    assert Source(split=r"^(?P<id>\d+):(?P<version>\d+)$").split_version("x:1") == ("x:1", "")


@given(st.text(), st.sampled_from(sorted(SOURCES.table)))
def test_every_id_gives_an_id_and_a_version_of_text(guid, source):
    bare, version = SOURCES.get(source).split_version(guid)
    assert guid.startswith(bare)
    assert bool(bare) == bool(guid)
    assert version in guid


@pytest.mark.parametrize("zone", ["Mars/One", "America", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_time_zone_is_refused(zone):
    with pytest.raises(ValueError, match="IANA"):
        Source(zone=zone)


@pytest.mark.parametrize("split", ["(", "(?P<id>x)", "(?P<version>x)", "x"])
def test_a_split_that_is_no_regular_expression_is_refused(split):
    with pytest.raises(ValueError, match="split"):
        Source(split=split)
