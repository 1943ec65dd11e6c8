"""Obeys `split` and `join`: which items are one story, as a person says.

A story that was joined into another keeps its entry, which points there (`Batch.story`): so all ids, texts and
fingerprints of it are those of the other story, and an undo of the join needs nothing from the log.
"""

import msgspec

from streams.decide import outcomes, output_records
from streams.decide.matching import item_id
from streams.decide.output_records import FoldResult
from streams.decide.parameters import DecideParams
from streams.decide.shown_again import build_nothing, build_shown, put_text, show_again, with_text
from streams.decide.state import MOST_JOINS, Batch
from streams.decide.state_entries import (
    Alias,
    JoinedStory,
    RightsExpiry,
    SeenVersion,
    StoryDocument,
    StoryEntry,
    StoryStatus,
    document_key,
    fingerprint_key,
    id_key,
    rights_key,
    story_key,
    text_key,
)
from streams.decide.stories import (
    MAX_SYMBOLS,
    MAX_WIRES,
    WITHDRAWN_BY_DESK,
    ItemCase,
    advance,
    build_version_decision,
    build_version_effects,
    list_rights_end,
    open_story,
    seen_version,
)
from streams.decide.url_ids import normalise_url_id
from streams.decide.withdrawals import build_withdrawal
from streams.model.codec import decode
from streams.model.command_details import Join, Restoration, Split, Undoing
from streams.model.records import Command, CommandAction, Item, JsonObject, Outcome, Status
from streams.model.topics import LATEST

MOST_JOINED = 64
"""The most stories that are joined into one."""


def put_story(state: Batch, story: StoryEntry) -> None:
    """Puts a story into the state."""
    state.put(story_key(story.uri), story)


def split(state: Batch, command: Command, log_offset: int, params: DecideParams) -> FoldResult:
    """Makes a story of an item that was suppressed or that revised a story, or of a story that was joined into another.

    Its ids and its texts are its own from then on, so that later copies find it.
    """
    wanted = msgspec.convert(command.detail, Split)
    own = state.story_itself(command.uri)
    if own is not None:
        if not own.joined_into:
            return build_nothing(command, log_offset, own, "it is a story of its own")
        return _part(state, command, own, log_offset, params)
    item = _read_item(wanted, command.uri)
    of = state.story(wanted.of)
    if item.status in (Status.WITHDRAWN, Status.ADVISORY):
        return build_nothing(command, log_offset, of, "it has no text of its own")
    if of is not None:
        if of.pending:
            return build_nothing(command, log_offset, of, "its story is under embargo: release it first")
        _take_out(state, item, of)
    case = ItemCase(state, item, seen_version(item), command.uri, log_offset, params)
    outcome = Outcome.WITHHELD if outcomes.is_embargoed(item) else Outcome.PUBLISHED
    story, ruling = open_story(case, outcomes.Ruling(outcome))
    story = msgspec.structs.replace(story, split_by=command.id)
    made = advance(case, story, ruling)
    evidence = {
        **ruling.evidence,
        **made.evidence,
        "detail": {"of": wanted.of, "origin": msgspec.to_builtins(item.origin)},
    }
    decision = build_version_decision(command, log_offset, outcome, story, made, evidence)
    cause = output_records.command_cause(params.log_topic, log_offset, item.traceparent)
    return decision, build_version_effects(story, made, outcome, item, cause)


def _read_item(wanted: Split, uri: str) -> Item:
    """Reads the item of a split. One that revised a story under the id of that story opens its own without an id."""
    item = decode(wanted.item.encode())
    if isinstance(item, Item):
        for each in (item, msgspec.structs.replace(item, id="")):
            if build_own_uri(each) == uri:
                return each
    raise ValueError("the command does not carry its item")


def build_own_uri(item: Item) -> str:
    """Builds the uri of the story that an item opens."""
    return output_records.build_uri(item.source, item_id(item))


def _take_out(state: Batch, item: Item, of: StoryEntry) -> None:
    """Makes a story forget an item that is no copy of it."""
    key = id_key(item.source, item.id) if item.id else ""
    if key and key != of.current.key:
        put_story(state, msgspec.structs.replace(of, seen=tuple(each for each in of.seen if each.key != key)))
    for text_hash in filter(None, (item.text_hash, item.old_text_hash)):
        _take_text(state, text_hash, of)


def _take_text(state: Batch, text_hash: str, story: StoryEntry) -> None:
    """Takes a text away from a story that does not show it."""
    entry = state.get(text_key(text_hash))
    if isinstance(entry, Alias) and story.uri in entry.uris and story.current.text_hash != text_hash:
        uris = tuple(uri for uri in entry.uris if uri != story.uri)
        state.put(text_key(text_hash), msgspec.structs.replace(entry, uris=uris) if uris else None)


