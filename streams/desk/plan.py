"""Plans the commands by which editors change a story: says what each will do, and builds it with all that it needs."""

from collections.abc import Sequence

import msgspec

from streams.decide.documents import MAX_NOTES
from streams.decide.pins import list_names
from streams.desk.stories import StoryView
from streams.model.command_details import CompanyChange, DeskNote, Refiling, Retitling, Undoing
from streams.model.records import DESK_FORMAT, PINNING, Command, CommandAction, Decision, JsonObject, Outcome, Story
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
    """What a command will do, and the command without its id, time, name and reason."""

    line: str
    action: CommandAction
    uri: str
    detail: JsonObject | None = None
    """None: there is nothing to do, and `line` says why."""

    @property
    def acts(self) -> bool:
        """Whether there is something to do."""
        return self.detail is not None

    def build_command(self, id_: str, at: str, by: str, why: str) -> Command:
        """Builds the command of a plan that acts."""
        return Command(
            format=DESK_FORMAT,
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
    sections = [name for name in add if name.startswith(f"{COMPANIES}.")]
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


def plan_undo(command: str, decisions: Sequence[Decision]) -> DeskPlan:
    """Plans to take a command back, from the decisions that name it. Raises ValueError where it has no undo."""
    done = next((each for each in decisions if each.evidence.get("command") == command), None)
    if done is None:
        raise ValueError(f"no decision names a command {command!r}: `newswire why URI` lists those of a story")
    undone = [
        each
        for each in decisions
        if each.action == CommandAction.UNDO and each.evidence.get("detail", {}).get("command") == command
    ]
    if done.action not in PINNING:
        raise ValueError(f"a {done.action} has no undo")
    what = f"{done.action} {command} of {done.uri} by {done.evidence.get('by')}"
    if undone or (done.outcome is Outcome.NONE and "detail" not in done.evidence):
        reason = "it was undone before" if undone else f"it did nothing: {done.evidence.get('note', '')}"
        return DeskPlan(line=f"nothing to undo  {what}: {reason}", action=CommandAction.UNDO, uri=done.uri)
    return DeskPlan(
        line=f"undo  {what}: {done.evidence.get('why')}",
        action=CommandAction.UNDO,
        uri=done.uri,
        detail=msgspec.to_builtins(Undoing(command, done.action)),
    )
