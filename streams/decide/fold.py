"""The fold: (state, log record) -> (state, decision, effects). The only writer of outcomes; pure.

Time is the record's received time, and never goes backwards; a command's time moves nothing.
"""

from datetime import UTC, datetime

import msgspec

from streams.decide import commands, output_records, seen_positions, stories
from streams.decide.output_records import Outcome
from streams.decide.parameters import Rulebook, milliseconds
from streams.decide.state import Overlay
from streams.decide.state_entries import PROGRESS, Progress, RawSeen
from streams.decide.state_store import StoreError
from streams.model.errors import Reason
from streams.model.records import Command, Fate, Item, LogRecord, Refusal
from streams.model.timestamps import rfc3339


def apply(batch: Overlay, record: LogRecord, log_offset: int, rules: Rulebook) -> Outcome:
    """Folds one record into the batch. An exception dead-letters the record and leaves the state as it was.

    But for `StoreError`, which is no fault of the record.
    """
    step = Overlay(batch)
    try:
        decision, effects = _fold(step, record, log_offset, rules)
    except StoreError:
        raise
    except Exception as error:  # the one place; a bug must cost one item, not the stream
        step = Overlay(batch)
        decision, effects = _failed(step, record, log_offset, rules, f"{type(error).__name__}: {error}")
    batch.absorb(step)
    return decision, (*effects, output_records.decision_effect(decision))


def _fold(state: Overlay, record: LogRecord, log_offset: int, rules: Rulebook) -> Outcome:
    if isinstance(record, Command):
        _advance(state, log_offset, 0, rules)
        return commands.obey(state, record, log_offset, rules)
    _advance(state, log_offset, milliseconds(record.received), rules)
    if not _first_time(state, record):
        return output_records.of_record(record, log_offset, Fate.REPEAT), ()
    if isinstance(record, Refusal):
        decision = output_records.of_record(
            record,
            log_offset,
            Fate.REJECTED,
            topics=("dead-letters",),
            code=record.code,
            message=record.message,
        )
        return decision, output_records.dead_letter(record)
    return stories.decide(state, record, log_offset, rules)


def _failed(state: Overlay, record: LogRecord, log_offset: int, rules: Rulebook, message: str) -> Outcome:
    if isinstance(record, Command):
        _advance(state, log_offset, 0, rules)
        return output_records.of_command(record, log_offset, Fate.NONE, evidence={"error": message}), ()
    record = _timed(record)
    _advance(state, log_offset, milliseconds(record.received), rules)
    if not _first_time(state, record):
        return output_records.of_record(record, log_offset, Fate.REPEAT), ()
    refusal = Refusal(
        origin=record.origin,
        source=record.source,
        wire_format=record.wire_format,
        received=record.received,
        content_type=output_records.JSON,
        code=Reason.INTERNAL.value,
        message=message,
        stage="decide",
        attempts=1,
        traceparent=record.traceparent,
        body=bytes(record.event) if isinstance(record, Item) else record.body,
    )
    decision = output_records.of_record(
        record, log_offset, Fate.REJECTED, topics=("dead-letters",), code=refusal.code, message=message
    )
    return decision, output_records.dead_letter(refusal)


def _timed(record: Item | Refusal) -> Item | Refusal:
    """The record with a received time that can be read: that of its raw record where its own cannot."""
    try:
        milliseconds(record.received)
    except ValueError:
        recorded = datetime.fromtimestamp(record.origin.timestamp / 1000, UTC)
        return msgspec.structs.replace(record, received=rfc3339(recorded))
    return record


def _advance(state: Overlay, log_offset: int, time: int, rules: Rulebook) -> None:
    """Moves on in the log, and the clock to the received time (0 for a command, which moves no clock).

    A time so far ahead that the window would be empty moves it only when `clock_items` records in a row say so: then
    to the earliest of their times. So one wrong clock among others empties nothing, and a pause of days or an archive
    of another year costs the texts of a few items.
    """
    last = state.progress
    clock, ahead, ahead_from = last.clock, last.ahead, last.ahead_from
    if time > clock + rules.window and clock:
        ahead, ahead_from = ahead + 1, min(ahead_from or time, time)
        if ahead >= rules.clock_items:
            clock, ahead, ahead_from = ahead_from, 0, 0
    elif time:
        clock, ahead, ahead_from = max(clock, time), 0, 0
    state.put(PROGRESS, Progress(next_offset=log_offset + 1, clock=clock, ahead=ahead, ahead_from=ahead_from))


def _first_time(state: Overlay, record: Item | Refusal) -> bool:
    key = seen_positions.raw_key(record.origin)
    before = state.get(key)
    seen = seen_positions.see(before if isinstance(before, RawSeen) else None, record.origin)
    if seen is not None:
        state.put(key, seen)
    return seen is not None