def restore(
    state: Batch, command: Command, story: StoryEntry, wanted: Restoration, log_offset: int, params: DecideParams
) -> FoldResult:
    """Shows a former text of a story again. What revised it, and is a story of its own now, belongs to that one."""
    parted = state.story(wanted.parted)
    if command.action == CommandAction.RESTORE and (parted is None or parted.uri == story.uri):
        return build_nothing(command, log_offset, story, f"{wanted.parted} is no story of its own")
    if story.status is not StoryStatus.LIVE:
        return build_nothing(command, log_offset, story, f"{command.action} finds the story {story.status}")
    if str(story.version) != wanted.text.version:
        return build_nothing(command, log_offset, story, "readers see another version of it by now: plan it again")
    changed, document = show_text(state, story, wanted)
    if changed.current.key != story.current.key:
        gone = story.current
        mine = (each for each in changed.seen if (each.key != gone.key if gone.key else each != gone))
        changed = msgspec.structs.replace(changed, seen=tuple(mine))
    if (entry := state.fingerprint(story.fingerprint_number)) is not None and entry.uri == story.uri:
        state.renew(fingerprint_key(story.fingerprint_number), msgspec.structs.replace(entry, uri=wanted.parted))
    cause = output_records.command_cause(params.log_topic, log_offset)
    shown = show_again(state, command, story, changed, document, cause)
    after = state.story_itself(story.uri)
    assert after is not None
    list_rights_end(state, story, after)
    if story.current.text_hash:
        _take_text(state, story.current.text_hash, after)
    return build_shown(command, log_offset, story, shown, brief=True)


def show_text(state: Batch, story: StoryEntry, wanted: Restoration) -> tuple[StoryEntry, StoryDocument]:
    """Gives a story the text that a command carries. Returns the story, not yet in the state, and its document."""
    document = put_text(state, wanted.text)
    changed = with_text(story, wanted.text)
    number = wanted.fingerprint if state.fingerprint(wanted.fingerprint) is not None else -1
    current = SeenVersion(*wanted.shown)
    return msgspec.structs.replace(
        changed,
        current=current,
        seen=outcomes.add_version(changed.seen, current),
        symbols=wanted.symbols,
        fingerprint_number=number,
    ), document


