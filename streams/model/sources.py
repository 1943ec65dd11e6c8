"""Describes the wires: name, kind, time zone, how their ids carry versions.

The defaults are in streams/config/sources.toml; the configuration of a deployment adds to them.
"""

import hashlib
import re
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

RESTART_FIELDS = ("quiet_minutes", "most_per_minute")
"""Fields of a source that prepare does not use; who uses them reads them at its start."""

_PLAIN = re.compile(r"[\W_]+")


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One wire. streams/config/sources.toml explains the fields."""

    name: str = ""
    code: str = ""
    kind: Literal["release-wire", "agency", "aggregator", "other"] = "other"
    zone: str = ""
    language: str = ""
    split: str = ""
    full_text: bool = False
    expires_days: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    quiet_minutes: Annotated[float, msgspec.Meta(ge=0)] | None = None
    most_per_minute: Annotated[float, msgspec.Meta(ge=0)] = 0.0

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
        """The compiled `split`. Raises ValueError if it is no regular expression."""
        try:
            return re.compile(self.split)
        except re.error as error:
            raise ValueError(f"split is no regular expression: {error}") from error

    @cached_property
    def time_zone(self) -> ZoneInfo | None:
        """The time zone of times without a zone."""
        return ZoneInfo(self.zone) if self.zone else None

    def split_version(self, guid: str) -> tuple[str, str]:
        """Splits a provider's id into id and version; the version is empty if the id carries none."""
        if self.split and (found := self.version_rule.match(guid)):
            return found["id"] or guid, found["version"] or ""
        return guid, ""


class Sources:
    """Looks up sources by id and by the names that items use for them."""

    def __init__(self, table: dict[str, Source]) -> None:
        self.table = table
        self._by_name = {
            normalise_name(name): key for key, row in table.items() for name in (key, row.name, *row.names)
        }
        self._by_name.pop("", None)

    @cached_property
    def version(self) -> str:
        """Names what prepare uses of the sources: `sources-` and 8 hex digits of a SHA-256."""
        used = {
            key: {field: value for field, value in msgspec.structs.asdict(row).items() if field not in RESTART_FIELDS}
            for key, row in self.table.items()
        }
        return "sources-" + hashlib.sha256(msgspec.json.encode(used, order="deterministic")).hexdigest()[:8]

    def get(self, source: str) -> Source:
        """Returns the source of a feed id; one with default values for an unknown id."""
        return self.table.get(source) or Source(name=source, code=default_code(source))

    def by_name(self, name: str) -> str:
        """Returns the id of the source that items call `name`; empty if there is none."""
        return self._by_name.get(normalise_name(name), "")


def normalise_name(name: str) -> str:
    """Removes case, white space and punctuation from a name."""
    return _PLAIN.sub("", name).casefold()


def default_code(source: str) -> str:
    """Builds the display code of a source that has none: the first two letters of its id."""
    return normalise_name(source)[:2].upper()
