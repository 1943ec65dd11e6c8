"""Tests of the file of `newswire feed --config`."""

import pytest

from streams.config.errors import ConfigError
from streams.feeders.settings import load


def write_settings(tmp_path, text):
    path = tmp_path / "feeders.toml"
    path.write_text(text)
    return str(path)


def test_a_feed_needs_no_more_than_its_address(tmp_path):
    found = load(write_settings(tmp_path, '[feeds.norvale]\nurl = "https://n.example/rss"'))
    assert found.feeds["norvale"].seconds == 60
    assert found.state == str(tmp_path / "feeders.state.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "names nothing to bring"),
        ("[feed.norvale]\nurl = 'https://n.example/'", "feed, from .*, is no setting: did you mean feeds"),
        ("[feeds.norvale]\nurl = 'n.example/rss'", "feeds.norvale.url is 'n.example/rss'.*give an address"),
        ("[feeds.norvale]\nurl = 'https://n.example/'\nevery = 5", "feeds.norvale.every.*is no setting"),
        ("[feeds.norvale]\nurl = 'https://n.example/'\nseconds = 0", "feeds.norvale.seconds is 0"),
        ("[feeds.norvale]", "feeds.norvale.url is ''.*it is missing"),
        ("[folders.norvale]\npath = '/not/there'", "folders.norvale.path is '/not/there'.*no such folder"),
        ("[folders.norvale]\npath = '/'\nsource = ' '", "folders.norvale.source"),
        ("http_port = 0\n[folders.norvale]\npath = '/'", "http_port is 0"),
        ("feeds = 3", "feeds is 3.*table of tables"),
        ("[feeds", "is not TOML"),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load(write_settings(tmp_path, text))


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(ConfigError, match="cannot read"):
        load(str(tmp_path / "none.toml"))
