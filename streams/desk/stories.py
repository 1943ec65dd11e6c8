"""Reads the state of a story from its public records, and says what an editor's command will do to it."""

import re
from collections.abc import Iterable, Sequence

import msgspec
import orjson

from streams.model.command_details import MAX_KILLED, StoryList
from streams.model.records import Command, CommandAction, JsonObject, PubStatus
from streams.model.timestamps import HOLD
from streams.model.topics import LATEST, WITHHELD


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A story as its newest public record and its record in `withheld` show it."""

    uri: str
    version: int = 0
    """0 if no version was published."""
    headline: str = ""
    withdrawn: bool = False
    withheld_until: str = ""
    """The end of the embargo of a version that waits; `HOLD` if it has none."""
    categories: tuple[str, ...] = ()
    companies: tuple[JsonObject, ...] = ()
    """The rows of `organisations`."""

    @property
    def is_live(self) -> bool:
        """Whether readers see a version of it."""
        return self.version > 0 and not self.withdrawn


def read_story(uri: str, rows: Iterable[tuple[str, bytes | None]]) -> StoryView:
    """Reads the state of a story from its records: topic without prefix and value, in the order of the topics."""
    story = StoryView(uri=uri)
    for topic, value in rows:
        story = _add_record(story, topic, orjson.loads(value) if value else {})
    return story


def _add_record(story: StoryView, topic: str, event: JsonObject) -> StoryView:
    headline = next((row["value"] for row in event.get("headlines", ()) if row.get("role") == "main"), "")
    if topic == WITHHELD:
        until = event.get("embargoedUntil") or (HOLD if event else "")
        return msgspec.structs.replace(story, withheld_until=until, headline=headline or story.headline)
    if topic == LATEST and event:
        return msgspec.structs.replace(
            story,
            version=int(event["version"]),
            headline=headline or story.headline,
            withdrawn=event["pubStatus"] == PubStatus.CANCELED,
            categories=tuple(row["literal"] for row in event.get("subjects", ()) if row.get("rel") == "category"),
            companies=tuple(event.get("organisations", ())),
        )
    return story


class StoryFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which stories a command is about. Each part that is given must fit."""

    source: str = ""
    start: int | None = None
    """First received time, milliseconds."""
    end: int | None = None
    """Received time to stop before, milliseconds."""
    pattern: re.Pattern[str] | None = None
    """Found in a headline, a text, a summary or a caption."""

    def takes(self, source: str, received: int, event: JsonObject) -> bool:
        """Tells whether the filter takes a record of a story."""
        return (
            (not self.source or source == self.source)
            and (self.start is None or received >= self.start)
            and (self.end is None or received < self.end)
            and (self.pattern is None or any(map(self.pattern.search, _list_texts(event))))
        )


def _list_texts(event: JsonObject) -> list[str]:
    parts = [event, *event.get("associations", ())]
    return [
        row.get("value", "")
        for part in parts
        for name in ("headlines", "bodies", "descriptions")
        for row in part.get(name, ())
    ]


class StorySearch:
    """Finds the live and withheld stories that a filter takes, from the records of `latest` and `withheld`."""

    def __init__(self, wanted: StoryFilter) -> None:
        self._wanted = wanted
        self._stories: dict[str, StoryView] = {}
        self._taken: set[tuple[str, str]] = set()

    def add(self, topic: str, uri: str, value: bytes | None, source: str, received: int) -> None:
        """Adds a record, in the order of its topic (without prefix); the newest of a story in a topic counts."""
        event = orjson.loads(value) if value else {}
        self._stories[uri] = _add_record(self._stories.get(uri, StoryView(uri=uri)), topic, event)
        if event and self._wanted.takes(source, received, event):
            self._taken.add((topic, uri))
        else:
            self._taken.discard((topic, uri))

    def found(self) -> list[StoryView]:
        """Lists the stories, in the order in which their first records came."""
        return [
            story
            for uri, story in self._stories.items()
            if (story.withheld_until or not story.withdrawn)
            and not self._taken.isdisjoint(((LATEST, uri), (WITHHELD, uri)))
        ]


def build_kills(uris: Sequence[str], at: str, by: str, why: str) -> list[Command]:
    """Builds the commands that withdraw stories: one for each thousand, with all their uris."""
    return [
        Command(
            action=CommandAction.KILL,
            uri="",
            at=at,
            by=by,
            why=why,
            detail=msgspec.to_builtins(StoryList(tuple(uris[first : first + MAX_KILLED]))),
        )
        for first in range(0, len(uris), MAX_KILLED)
    ]


def plan_action(action: str, story: StoryView) -> tuple[str, bool]:
    """Says in one line what `kill` or `release` will do to a story, and whether it will do anything."""
    known = bool(story.version or story.withheld_until)
    if not known:
        return f"nothing to {action}  {story.uri}: no topic has such a story", False
    if action == CommandAction.RELEASE:
        if not story.withheld_until:
            return f"nothing to release  {story.uri}: it is not under embargo", False
        end = "from its hold" if story.withheld_until == HOLD else f"before {story.withheld_until}"
        return f"release  {story.uri} {end}: {story.headline}", True
    if story.withdrawn and not story.withheld_until:
        return f"nothing to kill  {story.uri}: it is withdrawn already", False
    until = "on hold" if story.withheld_until == HOLD else f"until {story.withheld_until}"
    where = f"version {story.version}" if story.version else f"withheld {until}"
    return f"kill  {story.uri} ({where}): {story.headline}", True
