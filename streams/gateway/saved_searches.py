"""Reads the saved searches of the settings."""

from urllib.parse import parse_qsl

from streams.config.errors import ConfigError
from streams.config.settings import SavedSearch
from streams.gateway.filters import Filter
from streams.gateway.history_query import FILTERS, parse_query
from streams.model.sources import Sources


def parse_filter(name: str, search: SavedSearch, table: Sources) -> Filter:
    """Parses the filter of a saved search. Raises `ConfigError` where it is none."""
    given = parse_qsl(search.filter.removeprefix("?"), keep_blank_values=True)
    try:
        if strange := [key for key, _ in given if key not in FILTERS]:
            raise ValueError(f"there is no parameter {strange[0][:60]!r} here: use {', '.join(FILTERS)}")
        found = parse_query(given, table, 1).filter
        if found == Filter():
            raise ValueError("it selects nothing: give parameters, such as category=markets&q=copper")
    except ValueError as error:
        raise ConfigError(f"searches.{name}.filter: {error}") from None
    return found
