"""Explains decisions to a person: what was decided about an item, why, and by which evidence."""

from collections.abc import Callable, Iterable, Iterator

from streams.model.printable import make_printable
from streams.model.records import Decision, JsonObject, Outcome, split_by_story

WORDS = {
    "matched": {
        "id": "the provider's id is known",
        "content": "it has no id, and its text is this story's own",
        "text": "its text is that of this story",
        "near": "its text is nearly that of this story",
        "alert": "it is the full text of a title-only alert",
        "summary": "it is the full text of a short one that readers saw",
        "replaced id": "the wire says that it replaces this story",
        "quoted headline": "it quotes this story's headline",
        "headline": "it is marked as a correction or update, and its headline is this story's",
        "ticker and figures": "it is marked as a correction or update, and ticker and most figures are this story's",
        "nothing": "no story has its id or its text",
        "release": "its embargo ended",
    },
    "order": {
        "newer": "it is the newer version",
        "same version": "it has the same version and another text",
        "older": "a newer version is known",
    },
    "text": {
        "same": "the text is the same",
        "differs": "the text differs",
        "as shown": "the text is already shown",
        "not in the state": "the text of the story is not in the state",
    },
    "companies": {"same": "the companies agree", "not given by both": "not both name companies"},
}


def is_about(decision: Decision, wanted: str) -> bool:
    """Tells whether a decision is about `wanted`: the uri of a story or of a duplicate, or a raw position (`ce_id`)."""
    if decision.outcome is Outcome.REPEAT:
        return False
    position = str(decision.origin or "")
    detail = decision.evidence.get("detail", {}) if decision.action else {}
    named = (decision.uri, decision.evidence.get("item"), position, detail.get("into"), detail.get("of"))
    return wanted in named or (bool(decision.version) and wanted == f"{decision.uri}/{decision.version}")


def select_story(decision: Decision, wanted: str) -> Decision:
    """Returns the part of a decision that is about `wanted`; the decision itself where it is about one story."""
    return next((each for each in split_by_story(decision) if is_about(each, wanted)), decision)


def search_terms(wanted: str) -> tuple[str, ...]:
    """Lists texts of which a record of `news.decisions` about `wanted` contains one: a test before it is decoded."""
    story, _, version = wanted.rpartition("/")
    return (wanted, story) if story and version.isdigit() else (wanted,)


def find_story(decisions: Iterable[Decision], wanted: str) -> str:
    """Finds the uri of the story that `wanted` belongs to; `wanted` itself if no decision names one."""
    return next((decision.uri for decision in decisions if decision.uri and is_about(decision, wanted)), wanted)


def explain(decision: Decision, origin: str = "", full: Callable[[str], str] = "news.{}".format) -> Iterator[str]:
    """Explains a decision in lines of text. `origin` is the file or address that its raw record came from.

    `full` returns the name of a topic with its prefix.
    """
    what = {
        Outcome.PUBLISHED: f"published as version {decision.version}",
        Outcome.REVISED: f"revised to version {decision.version}",
        Outcome.WITHDRAWN: f"withdrawn, version {decision.version}",
        Outcome.DUPLICATE: f"duplicate ({decision.match_kind}) of version {decision.version}",
        Outcome.WITHHELD: f"withheld until {decision.evidence.get('embargoedUntil', 'its release')}",
        Outcome.REJECTED: f"rejected as {decision.error_code}: {decision.error_message}",
    }.get(decision.outcome, decision.outcome.value)
    who = f"command {decision.action} by {decision.evidence.get('by')}" if decision.action else decision.source
    yield f"{decision.received}  {what}  ({who}{_format_origin(decision)})"
    if origin:
        yield f"    from {make_printable(origin)}"
    reasons = [words[decision.evidence[name]] for name, words in WORDS.items() if _has_words(decision, name, words)]
    if reasons:
        yield f"    because {', '.join(reasons)}"
    yield from _format_comparison(decision.evidence)
    if closest := decision.evidence.get("closest"):
        yield from _format_comparison(closest, "the most alike, and yet another story: ")
    yield from _format_change(decision.evidence)
    if note := decision.evidence.get("note") or decision.evidence.get("why"):
        yield f"    note: {make_printable(str(note))}"
    if decision.left:
        yield f"    left {', '.join(map(full, decision.left))}"
    if copies := decision.evidence.get("copies"):
        yield f"    copies that came before its release: {', '.join(copies)}"
    for label in decision.labels:
        words = f": {', '.join(repr(word) for word in label.matched)}" if label.matched else ""
        yield f"    {label.category} ({label.confidence}) by {label.creator}{words}"


def _format_change(evidence: JsonObject) -> Iterator[str]:
    """Formats what a person set by a command, and which commands stand on a story."""
    detail = evidence.get("detail", {})
    for sign, names in (("added", detail.get("add")), ("dropped", detail.get("drop"))):
        if names:
            said = (each if isinstance(each, str) else each.get("name", "") for each in names)
            yield f"    {sign}: {make_printable(', '.join(said))}"
    for name, text in (("headline", detail.get("title")), ("note to editors", detail.get("note"))):
        if text:
            yield f"    {name}: {make_printable(text)}"
    for how, uri in (("split from", detail.get("of")), ("joined into", detail.get("into"))):
        if uri:
            yield f"    {how} {uri}"
    if undone := detail.get("command"):
        yield f"    takes back: {detail.get('action')} {undone}"
    if command := evidence.get("command"):
        yield f"    command: {command}"
    if pinned := evidence.get("pinned"):
        yield f"    as the desk set by: {', '.join(pinned)}"


def _format_comparison(evidence: JsonObject, what: str = "") -> Iterator[str]:
    """Formats the numbers of a comparison and the facts in which two texts agree and differ."""
    if "similarity" not in evidence:
        return
    numbers = f"{evidence['similarity']:.3f} of all phrases shared, {evidence['contained']:.3f} of the shorter text's"
    yield f"    {what}compared with {evidence['against']}: {numbers}"
    if agree := evidence.get("agree"):
        yield f"    agree: {', '.join(agree)}"
    for kind, (here, there) in evidence.get("differ", {}).items():
        yield f"    differ in {kind}: {', '.join(here) or 'nothing'} here, {', '.join(there) or 'nothing'} there"
    if words := evidence.get("words"):
        here, there = (" ".join(side) or "none" for side in words)
        yield f"    words that only one has: {here} here, {there} there"


def _has_words(decision: Decision, name: str, words: dict[str, str]) -> bool:
    return decision.evidence.get(name) in words


def _format_origin(decision: Decision) -> str:
    origin = decision.origin
    wire = f" as {decision.wire_format}" if decision.wire_format else ""
    return f"{wire} at {origin}" if origin else ""
