"""Saved searches in the settings."""

import pytest

from streams.config.errors import ConfigError
from streams.config.loader import load
from streams.gateway.filters import build_filter
from streams.gateway.saved_searches import parse_filter


def read(tmp_path, text):
    path = tmp_path / "newswire.toml"
    path.write_text(text)
    return load(str(path), environ={})


def test_a_saved_search_has_the_parameters_of_an_address(tmp_path):
    settings = read(tmp_path, '[searches.copper]\nfilter = "category=commodities&q=copper+-rumor"\ntitle = "Copper"\n')
    search = settings.searches["copper"]
    wanted = build_filter(settings.source_table, categories=["commodities"], words="copper -rumor")
    assert (search.title, parse_filter("copper", search, settings.source_table)) == ("Copper", wanted)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("searches = 3", "searches is 3"),
        ("[searches.markets]\nfilter = 'q=x'", "not as a section"),
        ("[searches.Copper]\nfilter = 'q=x'", "small letters, digits and hyphens"),
        ("[searches.copper]\nfliter = 'q=x'", "searches.copper.filter"),
        ("[searches.copper]\nfilter = 3.5e3", "searches.copper.filter"),
    ],
)
def test_a_search_that_cannot_be_is_refused_with_its_name(tmp_path, text, said):
    with pytest.raises(ConfigError) as refusal:
        read(tmp_path, text)
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("filter_", "said"),
    [
        ("", "searches.a.filter: it selects nothing: give parameters, such as category=markets&q=copper"),
        ("before=3", "searches.a.filter: there is no parameter 'before' here: use category, ticker"),
        ("category=ipos", "searches.a.filter: there is no category 'ipos': try companies.ipos"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_with_its_name(tmp_path, filter_, said):
    settings = read(tmp_path, f"[searches.a]\nfilter = '{filter_}'\n")
    with pytest.raises(ConfigError) as refusal:
        parse_filter("a", settings.searches["a"], settings.source_table)
    assert str(refusal.value).startswith(said)
