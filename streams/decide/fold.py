"""The fold: (state, log record) -> (state, decision, effects). Pure, and the only writer of outcomes.

Its time is the received time of the records and never goes backwards; the time of a command does not move it.
"""

from datetime import UTC, datetime

import msgspec

from streams.decide import commands, output_records, seen_positions, stories
from streams.decide.outcomes import claims_embargo, is_embargoed
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams, parse_milliseconds
from streams.decide.state import Batch
from streams.decide.state_entries import (
    DESK_STATE_FORMAT,
    PROGRESS,
    Progress,
    SeenOffsets,
    StoredFingerprint,
    fingerprint_key,
)
from streams.decide.state_store import StoreError
from streams.model.codec import FOLD_STAGE
from streams.model.errors import Reason
from streams.model.records import DESK_FORMAT, Command, Item, LogRecord, Outcome, Refusal
from streams.model.timestamps import format_rfc3339
from streams.model.topics import DEAD_LETTERS

TOLD_IN_DEAD_LETTER = "the item speaks of an embargo: its dead letter says what is wrong"
"""The message in the decision on a refused item that may be under embargo. The true one may quote the item."""


def apply(batch: Batch, record: LogRecord, log_offset: int, params: DecideParams) -> FoldResult:
    """Folds one record into the batch. An exception dead-letters the record and leaves the state as it was.

    `StoreError` is the exception: no record is at fault, so it is raised to the caller.
    """
    batch.begin_record()
    try:
        decision, effects = _fold(batch, record, log_offset, params)
    except StoreError:
        raise
    except Exception as error:  # the only such place: a bug must cost one item, not the stream
        batch.roll_back_record()
        decision, effects = _fail(batch, record, log_offset, params, f"{type(error).__name__}: {error}")
    return decision, (*effects, output_records.build_decision_effect(decision))


def _fold(state: Batch, record: LogRecord, log_offset: int, params: DecideParams) -> FoldResult:
    if isinstance(record, Command):
        _advance(state, log_offset, 0, params)
        if record.format >= DESK_FORMAT:
            state.put(PROGRESS, msgspec.structs.replace(state.progress, format=DESK_STATE_FORMAT))
        return commands.apply_command(state, record, log_offset, params)
    if isinstance(record, Refusal) and record.stage == FOLD_STAGE:  # bytes that are no log record: no item, no time
        _advance(state, log_offset, 0, params)
        return _reject(record, record, log_offset)
    _advance(state, log_offset, parse_milliseconds(record.received), params)
    if not _mark_first_time(state, record):
        return output_records.build_decision(record, log_offset, Outcome.REPEAT), ()
    if isinstance(record, Refusal):
        return _reject(record, record, log_offset)
    return stories.decide_item(state, record, log_offset, params)


def _fail(state: Batch, record: LogRecord, log_offset: int, params: DecideParams, message: str) -> FoldResult:
    if isinstance(record, Command):
        _advance(state, log_offset, 0, params)
        decision = output_records.build_command_decision(record, log_offset, Outcome.NONE, evidence={"error": message})
        return decision, ()
    record = _with_readable_time(record)
    _advance(state, log_offset, parse_milliseconds(record.received), params)
    if not _mark_first_time(state, record):
        return output_records.build_decision(record, log_offset, Outcome.REPEAT), ()
    refusal = Refusal(
        origin=record.origin,
        source=record.source,
        wire_format=record.wire_format,
        received=record.received,
        content_type=output_records.JSON,
        code=Reason.INTERNAL.value,
        message=message,
        stage=FOLD_STAGE,
        attempts=1,
        traceparent=record.traceparent,
        body=bytes(record.event) if isinstance(record, Item) else record.body,
    )
    return _reject(record, refusal, log_offset)


def _reject(record: Item | Refusal, refusal: Refusal, log_offset: int) -> FoldResult:
    message = refusal.message
    if isinstance(record, Item) and is_embargoed(record):  # the message of an error may quote the item
        message = message.partition(":")[0]
    elif isinstance(record, Refusal) and claims_embargo(record.body):
        message = TOLD_IN_DEAD_LETTER
    decision = output_records.build_decision(
        record,
        log_offset,
        Outcome.REJECTED,
        topics=(DEAD_LETTERS,),
        code=refusal.code,
        message=message,
    )
    return decision, output_records.build_dead_letter(refusal)


def _with_readable_time(record: Item | Refusal) -> Item | Refusal:
    """Replaces a received time that cannot be parsed by the time of the raw record."""
    try:
        parse_milliseconds(record.received)
    except ValueError:
        appended = datetime.fromtimestamp(record.origin.timestamp / 1000, UTC)
        return msgspec.structs.replace(record, received=format_rfc3339(appended))
    return record


def _advance(state: Batch, log_offset: int, time: int, params: DecideParams) -> None:
    """Moves the log offset on, and the clock to the received time (0 for a command, which does not move it).

    A time so far ahead that it would expire the whole window moves the clock only when `clock_items` records in a row
    are that far ahead; then to the earliest of their times. So one wrong clock among others empties no window. After a
    pause of days the fingerprints of these records live on by the new time.
    """
    last = state.progress
    clock, ahead, ahead_from = last.clock, last.ahead, last.ahead_from
    if time > clock + params.window and clock:
        ahead, ahead_from = ahead + 1, min(ahead_from or time, time)
        if ahead >= params.clock_items:
            _renew_fingerprints(state, log_offset, ahead_from, params)
            clock, ahead, ahead_from = ahead_from, 0, 0
    elif time:
        clock, ahead, ahead_from = max(clock, time), 0, 0
    state.put(
        PROGRESS,
        Progress(format=last.format, next_offset=log_offset + 1, clock=clock, ahead=ahead, ahead_from=ahead_from),
    )


def _renew_fingerprints(state: Batch, log_offset: int, clock: int, params: DecideParams) -> None:
    """Gives the fingerprints of the records that the clock now follows the life that they have by the new clock."""
    ahead: list[tuple[int, StoredFingerprint]] = []
    for number in range(log_offset - 1, max(-1, log_offset - MOST_LOOKED_AT), -1):
        entry = state.fingerprint(number)
        if entry is not None:
            if entry.received < clock:
                break
            ahead.append((number, entry))
    for number, entry in reversed(ahead):
        expires = clock + params.window + params.renewed_after + 1
        state.renew(fingerprint_key(number), msgspec.structs.replace(entry, expires=expires))


MOST_LOOKED_AT = 64
"""Records of the log in which those that are ahead of the clock are looked for; between them may be commands."""


def _mark_first_time(state: Batch, record: Item | Refusal) -> bool:
    """Marks an item as seen; False if the log had it before."""
    key = seen_positions.seen_offsets_key(record.origin)
    before = state.get(key)
    seen = seen_positions.mark_seen(before if isinstance(before, SeenOffsets) else None, record.origin)
    if seen is not None:
        state.put(key, seen)
    return seen is not None