def join(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    """Joins a story into another one: it leaves its topics, and what belongs to it belongs to the other."""
    wanted = msgspec.convert(command.detail, Join)
    other = state.story_itself(wanted.into)
    if other is None:
        return build_nothing(command, log_offset, story, f"there is no story {wanted.into}")
    if other.status is not StoryStatus.LIVE:
        return build_nothing(command, log_offset, story, f"{wanted.into} is {other.status}")
    return _join(state, command, story, other, log_offset, params, {"into": wanted.into})


def undo_split(
    state: Batch, command: Command, story: StoryEntry, wanted: Undoing, log_offset: int, params: DecideParams
) -> FoldResult:
    """Joins a story that a split made into the one of which it was a copy, even if that is withdrawn by now."""
    if story.split_by != wanted.command:
        return build_nothing(command, log_offset, story, f"nothing of {wanted.command} stands on it")
    other = state.story(wanted.into)
    if other is None:
        return build_nothing(command, log_offset, story, f"there is no story {wanted.into}")
    return _join(state, command, story, other, log_offset, params, msgspec.to_builtins(wanted))


def _join(
    state: Batch,
    command: Command,
    story: StoryEntry,
    other: StoryEntry,
    log_offset: int,
    params: DecideParams,
    detail: JsonObject,
) -> FoldResult:
    if note := _reason_against_join(state, story, other):
        return build_nothing(command, log_offset, story, note)
    cause = output_records.command_cause(params.log_topic, log_offset)
    number, left, effects = build_withdrawal(
        story, state.document(story.uri), command, cause, note=WITHDRAWN_BY_DESK, joined_into=other.uri
    )
    if story.rights_end:
        state.put(rights_key(story.rights_end, story.uri), None)
    put_story(state, _end(story, other.uri, command.id))
    if other.status is StoryStatus.WITHDRAWN:
        state.put(document_key(story.uri), None)
    put_story(state, _extend(other, story))
    decision = output_records.build_command_decision(
        command,
        log_offset,
        Outcome.WITHDRAWN,
        story,
        version=number,
        topics=(LATEST,),
        left=left,
        evidence={"detail": detail},
    )
    return decision, effects


def _reason_against_join(state: Batch, story: StoryEntry, other: StoryEntry) -> str:
    if story.uri == other.uri:
        return "a story is not joined into itself"
    if story.status is not StoryStatus.LIVE:
        return f"{story.uri} is {story.status}"
    for each in (story, other):
        if each.pending:
            return f"a version of {each.uri} is under embargo: release it first"
    if len(other.joined) >= MOST_JOINED or _measure_depth(state, story) >= MOST_JOINS - 1:
        return "too many stories are joined into one another"
    return ""


def _measure_depth(state: Batch, story: StoryEntry) -> int:
    entries = (state.story_itself(each.uri) for each in story.joined)
    return 1 + max((_measure_depth(state, each) for each in entries if each is not None), default=0)


def _end(story: StoryEntry, into: str, command: str) -> StoryEntry:
    return msgspec.structs.replace(
        story,
        version=story.version + 1,
        status=StoryStatus.WITHDRAWN,
        topics=(),
        joined_into=into,
        joined_by=command,
    )


def _extend(other: StoryEntry, story: StoryEntry) -> StoryEntry:
    """Returns the story that goes on, with the versions, wires and companies of the one that ends."""
    sources = {wire.source for wire in other.wires}
    wires = tuple(wire for wire in story.wires if wire.source not in sources)[: MAX_WIRES - len(other.wires)]
    symbols = tuple(each for each in story.symbols if each not in other.symbols)[: MAX_SYMBOLS - len(other.symbols)]
    seen = tuple(each for each in (*story.seen, story.current) if each not in other.seen)
    joined = JoinedStory(story.uri, tuple(wire.source for wire in wires), symbols)
    return msgspec.structs.replace(
        other,
        expires=max(other.expires, story.expires),
        heard=max(other.heard, story.heard),
        seen=tuple(dict.fromkeys((*seen, *other.seen)))[-outcomes.MAX_SEEN :],
        wires=(*other.wires, *wires),
        symbols=(*other.symbols, *symbols),
        joined=(*other.joined, joined),
    )


def undo_join(
    state: Batch, command: Command, story: StoryEntry, wanted: Undoing, log_offset: int, params: DecideParams
) -> FoldResult:
    """Parts a story again from the one into which a command joined it."""
    if not story.joined_into or story.joined_by != wanted.command:
        return build_nothing(command, log_offset, story, f"nothing of {wanted.command} stands on it")
    return _part(state, command, story, log_offset, params)


def _part(state: Batch, command: Command, story: StoryEntry, log_offset: int, params: DecideParams) -> FoldResult:
    known = state.document(story.uri)
    if known is None:
        return build_nothing(command, log_offset, story, "its text went with the story into which it was joined")
    if (other := state.story_itself(story.joined_into)) is not None:
        story = _take_back(state, story, other)
    changed = msgspec.structs.replace(story, status=StoryStatus.LIVE, joined_into="", joined_by="")
    if command.action == CommandAction.SPLIT:
        changed = msgspec.structs.replace(changed, split_by=command.id)
    cause = output_records.command_cause(params.log_topic, log_offset)
    shown = show_again(state, command, story, changed, known, cause)
    if story.rights_end:
        state.put(rights_key(story.rights_end, story.uri), RightsExpiry(uri=story.uri))
    return build_shown(command, log_offset, story, shown)


def _take_back(state: Batch, story: StoryEntry, other: StoryEntry) -> StoryEntry:
    """Takes what belongs to a story back from the other one, also what came for it meanwhile."""
    mine = {each.key for each in (*story.seen, story.current) if each.key} - {other.current.key}
    theirs = tuple(each for each in other.seen if each.key not in mine and each not in story.seen)
    came = tuple(each for each in other.seen if each.key in mine and each not in story.seen)
    row = next((each for each in other.joined if each.uri == story.uri), JoinedStory(story.uri, (), ()))
    put_story(
        state,
        msgspec.structs.replace(
            other,
            seen=theirs,
            wires=tuple(wire for wire in other.wires if wire.source not in row.sources),
            symbols=tuple(each for each in other.symbols if each not in row.symbols),
            joined=tuple(each for each in other.joined if each.uri != story.uri),
        ),
    )
    for key in sorted(mine):
        _own(state, key, story)
        _, source, id_ = key.split(" ", 2)
        if address := normalise_url_id(id_):
            _own(state, f"id {source} {address}", story)
    for text_hash in dict.fromkeys(each.text_hash for each in story.seen if each.text_hash):
        entry = state.get(text_key(text_hash))
        if isinstance(entry, Alias):
            others = (uri for uri in entry.uris if uri != story.uri)
            uris = tuple(uri for uri in others if uri != other.uri or other.current.text_hash == text_hash)
            state.put(text_key(text_hash), msgspec.structs.replace(entry, uris=(story.uri, *uris)))
    return msgspec.structs.replace(story, seen=(*story.seen, *came)[-outcomes.MAX_SEEN :])


def _own(state: Batch, key: str, story: StoryEntry) -> None:
    entry = state.get(key)
    if isinstance(entry, Alias) and story.uri not in entry.uris:
        state.put(key, msgspec.structs.replace(entry, uris=(story.uri,)))
