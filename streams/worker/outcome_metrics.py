"""Counts and logs what became of the items of a batch, after it was committed, and what the state has."""

import re
import time

import structlog

from streams.decide.state import State
from streams.decide.stories import LOST_TEXT
from streams.model.errors import Reason
from streams.model.headers import headers_as_text, read_source_id
from streams.model.records import DESK_CHANGES, CommandAction, Decision, Effect, Outcome, split_by_story
from streams.model.timestamps import HOLD
from streams.model.topics import CATEGORIES, DEAD_LETTERS, DUPLICATES, LATEST
from streams.runtime import logging, metrics

log = structlog.get_logger()
NOT_NEW = (CommandAction.RELEASE, CommandAction.RECLASSIFY, CommandAction.CLEAR, *DESK_CHANGES)
"""Commands whose outcome is not counted: the item was counted when it came in."""
_LANGUAGE = re.compile(rb'"language":"([^"\\]*)"')


def _count_published(decision: Decision, source: str, sent: Effect | None) -> None:
    """Counts the language and the companies of an item that was published or revised.

    It looks for them in the bytes of the document: to parse it once more would cost more than all other metrics. Within
    a text, quotation marks have a backslash, so a text is never taken for a field.
    """
    document = (sent and sent.value) or b""
    found = _LANGUAGE.search(document)
    language = metrics.language_label(found[1].decode() if found else "")
    metrics.BY_LANGUAGE.labels(source, language).inc()
    if decision.topics == (LATEST,):
        metrics.UNCLASSIFIED.labels(source, language).inc()
    named = next((rel for rel in ("about", "mentions") if b'"rel":"%s"' % rel.encode() in document), "none")
    metrics.COMPANIES_FOUND.labels(source, named).inc()


def record_outcomes(decisions: list[Decision], effects: list[Effect]) -> None:
    """Counts and logs the decisions of a batch and what was sent for them."""
    now = time.time()
    latest = {effect.key: effect for effect in effects if effect.topic == LATEST and effect.value}
    for decision in decisions:
        source = metrics.source_label(decision.source or "command")
        if decision.action not in NOT_NEW:
            metrics.ITEMS.labels(decision.outcome.value, source).inc(len(split_by_story(decision)))
        if decision.outcome is Outcome.REVISED and decision.evidence.get("text") == LOST_TEXT:
            metrics.PARTIAL.inc()
        if decision.outcome in (Outcome.PUBLISHED, Outcome.REVISED):
            _count_published(decision, source, latest.get(decision.uri.encode()))
        _log_outcome(decision)
        if decision.origin is not None and decision.outcome is not Outcome.REPEAT:
            metrics.END_TO_END_SECONDS.observe(max(0.0, now - decision.origin.timestamp / 1000))
    for effect in effects:
        if (effect.topic in CATEGORIES and effect.value is not None) or effect.topic == LATEST:
            metrics.PUBLISHED.labels(effect.topic).inc()
        elif effect.topic == DEAD_LETTERS and effect.value is not None:
            named = headers_as_text(effect.headers, "strict")
            metrics.DEAD_LETTERS.labels(named["error-code"], named["error-stage"]).inc()
        elif effect.topic == DUPLICATES:
            source = read_source_id(effect.headers)
            later = max(0, int(headers_as_text(effect.headers, "strict")["seconds-later"]))
            metrics.DUPLICATE_DELAY_SECONDS.labels(metrics.source_label(source)).observe(later)


def _log_outcome(decision: Decision) -> None:
    """Logs the outcome of an item with what identifies it: refusals at INFO, other outcomes at DEBUG."""
    if not decision.error_code and not logging.writes_debug():
        return
    about = {
        "position": str(decision.origin or ""),
        "log_offset": decision.log_offset,
        "uri": decision.uri,
        "source": decision.source,
    }
    if decision.error_code == Reason.INTERNAL:
        log.error("bug", why=decision.error_message, **about)
    elif decision.error_code:
        log.info("rejected", code=decision.error_code, why=decision.error_message, **about)
    else:
        log.debug("decided", fate=decision.outcome.value, version=decision.version, **about)


def set_state_gauges(state: State) -> None:
    """Sets the gauges of the stories that the state has."""
    metrics.STATE_ITEMS.set(state.stories)
    metrics.STATE_ENTRIES.set(len(state))
    metrics.STATE_CLOCK.set(state.progress.clock / 1000)
    withheld = state.withheld()
    metrics.WITHHELD.set(len(withheld))
    metrics.HELD.set(sum(story.release_at == HOLD for story in withheld))
