"""Answers what each version of a story was and what it changed, for `/stories` and the article page (pure)."""

from collections.abc import Iterable

import msgspec

from streams.gateway.text_changes import TextChange, list_changes, read_version_text, unpack_text
from streams.gateway.ticker_view import StoryVersion, ViewEntry


class ShownVersion(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version of a story, as `/stories` lists it."""

    version: str
    time: str
    """`versionCreated`, RFC 3339 UTC."""
    headline: str
    status: str
    """`new`, `updated`, `corrected`, or `edited`: a replay or the desk made it."""
    changes: tuple[TextChange, ...] = ()
    """What this version changed in the one before: headline and, where the rights allow, paragraphs of the text."""


def list_versions(entry: ViewEntry, *, trusted: bool) -> tuple[ShownVersion, ...]:
    """Lists the versions that were read, the first one first, each with what it changed."""
    words = {each.version: (unpack_text(each.packed), each.is_open or trusted) for each in entry.texts}
    words[entry.item.row.version] = (read_version_text(entry.document), entry.item.is_open or trusted)
    shown, last = [], ""
    for each in entry.versions:
        changes: tuple[TextChange, ...] = ()
        if last in words and each.version in words:
            (before, before_open), (after, after_open) = words[last], words[each.version]
            changes = list_changes(before, after)
            if not (before_open and after_open):
                changes = tuple(change for change in changes if change.part == "headline")
        shown.append(_show(each, changes))
        last = each.version
    return tuple(shown)


def date_versions(versions: Iterable[StoryVersion]) -> tuple[ShownVersion, ...]:
    """Lists versions whose words are no longer kept: without what they changed."""
    return tuple(map(_show, versions))


def _show(version: StoryVersion, changes: tuple[TextChange, ...] = ()) -> ShownVersion:
    status = "edited" if version.replayed else version.status
    return ShownVersion(version.version, version.time, version.headline, status, changes)
