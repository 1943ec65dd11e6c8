"""What was decided about a story, told in plain lines (pure)."""

from collections.abc import Iterable, Iterator
from typing import Any

from streams.model.printable import neutral
from streams.model.records import Decision, Fate

_EVIDENCE = {
    "matched": {
        "id": "the provider's id is known",
        "content": "it has no id, and its text is this story's own",
        "text": "its text is that of this story",
        "near": "its text is nearly that of this story",
        "alert": "it is the full text of a title-only alert",
        "replaced id": "the wire says that it replaces this story",
        "quoted headline": "it quotes this story's headline",
        "headline": "it is marked as a correction or update, and its headline is this story's",
        "ticker and figures": "it is marked as a correction or update, and ticker and most figures are this story's",
        "nothing": "no story has its id or its text",
        "release": "its embargo ended",
    },
    "order": {"newer": "it is the newer version", "older": "a newer version is known"},
    "text": {"same": "the text is the same", "differs": "the text differs", "as shown": "the text is already shown"},
    "companies": {"same": "the companies agree", "not given by both": "not both name companies"},
}


def concerns(decision: Decision, wanted: str) -> bool:
    """Whether a decision is about `wanted`: a story's uri, a duplicate's own uri, or a raw position (`ce_id`)."""
    if decision.fate is Fate.REPEAT:
        return False
    place = str(decision.origin or "")
    return wanted in (decision.uri, decision.evidence.get("item"), place) or (
        bool(decision.version) and wanted == f"{decision.uri}/{decision.version}"
    )


def marks_of(wanted: str) -> tuple[bytes, ...]:
    """What a record of `news.decisions` about `wanted` has in it, or is keyed by: a test before it is decoded."""
    story, _, version = wanted.rpartition("/")
    names = (wanted, story) if story and version.isdigit() else (wanted,)
    return tuple(name.encode() for name in names)


def story_of(decisions: Iterable[Decision], wanted: str) -> str:
    """The uri of the story that `wanted` belongs to; `wanted` itself where no decision names one."""
    return next((decision.uri for decision in decisions if decision.uri and concerns(decision, wanted)), wanted)


def told(decision: Decision, origin: str = "") -> Iterator[str]:
    """The lines of one decision. `origin` is the file or address that its raw record came from."""
    what = {
        Fate.PUBLISHED: f"published as version {decision.version}",
        Fate.REVISED: f"revised to version {decision.version}",
        Fate.WITHDRAWN: f"withdrawn, version {decision.version}",
        Fate.DUPLICATE: f"duplicate ({decision.match_kind}) of version {decision.version}",
        Fate.WITHHELD: f"withheld until {decision.evidence.get('embargoedUntil', 'its release')}",
        Fate.REJECTED: f"rejected as {decision.error_code}: {decision.error_message}",
    }.get(decision.fate, decision.fate.value)
    who = f"command {decision.action} by {decision.evidence.get('by')}" if decision.action else decision.source
    yield f"{decision.received}  {what}  ({who}{_place(decision)})"
    if origin:
        yield f"    from {neutral(origin)}"
    reasons = [words[decision.evidence[name]] for name, words in _EVIDENCE.items() if _known(decision, name, words)]
    if reasons:
        yield f"    because {', '.join(reasons)}"
    yield from _compared(decision.evidence)
    if closest := decision.evidence.get("closest"):
        yield from _compared(closest, "the most alike, and yet another story: ")
    if note := decision.evidence.get("note") or decision.evidence.get("why"):
        yield f"    note: {note}"
    for label in decision.labels:
        words = f": {', '.join(repr(word) for word in label.matched)}" if label.matched else ""
        yield f"    {label.category} ({label.confidence}) by {label.creator}{words}"


def _compared(evidence: dict[str, Any], what: str = "") -> Iterator[str]:
    """The numbers of a comparison, and the facts in which two texts agree and differ."""
    if "similarity" not in evidence:
        return
    numbers = f"{evidence['similarity']:.3f} of all phrases shared, {evidence['contained']:.3f} of the shorter text's"
    yield f"    {what}compared with {evidence['against']}: {numbers}"
    if agree := evidence.get("agree"):
        yield f"    agree: {', '.join(agree)}"
    for kind, (here, there) in evidence.get("differ", {}).items():
        yield f"    differ in {kind}: {', '.join(here) or 'nothing'} here, {', '.join(there) or 'nothing'} there"


def _known(decision: Decision, name: str, words: dict[str, str]) -> bool:
    return decision.evidence.get(name) in words


def _place(decision: Decision) -> str:
    origin = decision.origin
    wire = f" as {decision.wire_format}" if decision.wire_format else ""
    return f"{wire} at {origin}" if origin else ""
