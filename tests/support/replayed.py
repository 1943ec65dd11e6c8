"""Topics as their readers see them once compacted, for comparing a replayed system with one that knew it all along."""

import json
import re
from pathlib import Path

import msgspec
import orjson
from support import flow

from streams.config.settings import Settings
from streams.model.topics import CATEGORIES, LATEST

OF_THE_VERSION = {"ce_id", "ce_type", "replay-job", "traceparent"}
_NAMED = re.compile(r"@rules-[0-9a-f]{8}| \(version \d+\)$")
"""A story that stays where it is keeps naming the version of the rules that filed it."""


def newest(settings: Settings) -> dict[str, dict[str, dict[str, object]]]:
    """Topic -> story -> its newest version, without where it came from and without versions, of it and of the rules.

    A reader of a category drops a story whose newest version no longer names that category (contract, section 2).
    """
    found: dict[str, dict[str, dict[str, object]]] = {}
    for topic, rows in flow.read_all(settings, (LATEST, *CATEGORIES)).items():
        last = {row.key: row for row in rows}
        found[topic] = {}
        for row in last.values():
            event = orjson.loads(row.value or b"{}")
            named = [each["literal"] for each in event.get("subjects", ()) if each["rel"] == "category"]
            if topic != LATEST and topic not in named:
                continue
            event.pop("version")
            for each in event.get("subjects", ()):
                if "creator" in each:
                    each["creator"] = _NAMED.sub("", each["creator"])
            headers = {
                name: value
                for name, value in row.headers
                if name not in OF_THE_VERSION and not name.startswith("origin-")
            }
            found[topic][(row.key or b"").decode()] = {**event, **headers}
    return found


def differing(one: Settings, other: Settings) -> list[str]:
    """Where what the two systems show of a story differs: topic, story, field, one value and the other."""
    ours, theirs = newest(one), newest(other)
    return [
        f"{topic} {uri} {field}: {shown.get(field)} / {there.get(field)}"
        for topic, rows in ours.items()
        for uri in sorted({*rows, *theirs[topic]})
        for shown, there in [(rows.get(uri, {}), theirs[topic].get(uri, {}))]
        for field in sorted({*shown, *there})
        if shown.get(field) != there.get(field)
    ]


COMMON = ("dividend*", "contract*", "award*")
"""Words of every seventh generated item."""


def with_prefix(settings: Settings, prefix: str) -> Settings:
    """The same system with other topics."""
    return msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, prefix=prefix))


def with_rules(settings: Settings, folder: Path, category: str, words: tuple[str, ...] = ("opens plant",)) -> Settings:
    """The same system with one rule more: headlines with these words are in this category."""
    packaged = Path(__file__).parents[2] / "streams" / "prepare" / "classify" / "rules.toml"
    rule = f'\n[[rule]]\nid = "plants"\ncategory = "{category}"\nany = {json.dumps(words)}\n'
    path = folder / f"rules-{category}.toml"
    path.write_text(packaged.read_text(encoding="utf-8") + rule, encoding="utf-8")
    return msgspec.structs.replace(settings, prepare=msgspec.structs.replace(settings.prepare, rules=str(path)))


def other_rules(settings: Settings, folder: Path) -> Settings:
    """The same system with that rule changed."""
    return with_rules(settings, folder, "commodities")
