"""Defines the `detail` of each command of the log (records.py): all that the fold needs to obey it."""

import msgspec

from streams.model.records import JsonObject, Label, Rights, TimeSource


class Reclassification(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The `detail` of a command `reclassify`: publish one version of a story again, with an item prepared today."""

    job: str
    """The replay."""
    version: str
    """The version to publish again. If the story shows another version by now, the command does nothing."""
    item: str
    """The item of that version, prepared again, as a log record (JSON)."""
    waits: bool = False
    """The version is not published yet: it waits for the end of its embargo."""
    labels: tuple[Label, ...] | None = None
    """The categories of a partial revision, which keeps those of its story."""
    symbols: tuple[str, ...] | None = None
    """The companies of the story. If absent, those of the item are added to those of the story."""


MAX_KILLED = 1_000
"""The most stories that one command withdraws: their records are one transaction."""


class StoryList(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The `detail` of a command `kill`."""

    uris: tuple[str, ...] = ()
    """Of several stories: at most `MAX_KILLED`. Such a command has no `uri`."""
    final: bool = False
    """It has no undo."""


class RightsEnd(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `expire`."""

    rights_end: str = ""
    """The end that the timer found; if the story has another one by now, the command does nothing."""


MAX_CLEARED = 1_000
"""The most stories that one command `clear` is about: their tombstones are one transaction."""


class StoryTopics(msgspec.Struct, frozen=True, gc=False):
    """A story, and topics (without prefix) in which it stands although it should not."""

    uri: str
    topics: tuple[str, ...]


class StoriesToClear(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `clear`, which has no `uri`."""

    stories: tuple[StoryTopics, ...] = ()
    """At most `MAX_CLEARED`."""


class DeadLetterRetry(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `retried`."""

    retried_as: str = msgspec.field(name="as", default="")
    """The raw record that was sent: `news.raw/0/17`."""


class Refiling(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `refile`: the categories under which a person files a story, or no longer."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class Retitling(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `retitle`."""

    title: str
    ticker: str
    """The headline of role `ticker`."""


class DeskNote(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `note`."""

    note: str


class CompanyChange(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `company`."""

    add: tuple[JsonObject, ...] = ()
    """Rows of `organisations`, as ninjs has them."""
    drop: tuple[str, ...] = ()
    """`XNAS:FCEL`, an ISIN, or the name of a company that has neither."""


class Split(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `split`."""

    of: str
    """The uri of the story of which it is no copy."""
    item: str = ""
    """The item, as a log record (JSON); empty for a story that was joined."""


class Join(msgspec.Struct, frozen=True, gc=False):
    """The `detail` of a command `join`, whose `uri` is the story that ends."""

    into: str
    """The uri of the story that goes on."""


class StoryText(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What readers saw of a story before a kill, without what persons set on it."""

    uri: str
    version: str
    """The version that withdrew it. If the story has another one by now, nothing is done."""
    event: str
    """The ninjs document (JSON) without what decide puts first."""
    labels: tuple[Label, ...]
    headline: str
    has_body: bool
    rights: Rights
    rights_end: str
    time_source: TimeSource


class Restoration(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The `detail` of a command `restore`, whose `uri` is the story that shows another text again."""

    parted: str
    """The uri of the story that what revised it opens. As long as that is no story of its own, nothing is restored."""
    text: StoryText
    shown: tuple[str, str, str, str]
    """The version of the wire that has this text: a `SeenVersion` of the state."""
    symbols: tuple[str, ...]
    """The companies that the story has without what revised it."""
    fingerprint: int
    """The number of the fingerprint of this text; -1 if it has none."""


class Undoing(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The `detail` of a command `undo`."""

    command: str
    """The id of the command to take back."""
    action: str
    into: str = ""
    """Of a split: the story into which it is joined again."""
    stories: tuple[StoryText, ...] = ()
    """Of a kill: the stories that come back."""
    restoration: Restoration | None = None
    """The text that the story showed before a restoration."""
