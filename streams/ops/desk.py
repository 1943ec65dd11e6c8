"""Reads the state of a story from its public records, and says what an editor's command will do to it."""

from collections.abc import Iterable

import msgspec
import orjson

from streams.model.records import CommandAction, PubStatus
from streams.model.topics import LATEST, WITHHELD


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A story as its newest public record and its record in `withheld` show it."""

    uri: str
    version: int = 0
    """0 if no version was published."""
    headline: str = ""
    withdrawn: bool = False
    withheld_until: str = ""


def read_story(uri: str, rows: Iterable[tuple[str, bytes | None]]) -> StoryView:
    """Reads the state of a story from its records: topic without prefix and value, in the order of the topics."""
    story = StoryView(uri=uri)
    for topic, value in rows:
        event = orjson.loads(value) if value else {}
        headline = next((row["value"] for row in event.get("headlines", ()) if row.get("role") == "main"), "")
        if topic == WITHHELD:
            until = event.get("embargoedUntil", "") if value else ""
            story = msgspec.structs.replace(story, withheld_until=until, headline=headline or story.headline)
        elif topic == LATEST and event:
            story = msgspec.structs.replace(
                story,
                version=int(event["version"]),
                headline=headline or story.headline,
                withdrawn=event["pubStatus"] == PubStatus.CANCELED,
            )
    return story


def plan_action(action: str, story: StoryView) -> tuple[str, bool]:
    """Says in one line what `kill` or `release` will do to a story, and whether it will do anything."""
    known = bool(story.version or story.withheld_until)
    if not known:
        return f"nothing to {action}  {story.uri}: no such story in the last 30 days", False
    if action == CommandAction.RELEASE:
        if not story.withheld_until:
            return f"nothing to release  {story.uri}: it is not under embargo", False
        return f"release  {story.uri} before {story.withheld_until}: {story.headline}", True
    if story.withdrawn:
        return f"nothing to kill  {story.uri}: it is withdrawn already", False
    where = f"version {story.version}" if story.version else f"withheld until {story.withheld_until}"
    return f"kill  {story.uri} ({where}): {story.headline}", True
