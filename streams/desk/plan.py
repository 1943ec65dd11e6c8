"""Plans the commands by which editors change a story: says what each will do, and builds it with all that it needs."""

from collections.abc import Sequence

import msgspec

from streams.decide.documents import MAX_NOTES
from streams.decide.joins import build_own_uri
from streams.decide.pins import list_names
from streams.desk.refold import Rows, brings_text, find_restoration, find_text
from streams.desk.stories import StoryView, build_kill_details, plan_action
from streams.model.codec import encode
from streams.model.command_details import CompanyChange, DeskNote, Join, Refiling, Retitling, Split, StoryText, Undoing
from streams.model.records import (
    DESK_CHANGES,
    DESK_FORMAT,
    LOG_FORMAT,
    Command,
    CommandAction,
    Decision,
    Item,
    JsonObject,
    LogRecord,
    Outcome,
    Status,
    Story,
    split_by_story,
)
from streams.model.topics import CATEGORIES
from streams.prepare.companies.identifiers import is_valid_isin
from streams.prepare.companies.reference import Reference
from streams.prepare.companies.resolve import build_known_company
from streams.prepare.ninjs_document import build_organisations
from streams.prepare.text.plain import one_line
from streams.prepare.ticker_headline import build_ticker_headline

COMPANIES = "companies"
MAX_TITLE = 300
"""Characters of a headline that a person gives."""


class DeskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Says what a command will do, and holds the command without its id, time, name and reason."""

    line: str
    action: CommandAction
    uri: str
    detail: JsonObject | None = None
    """None: there is nothing to do, and `line` says why."""
    format: int = DESK_FORMAT

    @property
    def acts(self) -> bool:
        """Whether there is something to do."""
        return self.detail is not None

    def build_command(self, id_: str, at: str, by: str, why: str) -> Command:
        """Builds the command of a plan that acts."""
        return Command(
            format=self.format,
            id=id_,
            action=self.action,
            uri=self.uri,
            at=at,
            by=by,
            why=why,
            detail=self.detail or {},
        )


def plan_refile(story: StoryView, add: Sequence[str], drop: Sequence[str]) -> DeskPlan:
    """Plans to file a story under categories, or no longer. Raises ValueError where that makes no sense.

    Each section of `companies` brings `companies` with it; who drops `companies` drops its sections too.
    """
    if unknown := {*add, *drop} - CATEGORIES.keys():
        raise ValueError(f"there is no category {min(unknown)!r}: use {', '.join(CATEGORIES)}")
    sections = [name for name in add if _is_section(name)]
    adds = tuple(dict.fromkeys([*([COMPANIES] if sections else []), *add]))
    drops = tuple(dict.fromkeys(drop))
    if not adds and not drops:
        raise ValueError("say which category to add or to drop")
    if both := set(adds) & set(drops):
        raise ValueError(f"{min(both)} cannot be added and dropped")
    after = [name for name in story.categories if name not in drops and not (COMPANIES in drops and _is_section(name))]
    after += [name for name in adds if name not in after]
    change = f"{', '.join(story.categories) or 'no category'} -> {', '.join(after) or 'no category'}"
    return _plan(CommandAction.REFILE, story, change, Refiling(adds, drops))


def _is_section(name: str) -> bool:
    return name.startswith(f"{COMPANIES}.")


def plan_retitle(story: StoryView, title: str) -> DeskPlan:
    """Plans to give a story another headline. Raises ValueError for one that is empty or too long."""
    plain = one_line(title)
    if not plain or len(plain) > MAX_TITLE:
        raise ValueError(f"give a headline of 1 to {MAX_TITLE} characters")
    ticker = build_ticker_headline(Story(headline=plain), ())
    return _plan(CommandAction.RETITLE, story, f"new headline {plain!r}", Retitling(plain, ticker))


def plan_note(story: StoryView, note: str) -> DeskPlan:
    """Plans to give a story a note to editors. Raises ValueError for one that is empty or too long."""
    if not note.strip() or len(note.strip()) > MAX_NOTES:
        raise ValueError(f"give a note of 1 to {MAX_NOTES:,} characters")
    return _plan(CommandAction.NOTE, story, f"note {note.strip()!r}", DeskNote(note.strip()))


def plan_company(story: StoryView, add: Sequence[str], drop: Sequence[str], reference: Reference) -> DeskPlan:
    """Plans to add companies to a story or to remove some. Raises ValueError for one that is not known.

    A company to add is one of the reference table, one to drop is one of the story; each by ticker with its exchange
    (`XNAS:FCEL`), ISIN or name.
    """
    if not add and not drop:
        raise ValueError("say which company to add or to drop")
    rows = build_organisations(tuple(build_known_company(_find_company(name, reference), reference) for name in add))
    drops = [key for name in drop for key in _find_in_story(name, story)]
    said = [*(f"add {row.get('name')}" for row in rows), *(f"drop {name}" for name in drop)]
    return _plan(CommandAction.COMPANY, story, ", ".join(said), CompanyChange(tuple(rows), tuple(dict.fromkeys(drops))))


def _find_company(name: str, reference: Reference) -> int:
    text = name.strip()
    market, colon, symbol = text.partition(":")
    found = reference.find_by_ticker(symbol, market) if colon else None
    if found is None and is_valid_isin(text):
        found = reference.find_by_isin(text)
    if found is None and not colon:
        hits = [hit for hit in reference.find_names(text) if hit.start == 0 and hit.end == len(text)]
        found = hits[0].company if len(hits) == 1 else None
    if found is None:
        raise ValueError(f"the table of companies has no {name!r}: give a ticker such as XNAS:FCEL, an ISIN or a name")
    return found


def _find_in_story(name: str, story: StoryView) -> list[str]:
    wanted = name.strip().casefold()
    for row in story.companies:
        keys = list_names(row)
        if wanted in {row.get("name", "").casefold(), *(key.casefold() for key in keys)}:
            return sorted(keys)
    names = ", ".join(row.get("name", "") or min(list_names(row)) for row in story.companies)
    raise ValueError(f"the story has no company {name!r}: it has {names or 'none'}")


def _plan(action: CommandAction, story: StoryView, change: str, detail: msgspec.Struct) -> DeskPlan:
    if not story.is_live:
        return _plan_nothing(action, story)
    line = f"{action}  {story.uri} (version {story.version}): {change}: {story.headline}"
    return DeskPlan(line=line, action=action, uri=story.uri, detail=msgspec.to_builtins(detail))


def _plan_nothing(action: CommandAction, story: StoryView) -> DeskPlan:
    reason = "no topic has such a story"
    if story.version:
        reason = "it is withdrawn"
    elif story.withheld_until:
        reason = "it is withheld: release it first"
    return DeskPlan(line=f"nothing to {action}  {story.uri}: {reason}", action=action, uri=story.uri)


def plan_kills(stories: Sequence[StoryView], *, final: bool) -> list[DeskPlan]:
    """Plans to withdraw stories that are live or wait, at most a thousand by one command."""
    lines = {story.uri: plan_action(CommandAction.KILL, story)[0] for story in stories}
    return [
        DeskPlan(
            line="\n".join(lines[uri] for uri in detail["uris"]),
            action=CommandAction.KILL,
            uri="",
            detail=detail,
            format=LOG_FORMAT,
        )
        for detail in build_kill_details([story.uri for story in stories], final=final)
    ]


def plan_kill(story: StoryView, *, final: bool) -> DeskPlan:
    """Plans to withdraw one story."""
    line, acts = plan_action(CommandAction.KILL, story)
    (detail,) = build_kill_details([story.uri], final=final)
    return DeskPlan(line=line, action=CommandAction.KILL, uri="", detail=detail if acts else None, format=LOG_FORMAT)


def plan_release(story: StoryView) -> DeskPlan:
    """Plans to release a story that waits."""
    line, acts = plan_action(CommandAction.RELEASE, story)
    return DeskPlan(
        line=line, action=CommandAction.RELEASE, uri=story.uri, detail={} if acts else None, format=LOG_FORMAT
    )


def plan_join(story: StoryView, into: StoryView) -> DeskPlan:
    """Plans to join a story into another one, whose uri goes on."""
    if story.uri == into.uri:
        raise ValueError("give two stories: a story is not joined into itself")
    if not into.is_live:
        return msgspec.structs.replace(_plan_nothing(CommandAction.JOIN, into), uri=story.uri)
    for each in (story, into):
        if each.withheld_until:
            line = f"nothing to join  {each.uri}: a version of it is under embargo, release it first"
            return DeskPlan(line=line, action=CommandAction.JOIN, uri=story.uri)
    return _plan(CommandAction.JOIN, story, f"into {into.uri}: {into.headline}", Join(into.uri))


def plan_split(wanted: str, decisions: Sequence[Decision], record: LogRecord | None) -> DeskPlan:
    """Plans to make a story of a copy, or of a story that was joined. Raises ValueError where it is neither.

    `decisions` are those that name it, `record` is the suppressed item from the log; None where that is gone.
    """
    found = find_split(wanted, decisions)
    if found.action == CommandAction.JOIN or found.action == CommandAction.UNDO:
        of = str(found.evidence["detail"]["into"])
        line = f"split  {found.uri} from {of}, into which it was joined"
        detail: JsonObject = msgspec.to_builtins(Split(of))
        return DeskPlan(line=line, action=CommandAction.SPLIT, uri=found.uri, detail=detail)
    uri = str(found.evidence.get("item", ""))
    if not uri:
        raise ValueError(f"{wanted} is a version of {found.uri} itself: it cannot be another story")
    if not isinstance(record, Item):
        raise ValueError(f"the log no longer has {wanted}: feed it again")
    line = f"split  {uri} from {found.uri}: {record.headline}"
    detail = msgspec.to_builtins(Split(found.uri, encode(record).decode()))
    return DeskPlan(line=line, action=CommandAction.SPLIT, uri=uri, detail=detail)


def find_split(wanted: str, decisions: Sequence[Decision]) -> Decision:
    """Finds the decision by which an item belongs to another story. Raises ValueError where there is none."""
    found = [
        each
        for each in decisions
        if (each.outcome is Outcome.DUPLICATE and wanted in (each.evidence.get("item"), str(each.origin)))
        or (each.outcome is Outcome.WITHDRAWN and each.uri == wanted and "into" in each.evidence.get("detail", {}))
        or _is_wrong_version(each, wanted)
    ]
    if not found:
        raise ValueError(
            f"{wanted} is no copy of a story: give the uri of a suppressed or joined item, or its ce_id; of a version "
            "that is another story URI/VERSION"
        )
    return found[-1]


def _is_wrong_version(decision: Decision, wanted: str) -> bool:
    """Tells whether a decision is the one by which the wanted item revised a story."""
    names = (str(decision.origin), f"{decision.uri}/{decision.version}")
    return decision.outcome is Outcome.REVISED and decision.origin is not None and wanted in names


def plan_undo(
    command: str, decisions: Sequence[Decision], texts: Sequence[StoryText] = (), rows: Rows = ()
) -> DeskPlan:
    """Plans to take a command back, from the decisions that name it. Raises ValueError where it has no undo.

    `texts` are those of the stories that a kill withdrew, as far as the log has them; `rows` are those about the story
    that was restored.
    """
    done = find_command(command, decisions)
    undone = [
        each
        for each in decisions
        if each.action == CommandAction.UNDO and each.evidence.get("detail", {}).get("command") == command
    ]
    if done.action not in (*DESK_CHANGES, CommandAction.KILL) or done.action == CommandAction.UNDO:
        raise ValueError(f"a {done.action} has no undo")
    if done.evidence.get("final"):
        raise ValueError("a kill with --final has no undo")
    what = f"{done.action} {command} of {done.uri} by {done.evidence.get('by')}"
    if done.action == CommandAction.KILL and not undone and done.outcome is not Outcome.NONE:
        return _plan_undo_of_kill(command, done, texts)
    if undone or (done.outcome is Outcome.NONE and "detail" not in done.evidence):
        reason = "it was undone before" if undone else f"it did nothing: {done.evidence.get('note', '')}"
        return DeskPlan(line=f"nothing to undo  {what}: {reason}", action=CommandAction.UNDO, uri=done.uri)
    if done.action == CommandAction.RESTORE:
        return _plan_undo_of_restoration(command, done, rows, what)
    return DeskPlan(
        line=f"undo  {what}: {done.evidence.get('why')}",
        action=CommandAction.UNDO,
        uri=done.uri,
        detail=msgspec.to_builtins(Undoing(command, done.action, _find_origin(done))),
    )


def plan_parting(wanted: str, found: Decision, rows: Rows) -> list[DeskPlan]:
    """Plans to make a story of what was taken as a revision of another one, which shows its former text again.

    `found` is the decision on the revision, `rows` are those about the story. Raises ValueError where it cannot be.
    """
    record = next((record for each, record in rows if each.log_offset == found.log_offset), None)
    if not isinstance(record, Item):
        raise ValueError(f"the log no longer has {wanted}: feed it again")
    if record.status is Status.ADVISORY:
        raise ValueError(f"{wanted} has no text of its own: it is a note about {found.uri}")
    newest = rows[-1][0]
    if newest.outcome is Outcome.WITHHELD:
        raise ValueError(f"a version of {found.uri} is under embargo: release it first")
    parted, offsets = _find_parted(found, record, rows)
    uri = build_own_uri(parted if build_own_uri(parted) != found.uri else msgspec.structs.replace(parted, id=""))
    detail: JsonObject = msgspec.to_builtins(Split(found.uri, encode(parted).decode()))
    line = f"split  {uri} from {found.uri}: {parted.headline}"
    plans = [DeskPlan(line=line, action=CommandAction.SPLIT, uri=uri, detail=detail)]
    if newest.outcome is Outcome.WITHDRAWN:
        return plans
    others = [row for row in rows if row[0].log_offset not in offsets]
    restored = find_restoration(found.uri, newest.version, others, uri)
    if restored is None:
        raise ValueError(f"the log no longer has the former text of {found.uri}: kill it, and feed both texts again")
    if restored.text != find_text(found.uri, newest.version, rows):
        line = f"restore  {found.uri}: {restored.text.headline}"
        detail = msgspec.to_builtins(restored)
        plans.append(DeskPlan(line=line, action=CommandAction.RESTORE, uri=found.uri, detail=detail))
    return plans


def _find_parted(found: Decision, item: Item, rows: Rows) -> tuple[Item, set[int]]:
    """Finds the newest version of what revised a story by error, and the log offsets of all its versions there.

    Under the id of the story itself, later versions may be right: then it is this version alone.
    """
    if build_own_uri(item) == found.uri:
        return item, {found.log_offset}
    mine = [
        (each.log_offset, record)
        for each, record in rows
        if isinstance(record, Item) and build_own_uri(record) == build_own_uri(item)
    ]
    return next(record for _, record in reversed(mine) if record.status is not Status.ADVISORY), {
        each for each, _ in mine
    }


def find_command(command: str, decisions: Sequence[Decision]) -> Decision:
    """Finds the decision on a command by its id. Raises ValueError where there is none."""
    done = next((each for each in decisions if each.evidence.get("command") == command), None)
    if done is None:
        raise ValueError(f"no decision names a command {command!r}: `newswire why URI` lists those of a story")
    return done


def _find_origin(done: Decision) -> str:
    return str(done.evidence["detail"]["of"]) if done.action == CommandAction.SPLIT else ""


def _plan_undo_of_restoration(command: str, done: Decision, rows: Rows, what: str) -> DeskPlan:
    before = [row for row in rows if row[0].log_offset < done.log_offset]
    since = [record for each, record in rows if each.log_offset > done.log_offset]
    parted = str(done.evidence["detail"]["parted"])
    found = find_restoration(done.uri, rows[-1][0].version, before, parted)
    reason = "a newer text came" if any(map(brings_text, since)) else "the log no longer has what it showed"
    if found is None or any(map(brings_text, since)):
        return DeskPlan(line=f"nothing to undo  {what}: {reason}", action=CommandAction.UNDO, uri=done.uri)
    detail = msgspec.to_builtins(Undoing(command, done.action, restoration=found))
    line = f"undo  {what}: {done.evidence.get('why')}"
    return DeskPlan(line=line, action=CommandAction.UNDO, uri=done.uri, detail=detail)


def _plan_undo_of_kill(command: str, done: Decision, texts: Sequence[StoryText]) -> DeskPlan:
    known = {text.uri: text for text in texts}
    lines = []
    for uri in (story.uri for story in split_by_story(done)):
        if uri in known:
            lines.append(f"undo  kill {command} of {uri}: {known[uri].headline}")
        else:
            lines.append(f"nothing to undo  {uri}: the log has no published text of it, or its wire withdrew it too")
    detail = msgspec.to_builtins(Undoing(command, done.action, stories=tuple(texts))) if texts else None
    return DeskPlan(line="\n".join(lines), action=CommandAction.UNDO, uri="", detail=detail)
