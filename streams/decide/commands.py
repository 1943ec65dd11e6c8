"""Applies commands: what an editor, a replay or the embargo timer does to a story."""

import msgspec

from streams.decide import desk, output_records
from streams.decide.outcomes import Ruling
from streams.decide.output_records import Cause, FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.reclassify import reclassify
from streams.decide.shown_again import build_nothing
from streams.decide.state import Batch
from streams.decide.state_entries import (
    StoryEntry,
    StoryStatus,
    decode_waiting_item,
    document_key,
    rights_key,
    story_key,
)
from streams.decide.stories import (
    WITHDRAWN_BY_DESK,
    WITHDRAWN_BY_SOURCE,
    ItemCase,
    advance,
    build_version_decision,
    build_version_effects,
    drop_joined_documents,
    end_wait,
    list_rights_end,
    seen_version,
)
from streams.decide.upgrade import clear_topics
from streams.decide.withdrawals import build_withdrawal
from streams.model.command_details import MAX_KILLED, RightsEnd, StoryList
from streams.model.records import (
    DEAD_LETTER_ACTIONS,
    DESK_CHANGES,
    Command,
    CommandAction,
    Effect,
    JsonObject,
    Outcome,
    WithdrawnStory,
)
from streams.model.topics import DEAD_LETTERS, LATEST

EMBARGO_TIMER = "releaser"
"""The `by` of releases of the embargo timer. A release by anyone else may end an embargo early."""


def apply_command(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Applies a command. Its outcome is `none` if it has nothing to do."""
    if command.action in DEAD_LETTER_ACTIONS:
        note = output_records.build_dead_letter_note(
            command, output_records.command_cause(params.log_topic, log_offset)
        )
        decision = output_records.build_command_decision(command, log_offset, Outcome.NONE, topics=(DEAD_LETTERS,))
        return decision, (note,)
    if command.action == CommandAction.KILL and not command.uri:
        return _kill_all(state, command, log_offset, params)
    if command.action in DESK_CHANGES:
        return desk.change_story(state, command, log_offset, params)
    if command.action == CommandAction.CLEAR:
        return clear_topics(state, command, log_offset, params)
    story = state.story_itself(command.uri)
    if command.action == CommandAction.EXPIRE:
        listed = msgspec.convert(command.detail, RightsEnd).rights_end
        state.put(rights_key(listed, command.uri), None)
    if story is None:
        return build_nothing(command, log_offset, None, "no such story")
    if command.action == CommandAction.EXPIRE and story.rights_end:
        return _expire(state, command, story, log_offset, params)
    if command.action == CommandAction.RELEASE and story.pending:
        if command.by == EMBARGO_TIMER and command.at.rstrip("Z") < story.release_at.rstrip("Z"):
            reason = f"under embargo until {story.release_at} since this release was due"
            return build_nothing(command, log_offset, story, reason)
        return _release(state, command, story, log_offset, params)
    if command.action == CommandAction.RECLASSIFY:
        return reclassify(state, command, story, log_offset, params)
    if command.action == CommandAction.KILL and story.status is not StoryStatus.WITHDRAWN:
        return _withdraw(state, command, story, log_offset, params, _tell_whether_final(command))
    return build_nothing(command, log_offset, story, f"{command.action} finds the story {story.status}")


def _release(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    item = decode_waiting_item(story)
    outcome = Outcome.REVISED if story.version else Outcome.PUBLISHED
    case = ItemCase(state, item, seen_version(item), story.uri, log_offset, params)
    made = advance(case, end_wait(story), Ruling(outcome))
    cause = output_records.command_cause(params.log_topic, log_offset, item.traceparent)
    evidence: JsonObject = msgspec.json.decode(story.evidence) if story.evidence else {}
    evidence |= made.evidence
    if story.copies:
        evidence["copies"] = list(story.copies)
    decision = build_version_decision(command, log_offset, outcome, story, made, evidence)
    return decision, build_version_effects(story, made, outcome, item, cause)


def _kill_all(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Withdraws the stories that a command lists; `origin-index` of their records counts them."""
    found: list[WithdrawnStory] = []
    others: list[str] = []
    effects: list[Effect] = []
    for uri in dict.fromkeys(msgspec.convert(command.detail, StoryList).uris[:MAX_KILLED]):
        story = state.story_itself(uri)
        if story is None or story.status is StoryStatus.WITHDRAWN:
            others.append(uri)
            continue
        cause = output_records.command_cause(params.log_topic, log_offset, index=len(found))
        gone, made = _kill(state, command, story, cause, params)
        found.append(gone)
        effects += made
    evidence: JsonObject = {
        "stories": msgspec.to_builtins(found),
        **({"not live": others} if others else {}),
        **_tell_whether_final(command),
    }
    if not found:
        return build_nothing(command, log_offset, None, "none of its stories is live", {"not live": others})
    decision = output_records.build_command_decision(
        command, log_offset, Outcome.WITHDRAWN, topics=(LATEST,), evidence=evidence
    )
    return decision, tuple(effects)


def _expire(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Withdraws a story whose usage rights have ended, unless a newer version moved that end."""
    if command.at.rstrip("Z") < story.rights_end.rstrip("Z"):
        reason = f"its usage rights end at {story.rights_end}"
        return build_nothing(command, log_offset, story, reason)
    evidence: JsonObject = {"rightsEnd": story.rights_end}
    return _withdraw(state, command, story, log_offset, params, evidence, note=WITHDRAWN_BY_SOURCE)


def _withdraw(
    state: Batch,
    command: Command,
    story: StoryEntry,
    log_offset: int,
    params: DecideParams,
    evidence: JsonObject,
    *,
    note: str = WITHDRAWN_BY_DESK,
) -> FoldResult:
    """Withdraws one story, and builds the decision on it."""
    cause = output_records.command_cause(params.log_topic, log_offset)
    gone, effects = _kill(state, command, story, cause, params, note=note)
    decision = output_records.build_command_decision(
        command,
        log_offset,
        Outcome.WITHDRAWN,
        story,
        version=gone.version,
        topics=(LATEST,),
        left=gone.left,
        evidence=evidence,
    )
    return decision, effects


def _kill(
    state: Batch,
    command: Command,
    story: StoryEntry,
    cause: Cause,
    params: DecideParams,
    *,
    note: str = WITHDRAWN_BY_DESK,
) -> tuple[WithdrawnStory, tuple[Effect, ...]]:
    known = state.document(story.uri) if story.version else None
    number, left, effects = build_withdrawal(story, known, command, cause, note=note)
    if story.pending:
        tombstone = output_records.build_withheld_tombstone(
            story.uri, cause, story.source, command.at, number, Outcome.WITHDRAWN
        )
        effects = (*effects, tombstone)
    changed = msgspec.structs.replace(
        end_wait(story),
        expires=state.progress.clock + params.memory,
        version=story.version + 1,
        status=StoryStatus.WITHDRAWN,
        topics=(),
        labels=(),
        rights_end="",
        killed_by=command.id if _may_be_undone(command) else "",
    )
    state.put(story_key(story.uri), changed)
    state.put(document_key(story.uri), None)
    drop_joined_documents(state, story)
    list_rights_end(state, story, changed)
    return WithdrawnStory(story.uri, number, left), effects


def _tell_whether_final(command: Command) -> JsonObject:
    return {"final": True} if msgspec.convert(command.detail, StoryList).final else {}


def _may_be_undone(command: Command) -> bool:
    return command.action == CommandAction.KILL and not msgspec.convert(command.detail, StoryList).final
