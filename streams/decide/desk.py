"""Obeys the commands by which persons change what readers see of a story, and takes them back."""

import msgspec
import orjson

from streams.decide import joins, output_records
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.pins import MAX_PINS, build_pin
from streams.decide.shown_again import build_nothing, build_shown, put_text, render, show_again, with_text
from streams.decide.state import Batch
from streams.decide.state_entries import Pin, StoryEntry, StoryStatus
from streams.decide.stories import list_rights_end
from streams.model.command_details import MAX_KILLED, Restoration, Undoing
from streams.model.records import Command, CommandAction, Effect, Outcome, WithdrawnStory
from streams.model.topics import LATEST

NO_TEXT = "the text of the story is not in the state"
CHANGES_NOTHING = "readers see this already; it holds for later versions too"


def change_story(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Obeys a command of `DESK_CHANGES`. Its outcome is `none` if it has nothing to do."""
    if command.action == CommandAction.SPLIT:
        return joins.split(state, command, log_offset, params)
    if command.action == CommandAction.UNDO:
        return _undo(state, command, log_offset, params)
    story = state.story_itself(command.uri)
    if story is None:
        return build_nothing(command, log_offset, None, "no such story")
    if command.action == CommandAction.JOIN:
        return joins.join(state, command, story, log_offset, params)
    if command.action == CommandAction.RESTORE:
        wanted = msgspec.convert(command.detail, Restoration)
        return joins.restore(state, command, story, wanted, log_offset, params)
    return _pin(state, command, story, log_offset, params)


def _undo(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    wanted = msgspec.convert(command.detail, Undoing)
    if wanted.action == CommandAction.KILL:
        return _bring_back(state, command, wanted, log_offset, params)
    story = state.story_itself(command.uri)
    if story is None:
        return build_nothing(command, log_offset, None, "no such story")
    if wanted.action == CommandAction.SPLIT:
        return joins.undo_split(state, command, story, wanted, log_offset, params)
    if wanted.action == CommandAction.JOIN:
        return joins.undo_join(state, command, story, wanted, log_offset, params)
    if wanted.restoration is not None:
        return joins.restore(state, command, story, wanted.restoration, log_offset, params)
    return _undo_pin(state, command, story, wanted, log_offset, params)


def _pin(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Keeps what a person sets on a live story, and shows it."""
    made = build_pin(command)
    if any(each.command == command.id for each in story.pinned):
        return build_nothing(command, log_offset, story, "done before")
    if len(story.pinned) >= MAX_PINS:
        return build_nothing(command, log_offset, story, f"{MAX_PINS} settings stand on it: undo some")
    return _set_pins(state, command, story, (*story.pinned, made), log_offset, params)


def _undo_pin(
    state: Batch, command: Command, story: StoryEntry, wanted: Undoing, log_offset: int, params: DecideParams
) -> FoldResult:
    """Removes what a command set. What others set later stays."""
    left = tuple(each for each in story.pinned if each.command != wanted.command)
    if len(left) == len(story.pinned):
        return build_nothing(command, log_offset, story, f"nothing of {wanted.command} stands on it")
    return _set_pins(state, command, story, left, log_offset, params)


def _set_pins(
    state: Batch,
    command: Command,
    story: StoryEntry,
    pinned: tuple[Pin, ...],
    log_offset: int,
    params: DecideParams,
) -> FoldResult:
    known = state.document(story.uri)
    if story.status is not StoryStatus.LIVE or known is None:
        reason = NO_TEXT if story.status is StoryStatus.LIVE else f"{command.action} finds the story {story.status}"
        return build_nothing(command, log_offset, story, reason)
    changed = msgspec.structs.replace(story, pinned=pinned)
    cause = output_records.command_cause(params.log_topic, log_offset)
    unchanged = orjson.loads(render(changed, known)[0]) == orjson.loads(render(story, known)[0])
    if unchanged:
        joins.put_story(state, changed)
        return build_nothing(command, log_offset, story, CHANGES_NOTHING, {"detail": command.detail})
    return build_shown(command, log_offset, story, show_again(state, command, story, changed, known, cause))


def _bring_back(state: Batch, command: Command, wanted: Undoing, log_offset: int, params: DecideParams) -> FoldResult:
    """Publishes stories again that a kill withdrew; `origin-index` of their records counts them."""
    found: list[WithdrawnStory] = []
    others: list[str] = []
    effects: list[Effect] = []
    for text in wanted.stories[:MAX_KILLED]:
        story = state.story_itself(text.uri)
        if story is None or story.killed_by != wanted.command or str(story.version) != text.version:
            others.append(text.uri)
            continue
        cause = output_records.command_cause(params.log_topic, log_offset, index=len(found))
        shown = show_again(state, command, story, with_text(story, text), put_text(state, text), cause)
        list_rights_end(state, story, _require(state, story.uri))
        found.append(WithdrawnStory(story.uri, shown.number, shown.left, shown.topics))
        effects += shown.effects
    evidence = {
        "detail": {"command": wanted.command, "action": wanted.action},
        **({"not brought back": others} if others else {}),
    }
    if not found:
        return build_nothing(command, log_offset, None, "none of its stories stands as the kill left it", evidence)
    evidence["stories"] = msgspec.to_builtins(found)
    decision = output_records.build_command_decision(
        command, log_offset, Outcome.REVISED, topics=(LATEST,), evidence=evidence
    )
    return decision, tuple(effects)


def _require(state: Batch, uri: str) -> StoryEntry:
    story = state.story_itself(uri)
    assert story is not None
    return story
