"""Turns a raw record into its log records: the map of the pipeline, as one pure function.

The workers and `newswire process` call it. It is written in steps: a generator whose `yield` ends a step. A batch goes
through each step as a whole (`run_together`), so that the code and the tables of the step stay in the caches of the
processor. That takes a third less time than one record after another.
"""

from collections.abc import Generator, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec
import orjson

from streams.model.errors import Reason, Reject
from streams.model.records import Company, Item, Origin, Raw, Refusal, Status, Story
from streams.model.sources import Source, Sources
from streams.model.timestamps import HOLD, UNTIL_FURTHER_NOTICE, format_rfc3339
from streams.model.topics import MAX_ITEM_BYTES
from streams.prepare import facts, ninjs_document, normalise, raw_records
from streams.prepare.classify.classifier import Classifiers, classify
from streams.prepare.classify.rules import tokenize_item_with_headline
from streams.prepare.classify.sectors import SectorFinder
from streams.prepare.companies.issuer import find_issuer
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.resolve import build_company_keys, resolve_companies
from streams.prepare.facts import events
from streams.prepare.formats.document import DEFAULT_LIMITS, Document, Limits
from streams.prepare.formats.registry import Format, find_format
from streams.prepare.text import embargo, fingerprint, references
from streams.prepare.text.added_lines import drop_added_lines, read_entities
from streams.prepare.text.language import detect_language
from streams.prepare.text.plain import one_line, sanitise_html
from streams.prepare.text.release_copy import read_headline_status
from streams.prepare.text.text_hash import hash_text
from streams.prepare.ticker_headline import build_ticker_headline

T = TypeVar("T")
Steps = Generator[None, None, T]
"""A computation that stops after each of its steps."""
MAX_ID = 2000
"""Characters of a provider's id or version; a longer one is a mistake and would not fit into a Kafka key."""
MAX_MESSAGE = 1000
"""Characters of a refusal's message, which becomes a header and may quote what the wire wrote."""
_WITH_CAPTION = frozenset({"audio", "video", "picture", "graphic"})
"""Types of items whose summary is a caption: it tells apart what one headline is sent with."""
MAX_WIRE_AHEAD = timedelta(hours=24)
"""A wire time further ahead of the received time comes from a wrong clock or date, not from a misread zone."""


class Knowledge(msgspec.Struct, frozen=True):
    """All that prepare knows beside the record: tables, classifiers and limits."""

    sources: Sources
    classifiers: Classifiers
    reference: Reference
    sectors: SectorFinder
    limits: Limits = DEFAULT_LIMITS

    @property
    def versions(self) -> dict[str, str]:
        """The version of each table and classifier; an item carries them as `prepared_with`."""
        return {
            **self.classifiers.versions,
            "reference": self.reference.version,
            "sectors": self.sectors.version,
            "sources": self.sources.version,
        }


def run_together(computations: Iterable[Steps[T]]) -> list[T]:
    """Runs computations step by step, each step of all of them before the next one, and returns their results."""
    results: dict[int, T] = {}
    running = list(enumerate(computations))
    while running:
        unfinished = []
        for at, steps in running:
            try:
                next(steps)
            except StopIteration as end:
                results[at] = end.value
            else:
                unfinished.append((at, steps))
        running = unfinished
    return [results[at] for at in range(len(results))]


def prepare(raw: Raw, knowledge: Knowledge) -> tuple[Item | Refusal, ...]:
    """Returns at least one log record for a raw record: its items, or refusals of items or of the whole record.

    An exception is a bug; the caller turns it into a refusal `internal` (`refuse`).
    """
    [records] = run_together([prepare_in_steps(raw, knowledge)])
    return records


def prepare_in_steps(raw: Raw, knowledge: Knowledge) -> Steps[tuple[Item | Refusal, ...]]:
    """Does what `prepare` does, in steps."""
    try:
        found, stories = _parse(raw, knowledge)
        if not stories:
            raise Reject(Reason.EMPTY, f"a {found.name} document with no item in it")
    except Reject as reject:
        return (refuse(raw, reject.reason, reject.message, stage="parse"),)
    yield
    records: list[Item | Refusal] = []
    for index, story in enumerate(stories):
        origin = _build_origin(raw, index, len(stories))
        try:
            if isinstance(story, Reject):
                raise story
            records.append((yield from _build_item(story, raw, origin, knowledge, found)))
        except Reject as reject:
            records.append(
                refuse(raw, reject.reason, reject.message, stage="prepare", origin=origin, wire_format=found.name)
            )
    refused = sum(isinstance(record, Refusal) for record in records)
    if refused > 1 and refused * len(raw.body) > MAX_ITEM_BYTES:
        # Each refusal carries the whole raw record: so many of them would flood the log.
        message = (
            f"{refused} of its {len(records)} items are refused, the first because {_first_refusal_message(records)}"
        )
        return (refuse(raw, Reason.MALFORMED, message, stage="prepare", wire_format=found.name),)
    return tuple(records)


