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
            changes = _keep_open(list_changes(before, after), is_open=before_open and after_open)
        shown.append(_show(each, changes))
        last = each.version
    return tuple(shown)


def list_kept_versions(versions: Iterable[StoryVersion], *, trusted: bool) -> tuple[ShownVersion, ...]:
    """Lists the versions that the history keeps, each with what it changed."""
    return tuple(_show(each, _keep_open(each.changes, is_open=trusted or each.is_open)) for each in versions)


def compare_documents(before: bytes, after: bytes) -> tuple[TextChange, ...]:
    """Lists what a version changed in the one before."""
    return list_changes(read_version_text(before), read_version_text(after))


def _keep_open(changes: tuple[TextChange, ...], *, is_open: bool) -> tuple[TextChange, ...]:
    return changes if is_open else tuple(change for change in changes if change.part == "headline")


def _show(version: StoryVersion, changes: tuple[TextChange, ...] = ()) -> ShownVersion:
    status = "edited" if version.replayed else version.status
    return ShownVersion(version.version, version.time, version.headline, status, changes)
