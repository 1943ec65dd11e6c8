"""The order of versions: by `versionCreated`, then by version, then by the log (design, "Fates, exactly")."""

import re

from streams.decide.entries import Version

_NUMBERS = re.compile(r"\d+(\.\d+)*")
MAX_SEEN = 32
"""Versions remembered of a story, newest last. More revisions than that make an old one look new at worst."""


def order(item: Version, other: Version) -> int:
    """1 where `item` is newer than `other`, -1 where older, 0 where it is the same version.

    Versions that are no numbers (real wires number by hashes) and differ: the later in the log is newer.
    """
    if item.created and other.created and item.created != other.created:
        return 1 if item.created.rstrip("Z") > other.created.rstrip("Z") else -1
    if item.version == other.version:
        return 0
    mine, theirs = _numbers(item.version), _numbers(other.version)
    if mine and theirs and mine != theirs:
        return 1 if mine > theirs else -1
    return 1


def newest(seen: tuple[Version, ...], key: str) -> Version | None:
    """The newest version seen under one id."""
    best: Version | None = None
    for version in seen:
        if version.key == key and (best is None or order(version, best) >= 0):
            best = version
    return best


def add(seen: tuple[Version, ...], version: Version) -> tuple[Version, ...]:
    """The versions seen, with one more."""
    return (*seen, version)[-MAX_SEEN:] if version not in seen else seen


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")) if _NUMBERS.fullmatch(version) and len(version) < 40 else ()