def _parse(raw: Raw, knowledge: Knowledge) -> tuple[Format, tuple[Story | Reject, ...]]:
    """Returns the format of a raw record and its stories. Raises `Reject`."""
    raw_records.check_raw_record(raw, knowledge.limits)
    document = Document(raw, knowledge.limits.depth)
    found = find_format(document)
    return found, found.parse(document)


def _first_refusal_message(records: list[Item | Refusal]) -> str:
    """Returns the message of the first refusal."""
    return next(record.message for record in records if isinstance(record, Refusal))


def read_wire_time(raw: Raw, knowledge: Knowledge) -> datetime | None:
    """Returns the first time that the wire gives in this record, for `--received-at wire`; None where it gives none."""
    try:
        found, stories = _parse(raw, knowledge)
    except Reject:
        return None
    source = knowledge.sources.get(raw.source)
    for story in (each for each in stories if isinstance(each, Story)):
        times = normalise.resolve_times(story, raw, source, _find_wire(story, found, knowledge))
        if times.source != "received":
            return datetime.fromisoformat(times.version_created)
    return None


def refuse(
    raw: Raw, reason: Reason, message: str, *, stage: str, origin: Origin | None = None, wire_format: str = ""
) -> Refusal:
    """Builds the refusal of an item; without `origin`, that of the whole record."""
    return Refusal(
        origin=origin or _build_origin(raw, 0, 1),
        source=raw.source[: raw_records.MAX_SOURCE] or "unknown",
        wire_format=wire_format,
        received=format_rfc3339(raw.received),
        content_type=raw.content_type,
        code=reason.value,
        message=one_line(message)[:MAX_MESSAGE],
        stage=stage,
        attempts=raw.attempts,
        traceparent=raw.traceparent,
        body=raw.body,
    )


def _build_origin(raw: Raw, index: int, count: int) -> Origin:
    (topic, partition, offset), timestamp = raw.position
    return Origin(topic=topic, partition=partition, offset=offset, timestamp=timestamp, index=index, count=count)


def _find_wire(story: Story, wire_format: Format, knowledge: Knowledge) -> Source | None:
    """Finds the wire that wrote the times of a story; None where the format does not tell."""
    known = knowledge.sources.by_name(story.distributor) if wire_format.own_times else ""
    return knowledge.sources.get(known) if known else None


