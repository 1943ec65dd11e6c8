"""Sums up what a new feed would bring: formats, languages, times, ids, copies, sections, and its settings (pure)."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.model.records import Decision, Item, LogRecord, Outcome
from streams.model.topics import LATEST

SHOWN = 50
"""Items of which the sections are listed."""
NAMED = 5
"""Duplicates and refusals that are shown."""
MOST = 0.9
"""Share of the items that must agree before a setting is proposed for all."""


class TriedItem(NamedTuple):
    """An item of the feed, after the map and the fold."""

    record: LogRecord
    decision: Decision


def format_trial(tried: Sequence[TriedItem], source: str, url: str = "") -> Iterator[str]:
    """Formats the lines of `newswire source try`; the last ones are the settings to paste."""
    items = [(each.record, each.decision) for each in tried if isinstance(each.record, Item)]
    formats = Counter(each.decision.wire_format or "unknown" for each in tried)
    languages = Counter(_read_language(item) for item, _ in items)
    times: Counter[str] = Counter(item.time_source for item, _ in items)
    yield f"items      {len(tried)}, of them {len(items)} can be read"
    yield f"format     {_count(formats)}"
    if not items:
        yield from _format_refusals(tried)
        return
    yield f"language   {_count(languages)}"
    note = "  (received: the wire gives none, or none with a zone)" if times["received"] else ""
    yield f"times      {_count(times)}{note}"
    yield from _format_ids([item for item, _ in items])
    yield from _format_copies(items)
    yield from _format_refusals(tried)
    yield ""
    for item, decision in items[:SHOWN]:
        sections = ", ".join(topic for topic in decision.topics if topic != LATEST) or "-"
        yield f"{decision.outcome.value:<10} {sections:<50} {item.headline}"
    if len(items) > SHOWN:
        yield f"… and {len(items) - SHOWN} more"
    yield ""
    yield from _format_settings(source, url, languages, times, items)


def _read_language(item: Item) -> str:
    return str(json.loads(bytes(item.event)).get("language", "und"))


def _count(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def _format_ids(items: Sequence[Item]) -> Iterator[str]:
    ids = Counter(item.id for item in items if item.id)
    shared = [id_ for id_, count in ids.items() if count > 1]
    with_version = sum(bool(item.version) for item in items)
    yield (
        f"ids        {sum(ids.values())} of {len(items)} items have one, {with_version} with a version;"
        f" {len(shared)} stand at several items"
    )
    for id_ in shared[:NAMED]:
        yield f"           {ids[id_]} items have {id_[:100]}"


def _format_copies(items: Sequence[tuple[Item, Decision]]) -> Iterator[str]:
    copies = [(item, decision) for item, decision in items if decision.outcome is Outcome.DUPLICATE]
    yield f"duplicates {len(copies)} among them"
    for item, decision in copies[:NAMED]:
        yield f"           {decision.match_kind}: {item.headline}"


def _format_refusals(tried: Sequence[TriedItem]) -> Iterator[str]:
    refused = [each.decision for each in tried if each.decision.outcome is Outcome.REJECTED]
    yield f"refused    {len(refused)}"
    for (code, message), count in Counter((each.error_code, each.error_message) for each in refused).most_common(NAMED):
        yield f"           {count} {code}: {message[:200]}"


def _format_settings(
    source: str, url: str, languages: Counter[str], times: Counter[str], items: Sequence[tuple[Item, Decision]]
) -> Iterator[str]:
    """Formats what is to be pasted. A value that the items do not tell stands as a comment."""
    language, count = languages.most_common(1)[0]
    yield "# newswire.toml"
    yield f"[sources.{json.dumps(source) if not source.replace('-', '').isalnum() else source}]"
    yield 'name = "…"                # as the wire writes itself in its texts'
    yield f'code = "{source[:2].upper()}"                # two characters in the ticker'
    yield 'kind = "other"            # release-wire, agency, aggregator or other'
    if count >= MOST * len(items) and language != "und":
        yield f'language = "{language}"           # {count} of {len(items)} items'
    else:
        yield '# language = "…"          # its items are of several languages'
    if times["received"] or times["assumed-zone"]:
        yield '# zone = "Europe/Berlin"  # where its times have no zone: that of its office'
    yield "full_text = false         # true where its rights let anyone read the text"
    if url:
        yield ""
        yield "# feeders.toml"
        yield f"[feeds.{source}]"
        yield f"url = {json.dumps(url)}"
        yield "seconds = 60"
