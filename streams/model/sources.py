"""The table of sources: what is known of each wire. Defaults in sources.toml; a deployment's file adds to them."""

import re
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

_PLAIN = re.compile(r"[\W_]+")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One wire. See sources.toml for what the fields mean."""

    name: str = ""
    code: str = ""
    kind: Literal["release-wire", "agency", "aggregator", "other"] = "other"
    zone: str = ""
    split: str = ""
    full_text: bool = False
    names: tuple[str, ...] = ()
    quiet_minutes: Annotated[float, msgspec.Meta(ge=0)] = 4320.0

    def __post_init__(self) -> None:
        if self.zone:
            try:
                ZoneInfo(self.zone)
            except (ValueError, KeyError, OSError) as error:
                raise ValueError(f"zone {self.zone!r} is not an IANA time zone such as America/New_York") from error
        if self.split and {"id", "version"} - set(self.version_rule.groupindex):
            raise ValueError("split needs the groups (?P<id>…) and (?P<version>…)")

    @cached_property
    def version_rule(self) -> re.Pattern[str]:
        """The compiled `split`. Raises ValueError where it is no regular expression."""
        try:
            return re.compile(self.split)
        except re.error as error:
            raise ValueError(f"split is no regular expression: {error}") from error

    @cached_property
    def time_zone(self) -> ZoneInfo | None:
        """The zone of times that carry none."""
        return ZoneInfo(self.zone) if self.zone else None

    def split_version(self, guid: str) -> tuple[str, str]:
        """A provider's id into id and version (empty where it carries none)."""
        if self.split and (found := self.version_rule.match(guid)):
            return found["id"] or guid, found["version"] or ""
        return guid, ""


class Sources:
    """The table, by id and by the names that content uses."""

    def __init__(self, table: dict[str, Source]) -> None:
        self.table = table
        self._by_name = {plain(name): key for key, row in table.items() for name in (key, row.name, *row.names)}
        self._by_name.pop("", None)

    def get(self, source: str) -> Source:
        """The entry of a feed id; defaults for one that is not in the table."""
        return self.table.get(source) or Source(name=source, code=display_code(source))

    def by_name(self, name: str) -> str:
        """The id of the wire that a text calls `name`; empty where none does."""
        return self._by_name.get(plain(name), "")


def plain(name: str) -> str:
    """A name without case, blanks and punctuation."""
    return _PLAIN.sub("", name).casefold()


def display_code(source: str) -> str:
    """Two letters for a source that has none: the first two of its id."""
    return plain(source)[:2].upper()