def _build_item(story: Story, raw: Raw, origin: Origin, knowledge: Knowledge, wire_format: Format) -> Steps[Item]:
    source = knowledge.sources.get(raw.source)
    killed = story.status is Status.WITHDRAWN
    whole_text = story.whole_text or story.text
    held = story.embargoed_until == UNTIL_FURTHER_NOTICE  # by its format: its whole story waits
    by_wire = _find_wire(story, wire_format, knowledge)
    zone = source.time_zone or (by_wire.time_zone if by_wire else None)
    story = normalise.complete_story(embargo.complete_embargo(story, zone, raw.received))
    yield
    refers = references.read_references(story)
    story = msgspec.structs.replace(story, status=refers.status)
    held = held or story.status is Status.HOLD
    if story.status is Status.TEST:
        raise Reject(Reason.TEST_ITEM, "the wire marks this item as a test")
    identity = normalise.resolve_identity(story, raw, source, alone=origin.count == 1)
    longest = max(map(len, (identity.guid, identity.id, identity.version)))
    if longest > MAX_ID:
        raise Reject(Reason.MALFORMED, f"the item's id has {longest} characters; at most {MAX_ID} are read")
    if not (story.headline or story.text or story.summary or story.ed_note) and not (
        story.status is Status.WITHDRAWN and identity.id
    ):
        raise Reject(Reason.MISSING_FIELD, "the item has neither a headline nor a text")
    times = normalise.resolve_times(story, raw, source, _find_wire(story, wire_format, knowledge))
    yield
    language = detect_language(story.language or source.language, story.headline, story.text)
    distributor = normalise.resolve_distributor(story, raw, knowledge.sources)
    release_wire = distributor.source is not None and distributor.source.kind == "release-wire"
    issuer_stated = bool(story.issuer)
    yield
    if release_wire and not issuer_stated:
        story = msgspec.structs.replace(story, issuer=find_issuer(story))
    yield
    organisations, mentions = resolve_companies(story, knowledge.reference, issuer_stated=issuer_stated)
    yield
    read = tokenize_item_with_headline(story.headline, story.text or story.summary)
    yield
    stated = facts.find_facts(story.headline, story.text, language)
    today = datetime.fromisoformat(times.version_created).date()
    yield
    announced = events.find_events(story.headline, story.text, stated, today)
    yield
    labels = classify(
        knowledge.classifiers,
        read,
        language=language,
        release_wire=release_wire,
        has_company=any(row.rel == "about" for row in organisations),
        release_copy=bool(story.boilerplate or story.issuer),
        wire_codes=story.codes,
        announced=next((f"{one.name} {one.day}" for one in announced if one.id in events.MEETING_IDS), ""),
    )
    yield
    ticker = build_ticker_headline(story, organisations, source.marks, language)
    only_words = story.subheadline  # notices of exchanges name their company only there
    by_caption = not story.text and story.type in _WITH_CAPTION and bool(story.summary)
    if by_caption:
        only_words = story.summary
    elif not (story.headline or only_words):
        only_words = story.summary or story.ed_note
    compared = story.text or only_words
    yield
    text_hash = hash_text(story.headline, whole_text or only_words)
    yield
    title, bare = read_entities(story.headline), read_entities(drop_added_lines(compared))
    yield
    old_hash, text_fingerprint = fingerprint.fingerprint_text(title, bare, story.located, language)
    if bare is not compared or title is not story.headline:
        old_hash = fingerprint.hash_old_text(story.headline, compared)
    yield
    document = orjson.dumps(
        ninjs_document.build_document(
            story,
            identity=identity,
            times=times,
            language=language,
            ticker=ticker,
            organisations=organisations,
            events=announced,
            labels=labels,
            sectors=knowledge.sectors.find(
                read, story.boilerplate, _list_subject_names(story, organisations), story.codes
            ),
            distributor=distributor,
            carrier=normalise.resolve_carrier(story, raw, knowledge.sources, distributor),
            safe_html=sanitise_html(story.html) if story.html else "",
            content_hash=text_hash,
        )
    )
    yield
    copies = len(labels) + 1
    if len(document) * copies > MAX_ITEM_BYTES:
        raise Reject(
            Reason.TOO_LARGE,
            f"{len(document)} bytes in each of {copies} topics; the limit is {MAX_ITEM_BYTES} in all",
        )
    return Item(
        origin=origin,
        source=raw.source,
        wire_format=wire_format.name,
        received=format_rfc3339(raw.received),
        time_source=times.source,
        id=identity.id,
        guid=identity.guid,
        version=identity.version,
        version_created=_choose_order_time(times, raw),
        first_created=times.first_created,
        status=Status.WITHDRAWN if held else story.status,
        embargoed_until=HOLD if held else times.embargoed_until,
        text_hash=text_hash,
        old_text_hash="" if by_caption else old_hash,  # version 1 had no caption: all of one headline were equal
        has_body=bool(story.text),
        headline=ticker,
        symbols=build_company_keys(organisations),
        facts=stated,
        mentions=mentions,
        labels=labels,
        fingerprint=text_fingerprint,
        replaces=_find_replaced_ids(story, identity.id, source, itself=killed and not refers.quotes),
        quotes=refers.quotes,
        prepared_with=knowledge.versions,
        rights="full" if source.full_text else "restricted",
        rights_end=normalise.resolve_rights_end(story, times, raw.received, source),
        traceparent=raw.traceparent,
        event=msgspec.Raw(document),
    )


def _find_replaced_ids(story: Story, own_id: str, source: Source, *, itself: bool) -> tuple[str, ...]:
    """Returns the ids of the items that an item replaces.

    A kill by the status of its format replaces the item of its own id (`itself`). A kill by its headline (`KILL: …`)
    does not: it is a notice with an id of its own, and may mean any story.
    """
    named = dict.fromkeys(each for guid in story.replaces for each in (source.split_version(guid)[0], guid))
    if itself and not named and own_id and read_headline_status(story.headline) is Status.USABLE:
        return (own_id,)
    return tuple(named)


def _list_subject_names(story: Story, organisations: tuple[Company, ...]) -> tuple[str, ...]:
    """Returns the names of the issuer and of the companies that the item is about."""
    names = (story.issuer, *(row.name for row in organisations if row.rel == "about"))
    return tuple(filter(None, names))


def _choose_order_time(times: normalise.Times, raw: Raw) -> str:
    """Returns the time that orders the versions of a story; empty where the wire gives none that can be trusted."""
    if times.source == "received":
        return ""
    # After one version of the year 2062, every true version would be older and suppressed for good.
    ahead = datetime.fromisoformat(times.version_created) - raw.received > MAX_WIRE_AHEAD
    return "" if ahead else times.version_created
