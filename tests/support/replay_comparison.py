"""Compares the compacted topics of a replayed system with those of a system that had the new rules from the start."""

import json
import re
from pathlib import Path

import msgspec
import orjson
from support import flow

from streams.config.settings import Settings
from streams.model.topics import CATEGORIES, LATEST

VERSION_HEADERS = {"ce_id", "ce_type", "replay-job", "revision", "traceparent"}
_RULES_VERSION = re.compile(r"@rules-[0-9a-f]{8}| \(version \d+\)$")
"""The version of the rules in a subject's creator: it differs for a story whose categories did not change."""


def read_newest(settings: Settings) -> dict[str, dict[str, dict[str, object]]]:
    """Returns topic -> story uri -> newest version, without origin, item version and rules version.

    A reader of a category drops a story whose newest version no longer names that category (schemas/README.md,
    section 2).
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
                    each["creator"] = _RULES_VERSION.sub("", each["creator"])
            headers = {
                name: value
                for name, value in row.headers
                if name not in VERSION_HEADERS and not name.startswith("origin-")
            }
            found[topic][(row.key or b"").decode()] = {**event, **headers}
    return found


def find_differences(one: Settings, other: Settings) -> list[str]:
    """Returns one line for each difference: topic, story uri, field, value in one system / value in the other."""
    ours, theirs = read_newest(one), read_newest(other)
    return [
        f"{topic} {uri} {field}: {shown.get(field)} / {there.get(field)}"
        for topic, rows in ours.items()
        for uri in sorted({*rows, *theirs[topic]})
        for shown, there in [(rows.get(uri, {}), theirs[topic].get(uri, {}))]
        for field in sorted({*shown, *there})
        if shown.get(field) != there.get(field)
    ]


COMMON = ("dividend*", "contract*", "award*")
"""Headline words that about every seventh generated item has."""


def with_prefix(settings: Settings, prefix: str) -> Settings:
    """Returns the settings with another topic prefix."""
    return msgspec.structs.replace(settings, topics=msgspec.structs.replace(settings.topics, prefix=prefix))


def with_rules(settings: Settings, folder: Path, category: str, words: tuple[str, ...] = ("opens plant",)) -> Settings:
    """Returns the settings with one more rule: a headline with one of these phrases is in this category."""
    packaged = Path(__file__).parents[2] / "streams" / "prepare" / "classify" / "rules" / "en.toml"
    rule = f'\n[[rule]]\nid = "plants"\ncategory = "{category}"\nany = {json.dumps(words)}\n'
    path = folder / f"rules-{category}.toml"
    path.write_text(packaged.read_text(encoding="utf-8") + rule, encoding="utf-8")
    return msgspec.structs.replace(settings, prepare=msgspec.structs.replace(settings.prepare, rules=str(path)))


def with_changed_rule(settings: Settings, folder: Path) -> Settings:
    """Returns the settings with the added rule changed to another category."""
    return with_rules(settings, folder, "commodities")
