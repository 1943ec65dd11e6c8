"""Checks facts that Superdesk's own tests assert about wire items: `python tests/quality/wire.py [--unmet] [FOLDER]`.

It reads ../shared/data/wire/*/expected_public.json. Facts about headline, id, version, dates, status, language, byline,
keywords and body count; the others are shown as `also`. `_OURS` maps a field of theirs to ours, `_SAME` says how the
two are compared. EXCEPTIONS lists facts that the item itself does not contain.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from streams.model.errors import Reject
from streams.model.records import Raw, RecordRef, StampedRef, Status, Story
from streams.prepare.formats.document import Document
from streams.prepare.formats.registry import find_format
from streams.prepare.normalise import complete_story
from streams.prepare.text.datetimes import parse_time
from streams.prepare.text.language import detect_language
from streams.prepare.text.plain import html_to_text, sanitise_html

WIRE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "wire"

KINDS = {
    "headline": "headline", "guid": "id", "uri": "id", "item_id": "id", "version": "version", "firstcreated": "dates",
    "versioncreated": "dates", "firstpublished": "dates", "embargoed": "dates", "pubstatus": "status",
    "language": "language", "byline": "byline", "keywords": "keywords", "body_html": "body",
}  # fmt: skip
ALSO = ("slugline", "urgency", "ednote", "type", "usageterms", "dateline.text", "description_text", "abstract")


class Fact(NamedTuple):
    """An assertion of their tests: the value of `field` of the `index`-th item."""

    folder: str
    fixture: str
    index: int
    field: str
    op: str
    value: object


class Excepted(NamedTuple):
    """Facts that we contradict on purpose: patterns of fixtures and fields, and the reason."""

    name: str
    why: str
    fixtures: str
    fields: str


EXCEPTIONS: tuple[Excepted, ...] = (
    Excepted(
        "house-keywords",
        "Belga drops the wire's keywords to set its own",
        r"superdesk-belga/.*",
        "keywords",
    ),
    Excepted(
        "house-text",
        "the customer adds to the text or strikes from it: prefixes, contacts, a line about the wire, short codes",
        r".*/(dpa_newsml_2_0_belga\.xml|0b78\.xml|tables\.newsml|wordpress_.*|solita_\d\.xml|stt_newsml_test_no_hl\.xml)",
        "headline|body_html",
    ),
    Excepted(
        "house-version",
        "Belga counts a first revision 0 as 1",
        r".*/belga_remote_newsml_1_2\.xml",
        "version",
    ),
    Excepted(
        "credit-as-byline",
        "Superdesk writes the CreditLine, which names the agency, as the byline",
        r"superdesk-belga/.*newsml_1_2.*\.xml",
        "byline",
    ),
    Excepted(
        "part-of-the-id",
        "NewsItemId, which the public identifier of this provider does not repeat",
        r".*/anp_belga\.xml",
        "item_id",
    ),
    Excepted(
        "usable-under-embargo",
        "Superdesk's status of an embargoed document is usable, ours withheld until the embargo ends",
        r".*/pa\d\.xml",
        "pubstatus",
    ),
    Excepted(
        "associations-as-items",
        "Superdesk makes items of the pictures of a ninjs; here they are pictures of their item",
        r"superdesk-core/.*ninjs.*\.json",
        "headline|embargoed",
    ),
    Excepted(
        "misread",
        "Superdesk reads the day and month in a trailer (`KWS-21:37-09-12-18`) as hour and minute",
        r".*/kyodo\.txt",
        "firstcreated|versioncreated",
    ),
    Excepted(
        "undecoded",
        "Superdesk leaves an encoded header of a mail as it is",
        r".*/odd_charset_email\.txt",
        "headline",
    ),
    Excepted(
        "superdesk-guid",
        "an id that Superdesk or its test made, not the wire",
        r".*/(ninjsEx.*|cp_transcripts)\.json|.*/solita_\d\.xml",
        "guid",
    ),
    Excepted(
        "zone-of-the-customer",
        "the wire writes no zone; Superdesk has Helsinki for STT, here the source's own setting says so",
        r".*/stt_.*\.xml",
        "firstcreated|versioncreated|firstpublished",
    ),
    Excepted(
        "house-format",
        "formats of one customer's own systems (planning of a sports league, forms, an archive search), not of a wire",
        r".*/(nifs_events\.json|googleform1?\.txt|belga-360archive-search\.json)",
        ".*",
    ),
)


def facts() -> list[Fact]:
    """Reads all facts about items from all folders."""
    found = []
    for path in sorted(WIRE.glob("*/expected_public.json")):
        for fixture, rows in json.loads(path.read_text(encoding="utf-8"))["fixtures"].items():
            for row in rows:
                # `items[1].headline`, `item lacks_value 'byline'`; `len:items` counts and is not about a field.
                name = re.fullmatch(r"\w+?(?:\[(\d+)\])?(?:\.(.+))?", row["field"])
                if name is None:
                    continue
                absent = name[2] is None and row["op"] in ("lacks_value", "has_value")
                field = str(row["value"]) if absent else name[2] or ""
                op = {"lacks_value": "absent", "has_value": "present"}[row["op"]] if absent else row["op"]
                found.append(Fact(path.parent.name, fixture, int(name[1] or 0), field, op, row.get("value")))
    return found


def read(folder: str, fixture: str) -> tuple[str, list[Story | Reject]]:
    """Parses a fixture. Returns format and stories; the refusal of a whole fixture is its only story."""
    paths = [path for path in (WIRE / folder).rglob("*") if path.name == fixture]
    if not paths:
        return "-", []
    position = StampedRef(RecordRef("news.raw", 0, 0), 0)
    raw = Raw(
        source="unknown", received=datetime(2026, 3, 2, tzinfo=UTC), body=paths[0].read_bytes(), position=position
    )
    try:
        document = Document(raw)
        found = find_format(document)
        stories = found.parse(document)
        return found.name, [complete_story(story) if isinstance(story, Story) else story for story in stories]
    except Reject as reject:
        return "refused", [reject]


_OURS: dict[str, Callable[[Story], list[str]]] = {
    "id": lambda story: [story.guid, story.id, f"{story.id}:{story.version}", f"{story.guid}:{story.version}"],
    "version": lambda story: [story.version],
    "firstcreated": lambda story: _times(story.first_created or story.version_created, story.content_created),
    "language": lambda story: [detect_language(story.language, story.headline, story.text)],
    "embargoed": lambda story: _times(story.embargoed_until),
    "dates": lambda story: _times(story.version_created, story.content_created),
    "status": lambda story: [_status(story)],
    "keywords": lambda story: [entry.code for entry in story.codes if entry.scheme in ("keyword", "post_tag")],
    "body": lambda story: [story.text, sanitise_html(story.html), story.boilerplate],
    "description_text": lambda story: [story.summary],
    "abstract": lambda story: [story.summary],
    "dateline.text": lambda story: [story.dateline],
    "usageterms": lambda story: [story.usage_terms],
    "ednote": lambda story: [story.ed_note],
    "urgency": lambda story: [str(story.urgency or "")],
}


def values(story: Story, field: str) -> list[str]:
    """Returns our values for a field of theirs; one of them must be equal."""
    ours = _OURS.get(field) or _OURS.get(KINDS.get(field, ""))
    return ours(story) if ours else [str(getattr(story, field, ""))]


def _status(story: Story) -> str:
    if story.status is Status.WITHDRAWN:
        return "canceled"
    return "withheld" if story.embargoed_until else "usable"


def _times(*stamps: datetime | None) -> list[str]:
    return [stamp.isoformat() for stamp in stamps if stamp is not None]


def _plain(text: object) -> str:
    """Reduces a text, or the text of HTML, to letters and digits, so that its layout does not count."""
    plain = html_to_text(str(text)) if "<" in str(text) else str(text)
    return "".join(character for character in plain.casefold() if character.isalnum())


def _instant(text: str) -> datetime | None:
    stamp = parse_time(text)
    return stamp.replace(tzinfo=UTC) if stamp is not None and stamp.tzinfo is None else stamp


_SAME: dict[str, Callable[[str, str], bool]] = {
    "dates": lambda ours, theirs: _instant(ours) == _instant(theirs),
    "language": lambda ours, theirs: ours.lower().split("-")[0] == theirs.lower().split("-")[0],
    "id": lambda ours, theirs: ours == theirs or ours.endswith(f":{theirs}"),
    "version": lambda ours, theirs: ours == theirs,
}


def met(fact: Fact, ours: list[str]) -> bool:
    """Whether one of our values is the expected one."""
    same = _SAME.get(KINDS.get(fact.field, ""), lambda one, other: _plain(one) == _plain(other))
    wanted = "" if fact.value is None else fact.value
    match fact.op:
        case "eq" if isinstance(wanted, list):
            return sorted(map(_plain, wanted)) == sorted(map(_plain, filter(None, ours)))
        case "eq":
            return any(same(one, str(wanted)) for one in ours) or (not wanted and not any(ours))
        case "has_value" if fact.field == "keywords":
            return any(same(one, str(wanted)) for one in ours)
        case "has_value":
            return any(_plain(wanted) in _plain(one) or str(wanted) in one for one in ours)
        case "lacks_value":
            return all(str(wanted) not in one for one in ours)
        case "starts_with":
            return any(_plain(one).startswith(_plain(wanted)) for one in ours)
        case "absent" | "is_null" | "is_false":
            return not any(ours)
        case "present" | "is_true":
            return any(ours)
        case _:
            return False


def excepted(fact: Fact) -> str:
    """Returns the name of the exception for a fact; empty if there is none."""
    for row in EXCEPTIONS:
        if re.fullmatch(row.fixtures, f"{fact.folder}/{fact.fixture}") and re.fullmatch(row.fields, fact.field):
            return row.name
    return ""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", default="", help="only folders whose name contains this")
    arguments.add_argument("--unmet", action="store_true", help="each unmet fact, with the name of its exception")
    chosen = arguments.parse_args()
    counts: dict[tuple[str, str], Counter[str]] = {}
    reasons: Counter[str] = Counter()
    opened: dict[tuple[str, str], tuple[str, list[Story | Reject]]] = {}
    for fact in facts():
        counted = fact.field in KINDS
        if chosen.folder not in fact.folder or not (counted or fact.field in ALSO):
            continue
        name, stories = opened.setdefault((fact.folder, fact.fixture), read(fact.folder, fact.fixture))
        if name == "-":
            continue  # not among the shared files
        # Superdesk puts the pictures of a ninjs before their item, as items.
        story = stories[min(fact.index, len(stories) - 1)] if stories else None
        ours = values(story, fact.field) if isinstance(story, Story) else []
        holds = isinstance(story, Story) and met(fact, ours)
        reason = "" if holds else excepted(fact)
        outcome = "met" if holds else "excepted" if reason else "unmet"
        kind = KINDS[fact.field] if counted else "also"
        for key in ((fact.folder, name), ("kind", kind)):
            counts.setdefault(key, Counter())[outcome if counted or key[0] == "kind" else "also " + outcome] += 1
        reasons[reason] += bool(reason)
        if chosen.unmet and not holds and counted:
            got = str(story) if isinstance(story, Reject) else str(ours)
            wanted = f"{fact.field} {fact.op} {str(fact.value)[:110]!r}"
            print(f"{fact.folder}/{fact.fixture} {name}: {wanted}, got {got[:130]} [{reason}]")
    print(f"\n{'folder or kind':24}{'format':14}{'facts':>6}{'met':>6}{'exc.':>6}{'unmet':>6}")
    for (folder, name), count in sorted(counts.items()):
        total = count["met"] + count["excepted"] + count["unmet"]
        print(f"{folder:24}{name:14}{total:6}{count['met']:6}{count['excepted']:6}{count['unmet']:6}")
    total = Counter()
    for (folder, name), count in counts.items():
        if folder == "kind" and name != "also":
            total.update(count)
    every = sum(total.values())
    print(
        f"{'all':38}{every:6}{total['met']:6}{total['excepted']:6}{total['unmet']:6}   met {total['met'] / every:.1%}"
    )
    for row in EXCEPTIONS:
        if reasons[row.name]:
            print(f"excepted {reasons[row.name]:3} {row.name}: {row.why}")


if __name__ == "__main__":
    main()
